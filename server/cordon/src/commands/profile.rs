//! `cordon profile`: configuration profiles in files, for people who make them elsewhere or look for the fault.

use super::now;
use super::smime::files::{self, Identity};
use crate::cli::{KeyFile, Profile as Command, ProfileCheck, ProfileEncrypt, ProfileSign};
use crate::output::{self, Output, Refused};
use anyhow::{Context as _, Result, bail, ensure};
use apple_mdm::{
    Enrolment, Finding, Profile, Severity, Target, check, check_command, check_declaration, encrypt,
};
use keys::SignatureAlgorithm;
use mail::text;
use pki::cms::{self, Form, Signing};
use plist::{Dictionary, Value};
use serde_json::json;
use std::path::PathBuf;

/// Runs one of the commands.
pub(super) fn run(command: Command, output: Output) -> Result<()> {
    match command {
        Command::Check(check) => checked(&check, output),
        Command::Show { file, xml } => show(file.as_ref(), xml, output),
        Command::Sign(sign) => self::sign(&sign),
        Command::Encrypt(encrypt) => encrypted(&encrypt),
    }
}

fn checked(command: &ProfileCheck, output: Output) -> Result<()> {
    let enrolment = if command.user_enrolment { Enrolment::User } else { Enrolment::Device };
    let target = Target { version: command.ios, supervised: command.supervised, enrolment };
    let asked = command.ios.is_some() || command.supervised || command.user_enrolment;
    let findings = findings(&files::read(command.file.as_ref())?, asked.then_some(&target))?;
    let errors = findings.iter().filter(|it| it.problem.severity() == Severity::Error).count();
    let warnings = findings.len() - errors;
    let listed: Vec<_> = findings.iter().map(as_json).collect();
    let mut text: Vec<_> = findings.iter().map(as_text).collect();
    text.push(format!("{errors} errors, {warnings} warnings"));
    output.print(&json!({ "valid": errors == 0, "findings": listed }), text.join("\n"))?;
    if errors > 0 {
        return Err(Refused::new("not_valid", "the device would not take it as it is").into());
    }

    Ok(())
}

/// A declaration is JSON; commands and profiles are property lists.
fn findings(bytes: &[u8], target: Option<&Target>) -> Result<Vec<Finding>> {
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        let declaration: Value = serde_json::from_slice(bytes).context("no JSON")?;
        let declaration = declaration.into_dictionary().context("the JSON is no object")?;
        return Ok(check_declaration(&declaration, target));
    }
    let content = Profile::read(bytes)?.content;
    match content.get("Command") {
        Some(Value::Dictionary(command)) => Ok(check_command(command, target)),
        _ if content.contains_key("RequestType") => Ok(check_command(&content, target)),
        _ if content.contains_key("PayloadType") => Ok(check(&content, target)),
        _ => bail!("neither a profile (PayloadType) nor a command (Command, RequestType)"),
    }
}

fn as_json(finding: &Finding) -> serde_json::Value {
    json!({
        "place": finding.place,
        "severity": severity(finding),
        "code": finding.problem.code(),
        "reason": finding.problem.to_string(),
    })
}

fn as_text(finding: &Finding) -> String {
    format!("{}: {}", severity(finding), text::line(&finding.to_string()))
}

fn severity(finding: &Finding) -> &'static str {
    match finding.problem.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn show(file: Option<&PathBuf>, xml: bool, output: Output) -> Result<()> {
    let profile = Profile::read(&files::read(file)?)?;
    if xml {
        let mut list = Vec::new();
        Value::Dictionary(profile.content).to_writer_xml(&mut list)?;
        list.push(b'\n');
        return output::raw(&list);
    }
    let text = |dictionary: &Dictionary, name: &str| {
        dictionary.get(name).and_then(Value::as_string).map(str::to_owned)
    };
    let outline = |dictionary: &Dictionary| {
        json!({
            "type": text(dictionary, "PayloadType"),
            "identifier": text(dictionary, "PayloadIdentifier"),
            "uuid": text(dictionary, "PayloadUUID"),
            "name": text(dictionary, "PayloadDisplayName"),
            "organisation": text(dictionary, "PayloadOrganization"),
        })
    };
    let payloads = profile.content.get("PayloadContent").and_then(Value::as_array);
    let payloads = payloads.into_iter().flatten().filter_map(Value::as_dictionary);
    let payloads: Vec<_> = payloads.map(outline).collect();
    let signers = signers(&profile);
    let mut lines = vec![heading(&outline(&profile.content))];
    lines.extend(signers.iter().map(|signer| match &signer.1 {
        Ok(()) => {
            format!("  signed by {} (whether that is to be trusted was not checked)", signer.0)
        }
        Err(fault) => format!("  signature of {} is not good: {fault}", signer.0),
    }));
    if profile.is_encrypted() {
        lines.push("  the payloads are encrypted for a device".to_owned());
    }
    lines.extend(payloads.iter().map(|payload| format!("- {}", heading(payload))));
    let signers: Vec<_> = signers
        .iter()
        .map(|(name, verdict)| json!({ "subject": name, "good": verdict.is_ok() }))
        .collect();
    let value = json!({
        "profile": outline(&profile.content),
        "encrypted": profile.is_encrypted(),
        "signers": signers,
        "payloads": payloads,
    });

    output.print(&value, lines.join("\n"))
}

fn heading(outline: &serde_json::Value) -> String {
    let part = |name: &str| outline.get(name).and_then(serde_json::Value::as_str);
    let parts = [part("name"), part("type"), part("identifier"), part("organisation")];

    text::line(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Who signed, and whether the bytes are theirs.
fn signers(profile: &Profile) -> Vec<(String, Result<(), String>)> {
    let Some(signed) = &profile.signature else { return Vec::new() };
    let name = |certificate: Option<pki::Certificate>| {
        certificate.map_or_else(|| "somebody unknown".to_owned(), |it| text::line(&it.subject()))
    };

    signed
        .signers
        .iter()
        .map(|signer| signed.verify(signer, &profile.bytes, &[], &pki::Algorithms::default()))
        .map(|(found, verdict)| (name(found), verdict.map_err(|fault| fault.to_string())))
        .collect()
}

fn sign(command: &ProfileSign) -> Result<()> {
    let identity = files::identity(&command.key)?;
    let profile = unsigned(command.file.as_ref())?;

    output::raw(&signed(&profile.bytes, &identity)?)
}

fn encrypted(command: &ProfileEncrypt) -> Result<()> {
    let device = files::certificates(std::slice::from_ref(&command.to))?;
    let device = device.first().context("--to has no certificate")?;
    let profile = unsigned(command.file.as_ref())?;
    let fresh = files::fresh()?;
    let mut bytes = encrypt(&profile.content, device, fresh)?;
    if let Some(key) = &command.key.key {
        let password_file = command.key.password_file.clone();
        let identity = files::identity(&KeyFile { key: key.clone(), password_file })?;
        bytes = signed(&bytes, &identity)?;
    }

    output::raw(&bytes)
}

fn unsigned(file: Option<&PathBuf>) -> Result<Profile> {
    let profile = Profile::read(&files::read(file)?)?;
    ensure!(
        profile.signature.is_none(),
        "the profile is signed already; take the one it was made of"
    );

    Ok(profile)
}

/// Devices read RSA with PKCS#1 v1.5 and ECDSA.
fn signed(profile: &[u8], identity: &Identity) -> Result<Vec<u8>> {
    let algorithm = identity.algorithm(SignatureAlgorithm::RsaPkcs1Sha256)?;
    let signing = Signing {
        key: identity.key.as_ref(),
        algorithm,
        certificate: &identity.certificate,
        chain: &identity.chain,
        time: now(),
        encryption: None,
    };

    Ok(cms::sign(profile, &signing, Form::Opaque)?)
}
