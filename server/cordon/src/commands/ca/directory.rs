//! `cordon ca directory`.

use crate::commands::views::moment;
use crate::output::Output;
use anyhow::{Context as _, Result};
use data_encoding::BASE64;
use fleet::MailAddress;
use operations::Operations;
use serde_json::json;
use std::fs;
use std::path::Path;

pub(super) async fn find(
    operations: &Operations,
    address: &str,
    out: Option<&Path>,
    output: Output,
) -> Result<()> {
    let address = MailAddress::parse(address)?;
    let found = operations.directory(&address).await?;
    if let Some(path) = out {
        let pem: String = found.iter().map(|entry| entry.certificate.to_pem()).collect();
        fs::write(path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (mut values, mut lines) = (Vec::new(), Vec::new());
    for entry in &found {
        let certificate = &entry.certificate;
        let until = moment(certificate.not_after())?;
        lines.push(format!("{:<9}  until {until}  {}", entry.origin.name(), certificate.subject()));
        values.push(json!({
            "origin": entry.origin.name(),
            "subject": certificate.subject(),
            "issuer": certificate.issuer(),
            "fingerprint": certificate.fingerprint().to_string(),
            "not_after": until,
            "certificate": BASE64.encode(certificate.as_der()),
        }));
    }
    let none = format!("there is no certificate for {}", address.as_str());
    let text = if lines.is_empty() { none } else { lines.join("\n") };

    output.print(&values, text)
}
