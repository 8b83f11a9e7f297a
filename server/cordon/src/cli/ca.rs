//! `cordon ca`: the certificate authority.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Ca {
    /// List certificates, the last one that was issued first
    List(CaList),
    /// Show one certificate
    Show {
        /// Serial number, in hexadecimal
        serial: String,
        /// Write the certificate to this file too, PEM
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Revoke a certificate, or put it on hold
    Revoke(CaRevoke),
    /// Take a certificate off hold
    Release {
        /// Serial number, in hexadecimal
        serial: String,
    },
    /// Publish a new revocation list now, and write it to a file
    Crl {
        /// Write the list to this file, DER, or PEM if its name ends in .pem
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct CaList {
    /// Only certificates whose subject, serial number or mail address contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only certificates of this kind
    #[arg(long, value_parser = profile)]
    pub(crate) profile: Option<ca::Profile>,
    /// Only certificates that are revoked or on hold
    #[arg(long)]
    pub(crate) revoked: bool,
}

#[derive(Args, Debug)]
pub(crate) struct CaRevoke {
    /// Serial number, in hexadecimal
    pub(crate) serial: String,
    /// Why (RFC 5280, section 5.3.1)
    #[arg(long)]
    pub(crate) reason: RevokedBecause,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
#[value(rename_all = "camelCase")]
pub(crate) enum RevokedBecause {
    /// Not said
    Unspecified,
    /// The key is in wrong hands
    KeyCompromise,
    /// The key of an authority is in wrong hands
    #[value(name = "cACompromise", alias = "CACompromise")]
    CaCompromise,
    /// The holder's name or office changed
    AffiliationChanged,
    /// Replaced by another
    Superseded,
    /// No longer needed
    CessationOfOperation,
    /// Suspended, until it is released or revoked for good
    CertificateHold,
    /// A right that it gave was withdrawn
    PrivilegeWithdrawn,
}

fn profile(name: &str) -> Result<ca::Profile, String> {
    let names = || ca::Profile::ALL.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");

    ca::Profile::parse(name).ok_or_else(|| format!("there are {}", names()))
}
