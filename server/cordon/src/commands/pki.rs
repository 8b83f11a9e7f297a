//! `cordon pki`: whether a certificate is trusted, for people who look for the fault.

use crate::cli::{Pki, Purpose, VerifyCertificate, VerifyOptions};
use crate::output::{Refused, line};
use anyhow::{Context as _, Result, anyhow, bail};
use data_encoding::HEXLOWER;
use pki::validate::{
    Crl, Distrusted, Fault, Inputs, OcspAnswer, PeerName, PolicyInputs, Revocations, Source,
    Standing, Trusted, Use, validate,
};
use pki::{Algorithms, Certificate, ObjectIdentifier};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Runs one of the commands.
pub(crate) fn run(command: Pki, now: OffsetDateTime) -> Result<()> {
    match command {
        Pki::Verify(command) => verify(*command, now),
    }
}

fn verify(command: VerifyCertificate, now: OffsetDateTime) -> Result<()> {
    let (leaf, besides) = leaf(&command.certificate)?;
    let command = command.options;
    let name = asked_name(&command);
    let anchors = all(&command.anchor, certificates)?;
    let mut untrusted = all(&command.untrusted, certificates)?;
    untrusted.extend(besides);
    let crls = revocation_lists(&command.crl)?;
    let ocsp = ocsp_answers(&command.ocsp)?;
    let acceptable = command.policy.iter().map(|oid| read_oid(oid));
    let policies = PolicyInputs {
        acceptable: acceptable.collect::<Result<BTreeSet<_>>>()?,
        explicit: command.explicit_policy,
        inhibit_mapping: command.inhibit_mapping,
        inhibit_any: command.inhibit_any,
    };
    let at = match &command.at {
        Some(at) => OffsetDateTime::parse(at, &Rfc3339)
            .with_context(|| format!("--at {at} is not like 2027-03-01T12:00:00Z"))?,
        None => now,
    };
    let inputs = Inputs {
        untrusted: &untrusted,
        crls: &crls,
        ocsp: &ocsp,
        name,
        policies,
        revocation: if command.require_revocation {
            Revocations::Required
        } else {
            Revocations::IfKnown
        },
        algorithms: Algorithms {
            md5: command.allow_md5,
            sha1: command.allow_sha1,
            ..Algorithms::default()
        },
        ..Inputs::new(&anchors, at, purpose(command.purpose))
    };
    match validate(&leaf, &inputs) {
        Ok(trusted) => {
            line(&serde_json::to_string_pretty(&good(&trusted))?);
            Ok(())
        }
        Err(distrusted) => {
            line(&serde_json::to_string_pretty(&bad(&distrusted))?);
            Err(Refused::new("not_valid", distrusted.to_string()).into())
        }
    }
}

fn asked_name(command: &VerifyOptions) -> Option<PeerName> {
    let email = command.email.clone().map(PeerName::Email);
    let dns = command.dns.clone().map(PeerName::Dns);

    email.or(dns).or(command.ip.map(PeerName::Ip))
}

fn purpose(purpose: Purpose) -> Use {
    match purpose {
        Purpose::Any => Use::Any,
        Purpose::MailEncrypt => Use::MailEncryption,
        Purpose::MailSign => Use::MailSigning,
        Purpose::TlsClient => Use::TlsClient,
        Purpose::TlsServer => Use::TlsServer,
    }
}

fn read_oid(text: &str) -> Result<ObjectIdentifier> {
    ObjectIdentifier::new(text)
        .map_err(|_| anyhow!("--policy {text} is not an object identifier like 2.5.29.32.0"))
}

fn good(trusted: &Trusted) -> Value {
    let standings = trusted.standings.iter().map(Some).chain(std::iter::repeat(None));
    let path = trusted.path.iter().zip(standings).map(|(certificate, standing)| {
        let mut shown = shown(certificate);
        if let Some(standing) = standing {
            shown.insert("revocation".to_owned(), told(standing).into());
        }
        shown
    });

    json!({
        "valid": true,
        "reason": null,
        "path": path.collect::<Vec<_>>(),
        "policies": trusted.policies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "faults": [],
    })
}

fn bad(distrusted: &Distrusted) -> Value {
    let fault = |fault: &Fault| {
        json!({
            "subject": fault.subject,
            "fingerprint": fault.fingerprint.to_string(),
            "reason": fault.reason.to_string(),
        })
    };

    json!({
        "valid": false,
        "reason": distrusted.to_string(),
        "path": distrusted.path.iter().map(shown).collect::<Vec<_>>(),
        "policies": [],
        "faults": distrusted.faults().map(fault).collect::<Vec<_>>(),
    })
}

fn shown(certificate: &Certificate) -> Map<String, Value> {
    let moment = |moment: OffsetDateTime| moment.format(&Rfc3339).ok().into();
    let parts: [(&str, Value); 6] = [
        ("subject", certificate.subject().into()),
        ("issuer", certificate.issuer().into()),
        ("serial", HEXLOWER.encode(certificate.serial()).into()),
        ("fingerprint", certificate.fingerprint().to_string().into()),
        ("not_before", moment(certificate.not_before())),
        ("not_after", moment(certificate.not_after())),
    ];

    parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn told(standing: &Standing) -> String {
    match standing {
        Standing::Good(Source::Crl) => "not revoked, by a revocation list".to_owned(),
        Standing::Good(Source::Ocsp) => "not revoked, by an OCSP answer".to_owned(),
        Standing::Unknown(unknown) => format!("not known: {unknown}"),
    }
}

/// The certificate in question, and what lies behind it in its file.
fn leaf(file: &Path) -> Result<(Certificate, Vec<Certificate>)> {
    let mut all = read(file, certificates)?;
    if all.is_empty() {
        bail!("{} holds no certificate", file.display());
    }

    Ok((all.remove(0), all))
}

/// Reads the revocation lists of some files, each PEM or DER.
pub(super) fn revocation_lists(files: &[PathBuf]) -> Result<Vec<Crl>> {
    all(files, lists)
}

/// Reads the OCSP answers of some files, each PEM or DER.
pub(super) fn ocsp_answers(files: &[PathBuf]) -> Result<Vec<OcspAnswer>> {
    all(files, answers)
}

fn all<T>(files: &[PathBuf], parse: fn(Form<'_>) -> Result<Vec<T>>) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for file in files {
        let read = read(file, parse)?;
        if read.is_empty() {
            bail!("nothing of the kind that is asked for is in {}", file.display());
        }
        found.extend(read);
    }

    Ok(found)
}

/// What a file holds.
enum Form<'a> {
    Der(&'a [u8]),
    Pem(&'a str),
}

fn read<T>(file: &Path, parse: fn(Form<'_>) -> Result<Vec<T>>) -> Result<Vec<T>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.contains("-----BEGIN "));

    parse(text.map_or(Form::Der(&bytes), Form::Pem)).with_context(|| file.display().to_string())
}

fn certificates(form: Form<'_>) -> Result<Vec<Certificate>> {
    Ok(match form {
        Form::Der(der) => vec![Certificate::from_der(der)?],
        Form::Pem(pem) => Certificate::all_from_pem(pem)?,
    })
}

fn lists(form: Form<'_>) -> Result<Vec<Crl>> {
    Ok(match form {
        Form::Der(der) => vec![Crl::from_der(der)?],
        Form::Pem(pem) => Crl::all_from_pem(pem)?,
    })
}

fn answers(form: Form<'_>) -> Result<Vec<OcspAnswer>> {
    Ok(match form {
        Form::Der(der) => vec![OcspAnswer::from_der(der)?],
        Form::Pem(pem) => OcspAnswer::all_from_pem(pem)?,
    })
}
