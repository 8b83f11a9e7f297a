//! Who the server is: its certificate authority, its signing key, its TLS certificate.
//!
//! Made at first start, found again afterwards. Certificates lie open in `certificates/`, private keys
//! sealed in `secrets/`. Key and certificate are two files: the key is written first. A crash between the two leaves a
//! key without a certificate; for the portal and TLS the next start makes both anew, and for the authority it asks.
//! Keys of the authority may be on tokens instead; the next start finds again what was made there.

use crate::config::Config;
use crate::seal::{Secrets, write_whole};
use crate::token::{OnToken, Role, TokenKey, is_away};
use anyhow::{Context as _, Result, bail, ensure};
use ca::{Authority, Issuer, Lifetime, Signer, make_below, make_root_above, renewal_due};
use keys::{PrivateKey, SoftwareKey};
use pki::{AlternativeName, Certificate, Serial};
use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;

const ROOT_YEARS: u8 = 20;

/// A certificate chain for TLS, and its key.
#[derive(Debug)]
pub(crate) struct TlsIdentity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl TlsIdentity {
    /// Returns the certificate that clients are shown first.
    pub(crate) fn certificate(&self) -> Result<Certificate> {
        let first = self.chain.first().context("there is no TLS certificate")?;

        Certificate::from_der(first).context("the TLS certificate")
    }
}

/// When a token is logged in to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LogIn {
    /// At once, so that what is wrong is told at start.
    Now,
    /// When something is to be signed: most commands sign nothing.
    WhenNeeded,
}

/// Finds the authority and makes nothing, for commands that do not serve: they may run under an account whose files the server
/// cannot read.
pub(crate) fn find_authority(
    config: &Config,
    secrets: &Secrets,
    now: OffsetDateTime,
) -> Result<Authority> {
    let folder = Folder::of(&config.server.data);
    let issuer = found_issuer(&folder, secrets, config, LogIn::WhenNeeded)?
        .context("certificates/authority.pem is missing: restore it from the backup")?;
    let portal = found_portal(&folder, secrets)?.context(
        "the portal's certificate or key is missing: start cordon serve, which makes them anew",
    )?;

    let authority = Authority::new(published(issuer, config), portal, now)
        .context("the portal's certificate: start cordon serve anew, which renews it")?;

    below_root(authority, &folder, secrets, config, LogIn::WhenNeeded)
}

/// Finds or makes the authority, and renews what is due.
pub(crate) fn authority(
    config: &Config,
    secrets: &Secrets,
    now: OffsetDateTime,
) -> Result<Authority> {
    let folder = Folder::make(&config.server.data)?;
    let issuer = published(issuer(&folder, secrets, config, now)?, config);
    let portal = portal(&folder, secrets, &issuer, now)?;
    let authority = Authority::new(issuer, portal, now)?;

    below_root(authority, &folder, secrets, config, LogIn::Now)
}

/// Adds the root, if it is another one than the authority and its key is here.
fn below_root(
    authority: Authority,
    folder: &Folder,
    secrets: &Secrets,
    config: &Config,
    log_in: LogIn,
) -> Result<Authority> {
    let Some(certificate) = folder.read("root")? else { return Ok(authority) };
    let key = found_root_key(&certificate, secrets, config.authority.root_key.as_ref(), log_in)?;
    let Some(key) = key else { return Ok(authority) };
    let root = Issuer::new(certificate, key).context("certificates/root.pem")?;

    Ok(authority.below(root))
}

/// Finds or makes the certificate for TLS, and renews it if that is due or if the server has another name.
pub(crate) fn tls(
    config: &Config,
    secrets: &Secrets,
    authority: &Authority,
    now: OffsetDateTime,
) -> Result<TlsIdentity> {
    match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => given(config, certificate, key),
        (_, _) => own(config, secrets, authority, now),
    }
}

/// Reads the certificate that a server shows to its clients, without its key.
pub(crate) fn tls_certificate(config: &Config) -> Result<Certificate> {
    let path = match &config.tls.certificate {
        Some(path) => path.clone(),
        None => Folder::of(&config.server.data).path("tls"),
    };
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let chain = Certificate::all_from_pem(&text).with_context(|| path.display().to_string())?;

    chain.into_iter().next().with_context(|| format!("{} holds no certificate", path.display()))
}

/// Certificates say where lists are only once they can be had there.
fn published(issuer: Issuer, config: &Config) -> Issuer {
    match &config.authority.url {
        Some(url) => issuer.published_at(url),
        None => issuer,
    }
}

struct Folder(PathBuf);

impl Folder {
    fn of(data: &Path) -> Self {
        Self(data.join("certificates"))
    }

    fn make(data: &Path) -> Result<Self> {
        let folder = Self::of(data);
        fs::create_dir_all(&folder.0).with_context(|| folder.0.display().to_string())?;

        Ok(folder)
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

/// Finds the authority, or makes it and its root.
fn issuer(
    folder: &Folder,
    secrets: &Secrets,
    config: &Config,
    now: OffsetDateTime,
) -> Result<Issuer> {
    if let Some(issuer) = found_issuer(folder, secrets, config, LogIn::Now)? {
        return Ok(issuer);
    }
    ensure!(
        secrets.read("authority")?.is_none(),
        "secrets/authority.sealed is there, but certificates/authority.pem is not: restore it from the backup; \
         a new authority would shut out every device (after a first start that was cut off, delete the secret)"
    );
    // The portal's key is made once there is an authority, wherever that has its own.
    ensure!(
        secrets.read("portal")?.is_none(),
        "secrets/portal.sealed is there, but certificates/authority.pem is not: restore it from the backup; \
         a new authority would shut out every device"
    );
    let organisation = &config.server.organisation;
    // Nothing leads to a root without its authority: after a crash in between, both are made anew.
    let root_key = made_key(Role::Root, config.authority.root_key.as_ref(), secrets)?;
    let lifetime =
        Lifetime::from_years(ROOT_YEARS).context("the life of a root is 10 to 20 years")?;
    let root = make_root_above(organisation, root_key, lifetime, serial()?, now)?;
    folder.write("root", root.certificate())?;
    let key = made_key(Role::Authority, config.authority.key.as_ref(), secrets)?;
    ensure!(
        key.public_key() != root.certificate().public_key(),
        "authority.key and authority.root_key lead to the same key: the root has a key of its own"
    );
    let root = published(root, config);
    let issuer = make_below(&root, organisation, key, serial()?, now)?;
    folder.write("authority", issuer.certificate())?;
    tracing::info!(subject = issuer.certificate().subject(), "Made a certificate authority");

    Ok(issuer)
}

fn made_key(role: Role, place: Option<&OnToken>, secrets: &Secrets) -> Result<Arc<dyn PrivateKey>> {
    if let Some(place) = place {
        return Ok(Arc::new(TokenKey::find_or_make(role, place, secrets)?));
    }
    let key = SoftwareKey::make_p384()?;
    secrets.write(role.name(), &key.to_pkcs8())?;

    Ok(Arc::new(key))
}

fn found_issuer(
    folder: &Folder,
    secrets: &Secrets,
    config: &Config,
    log_in: LogIn,
) -> Result<Option<Issuer>> {
    let Some(certificate) = folder.read("authority")? else { return Ok(None) };
    let key: Arc<dyn PrivateKey> = match &config.authority.key {
        Some(place) => {
            let key = token_key(&certificate, Role::Authority, place, secrets)?;
            if log_in == LogIn::Now {
                key.connect()?;
            }
            Arc::new(key)
        }
        None => sealed_key(Role::Authority, secrets)?.context(
            "certificates/authority.pem is there, but secrets/authority.sealed is not: restore it from the backup; if the \
             key is on a token, name it in authority.key",
        )?,
    };

    Issuer::new(certificate, key).context("certificates/authority.pem").map(Some)
}

/// Finds the root's key, unless it is kept elsewhere.
fn found_root_key(
    certificate: &Certificate,
    secrets: &Secrets,
    place: Option<&OnToken>,
    log_in: LogIn,
) -> Result<Option<Arc<dyn PrivateKey>>> {
    let Some(place) = place else { return sealed_key(Role::Root, secrets) };
    let key = token_key(certificate, Role::Root, place, secrets)?;
    let is_here = match log_in {
        LogIn::Now => match key.connect() {
            Ok(()) => true,
            Err(error) if is_away(&error) => {
                let why = format!("{error:#}");
                tracing::info!(
                    why,
                    "The root's key is elsewhere: its revocation list is not renewed"
                );
                false
            }
            Err(error) => return Err(error),
        },
        LogIn::WhenNeeded => key.is_there(),
    };

    Ok(is_here.then(|| Arc::new(key) as Arc<dyn PrivateKey>))
}

fn sealed_key(role: Role, secrets: &Secrets) -> Result<Option<Arc<dyn PrivateKey>>> {
    let Some(key) = secrets.read(role.name())? else { return Ok(None) };

    Ok(Some(Arc::new(SoftwareKey::from_pkcs8(&key)?)))
}

/// An authority keeps its key: one that is here does not lie on a token.
fn token_key(
    certificate: &Certificate,
    role: Role,
    place: &OnToken,
    secrets: &Secrets,
) -> Result<TokenKey> {
    let (setting, name) = (role.setting(), role.name());
    let sealed = sealed_key(role, secrets)?;
    ensure!(
        sealed.is_none_or(|key| key.public_key() != certificate.public_key()),
        "{setting} names a token, but the key of certificates/{name}.pem is in secrets/{name}.sealed: remove {setting}, as an \
         authority keeps its key; or move that file away, if the token has this very key"
    );

    TokenKey::of(certificate, role, place, secrets)
}

fn found_portal(folder: &Folder, secrets: &Secrets) -> Result<Option<Signer>> {
    let (Some(certificate), Some(key)) = (folder.read("portal")?, secrets.read("portal")?) else {
        return Ok(None);
    };
    let key = SoftwareKey::from_pkcs8(&key)?;
    let fits = key.public_key() == certificate.public_key();

    Ok(fits.then(|| Signer { certificate, key: Arc::new(key) }))
}

fn portal(
    folder: &Folder,
    secrets: &Secrets,
    issuer: &Issuer,
    now: OffsetDateTime,
) -> Result<Signer> {
    let found = found_portal(folder, secrets)?;
    if let Some(signer) = found.filter(|signer| !renewal_due(&signer.certificate, now)) {
        return Ok(signer);
    }
    let key = SoftwareKey::make_p256()?;
    secrets.write("portal", &key.to_pkcs8())?;
    let certificate = issuer.issue_portal_signing(key.public_key(), serial()?, now)?;
    folder.write("portal", &certificate)?;
    tracing::info!("Made a signing certificate for the portal");

    Ok(Signer { certificate, key: Arc::new(key) })
}

fn own(
    config: &Config,
    secrets: &Secrets,
    authority: &Authority,
    now: OffsetDateTime,
) -> Result<TlsIdentity> {
    let issuer = authority.issuer();
    let folder = Folder::make(&config.server.data)?;
    let names = names(config);
    let fits = |certificate: &Certificate| {
        let named = names_of(certificate);
        let same = named.len() == names.len() && names.iter().all(|name| named.contains(name));
        same && !renewal_due(certificate, now)
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
            let certificate = issuer.issue_tls_server(key.public_key(), names, serial()?, now)?;
            folder.write("tls", &certificate)?;
            tracing::info!(address = config.gateway.address, "Made a TLS certificate");
            (certificate, key)
        }
    };
    let above = authority.root().map(Issuer::certificate);
    let chain = [&certificate, issuer.certificate()].into_iter().chain(above);

    Ok(TlsIdentity {
        chain: chain.map(|part| CertificateDer::from(part.as_der().to_vec())).collect(),
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_pkcs8().to_vec())),
    })
}

fn given(config: &Config, certificate: &Path, key: &Path) -> Result<TlsIdentity> {
    let place = |path: &Path| format!("{}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| place(certificate))?;
    let Some(first) = chain.first() else {
        bail!("{} holds no certificate", place(certificate));
    };
    if !is_for(first, config.host()).with_context(|| place(certificate))? {
        tracing::warn!(
            file = %certificate.display(),
            host = config.host(),
            "The given TLS certificate is not for gateway.address: phones and the app will refuse to connect"
        );
    }
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| place(key))?;

    Ok(TlsIdentity { chain, key })
}

/// Tells whether a certificate is for a host, as clients see it (RFC 6125).
fn is_for(certificate: &CertificateDer<'_>, host: &str) -> Result<bool> {
    let certificate = ParsedCertificate::try_from(certificate)?;
    let Ok(name) = ServerName::try_from(host) else { return Ok(false) };

    Ok(verify_server_name(&certificate, &name).is_ok())
}

fn names_of(certificate: &Certificate) -> Vec<AlternativeName> {
    let dns = certificate.dns_names().into_iter().map(AlternativeName::Dns);
    let addresses = certificate.ip_addresses().into_iter().map(AlternativeName::Ip);

    dns.chain(addresses).collect()
}

/// The names under which the server is reached: the public address, and this machine.
fn names(config: &Config) -> Vec<AlternativeName> {
    let host = config.host();
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
    use std::net::IpAddr;
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
    fn an_authority_from_before_there_were_roots_goes_on_by_itself() {
        let data = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(data.path(), None).unwrap().0;
        let (folder, key) = (Folder::make(data.path()).unwrap(), SoftwareKey::make_p384().unwrap());
        secrets.write("authority", &key.to_pkcs8()).unwrap();
        let lifetime = Lifetime::from_years(ROOT_YEARS).unwrap();
        let old =
            ca::make_root("Example", Arc::new(key), lifetime, serial().unwrap(), NOW).unwrap();
        folder.write("authority", old.certificate()).unwrap();

        let started = start(data.path(), NOW);
        assert_eq!(started.authority.issuer().certificate(), old.certificate());
        assert!(started.authority.root().is_none());
        assert_eq!(started.tls.chain.len(), 2);
    }

    #[test]
    fn a_new_authority_stands_below_a_root_that_may_be_taken_away() {
        let data = tempfile::tempdir().unwrap();
        let started = start(data.path(), NOW);
        let (root, issuer) = (started.authority.root().unwrap(), started.authority.issuer());
        let anchors = [root.certificate().clone()];
        let untrusted = [issuer.certificate().clone()];
        let mut inputs = pki::validate::Inputs::new(&anchors, NOW, pki::validate::Use::TlsServer);
        inputs.untrusted = &untrusted;
        pki::validate::validate(&started.tls.certificate().unwrap(), &inputs).unwrap();

        fs::remove_file(data.path().join("secrets/root.sealed")).unwrap();
        let without = start(data.path(), NOW);
        assert_eq!(without.authority.issuer().certificate(), issuer.certificate());
        assert!(without.authority.root().is_none());
    }

    /// The app knows the authority alone, and a device shows its certificate alone.
    #[test]
    fn the_authority_is_enough_to_trust_server_and_devices() {
        use rustls::RootCertStore;
        use rustls::client::WebPkiServerVerifier;
        use rustls::client::danger::ServerCertVerifier as _;
        use rustls::server::WebPkiClientVerifier;
        use rustls_pki_types::UnixTime;

        let data = tempfile::tempdir().unwrap();
        let Identity { authority, tls } = start(data.path(), NOW);
        let issuer = authority.issuer();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(issuer.certificate().as_der().to_vec())).unwrap();
        let roots = Arc::new(roots);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let seconds = u64::try_from(NOW.unix_timestamp()).unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let (first, chain) = tls.chain.split_first().unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()
            .unwrap()
            .verify_server_cert(first, chain, &name, &[], now)
            .unwrap();

        let key = SoftwareKey::make_p256().unwrap();
        let request = pki::make_request(&pki::Subject::new("x"), &key).unwrap();
        let request = pki::Request::from_der(&request).unwrap();
        let device = issuer.issue_device(&request, "device", serial().unwrap(), NOW).unwrap();
        WebPkiClientVerifier::builder_with_provider(roots, provider)
            .build()
            .unwrap()
            .verify_client_cert(&CertificateDer::from(device.as_der().to_vec()), &[], now)
            .unwrap();
    }

    #[test]
    fn a_lost_authority_key_is_not_replaced_in_silence() {
        let data = tempfile::tempdir().unwrap();
        start(data.path(), NOW);
        fs::remove_file(data.path().join("secrets/authority.sealed")).unwrap();

        assert!(refused(data.path()).contains("restore it from the backup"));
    }

    #[test]
    fn a_lost_authority_certificate_is_not_replaced_in_silence() {
        let data = tempfile::tempdir().unwrap();
        start(data.path(), NOW);
        fs::remove_file(data.path().join("certificates/authority.pem")).unwrap();

        assert!(refused(data.path()).contains("restore it from the backup"));
    }

    #[test]
    fn a_crash_between_key_and_certificate_is_mended() {
        let data = tempfile::tempdir().unwrap();
        start(data.path(), NOW);
        fs::remove_file(data.path().join("certificates/tls.pem")).unwrap();
        fs::remove_file(data.path().join("certificates/portal.pem")).unwrap();

        assert_eq!(start(data.path(), NOW).tls.chain.len(), 3);
    }

    #[test]
    fn the_public_address_is_in_the_certificate() {
        let data = tempfile::tempdir().unwrap();
        let identity = start_at(data.path(), "Mail.example.org:8443");

        let certificate = identity.tls.certificate().unwrap();
        assert_eq!(certificate.dns_names(), ["mail.example.org", "localhost"]);
    }

    #[test]
    fn another_address_gets_another_certificate() {
        let data = tempfile::tempdir().unwrap();
        let mut last = None;
        for (address, names, addresses) in [
            ("192.0.2.1:443", vec!["localhost"], vec!["192.0.2.1", "127.0.0.1"]),
            ("192.0.2.2", vec!["localhost"], vec!["192.0.2.2", "127.0.0.1"]),
            ("[2001:db8::1]:443", vec!["localhost"], vec!["2001:db8::1", "127.0.0.1"]),
            ("a.example.org", vec!["a.example.org", "localhost"], vec!["127.0.0.1"]),
            ("b.example.org", vec!["b.example.org", "localhost"], vec!["127.0.0.1"]),
            ("localhost", vec!["localhost"], vec!["127.0.0.1"]),
        ] {
            let identity = start_at(data.path(), address);
            let certificate = identity.tls.certificate().unwrap();
            let found =
                certificate.ip_addresses().iter().map(IpAddr::to_string).collect::<Vec<_>>();
            assert_eq!(
                (certificate.dns_names(), found),
                (
                    names.into_iter().map(str::to_owned).collect(),
                    addresses.into_iter().map(str::to_owned).collect()
                ),
                "{address}"
            );
            assert_ne!(last.as_ref(), Some(&identity.tls.chain), "{address}");
            assert_eq!(start_at(data.path(), address).tls.chain, identity.tls.chain, "found again");
            last = Some(identity.tls.chain);
        }
    }

    #[test]
    fn a_given_certificate_is_compared_with_the_address() {
        let data = tempfile::tempdir().unwrap();
        let made = start_at(data.path(), "mail.example.org").tls;

        for (host, fits) in [
            ("mail.example.org", true),
            ("MAIL.example.org", true),
            ("127.0.0.1", true),
            ("other.example.org", false),
            ("192.0.2.1", false),
            ("not a host", false),
        ] {
            assert_eq!(is_for(&made.chain[0], host).unwrap(), fits, "{host}");
        }
    }

    #[test]
    fn commands_make_and_renew_nothing() {
        let data = tempfile::tempdir().unwrap();
        let config = config(data.path());
        let first = start(data.path(), NOW);
        let (secrets, _) = Secrets::find(data.path(), None).unwrap();
        let before = everything_below(data.path());

        let later = NOW + time::Duration::days(300);
        let found = find_authority(&config, &secrets, later).unwrap();
        assert_eq!(
            found.portal().certificate.as_der(),
            first.authority.portal().certificate.as_der()
        );
        let too_late = NOW + time::Duration::days(3_000);
        let error = find_authority(&config, &secrets, too_late).unwrap_err();
        assert!(error.to_string().contains("start cordon serve anew"), "{error}");
        assert_eq!(everything_below(data.path()), before);

        fs::remove_file(data.path().join("certificates/portal.pem")).unwrap();
        let error = find_authority(&config, &secrets, NOW).unwrap_err();
        assert!(error.to_string().contains("start cordon serve"), "{error}");
        assert!(!data.path().join("certificates/portal.pem").exists());
    }

    /// What `serve` has.
    struct Identity {
        authority: Authority,
        tls: TlsIdentity,
    }

    fn start(data: &Path, now: OffsetDateTime) -> Identity {
        load(&config(data), now).unwrap()
    }

    fn start_at(data: &Path, address: &str) -> Identity {
        let mut config = config(data);
        config.gateway.address = address.to_owned();

        load(&config, NOW).unwrap()
    }

    fn refused(data: &Path) -> String {
        load(&config(data), NOW).err().unwrap().to_string()
    }

    fn load(config: &Config, now: OffsetDateTime) -> Result<Identity> {
        let (secrets, _) = Secrets::open(&config.server.data, None)?;
        let authority = authority(config, &secrets, now)?;
        let tls = tls(config, &secrets, &authority, now)?;

        Ok(Identity { authority, tls })
    }

    fn everything_below(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let folders = [data.to_owned(), data.join("certificates"), data.join("secrets")];
        let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
        let paths = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        let mut all: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        all.sort();

        all
    }

    fn config(data: &Path) -> Config {
        let mut config = Config::default();
        config.server.data = data.to_owned();

        config
    }
}
