//! What is said about a mail.

use crate::output::Output;
use anyhow::Result;
use data_encoding::BASE64;
use mail::smime::{Language, Layer, Problem, Severity, Signature, State};
use serde_json::{Map, Value, json};
use std::io::{self, Write as _};
use time::format_description::well_known::Rfc3339;

/// Prints the report with the content, if it is released, as JSON to standard output; or else the content there, byte for byte, and the
/// report to standard error.
pub(super) fn print(state: &State, output: Output, content: Option<&[u8]>) -> Result<()> {
    if output.is_json() {
        let mut report = report(state);
        if let Some(content) = content {
            let (name, text) = match std::str::from_utf8(content) {
                Ok(text) => ("content", text.to_owned()),
                Err(_) => ("content_base64", BASE64.encode(content)),
            };
            report.insert(name.to_owned(), text.into());
        }
        return output.print(&report, "");
    }
    if let Some(content) = content {
        let mut out = io::stdout();
        out.write_all(content)?;
        out.flush()?;
    }
    let lines = state.lines(Language::English).join("\n");
    // Nobody can be told that standard error is closed.
    drop(writeln!(io::stderr(), "{lines}"));

    Ok(())
}

fn report(state: &State) -> Map<String, Value> {
    let value = json!({
        "sound": state.is_sound(),
        "signed": state.is_signed(),
        "encrypted": state.is_encrypted(),
        "remote_content": state.allows_remote_content(),
        "authors": state.authors.iter().map(|author| &author.address).collect::<Vec<_>>(),
        "layers": state.layers.iter().map(layer).collect::<Vec<_>>(),
        "signatures": state.signatures.iter().map(signature).collect::<Vec<_>>(),
        "problems": state.problems.iter().map(problem).collect::<Vec<_>>(),
        "words": { "en": state.lines(Language::English), "de": state.lines(Language::German) },
    });

    value.as_object().cloned().unwrap_or_default()
}

fn layer(layer: &Layer) -> Value {
    match layer {
        Layer::Encrypted { cipher } => json!({ "kind": "encrypted", "cipher": cipher.name() }),
        Layer::Signed { signers } => json!({ "kind": "signed", "signers": signers }),
    }
}

fn signature(signature: &Signature) -> Value {
    let certificate = signature.certificate.as_ref();
    let time = signature.time.and_then(|time| time.format(&Rfc3339).ok());

    json!({
        "layer": signature.layer,
        "good": signature.is_good(),
        "signer": signature.signer(),
        "subject": certificate.map(|it| it.subject()),
        "issuer": certificate.map(|it| it.issuer()),
        "emails": certificate.map(|it| it.emails()),
        "fingerprint": certificate.map(|it| it.fingerprint().to_string()),
        "algorithm": signature.algorithm,
        "time": time,
        "problem": signature.problem.as_ref().map(problem),
    })
}

fn problem(problem: &Problem) -> Value {
    json!({
        "code": problem.code(),
        "severity": match problem.severity() {
            Severity::Fault => "fault",
            Severity::Remark => "remark",
        },
        "en": problem.words(Language::English),
        "de": problem.words(Language::German),
    })
}
