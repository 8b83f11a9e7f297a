//! `cordon ca issue` and `cordon ca renew`.

use super::number;
use super::view::CertificateView;
use crate::cli::{CaIssue, CaRenew};
use crate::commands::devices::owner;
use crate::output::{Output, Refused, ended};
use ::audit::Actor;
use ::ca::Issued;
use ::pki::{AlternativeName, Certificate, request_from_pem};
use anyhow::{Context as _, Result};
use operations::{CertificateOrder, Operations};
use std::fs;
use std::io::Read as _;
use std::path::Path;

pub(super) async fn issue(
    operations: &Operations,
    actor: &Actor,
    order: CaIssue,
    output: Output,
) -> Result<()> {
    let request = read(&order.csr)?;
    let user = match &order.user {
        Some(login) => Some(owner(operations, login).await?),
        None => None,
    };
    let mails = order.mail.into_iter().map(AlternativeName::Email);
    let hosts = order.dns.into_iter().map(AlternativeName::Dns);
    let addresses = order.ip.into_iter().map(AlternativeName::Ip);
    let certificate = CertificateOrder {
        profile: order.profile,
        request: &request,
        name: order.name.as_deref(),
        names: mails.chain(hosts).chain(addresses).collect(),
        user,
    };
    let issued = ended(operations.issue_certificate(actor, certificate).await)?;

    show(operations, &issued, order.out.as_deref(), output)
}

pub(super) async fn renew(
    operations: &Operations,
    actor: &Actor,
    order: CaRenew,
    output: Output,
) -> Result<()> {
    let request = order.csr.as_deref().map(read).transpose()?;
    let serial = number(&order.serial)?;
    let renewed = operations.renew_certificate(actor, &serial, request.as_deref()).await;
    let issued = ended(renewed)?;

    show(operations, &issued, order.out.as_deref(), output)
}

fn show(
    operations: &Operations,
    issued: &Issued,
    out: Option<&Path>,
    output: Output,
) -> Result<()> {
    if let (Some(path), Some(der)) = (out, &issued.der) {
        let issuer = operations.authority().issuer().certificate();
        let pem = Certificate::from_der(der)?.to_pem() + &issuer.to_pem();
        fs::write(path, pem).with_context(|| {
            let (place, serial) = (path.display(), &issued.serial);
            format!("it is issued, but {place} cannot be written; run: cordon ca show {serial} --out FILE")
        })?;
    }
    let view = CertificateView::new(issued, operations.now())?;

    output.print(&view, view.page())
}

/// Reads a request, in DER or PEM.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    match std::str::from_utf8(&bytes).ok().filter(|text| text.contains("-----BEGIN ")) {
        Some(text) => Ok(request_from_pem(text).ok_or_else(|| {
            let text = format!(
                "{} holds no certificate request (PKCS#10); make one, for instance with: openssl req -new",
                path.display()
            );
            Refused::new("request_damaged", text)
        })?),
        None => Ok(bytes),
    }
}
