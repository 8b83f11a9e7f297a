//! The person's own certificate, of which a responder tells by OCSP how it stands: `openssl`, behind a web server.

use super::ground::{PASSWORD, by, open, register_holder};
use super::trust::{certificates, openssl};
use crate::{App, CertificateFault, ContainerState, UnlockError};
use policy::OwnCertificate;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const GOOD: &str = "V\t401231235959Z\t\t07\tunknown\t/CN=Alice\n";
const REVOKED: &str = "R\t401231235959Z\t260101000000Z\t07\tunknown\t/CN=Alice\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_responder_is_asked_anew_and_what_it_said_is_kept() {
    let company = Company::new().await;
    company.opens().await;
    company.opens().await;
    assert_eq!(company.responder.asked.load(Ordering::SeqCst), 1, "its answer is good for a while");

    let company = Company::new().await;
    company.responder.knows(REVOKED);
    company.refused(CertificateFault::Revoked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_another_question_does_not_count() {
    let company = Company::new().await;
    let recorded = company.responder.record("-nonce");
    company.responder.knows(REVOKED);
    company.responder.repeats(recorded);
    company.refused(CertificateFault::RevocationUnknown).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_signed_ahead_counts() {
    let company = Company::new().await;
    let recorded = company.responder.record("-no_nonce");
    company.responder.repeats(recorded);
    company.opens().await;
}

/// A device on a journey, of somebody whose certificate names the responder.
struct Company {
    responder: Responder,
    app: App,
    _place: TempDir,
}

impl Company {
    async fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let extension = format!("authorityInfoAccess=OCSP;URI:http://{address}/ocsp");
        let (authority, person, folder) = certificates(&extension, "Alice");
        let (folder, recorded, asked) = (Arc::new(folder), Arc::default(), Arc::default());
        let responder = Responder { folder, recorded, asked };
        responder.knows(GOOD);
        tokio::spawn(responder.clone().serve(listener));
        let place = tempfile::tempdir().unwrap();
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        register_holder(&place, &authority, nowhere, &person.identity(), |settings| {
            settings.certificates.own = OwnCertificate::Fresh;
        });

        Self { responder, app: open(&place), _place: place }
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
    }
}

#[derive(Clone)]
struct Responder {
    folder: Arc<TempDir>,
    /// What it says whatever it is asked.
    recorded: Arc<Mutex<Option<Vec<u8>>>>,
    asked: Arc<AtomicUsize>,
}

impl Responder {
    fn knows(&self, index: &str) {
        std::fs::write(self.folder.path().join("known.txt"), index).unwrap();
    }

    fn repeats(&self, recorded: Vec<u8>) {
        *self.recorded.lock().unwrap() = Some(recorded);
    }

    /// Returns what it says when somebody else asks.
    fn record(&self, nonce: &str) -> Vec<u8> {
        let ask = format!("ocsp -issuer root.pem -cert person.pem {nonce} -reqout question.der");
        openssl(&self.folder, &ask);

        self.answer(&std::fs::read(self.folder.path().join("question.der")).unwrap())
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let path = |name: &str| self.folder.path().join(name);
        std::fs::write(path("question.der"), question).unwrap();
        openssl(
            &self.folder,
            "ocsp -index known.txt -CA root.pem -rsigner root.pem -rkey root.key -reqin question.der -ndays 1 -respout answer.der",
        );

        std::fs::read(path("answer.der")).unwrap()
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let question = read(&mut stream).await;
            self.asked.fetch_add(1, Ordering::SeqCst);
            let recorded = self.recorded.lock().unwrap().clone();
            let body = recorded.unwrap_or_else(|| self.answer(&question));
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            drop(stream.write_all(&[head.as_bytes(), &body].concat()).await);
        }
    }
}

/// Reads the body of a POST.
async fn read(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut part).await.unwrap();
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else {
            assert!(read > 0, "{text}");
            continue;
        };
        assert!(text.starts_with("post /ocsp http/1.1\r\n"), "{text}");
        let length = text.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split('\r').next().unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            return bytes.split_off(end + 4);
        }
    }
}
