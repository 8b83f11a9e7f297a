//! What the tests stand on: a mail server, a way to it that can be cut, and an app whose container is registered.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use activesync::query::Command;
use data_encoding::{BASE64, BASE64_MIME};
use keys::pkcs12::Identity;
use keys::{PrivateKey as _, SoftwareKey};

use pki::{AlternativeName, Certificate, Purpose, Serial, Subject, Template, Usage, issue};
use policy::{Document, GroupSettings, PasswordRules, Settings, SignedDocument};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sandbox::{Options, Running, Sandbox};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use vault::{
    Container, Cost, DeviceKeys, NewContainer, NewIdentity, NewPassword, Open, Place, Slot,
};

use crate::record::{DEVICE, MAIL_PASSWORD, Record, SETTINGS};
use crate::{App, FolderKind, FolderView, MessageItem, Opening, Paths, SyncState};

pub(super) const PASSWORD: &str = "correct horse battery 9";
pub(super) const MAIL: &str = "Cordon-Test-1";
const DEVICE_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
const EAS_ID: &str = "0123456789abcdef0123456789abcdef";
/// How many times faster the app's clock goes, so that its pauses are short.
const HASTE: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox, a way to it, and an app.
pub(super) struct Ground {
    pub(super) server: Running,
    pub(super) way: Way,
    pub(super) app: App,
    root: TempDir,
}

impl Ground {
    /// Starts all three; the container is open.
    pub(super) async fn new(change: impl FnOnce(&mut Options)) -> Self {
        Self::with(&Holder::root(), change, |_| ()).await
    }

    /// As [`new`](Self::new), with the certificates of `authority` and other settings.
    pub(super) async fn with(
        authority: &Holder,
        change: impl FnOnce(&mut Options),
        change_settings: impl FnOnce(&mut Settings),
    ) -> Self {
        let alice = person(authority, "Alice", "alice@example.test");
        Self::of(authority, &alice.identity(), change, change_settings).await
    }

    /// As [`with`](Self::with), with a key and certificate that are there already.
    pub(super) async fn of(
        authority: &Holder,
        identity: &Identity,
        change: impl FnOnce(&mut Options),
        change_settings: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut options = Options::new(MAIL, real_clock);
        change(&mut options);
        let server = Sandbox::start(options).await.expect("a sandbox");
        let way = Way::to(server.address(), authority).await;
        let root = tempfile::tempdir().expect("a directory");
        register_holder(&root, authority, way.address, identity, change_settings);
        let app = open(&root);
        app.unlock(by(PASSWORD), None).await.expect("the password is right");
        Self { server, way, app, root }
    }

    /// Ends the app as a killed process would, and starts it again.
    pub(super) async fn restart(self) -> Self {
        let Self { server, way, app, root } = self;
        app.lock().await;
        drop(app);
        let app = open(&root);
        app.unlock(by(PASSWORD), None).await.expect("the password is right");
        Self { server, way, app, root }
    }

    /// Waits until the app shows what is wanted.
    pub(super) async fn until<T>(&self, what: &str, wanted: impl AsyncFn(&App) -> Option<T>) -> T {
        until(&self.app, what, wanted).await
    }

    /// As [`until`](Self::until), while an impatient user asks for news: no pause holds.
    pub(super) async fn until_asked<T>(
        &self,
        what: &str,
        wanted: impl AsyncFn(&App) -> Option<T>,
    ) -> T {
        let asked = async |app: &App| {
            let found = wanted(app).await;
            if found.is_none() && app.state().sync.state != SyncState::Syncing {
                app.sync_now().await.expect("the container is open");
            }
            found
        };
        until(&self.app, what, asked).await
    }

    pub(super) async fn inbox(&self) -> Vec<MessageItem> {
        inbox(&self.app).await
    }
}

/// Another device of the same person, by the same way.
pub(super) struct Second {
    pub(super) app: App,
    _root: TempDir,
}

impl Second {
    pub(super) async fn beside(ground: &Ground, authority: &Holder) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let eas_id = "fedcba9876543210fedcba9876543210";
        register_as(&root, authority, ground.way.address, eas_id, |_| ());
        let app = open(&root);
        app.unlock(by(PASSWORD), None).await.expect("the password is right");
        Self { app, _root: root }
    }
}

/// Waits until an app shows what is wanted.
pub(super) async fn until<T>(app: &App, what: &str, wanted: impl AsyncFn(&App) -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        let sequence = app.state().sequence;
        if let Some(found) = wanted(app).await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: {:#?}", app.state());
        app.wait_for_change(sequence, Duration::from_millis(300)).await;
    }
}

/// All messages of the Inbox; none while it is not there.
pub(super) async fn inbox(app: &App) -> Vec<MessageItem> {
    let Some(folder) = folder(app, FolderKind::Inbox).await else { return Vec::new() };
    messages(app, &folder).await
}

pub(super) async fn messages(app: &App, folder: &FolderView) -> Vec<MessageItem> {
    app.messages(folder.id, 0, 200).await.map(|page| page.items).unwrap_or_default()
}

pub(super) async fn folder(app: &App, kind: FolderKind) -> Option<FolderView> {
    app.folders().await.ok()?.into_iter().find(|folder| folder.kind == kind)
}

/// The way from the app to a server: TLS on one side, plain on the other. It can be cut.
pub(super) struct Way {
    pub(super) address: SocketAddr,
    target: SocketAddr,
    tls: TlsAcceptor,
    traffic: Arc<Traffic>,
    task: Mutex<Option<AbortHandle>>,
}

/// What passes, and what is lost on the way.
#[derive(Default)]
struct Traffic {
    /// The answer to the next request of this command gets lost.
    lose: Mutex<Option<Command>>,
    requests: Mutex<Vec<String>>,
    /// What Cordon's server tells of addresses, as they are in a request.
    directory: Mutex<Vec<(String, Vec<Certificate>)>>,
    /// With what Cordon's server answers who wants another certificate for a device.
    renewing: Mutex<Option<Holder>>,
}

impl Way {
    pub(super) async fn to(target: SocketAddr, authority: &Holder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let names = vec![AlternativeName::Ip(address.ip())];
        let server = authority.issue("server", Usage::Signature(Purpose::TlsServer), names);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server.key.to_pkcs8().to_vec()));
        let chain = vec![CertificateDer::from(server.certificate.as_der().to_vec())];
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .expect("a good certificate");
        let tls = Arc::new(config).into();
        let way = Self { address, target, tls, traffic: Arc::default(), task: Mutex::default() };
        way.serve(listener);
        way
    }

    /// Cuts every connection and takes no new one.
    pub(super) fn cut(&self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }

    /// Lets the app through again.
    pub(super) async fn mend(&self) {
        self.serve(TcpListener::bind(self.address).await.expect("the port is still free"));
    }

    /// Loses the answer to the next request of a command.
    pub(super) fn lose_answer(&self, command: Command) {
        *self.traffic.lose.lock().unwrap() = Some(command);
    }

    /// Tells certificates of an address, as Cordon's server does beside the mail server.
    pub(super) fn publish(&self, address: &str, certificates: Vec<Certificate>) {
        let entry = (address.replace('@', "%40"), certificates);
        self.traffic.directory.lock().unwrap().push(entry);
    }

    /// Has somebody issue certificates to devices that want another one, as Cordon's server does beside the mail server.
    pub(super) fn renew_by(&self, authority: Holder) {
        *self.traffic.renewing.lock().unwrap() = Some(authority);
    }

    /// Counts the requests of a device for another certificate.
    pub(super) fn renewals(&self) -> usize {
        let requests = self.traffic.requests.lock().unwrap();
        requests.iter().filter(|request| request.starts_with("POST /app/v1/certificate ")).count()
    }

    /// Counts the requests of a command that passed.
    pub(super) fn requests(&self, command: Command) -> usize {
        let wanted = format!("Cmd={}&", command.name());
        let requests = self.traffic.requests.lock().unwrap();
        requests.iter().filter(|request| request.contains(&wanted)).count()
    }

    fn serve(&self, listener: TcpListener) {
        let (tls, target, traffic) = (self.tls.clone(), self.target, Arc::clone(&self.traffic));
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, traffic) = (tls.clone(), Arc::clone(&traffic));
                connections.spawn(async move {
                    let inside = TcpStream::connect(target).await?;
                    traffic.carry(tls.accept(stream).await?, inside).await
                });
            }
        });
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
    }
}

impl Traffic {
    /// Carries bytes both ways until one side ends or an answer gets lost.
    async fn carry(
        &self,
        mut outside: TlsStream<TcpStream>,
        mut inside: TcpStream,
    ) -> std::io::Result<()> {
        let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        let mut losing = false;
        loop {
            tokio::select! {
                read = outside.read(&mut up) => match up.get(..read?) {
                    None | Some([]) => return Ok(()),
                    Some(bytes) => {
                        losing |= self.note(bytes);
                        if let Some(answer) = self.look_up(bytes).or_else(|| self.renew(bytes)) {
                            outside.write_all(answer.as_bytes()).await?;
                            continue;
                        }
                        inside.write_all(bytes).await?;
                    }
                },
                read = inside.read(&mut down) => match down.get(..read?) {
                    None | Some([]) => return Ok(()),
                    Some(_) if losing => return Ok(()),
                    Some(bytes) => outside.write_all(bytes).await?,
                },
            }
        }
    }

    /// Answers a request for certificates.
    fn look_up(&self, bytes: &[u8]) -> Option<String> {
        let wanted = bytes.strip_prefix(b"GET /app/v1/certificates?address=")?;
        let wanted = wanted.split(|byte| *byte == b' ').next()?;
        let directory = self.directory.lock().unwrap();
        let found = directory.iter().filter(|(address, _)| address.as_bytes() == wanted);
        let entry = |one: &Certificate| {
            let der = BASE64.encode(one.as_der());
            format!(r#"{{"certificate":"{der}","origin":"deposited"}}"#)
        };
        let entries: Vec<_> = found.flat_map(|(_, all)| all.iter().map(entry)).collect();
        Some(good_answer(&format!(r#"{{"certificates":[{}]}}"#, entries.join(","))))
    }

    /// Answers a request for another certificate.
    fn renew(&self, bytes: &[u8]) -> Option<String> {
        let request = bytes.strip_prefix(b"POST /app/v1/certificate ")?;
        let request = String::from_utf8_lossy(request);
        let csr = request.split_once(r#"{"csr":""#)?.1.strip_suffix(r#""}"#)?;
        let csr = pki::Request::from_der(&BASE64.decode(csr.as_bytes()).ok()?).ok()?;
        let authority = self.renewing.lock().unwrap();
        let Holder { key, certificate } = authority.as_ref()?;
        let usage = Usage::Signature(Purpose::TlsClient);
        let template = template(DEVICE_ID, csr.public_key(), usage, Vec::new());
        let issued = issue(&template, Some(certificate), key, serial(csr.public_key())).ok()?;
        let der = BASE64.encode(issued.as_der());
        Some(good_answer(&format!(r#"{{"certificate":"{der}"}}"#)))
    }

    /// Notes a request; says whether its answer gets lost.
    fn note(&self, bytes: &[u8]) -> bool {
        let Some(line) =
            bytes.split(|byte| *byte == b'\r').next().filter(|line| line.ends_with(b" HTTP/1.1"))
        else {
            return false;
        };
        let line = String::from_utf8_lossy(line).into_owned();
        let mut lose = self.lose.lock().unwrap();
        let lost =
            lose.take_if(|command| line.contains(&format!("Cmd={}&", command.name()))).is_some();
        self.requests.lock().unwrap().push(line);
        lost
    }
}

/// A certificate with its key.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) key: SoftwareKey,
    pub(super) certificate: Certificate,
}

fn good_answer(body: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
    format!("{head} {}\r\n\r\n{body}", body.len())
}

/// Somebody with a certificate for mail.
pub(super) fn person(authority: &Holder, name: &str, address: &str) -> Holder {
    let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);
    let rsa = SoftwareKey::make_rsa(2048).expect("a key");

    authority.certify(name, rsa, usage, vec![AlternativeName::Email(address.to_owned())])
}

/// As [`person`], whose certificate ended long ago.
pub(super) fn former(authority: &Holder, name: &str, address: &str) -> Holder {
    let year = time::Duration::days(365);
    let now = real_clock();

    person_between(authority, name, address, now - year * 2, now - year)
}

/// As [`person`], with a certificate for this time.
pub(super) fn person_between(
    authority: &Holder,
    name: &str,
    address: &str,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
) -> Holder {
    let key = SoftwareKey::make_rsa(2048).expect("a key");
    let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);
    let names = vec![AlternativeName::Email(address.to_owned())];
    let whole = template(name, key.public_key(), usage, names);
    let template = Template { not_before, not_after, ..whole };
    let serial = serial(key.public_key());
    let certificate = issue(&template, Some(&authority.certificate), &authority.key, serial);
    let certificate = certificate.expect("a certificate");
    drop(template);
    Holder { key, certificate }
}

impl Holder {
    pub(super) fn root() -> Self {
        let key = SoftwareKey::make_p256().expect("a key");
        let template =
            template("root", key.public_key(), Usage::Authority { path_length: 0 }, Vec::new());
        let certificate =
            issue(&template, None, &key, serial(key.public_key())).expect("a certificate");
        drop(template);
        Self { certificate, key }
    }

    pub(super) fn issue(&self, name: &str, usage: Usage, names: Vec<AlternativeName>) -> Self {
        self.certify(name, SoftwareKey::make_p256().expect("a key"), usage, names)
    }

    /// The same, as a certificate file holds it.
    pub(super) fn identity(self) -> Identity {
        let certificate = self.certificate.as_der().to_vec();

        Identity { key: self.key, certificate, chain: Vec::new() }
    }

    fn certify(
        &self,
        name: &str,
        key: SoftwareKey,
        usage: Usage,
        names: Vec<AlternativeName>,
    ) -> Self {
        let template = template(name, key.public_key(), usage, names);
        let issued = issue(&template, Some(&self.certificate), &self.key, serial(key.public_key()));
        let certificate = issued.expect("a certificate");
        drop(template);
        Self { key, certificate }
    }
}

/// Makes a container as a registration would.
pub(super) fn register_with(
    root: &TempDir,
    authority: &Holder,
    server: SocketAddr,
    change: impl FnOnce(&mut Settings),
) {
    register_as(root, authority, server, EAS_ID, change);
}

/// As [`register_with`], of a device of this name to the mail server.
fn register_as(
    root: &TempDir,
    authority: &Holder,
    server: SocketAddr,
    eas_id: &str,
    change: impl FnOnce(&mut Settings),
) {
    let person = person(authority, "Alice", "alice@example.test");
    register_identity(root, authority, server, eas_id, &person.identity(), change);
}

/// As [`register_with`], with a key and certificate that are there already.
pub(super) fn register_holder(
    root: &TempDir,
    authority: &Holder,
    server: SocketAddr,
    identity: &Identity,
    change: impl FnOnce(&mut Settings),
) {
    register_identity(root, authority, server, EAS_ID, identity, change);
}

fn register_identity(
    root: &TempDir,
    authority: &Holder,
    server: SocketAddr,
    eas_id: &str,
    identity: &Identity,
    change: impl FnOnce(&mut Settings),
) {
    let device = authority.issue("device", Usage::Signature(Purpose::TlsClient), Vec::new());
    let signer = authority.issue("portal", Usage::Signature(Purpose::DocumentSigning), Vec::new());
    let mut settings =
        GroupSettings::sensible(&server.to_string()).for_person("alice@example.test", "alice");
    change(&mut settings);
    let document = Document {
        format: policy::FORMAT.to_owned(),
        device: DEVICE_ID.to_owned(),
        group: "all".to_owned(),
        revision: 1,
        changed_at: real_clock(),
        settings,
    };
    let signed =
        SignedDocument::sign(&document, &signer.key, std::slice::from_ref(&signer.certificate));
    let signed = serde_json::to_vec(&signed.expect("good settings")).expect("JSON");
    let record = Record::new(
        &server.to_string(),
        eas_id,
        DEVICE_ID,
        &authority.certificate,
        &device.certificate,
        &device.key.to_pkcs8(),
    );
    let record = record.to_bytes();
    let documents: [(Slot, &[u8]); 3] =
        [(DEVICE, &record), (SETTINGS, &signed), (MAIL_PASSWORD, MAIL.as_bytes())];
    let rules = PasswordRules { minimum_length: 8, ..PasswordRules::default() };
    let password: SecretString = PASSWORD.into();
    let password =
        NewPassword::choose(password.clone(), &password, &rules).expect("a good password");
    let new = NewContainer {
        identity: NewIdentity::Password {
            identity,
            password: &password,
            cost: Cost { memory_kib: 64, passes: 1, iterations: 1000 },
        },
        wrong_passwords: 5,
        documents: &documents,
    };
    let container = Container::at(place(root)).expect("a place");
    container.create(&new).expect("a container").lock();
}

/// Gives the device of a locked container a certificate that ends in so many days of the hundred that it was made for.
pub(super) fn age_device_certificate(root: &TempDir, authority: &Holder, days_left: i64) {
    let key = SoftwareKey::make_p256().expect("a key");
    let usage = Usage::Signature(Purpose::TlsClient);
    let whole = template(DEVICE_ID, key.public_key(), usage, Vec::new());
    let not_after = real_clock() + time::Duration::days(days_left);
    let not_before = not_after - time::Duration::days(100);
    let aged = Template { not_before, not_after, ..whole };
    let serial = serial(key.public_key());
    let aged = issue(&aged, Some(&authority.certificate), &authority.key, serial);
    let aged = aged.expect("a certificate");
    let open = opened(root);
    let record = Record::read(&open.documents()).expect("a registration");
    let record = record.renewed(&aged, &key.to_pkcs8()).to_bytes();
    open.documents().write(DEVICE, &record).expect("the container is open");
    open.lock();
}

/// The certificate of the device of a locked container.
pub(super) fn device_certificate(root: &TempDir) -> Certificate {
    let open = opened(root);
    let record = Record::read(&open.documents()).expect("a registration");
    open.lock();
    record.certificate().expect("a certificate")
}

fn opened(root: &TempDir) -> Open {
    let container = Container::at(place(root)).expect("a place");
    container.open(&PASSWORD.into()).expect("the password is right")
}

/// A password to unlock with.
pub(super) fn by(password: &str) -> Opening {
    Opening::Password(password.into())
}

pub(super) fn open(root: &TempDir) -> App {
    let Place { directory, key_files, device_keys } = place(root);
    let paths = Paths {
        container: directory,
        key_files,
        device_keys,
        card_module: None,
        imports: root.path().join("import"),
        imported: root.path().join("imported.json"),
    };

    App::open(paths, hasty_clock).expect("a container")
}

fn place(root: &TempDir) -> Place {
    Place {
        directory: root.path().join("container"),
        key_files: root.path().join("keys"),
        device_keys: DeviceKeys::KeyFiles,
    }
}

fn template<'a>(
    name: &str,
    key: &'a [u8],
    usage: Usage,
    names: Vec<AlternativeName>,
) -> Template<'a> {
    let now = real_clock();
    Template {
        subject: Subject::new(name),
        public_key: key,
        not_before: now - time::Duration::DAY,
        not_after: now + time::Duration::days(365),
        usage,
        names,
    }
}

fn serial(key: &[u8]) -> Serial {
    let digest: [u8; 32] = Sha256::digest(key).into();
    Serial::from_random(*digest.first_chunk().expect("half a digest"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "TLS compares certificates with the clock of the machine"
)]
pub(super) fn real_clock() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn hasty_clock() -> OffsetDateTime {
    static START: OnceLock<(OffsetDateTime, Instant)> = OnceLock::new();
    let (moment, begun) = START.get_or_init(|| (real_clock(), Instant::now()));
    *moment + begun.elapsed() * HASTE
}

/// The MIME form of a file.
pub(super) fn base64(bytes: &[u8]) -> String {
    BASE64_MIME.encode(bytes)
}
