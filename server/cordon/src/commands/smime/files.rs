//! What the commands read: mails, keys, certificates.

use super::Correspondent;
use crate::cli::KeyFile;
use crate::commands::password;
use anyhow::{Context as _, Result, bail};
use keys::{PrivateKey, SignatureAlgorithm, pkcs12};
use mail::smime::{self, Trust};
use pkcs11::Uri;
use pki::Certificate;
use pki::cms::Fresh;
use secrecy::ExposeSecret as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key with its certificate and those that lead to its root.
pub(in crate::commands) struct Identity {
    pub(in crate::commands) key: Box<dyn PrivateKey>,
    pub(in crate::commands) certificate: Certificate,
    pub(in crate::commands) chain: Vec<Certificate>,
}

impl Identity {
    /// Returns how the key signs: as wanted if it can, else in its own way.
    pub(in crate::commands) fn algorithm(
        &self,
        wanted: SignatureAlgorithm,
    ) -> Result<SignatureAlgorithm> {
        let algorithms = self.key.algorithms();
        let fitting = algorithms.iter().find(|it| **it == wanted).or(algorithms.first());

        fitting.copied().context("the key does not sign")
    }
}

/// Draws what encrypts one message.
pub(in crate::commands) fn fresh() -> Result<Fresh> {
    let mut fresh = Fresh { key: Zeroizing::new([0; 32]), nonce: [0; 12] };
    getrandom::fill(fresh.key.as_mut_slice())?;
    getrandom::fill(&mut fresh.nonce)?;

    Ok(fresh)
}

/// Opens the file of a key with its password, or logs in to the token that has it.
pub(in crate::commands) fn identity(file: &KeyFile) -> Result<Identity> {
    match file.key.to_str().filter(|key| key.starts_with("pkcs11:")) {
        Some(uri) => on_token(uri, file.password_file.as_deref()),
        None => in_file(file),
    }
}

/// The PIN is tried once: a second wrong one may be the last.
fn on_token(uri: &str, pin_file: Option<&Path>) -> Result<Identity> {
    let uri: Uri = uri.parse().context("--key")?;
    let token = pkcs11::open(&uri)?;
    let pin = password::of_key(pin_file.or(uri.pin_source.as_deref()))?;
    token.log_in(Some(pin.expose_secret()))?;
    let key = token.key(&uri)?;
    let mut own = None;
    let mut chain = Vec::new();
    for stored in token.certificates()? {
        let Ok(certificate) = Certificate::from_der(&stored.der) else { continue };
        match own {
            None if certificate.public_key() == key.public_key() => own = Some(certificate),
            _ => chain.push(certificate),
        }
    }
    let certificate = own.with_context(|| {
        format!(
            "the token {:?} has no certificate for the key {:?}",
            token.info().label,
            key.label()
        )
    })?;

    Ok(Identity { key: Box::new(key), certificate, chain })
}

fn in_file(file: &KeyFile) -> Result<Identity> {
    let path = file.key.display();
    let bytes = read(Some(&file.key))?;
    let password = password::of_key(file.password_file.as_deref())?;
    let found = pkcs12::open(&bytes, password.expose_secret());
    let found = found.with_context(|| path.to_string())?;
    let read = |der: &Vec<u8>| Certificate::from_der(der).with_context(|| path.to_string());

    Ok(Identity {
        certificate: read(&found.certificate)?,
        chain: found.chain.iter().map(read).collect::<Result<_>>()?,
        key: Box::new(found.key),
    })
}

/// Reads all certificates of some files, each PEM or DER.
pub(in crate::commands) fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>> {
    let mut certificates = Vec::new();
    for path in paths {
        let found =
            certificates_in(&read(Some(path))?).with_context(|| path.display().to_string())?;
        certificates.extend(found);
    }

    Ok(certificates)
}

/// Reads those who are written to: a certificate each, or a signed mail of theirs, which says what they read.
pub(super) fn correspondents(paths: &[PathBuf], trust: &Trust<'_>) -> Result<Vec<Correspondent>> {
    let mut correspondents = Vec::new();
    for path in paths {
        let bytes = read(Some(path))?;
        if let Some(certificate) =
            certificates_in(&bytes).ok().and_then(|all| all.into_iter().next())
        {
            correspondents.push(Correspondent { certificate, capabilities: None });
            continue;
        }
        let opened = smime::open(&bytes, &[], trust);
        let signature = opened.state.signatures.into_iter().find(|it| it.is_good());
        let Some(signature) = signature.filter(|_| opened.state.problems.is_empty()) else {
            bail!(
                "{} is neither a certificate nor a mail with a good signature (see --anchor)",
                path.display()
            );
        };
        let certificate = signature.preferred.or(signature.certificate);
        let certificate = certificate.with_context(|| path.display().to_string())?;
        correspondents.push(Correspondent { certificate, capabilities: signature.capabilities });
    }

    Ok(correspondents)
}

/// Reads a file, or standard input if there is none or it is `-`.
pub(in crate::commands) fn read(file: Option<&PathBuf>) -> Result<Vec<u8>> {
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => {
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
        }
        None => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;

            Ok(bytes)
        }
    }
}

fn certificates_in(bytes: &[u8]) -> Result<Vec<Certificate>> {
    let text =
        std::str::from_utf8(bytes).ok().filter(|text| text.contains("-----BEGIN CERTIFICATE"));
    let Some(text) = text else { return Ok(vec![Certificate::from_der(bytes)?]) };

    Ok(Certificate::all_from_pem(text)?)
}
