//! What the commands print of certificates; the JSON is part of what is promised.

use crate::commands::views::moment;
use anyhow::Result;
use ca::Issued;
use data_encoding::BASE64;
use serde::Serialize;
use time::OffsetDateTime;

#[derive(Debug, Serialize)]
pub(crate) struct CertificateView {
    pub(crate) serial: String,
    pub(crate) status: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) subject: String,
    pub(crate) addresses: Vec<String>,
    pub(crate) device: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    pub(crate) issued_at: String,
    pub(crate) revoked_at: Option<String>,
    pub(crate) revocation_reason: Option<&'static str>,
    pub(crate) issuer: String,
}

impl CertificateView {
    pub(crate) fn new(issued: &Issued, now: OffsetDateTime) -> Result<Self> {
        Ok(Self {
            serial: issued.serial.to_string(),
            status: issued.status(now).name(),
            profile: issued.profile.name(),
            subject: issued.subject.clone(),
            addresses: issued.addresses.clone(),
            device: issued.holder.device.map(|id| id.to_string()),
            user: issued.holder.user.map(|id| id.to_string()),
            not_before: moment(issued.not_before)?,
            not_after: moment(issued.not_after)?,
            issued_at: moment(issued.issued_at)?,
            revoked_at: issued.revocation.map(|it| moment(it.since)).transpose()?,
            revocation_reason: issued.revocation.map(|it| it.reason.name()),
            issuer: issued.issuer.to_string(),
        })
    }

    /// One line for a list.
    pub(crate) fn line(&self) -> String {
        let Self { serial, status, profile, subject, not_after, .. } = self;

        format!("{serial}  {status:<8} {profile:<17} until {not_after}  {subject}")
    }

    /// One line for each fact.
    pub(crate) fn page(&self) -> String {
        let addresses = Some(self.addresses.join(" ")).filter(|text| !text.is_empty());
        let facts = [
            ("serial", Some(self.serial.as_str())),
            ("status", Some(self.status)),
            ("profile", Some(self.profile)),
            ("subject", Some(&self.subject)),
            ("addresses", addresses.as_deref()),
            ("device", self.device.as_deref()),
            ("person", self.user.as_deref()),
            ("valid from", Some(&self.not_before)),
            ("valid until", Some(&self.not_after)),
            ("issued", Some(&self.issued_at)),
            ("revoked", self.revoked_at.as_deref()),
            ("reason", self.revocation_reason),
            ("issuer", Some(&self.issuer)),
        ];
        let lines =
            facts.iter().filter_map(|(name, value)| Some(format!("{name:<12} {}", (*value)?)));

        lines.collect::<Vec<_>>().join("\n")
    }
}

/// What a PEM text holds (RFC 7468).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pem {
    Crl,
}

impl Pem {
    pub(crate) fn write(self, der: &[u8]) -> String {
        let label = match self {
            Self::Crl => "X509 CRL",
        };
        let text = BASE64.encode(der);
        let mut pem = format!("-----BEGIN {label}-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }

        pem + &format!("-----END {label}-----\n")
    }
}
