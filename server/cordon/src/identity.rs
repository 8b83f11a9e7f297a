//! Who the server is: its certificate authority, its signing key, its TLS certificate.
//!
//! Made at first start, found again afterwards. Certificates lie open in `certificates/`, private keys
//! sealed in `secrets/`. Key and certificate are two files: the key is written first. A crash between the two leaves a
//! key without a certificate; for the portal and TLS the next start makes both anew, and for the authority it asks.

use crate::config::Config;
use crate::seal::{Secrets, write_whole};
use anyhow::{Context as _, Result, ensure};
use ca::{Authority, Lifetime, Root, Signer, make_root, renewal_due};
use keys::{PrivateKey as _, SoftwareKey};
use pki::{AlternativeName, Certificate, Serial};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;

const ROOT_YEARS: u8 = 20;

/// What `serve` presents and signs with.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) authority: Authority,
    pub(crate) tls: TlsIdentity,
}

/// A certificate chain for TLS, and its key.
#[derive(Debug)]
pub(crate) struct TlsIdentity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// Finds or makes the authority alone, for commands that do not serve.
pub(crate) fn authority(
    config: &Config,
    secrets: &Secrets,
    now: OffsetDateTime,
) -> Result<Authority> {
    let folder = Folder::open(&config.server.data)?;
    let root = root(&folder, secrets, &config.server.organisation, now)?;
    let portal = portal(&folder, secrets, &root, now)?;

    Ok(Authority::new(root, portal, now)?)
}

/// Finds or makes everything, and renews what is due.
pub(crate) fn load(config: &Config, secrets: &Secrets, now: OffsetDateTime) -> Result<Identity> {
    let authority = authority(config, secrets, now)?;
    let tls = match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => given(certificate, key)?,
        (_, _) => own(config, secrets, authority.root(), now)?,
    };

    Ok(Identity { authority, tls })
}

struct Folder(PathBuf);

impl Folder {
    fn open(data: &Path) -> Result<Self> {
        let folder = data.join("certificates");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;

        Ok(Self(folder))
    }

    fn read(&self, name: &str) -> Result<Option<Certificate>> {
        let path = self.path(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let certificate =
            Certificate::from_pem(&text).with_context(|| path.display().to_string())?;

        Ok(Some(certificate))
    }

    fn write(&self, name: &str, certificate: &Certificate) -> Result<()> {
        write_whole(&self.path(name), certificate.to_pem().as_bytes())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.pem"))
    }
}

fn root(
    folder: &Folder,
    secrets: &Secrets,
    organisation: &str,
    now: OffsetDateTime,
) -> Result<Root> {
    if let Some(certificate) = folder.read("authority")? {
        let key = secrets.read("authority")?.context(
            "certificates/authority.pem is there, but secrets/authority.sealed is not: restore it from the backup",
        )?;
        let key = SoftwareKey::from_pkcs8(&key)?;
        return Ok(Root::new(certificate, Arc::new(key))?);
    }
    ensure!(
        secrets.read("authority")?.is_none(),
        "secrets/authority.sealed is there, but certificates/authority.pem is not: restore it from the backup; \
         a new authority would shut out every device (after a first start that was cut off, delete the secret)"
    );
    let key = SoftwareKey::make_p384()?;
    secrets.write("authority", &key.to_pkcs8())?;
    let lifetime =
        Lifetime::from_years(ROOT_YEARS).context("the life of a root is 10 to 20 years")?;
    let root = make_root(organisation, Arc::new(key), lifetime, serial()?, now)?;
    folder.write("authority", root.certificate())?;
    tracing::info!(subject = root.certificate().subject(), "Made a certificate authority");

    Ok(root)
}

fn portal(folder: &Folder, secrets: &Secrets, root: &Root, now: OffsetDateTime) -> Result<Signer> {
    let certificate = folder.read("portal")?.filter(|certificate| !renewal_due(certificate, now));
    if let (Some(certificate), Some(key)) = (certificate, secrets.read("portal")?) {
        let key = SoftwareKey::from_pkcs8(&key)?;
        if key.public_key() == certificate.public_key() {
            return Ok(Signer { certificate, key: Arc::new(key) });
        }
    }
    let key = SoftwareKey::make_p256()?;
    secrets.write("portal", &key.to_pkcs8())?;
    let certificate = root.issue_portal_signing(key.public_key(), serial()?, now)?;
    folder.write("portal", &certificate)?;
    tracing::info!("Made a signing certificate for the portal");

    Ok(Signer { certificate, key: Arc::new(key) })
}

fn own(
    config: &Config,
    secrets: &Secrets,
    root: &Root,
    now: OffsetDateTime,
) -> Result<TlsIdentity> {
    let folder = Folder::open(&config.server.data)?;
    let names = names(config);
    let fits = |certificate: &Certificate| {
        let dns = certificate.dns_names();
        let named = names.iter().all(|name| match name {
            AlternativeName::Dns(name) => dns.contains(name),
            AlternativeName::Email(_) | AlternativeName::Ip(_) => true,
        });
        named && !renewal_due(certificate, now)
    };
    let found = match (folder.read("tls")?.filter(fits), secrets.read("tls")?) {
        (Some(certificate), Some(key)) => Some((certificate, SoftwareKey::from_pkcs8(&key)?)),
        (_, _) => None,
    };
    let (certificate, key) = match found {
        Some((certificate, key)) if key.public_key() == certificate.public_key() => {
            (certificate, key)
        }
        Some(_) | None => {
            let key = SoftwareKey::make_p256()?;
            secrets.write("tls", &key.to_pkcs8())?;
            let certificate = root.issue_tls_server(key.public_key(), names, serial()?, now)?;
            folder.write("tls", &certificate)?;
            tracing::info!(address = config.gateway.address, "Made a TLS certificate");
            (certificate, key)
        }
    };
    let chain = [&certificate, root.certificate()];

    Ok(TlsIdentity {
        chain: chain.map(|part| CertificateDer::from(part.as_der().to_vec())).to_vec(),
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_pkcs8().to_vec())),
    })
}

fn given(certificate: &Path, key: &Path) -> Result<TlsIdentity> {
    let place = |path: &Path| format!("{}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| place(certificate))?;
    ensure!(!chain.is_empty(), "{} holds no certificate", place(certificate));
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| place(key))?;

    Ok(TlsIdentity { chain, key })
}

/// The names under which the server is reached: the public address, and this machine.
fn names(config: &Config) -> Vec<AlternativeName> {
    let address = &config.gateway.address;
    let host = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => address.split_once(':').map_or(address.as_str(), |(host, _)| host),
    };
    let mut names = vec![match host.parse() {
        Ok(address) => AlternativeName::Ip(address),
        Err(_) => AlternativeName::Dns(host.to_ascii_lowercase()),
    }];
    for own in
        [AlternativeName::Dns("localhost".to_owned()), AlternativeName::Ip([127, 0, 0, 1].into())]
    {
        if !names.contains(&own) {
            names.push(own);
        }
    }

    names
}

fn serial() -> Result<Serial> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;

    Ok(Serial::from_random(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    #[test]
    fn a_second_start_finds_what_the_first_made() {
        let data = tempfile::tempdir().unwrap();
        let (first, second) = (start(data.path(), NOW), start(data.path(), NOW));

        assert_eq!(first.tls.chain, second.tls.chain);
        assert_eq!(
            first.authority.portal().certificate.as_der(),
            second.authority.portal().certificate.as_der()
        );
    }

    #[test]
    fn certificates_are_renewed_when_a_third_of_their_life_is_left() {
        let data = tempfile::tempdir().unwrap();
        let first = start(data.path(), NOW);
        let later = start(data.path(), NOW + time::Duration::days(300));

        assert_ne!(first.tls.chain[0], later.tls.chain[0]);
        assert_eq!(first.tls.chain[1], later.tls.chain[1], "the authority stays");
    }

    #[test]
    fn a_lost_authority_key_is_not_replaced_in_silence() {
        let data = tempfile::tempdir().unwrap();
        start(data.path(), NOW);
        fs::remove_file(data.path().join("secrets/authority.sealed")).unwrap();

        let (secrets, _) = Secrets::open(data.path(), None).unwrap();
        let error = load(&config(data.path()), &secrets, NOW).unwrap_err();
        assert!(error.to_string().contains("restore it from the backup"), "{error}");
    }

    #[test]
    fn a_lost_authority_certificate_is_not_replaced_in_silence() {
        let data = tempfile::tempdir().unwrap();
        start(data.path(), NOW);
        fs::remove_file(data.path().join("certificates/authority.pem")).unwrap();

        let (secrets, _) = Secrets::open(data.path(), None).unwrap();
        let error = load(&config(data.path()), &secrets, NOW).unwrap_err();
        assert!(error.to_string().contains("restore it from the backup"), "{error}");
    }

    #[test]
    fn a_crash_between_key_and_certificate_is_mended() {
        let data = tempfile::tempdir().unwrap();
        start(data.path(), NOW);
        fs::remove_file(data.path().join("certificates/tls.pem")).unwrap();
        fs::remove_file(data.path().join("certificates/portal.pem")).unwrap();

        assert_eq!(start(data.path(), NOW).tls.chain.len(), 2);
    }

    #[test]
    fn the_public_address_is_in_the_certificate() {
        let data = tempfile::tempdir().unwrap();
        let (secrets, _) = Secrets::open(data.path(), None).unwrap();
        let mut config = config(data.path());
        config.gateway.address = "Mail.example.org:8443".to_owned();

        let identity = load(&config, &secrets, NOW).unwrap();
        let certificate = Certificate::from_der(&identity.tls.chain[0]).unwrap();
        assert_eq!(certificate.dns_names(), ["mail.example.org", "localhost"]);
    }

    fn start(data: &Path, now: OffsetDateTime) -> Identity {
        let (secrets, _) = Secrets::open(data, None).unwrap();

        load(&config(data), &secrets, now).unwrap()
    }

    fn config(data: &Path) -> Config {
        let mut config = Config::default();
        config.server.data = data.to_owned();

        config
    }
}
