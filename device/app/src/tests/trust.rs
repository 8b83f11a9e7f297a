//! The person's own certificate, which the settings want to be valid, with lists that `openssl` makes and a web server hands out.

use super::ground::{Ground, Holder, PASSWORD, by, open, register_holder};
use super::protected::{PLAIN, codes, letter, security_of, sign};
use crate::tests::draft;
use crate::{
    App, CertificateFault, ContainerState, Draft, Protect, SendError, SigningFault, UnlockError,
};
use keys::SoftwareKey;
use pki::Certificate;
use pki::cms::Form;
use policy::OwnCertificate;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fresh_list_nobody_signs_in_and_with_one_also_offline() {
    let company = Company::new(OwnCertificate::Fresh).await;
    company.refused(CertificateFault::RevocationUnknown).await;
    assert_eq!(company.lists.asked(), 1);

    company.lists.publish(500);
    company.opens().await;
    assert_eq!(company.lists.asked(), 2);
    company.lists.withdraw();
    company.opens().await;
    assert_eq!(company.lists.asked(), 2, "what is fresh is not fetched again");

    // Its time runs out, by the clock of the tests in a few seconds.
    tokio::time::sleep(Duration::from_secs(14)).await;
    company.refused(CertificateFault::RevocationUnknown).await;
    company.lists.publish(9000);
    company.opens().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_opens_nothing_and_an_unknown_state_does_where_the_settings_allow_it()
{
    let company = Company::new(OwnCertificate::Valid).await;
    company.opens().await;
    company.lists.revoke();
    company.lists.publish(9000);
    company.refused(CertificateFault::Revoked).await;
    company.lists.withdraw();
    company.refused(CertificateFault::Revoked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asks_for_is_not_fetched() {
    let company = Company::new(OwnCertificate::Unchecked).await;
    company.lists.revoke();
    company.lists.publish(9000);
    company.opens().await;
    assert_eq!(company.lists.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_somebody_whose_certificate_was_revoked_does_not_count() {
    let (lists, authority, bob) = Lists::new("Bob").await;
    let ground = Ground::with(&authority, |_| (), |_| ()).await;
    let say = async |subject: &str| {
        let mail = sign(&letter("bob@example.test", subject, PLAIN), &bob, Form::Detached);
        ground.server.deliver("alice", mail).unwrap();
        security_of(&ground, subject).await
    };

    let security = say("Before").await;
    assert!(security.signed && lists.asked() == 1, "{security:?}");
    // Whoever did not answer is left alone for a while, which the clock of the tests makes short.
    lists.revoke();
    lists.publish(9000);
    tokio::time::sleep(Duration::from_secs(16)).await;

    // On a busy machine the list may come after the mail is shown; then it counts when the mail is read again.
    let mut security = say("After").await;
    for _ in 0..20 {
        if !security.signed {
            break;
        }
        security = security_of(&ground, "After").await;
    }
    assert_eq!((security.signed, codes(&security)), (false, vec!["untrusted"]), "{security:?}");
    assert!(security.words.german.join(" ").contains("gesperrt"), "{security:?}");
    assert!(lists.asked() >= 2);
    ground.app.lock().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_with_a_certificate_that_was_revoked() {
    let (lists, authority, alice) = Lists::new("Alice").await;
    lists.publish(9000);
    let mail = sign(&letter("alice@example.test", "To myself", PLAIN), &alice, Form::Detached);
    let ground = Ground::of(&authority, &alice.identity(), |_| (), |_| ()).await;
    let protect = Protect { sign: Some(true), ..Protect::default() };
    let send =
        async || ground.app.send(Draft { protect: protect.clone(), ..draft("Signed") }).await;
    send().await.unwrap();

    // Reading what she signed has the list fetched.
    lists.revoke();
    lists.publish(9000);
    ground.server.deliver("alice", mail).unwrap();
    let mut security = security_of(&ground, "To myself").await;
    for _ in 0..20 {
        if !security.signed {
            break;
        }
        security = security_of(&ground, "To myself").await;
    }
    assert!(!security.signed, "{security:?}");
    let refused = send().await;
    assert!(matches!(refused, Err(SendError::CannotSign(SigningFault::Revoked))), "{refused:?}");
    ground.app.lock().await;
}

/// A device of somebody whose certificate says where the list is.
struct Company {
    lists: Lists,
    app: App,
    _place: TempDir,
}

impl Company {
    async fn new(own: OwnCertificate) -> Self {
        let (lists, authority, person) = Lists::new("Alice").await;
        let place = tempfile::tempdir().unwrap();
        // Cordon's server does not answer: the device is on a journey.
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        register_holder(&place, &authority, nowhere, &person.identity(), |settings| {
            settings.certificates.own = own;
        });

        Self { lists, app: open(&place), _place: place }
    }

    async fn opens(&self) {
        self.app.unlock(by(PASSWORD), None).await.unwrap();
        assert_eq!(self.app.state().container, ContainerState::Open);
        self.app.lock().await;
    }

    async fn refused(&self, expected: CertificateFault) {
        let refused = self.app.unlock(by(PASSWORD), None).await;
        let Err(UnlockError::Certificate { fault, reason }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(fault, expected, "{reason}");
        assert!(reason.contains("CN=Alice"), "{reason}");
        assert_eq!(self.app.state().container, ContainerState::Locked);
    }
}

/// The list of an authority, which a web server hands out once it is published.
struct Lists {
    folder: TempDir,
    list: Arc<Mutex<Option<Vec<u8>>>>,
    asked: Arc<AtomicUsize>,
}

impl Lists {
    /// With the authority, and somebody with a certificate of it.
    async fn new(name: &str) -> (Self, Holder, Holder) {
        let (list, asked) = (Arc::default(), Arc::default());
        let address = serve(Arc::clone(&list), Arc::clone(&asked)).await;
        let extension = format!("crlDistributionPoints=URI:http://{address}/list.crl");
        let (authority, person, folder) = certificates(&extension, name);

        (Self { folder, list, asked }, authority, person)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Makes a list that is valid for so many seconds.
    fn publish(&self, seconds: u32) {
        openssl(
            &self.folder,
            &format!("ca -config ca.cnf -gencrl -crlsec {seconds} -out list.pem"),
        );
        openssl(&self.folder, "crl -in list.pem -outform DER -out list.der");
        let list = std::fs::read(self.folder.path().join("list.der")).unwrap();
        *self.list.lock().unwrap() = Some(list);
    }

    fn withdraw(&self) {
        *self.list.lock().unwrap() = None;
    }

    fn revoke(&self) {
        openssl(&self.folder, "ca -config ca.cnf -revoke person.pem -crl_reason keyCompromise");
    }
}

/// Hands out the list; without one, 404.
async fn serve(list: Arc<Mutex<Option<Vec<u8>>>>, asked: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            assert!(head[..read].starts_with(b"GET /list.crl HTTP/1.1\r\n"));
            asked.fetch_add(1, Ordering::SeqCst);
            let list = list.lock().unwrap().clone();
            let status = if list.is_some() { "200 OK" } else { "404 Not Found" };
            let body = list.unwrap_or_default();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            drop(stream.write_all(&[head.as_bytes(), &body].concat()).await);
        }
    });

    address
}

/// An authority, and somebody with a certificate of it that has such an extension.
pub(super) fn certificates(extension: &str, name: &str) -> (Holder, Holder, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let address = format!("{}@example.test", name.to_lowercase());
    write("index.txt", "");
    write(
        "ca.cnf",
        "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncertificate=root.pem\nprivate_key=root.key\ndefault_md=sha256\n",
    );
    write("ext", &format!("{extension}\nsubjectAltName=email:{address}\n"));
    openssl(
        &folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -subj /CN=Root -days 9",
    );
    openssl(
        &folder,
        "req -new -newkey rsa:2048 -nodes -keyout person.key -out person.csr -subj /CN=Alice",
    );
    openssl(
        &folder,
        "x509 -req -in person.csr -CA root.pem -CAkey root.key -days 9 -set_serial 7 -extfile ext -out person.pem",
    );
    let holder = |name: &str| {
        openssl(
            &folder,
            &format!("pkcs8 -topk8 -nocrypt -in {name}.key -outform DER -out {name}.der"),
        );
        let certificate = std::fs::read_to_string(folder.path().join(format!("{name}.pem")));
        let key = std::fs::read(folder.path().join(format!("{name}.der"))).unwrap();
        Holder {
            certificate: Certificate::from_pem(&certificate.unwrap()).unwrap(),
            key: SoftwareKey::from_pkcs8(&key).unwrap(),
        }
    };

    (holder("root"), holder("person"), folder)
}

pub(super) fn openssl(folder: &TempDir, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder.path())
        .output()
        .expect("the openssl command is installed");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
