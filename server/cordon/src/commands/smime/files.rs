//! What the commands read: mails, keys, certificates.

use super::Correspondent;
use crate::cli::KeyFile;
use crate::commands::password;
use anyhow::{Context as _, Result, bail};
use keys::{SoftwareKey, pkcs12};
use mail::smime::{self, Trust};
use pki::Certificate;
use secrecy::ExposeSecret as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// A key with its certificate and those that lead to its root.
pub(super) struct Identity {
    pub(super) key: SoftwareKey,
    pub(super) certificate: Certificate,
    pub(super) chain: Vec<Certificate>,
}

/// Opens the file of a key with its password.
pub(super) fn identity(file: &KeyFile) -> Result<Identity> {
    let path = file.key.display();
    let bytes = read(Some(&file.key))?;
    let password = password::of_key(file.password_file.as_deref())?;
    let found = pkcs12::open(&bytes, password.expose_secret());
    let found = found.with_context(|| path.to_string())?;
    let read = |der: &Vec<u8>| Certificate::from_der(der).with_context(|| path.to_string());

    Ok(Identity {
        certificate: read(&found.certificate)?,
        chain: found.chain.iter().map(read).collect::<Result<_>>()?,
        key: found.key,
    })
}

/// Reads all certificates of some files, each PEM or DER.
pub(super) fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>> {
    let mut certificates = Vec::new();
    for path in paths {
        let found =
            certificates_in(&read(Some(path))?).with_context(|| path.display().to_string())?;
        certificates.extend(found);
    }

    Ok(certificates)
}

/// Reads those who are written to: a certificate each, or a signed mail of theirs, which says what they read.
pub(super) fn correspondents(
    paths: &[PathBuf],
    anchors: &[Certificate],
    now: OffsetDateTime,
) -> Result<Vec<Correspondent>> {
    let mut correspondents = Vec::new();
    for path in paths {
        let bytes = read(Some(path))?;
        if let Some(certificate) =
            certificates_in(&bytes).ok().and_then(|all| all.into_iter().next())
        {
            correspondents.push(Correspondent { certificate, capabilities: None });
            continue;
        }
        let opened = smime::open(&bytes, &[], &Trust::new(anchors, &[], now));
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
pub(super) fn read(file: Option<&PathBuf>) -> Result<Vec<u8>> {
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
