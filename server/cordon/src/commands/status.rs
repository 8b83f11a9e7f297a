use super::views::moment;
use crate::config::Config;
use crate::expiry::expiries;
use crate::identity;
use crate::output::Output;
use anyhow::Result;
use operations::Operations;
use serde::Serialize;
use serde_json::json;
use std::fmt::{self, Write as _};

/// How long a certificate is good.
#[derive(Debug, Serialize)]
struct CertificateView {
    name: &'static str,
    /// None if it cannot be read.
    not_after: Option<String>,
    /// What to do about a certificate that expires soon, or that cannot be read.
    remedy: Option<String>,
}

impl fmt::Display for CertificateView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not_after = self.not_after.as_deref().unwrap_or("unknown");
        write!(f, "{:<20}until {not_after}", format!("{} valid", self.name))?;
        match &self.remedy {
            Some(remedy) => write!(f, "  ! {remedy}"),
            None => Ok(()),
        }
    }
}

fn certificates(config: &Config, operations: &Operations) -> Result<Vec<CertificateView>> {
    // Whoever may run commands need not be allowed to read a given certificate.
    let tls = identity::tls_certificate(config);
    let expiries = expiries(config, operations.authority(), tls.as_ref().ok()).into_iter();
    let now = operations.now();
    let known = expiries.map(|expiry| {
        let not_after = Some(moment(expiry.not_after)?);
        let remedy = expiry.is_near(now).then_some(expiry.remedy);
        Ok(CertificateView { name: expiry.certificate, not_after, remedy })
    });
    let unknown = tls.as_ref().err().map(|error| {
        Ok(CertificateView { name: "tls", not_after: None, remedy: Some(format!("{error:#}")) })
    });

    known.chain(unknown).collect()
}

/// Shows how the fleet stands.
pub(super) async fn run(config: &Config, operations: &Operations, output: Output) -> Result<()> {
    let certificates = certificates(config, operations)?;

    let figures = operations.figures().await?;
    let devices: serde_json::Map<_, _> = figures
        .devices
        .iter()
        .map(|(kind, count)| (kind.name().to_owned(), json!(count)))
        .collect();
    let last = figures.last_change.map(moment).transpose()?;
    let mut text = String::new();
    for (kind, count) in &figures.devices {
        writeln!(text, "{:<20}{count}", format!("devices {}", kind.name()))?;
    }
    write!(
        text,
        "{:<20}{} of {}\n{:<20}{}\n{:<20}{}\n{:<20}{}\n{:<20}{}",
        "licence",
        figures.licensed_in_use,
        figures.licence.devices,
        "people",
        figures.users,
        "groups",
        figures.groups,
        "open invitations",
        figures.open_invitations,
        "last change",
        last.as_deref().unwrap_or("none"),
    )?;
    for certificate in &certificates {
        write!(text, "\n{certificate}")?;
    }
    let value = json!({
        "devices": devices,
        "licence": { "devices": figures.licence.devices, "in_use": figures.licensed_in_use },
        "users": figures.users,
        "groups": figures.groups,
        "open_invitations": figures.open_invitations,
        "last_change": last,
        "certificates": certificates,
    });

    output.print(&value, text)
}
