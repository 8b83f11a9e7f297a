//! The app's side of a registration, step by step, with everything open to be exchanged.

use crate::company::{Answer, Company, Line, Person};
use data_encoding::BASE64;
use keys::{PrivateKey as _, SignatureAlgorithm, SoftwareKey};
use pki::validate::{Inputs, Use, validate};
use pki::{Certificate, Subject, cms, make_request};
use policy::{Document, SignedDocument};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A device with its key.
pub(crate) struct Device {
    pub(crate) key: SoftwareKey,
    pub(crate) eas_id: String,
}

/// A registration that has begun.
#[derive(Clone)]
pub(crate) struct Begun {
    pub(crate) registration: String,
    pub(crate) challenge: Vec<u8>,
    pub(crate) started: [u8; 32],
    pub(crate) offered: [u8; 32],
    pub(crate) portal: Certificate,
}

/// A device in service.
pub(crate) struct Registered {
    pub(crate) id: String,
    pub(crate) certificate: Certificate,
    pub(crate) document: Document,
}

impl Device {
    pub(crate) fn new(number: u8) -> Self {
        let key = SoftwareKey::make_p256().expect("a key");

        Self { key, eas_id: format!("{number:032x}") }
    }

    pub(crate) fn start_form(&self, code: &str) -> Value {
        let csr = make_request(&Subject::new("root"), &self.key).expect("a request");

        json!({
            "code": code,
            "device": {
                "name": "Alice's laptop",
                "model": "ThinkPad X1",
                "system": "Debian 12",
                "app_version": "0.1.0",
            },
            "eas_id": self.eas_id,
            "csr": BASE64.encode(&csr),
            "nonce": BASE64.encode(&[5; 32]),
        })
    }

    /// Sends the first request; the answer is returned as it is.
    pub(crate) async fn tries_to_start(&self, line: &Line, code: &str) -> Answer {
        line.post("/app/v1/registration/start", self.start_form(code).to_string()).await
    }

    /// Sends the first request and checks all that the app has to check of the offer.
    pub(crate) async fn starts(&self, company: &Company, line: &Line, code: &str) -> Begun {
        let body = self.start_form(code).to_string();
        let answer = line.post("/app/v1/registration/start", body.clone()).await;
        assert_eq!(answer.status, 200, "{answer}");
        let started = hash("start", &line.exporter(), body.as_bytes());
        let (offer, signed, bytes) = opened(&answer, "offer");
        let offered = hash("offer", &started, &bytes);
        let authority = company.operations.authority().issuer().certificate();
        assert_eq!(binary(&offer["authority"]), authority.as_der());
        let portal = Certificate::from_der(&binary(&offer["portal"])).expect("a certificate");
        let anchors = std::slice::from_ref(authority);
        let now = company.operations.now();
        validate(&portal, &Inputs::new(anchors, now, Use::DocumentSigning)).expect("trusted");
        check(&portal, &signed, &text("portal offers", &offered, b""));
        assert_eq!(binary(&offer["nonce"]).len(), 32);

        Begun {
            registration: offer["registration"].as_str().expect("a name").to_owned(),
            challenge: binary(&offer["challenge"]),
            started,
            offered,
            portal,
        }
    }

    /// Makes the second request.
    pub(crate) fn finish_form(&self, begun: &Begun, person: &Person) -> Value {
        let secret = begun.secret(person);

        self.answer_form(begun, &secret)
    }

    /// Makes the second request with a secret that may be a wrong one.
    pub(crate) fn answer_form(&self, begun: &Begun, secret: &[u8]) -> Value {
        let proof = hmac(secret, &text("proof", &begun.offered, b""));
        let signed = text("device", &begun.offered, &proof);
        let signature = self.key.sign(SignatureAlgorithm::EcdsaP256Sha256, &signed);

        json!({
            "registration": begun.registration,
            "proof": BASE64.encode(&proof),
            "signature": BASE64.encode(&signature.expect("a signature").0),
        })
    }

    /// Does everything, and checks everything that the app has to check.
    pub(crate) async fn registers(
        &self,
        company: &Company,
        line: &Line,
        person: &Person,
    ) -> Registered {
        let (_, code) = company.invite(person).await;
        let begun = self.starts(company, line, &code).await;
        let body = self.finish_form(&begun, person).to_string();
        let answer = line.post("/app/v1/registration/finish", body.clone()).await;
        assert_eq!(answer.status, 200, "{answer}");

        self.is_granted(company, &begun, &body, &answer)
    }

    fn is_granted(
        &self,
        company: &Company,
        begun: &Begun,
        body: &str,
        answer: &Answer,
    ) -> Registered {
        let finished = hash("finish", &begun.offered, body.as_bytes());
        let (result, signed, bytes) = opened(answer, "result");
        let granted = hash("result", &finished, &bytes);
        check(&begun.portal, &signed, &text("portal grants", &granted, b""));
        let authority = company.operations.authority().issuer().certificate();
        let anchors = std::slice::from_ref(authority);
        let now = company.operations.now();
        let certificate = Certificate::from_der(&binary(&result["certificate"])).expect("one");
        validate(&certificate, &Inputs::new(anchors, now, Use::TlsClient)).expect("trusted");
        assert_eq!(certificate.public_key(), self.key.public_key());
        let settings: SignedDocument =
            serde_json::from_value(result["settings"].clone()).expect("settings");

        Registered {
            id: result["device"].as_str().expect("an id").to_owned(),
            certificate,
            document: settings.verify(authority, now).expect("signed settings"),
        }
    }
}

impl Begun {
    /// Opens the challenge with the key of a person.
    pub(crate) fn secret(&self, person: &Person) -> Vec<u8> {
        let opened = cms::open(&self.challenge, &person.key, &person.certificate);
        let opened = opened.expect("the challenge opens");
        let secret = opened.strip_prefix(text("challenge", &self.started, b"").as_slice());

        secret.expect("the challenge belongs to this registration").to_vec()
    }
}

pub(crate) fn binary(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().expect("a text").as_bytes()).expect("base64")
}

/// Computes HMAC-SHA-256 (RFC 2104).
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::digest([&block.map(|byte| byte ^ 0x36), message].concat());

    Sha256::digest([&block.map(|byte| byte ^ 0x5c), inner.as_slice()].concat()).to_vec()
}

fn opened(answer: &Answer, name: &str) -> (Value, Value, Vec<u8>) {
    let signed = answer.json();
    let bytes = binary(&signed[name]);

    (serde_json::from_slice(&bytes).expect("JSON"), signed, bytes)
}

fn check(portal: &Certificate, signed: &Value, message: &[u8]) {
    assert_eq!(signed["algorithm"], "ecdsa-p256-sha256");
    let algorithm = SignatureAlgorithm::EcdsaP256Sha256;
    let signature = binary(&signed["signature"]);

    portal.verify(algorithm, message, &signature).expect("the portal's signature fits");
}

fn hash(label: &str, previous: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(text(label, previous, &Sha256::digest(bytes))).into()
}

fn text(label: &str, hash: &[u8; 32], rest: &[u8]) -> Vec<u8> {
    [format!("cordon-registration/1 {label}\n").as_bytes(), hash, rest].concat()
}
