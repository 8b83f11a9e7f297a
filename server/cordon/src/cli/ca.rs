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
    /// Issue a certificate to whoever made a request for it
    Issue(CaIssue),
    /// Make a key and a certificate for a person's mail, as a file (PKCS#12) for their device
    Person(CaPerson),
    /// Issue a certificate that says the same as another one, for a later time; the old one stays good
    Renew(CaRenew),
    /// Revoke a certificate, or put it on hold
    Revoke(CaRevoke),
    /// Find the certificates for which mail to an address can be encrypted
    Directory {
        /// Mail address
        address: String,
        /// Write the certificates to this file, PEM
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
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

/// Names are taken from the request, unless some are given here.
#[derive(Args, Debug)]
pub(crate) struct CaIssue {
    /// What it is for: person, person-encryption, person-signing, server or scep
    #[arg(long, value_parser = profile)]
    pub(crate) profile: ca::Profile,
    /// The request (PKCS#10), DER or PEM; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: PathBuf,
    /// Login name of the person whom it is for; their own mail addresses are allowed then
    #[arg(long, value_name = "LOGIN")]
    pub(crate) user: Option<String>,
    /// The common name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A mail address; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mail: Vec<String>,
    /// A host; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) dns: Vec<String>,
    /// The IP address of a host; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) ip: Vec<std::net::IpAddr>,
    /// Write the certificate and its issuer to this file, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct CaPerson {
    /// Login name of the person; the certificate names them and all of their mail addresses
    pub(crate) login: String,
    /// Write key, certificate and issuers to this file, which must not be there
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The kind of key
    #[arg(long, default_value = "rsa")]
    pub(crate) key: KeyKind,
    /// Password for the file: the first line of this one, - for standard input [default: CORDON_KEY_PASSWORD, or typed]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Leave the certificate as it is that registrations of the person are encrypted for
    #[arg(long)]
    pub(crate) no_deposit: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum KeyKind {
    /// RSA with 3072 bits
    Rsa,
    /// On the curve P-256
    P256,
    /// On the curve P-384
    P384,
}

#[derive(Args, Debug)]
pub(crate) struct CaRenew {
    /// Serial number of the old one, in hexadecimal
    pub(crate) serial: String,
    /// A request (PKCS#10) with the new key, DER or PEM [default: the same key]
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: Option<PathBuf>,
    /// Write the certificate and its issuer to this file, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
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
