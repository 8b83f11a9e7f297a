//! `cordon ca`: the certificate authority.

mod directory;
mod issue;
mod person;
mod view;

use super::unfinished::replace;
use crate::cli::{Ca, CaList, RevokedBecause};
use crate::output::{Output, Refused, ended};
use ::audit::Actor;
use ::ca::SerialNumber;
use ::pki::Certificate;
use ::pki::validate::RevocationReason;
use anyhow::{Context as _, Result};
use fleet::list::Page;
use operations::{IssuedFilter, ListDue, Listed, Operations};
use serde_json::json;
use std::fs;
use std::path::Path;
use view::{CertificateView, Pem};

/// Runs a `ca` subcommand.
pub(super) async fn run(
    operations: &Operations,
    actor: &Actor,
    command: Ca,
    output: Output,
) -> Result<()> {
    match command {
        Ca::Crl { out } => crl(operations, actor, out.as_deref(), output).await,
        Ca::Directory { address, out } => {
            directory::find(operations, &address, out.as_deref(), output).await
        }
        Ca::Issue(order) => issue::issue(operations, actor, order, output).await,
        Ca::Person(order) => person::make(operations, actor, order, output).await,
        Ca::Renew(order) => issue::renew(operations, actor, order, output).await,
        Ca::List(filter) => list(operations, filter, output).await,
        Ca::Release { serial } => {
            let serial = number(&serial)?;
            ended(operations.release_certificate(actor, &serial).await)?;
            published_and_shown(operations, actor, &serial, output).await
        }
        Ca::Revoke(revoke) => {
            let serial = number(&revoke.serial)?;
            let reason = reason(revoke.reason);
            ended(operations.revoke_certificate(actor, &serial, reason).await)?;
            published_and_shown(operations, actor, &serial, output).await
        }
        Ca::Show { serial, out } => {
            show(operations, &number(&serial)?, out.as_deref(), output).await
        }
    }
}

async fn crl(
    operations: &Operations,
    actor: &Actor,
    out: Option<&Path>,
    output: Output,
) -> Result<()> {
    let published = operations.publish_lists(actor, ListDue::Now).await?;
    let own = operations.authority().issuer().certificate();
    let Listed { list, issuer } = published
        .into_iter()
        .find(|listed| listed.issuer == *own)
        .context("no revocation list was made")?;
    if let Some(path) = out {
        let pem = path.extension().is_some_and(|extension| extension == "pem");
        let pem = pem.then(|| Pem::Crl.write(&list.der).into_bytes());
        // A web server that reads it meanwhile never sees half of a list.
        replace(path, 0o644, pem.as_deref().unwrap_or(&list.der))?;
    }
    let moment = super::views::moment;
    let value = json!({
        "issuer": issuer.subject(),
        "number": list.number,
        "this_update": moment(list.this_update)?,
        "next_update": moment(list.next_update)?,
        "file": out,
    });
    let text = format!(
        "Published the revocation list {} of {}, good until {}",
        list.number,
        issuer.subject(),
        moment(list.next_update)?
    );

    output.print(&value, text)
}

async fn list(operations: &Operations, filter: CaList, output: Output) -> Result<()> {
    let filter = IssuedFilter {
        profile: filter.profile,
        search: filter.search.unwrap_or_default(),
        revoked: filter.revoked.then_some(true),
        ..IssuedFilter::default()
    };
    let mut views = Vec::new();
    loop {
        let offset = u64::try_from(views.len())?;
        let page = operations.certificates(&filter, Page::new(offset, Page::LONGEST)).await?;
        let last = page.items.is_empty();
        for issued in &page.items {
            views.push(CertificateView::new(issued, operations.now())?);
        }
        if last || u64::try_from(views.len())? >= page.total {
            break;
        }
    }
    let lines: Vec<_> = views.iter().map(CertificateView::line).collect();

    output.print(&views, lines.join("\n"))
}

/// The list says so at once, also while no server runs.
async fn published_and_shown(
    operations: &Operations,
    actor: &Actor,
    serial: &SerialNumber,
    output: Output,
) -> Result<()> {
    operations
        .publish_lists(actor, ListDue::IfDue)
        .await
        .context("it is done, but no revocation list says so yet; run: cordon ca crl")?;

    show(operations, serial, None, output).await
}

async fn show(
    operations: &Operations,
    serial: &SerialNumber,
    out: Option<&Path>,
    output: Output,
) -> Result<()> {
    let unknown = || {
        let text =
            format!("there is no certificate with the serial number {serial}; see: cordon ca list");
        Refused::new("unknown_certificate", text)
    };
    let issued = operations.certificate(serial).await?.ok_or_else(unknown)?;
    if let Some(path) = out {
        let der = issued.der.as_deref().context(
            "the certificate itself was not kept: it is from before there was a register",
        )?;
        let pem = Certificate::from_der(der)?.to_pem();
        fs::write(path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let view = CertificateView::new(&issued, operations.now())?;

    output.print(&view, view.page())
}

fn number(text: &str) -> Result<SerialNumber> {
    SerialNumber::parse(text).ok_or_else(|| {
        let text = format!(
            "{text:?} is no serial number: give up to 40 hexadecimal digits; see: cordon ca list"
        );
        Refused::new("not_a_serial_number", text).into()
    })
}

fn reason(because: RevokedBecause) -> RevocationReason {
    match because {
        RevokedBecause::AffiliationChanged => RevocationReason::AffiliationChanged,
        RevokedBecause::CaCompromise => RevocationReason::CaCompromise,
        RevokedBecause::CertificateHold => RevocationReason::CertificateHold,
        RevokedBecause::CessationOfOperation => RevocationReason::CessationOfOperation,
        RevokedBecause::KeyCompromise => RevocationReason::KeyCompromise,
        RevokedBecause::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
        RevokedBecause::Superseded => RevocationReason::Superseded,
        RevokedBecause::Unspecified => RevocationReason::Unspecified,
    }
}
