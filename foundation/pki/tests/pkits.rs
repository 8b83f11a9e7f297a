//! NIST's suite for path validation, all of it: `pkits/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use const_oid::ObjectIdentifier;
use insta::assert_snapshot;
use pki::Certificate;
use pki::validate::{Crl, Distrusted, Inputs, PolicyInputs, Revocations, Trusted, Use, validate};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use time::macros::datetime;

/// Valid for those who know DSA, which nothing here does.
const DECLINED: [&str; 2] = ["4.1.4", "4.1.5"];

#[test]
fn every_run_of_pkits_ends_as_it_should() {
    let cases = cases();
    let mut wrong = Vec::new();
    let mut declined = Vec::new();
    for case in &cases {
        let id = text(case, "id");
        let expected = case["valid"] == true;
        match run(case) {
            Ok(_) if !expected => wrong.push(format!("{id} {}: valid", text(case, "title"))),
            Ok(trusted) => {
                if trusted.policies != oids(&case["policies"]) {
                    wrong.push(format!("{id}: policies {:?}", trusted.policies));
                }
            }
            Err(_) if !expected => {}
            Err(_) if DECLINED.contains(&id) => declined.push(id),
            Err(distrusted) => {
                wrong.push(format!("{id} {}: {distrusted}", text(case, "title")));
            }
        }
    }

    assert_eq!(cases.len(), 249);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(declined, DECLINED);
    let expected = cases.len() - declined.len();
    println!(
        "PKITS: {} runs, {expected} as expected, {} declined for DSA",
        cases.len(),
        declined.len()
    );
}

#[test]
fn every_invalid_path_of_pkits_is_refused_for_its_own_reason() {
    let cases = cases();
    let refusals: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((case, run(case).err()?)))
        .map(|(case, distrusted)| {
            let faults: Vec<_> = distrusted.faults().map(ToString::to_string).collect();
            format!("{} {}\n    {}\n", text(case, "id"), text(case, "title"), faults.join("\n    "))
        })
        .collect();

    assert_snapshot!(refusals.concat());
}

fn run(case: &Value) -> Result<Trusted, Distrusted> {
    let anchors = [certificate("TrustAnchorRootCertificate")];
    let untrusted: Vec<_> = texts(&case["certs"]).map(certificate).collect();
    let crls: Vec<_> = texts(&case["crls"]).map(crl).collect();
    let is_set = |name: &str| case.get(name).is_some_and(|value| value == true);
    let policies = PolicyInputs {
        acceptable: case.get("initial_policy_set").map(oids).unwrap_or_default(),
        explicit: is_set("initial_explicit_policy"),
        inhibit_mapping: is_set("initial_policy_mapping_inhibit"),
        inhibit_any: is_set("initial_any_policy_inhibit"),
    };
    let at = datetime!(2011-04-15 00:00:00 UTC);
    let inputs = Inputs {
        untrusted: &untrusted,
        crls: &crls,
        policies,
        revocation: Revocations::Required,
        ..Inputs::new(&anchors, at, Use::Any)
    };

    validate(&certificate(text(case, "end_entity")), &inputs)
}

fn cases() -> Vec<Value> {
    let lines = fs::read_to_string(folder().join("cases.jsonl")).unwrap();

    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn certificate(name: &str) -> Certificate {
    let der = fs::read(folder().join(format!("certs/{name}.crt"))).unwrap();

    Certificate::from_der(&der).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

fn crl(name: &str) -> Crl {
    let der = fs::read(folder().join(format!("crls/{name}.crl"))).unwrap();

    Crl::from_der(&der).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pkits")
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap())
}

fn oids(list: &Value) -> BTreeSet<ObjectIdentifier> {
    texts(list).map(|oid| ObjectIdentifier::new(oid).unwrap()).collect()
}
