use super::*;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use keys::SoftwareKey;
use pki::validate::Reason;
use pki::{AlternativeName, Purpose, Request, Serial, Template, Usage, issue};
use policy::GroupSettings;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use time::Duration;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);
const LABEL: &str = "cordon-registration/1";

#[tokio::test]
async fn a_device_registers() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);

    let registered = alice.registers(&mut portal).await.unwrap();
    assert_eq!(registered.device, DEVICE);
    assert_eq!(registered.certificate.common_name().as_deref(), Some(DEVICE));
    assert_eq!(registered.authority, portal.authority.certificate);
    assert_eq!(registered.document.settings.mail.address, "alice@example.com");
    assert_eq!(registered.signed.verify(&registered.authority, NOW).unwrap(), registered.document);
}

#[tokio::test]
async fn an_authority_that_is_not_pinned_is_refused() {
    let (portal, mut impostor, alice) = (Portal::new(), Portal::new(), Person::new());
    impostor.invite(&alice);

    let mut link = portal.link();
    link.server = impostor.link().server;
    let distrust = alice.distrusts_at(&mut impostor, &link).await;
    assert_eq!(distrust, Distrust::Authority);
}

fn reason(distrust: Distrust) -> Reason {
    let Distrust::Signer(distrusted) = distrust else { panic!("{distrust:?}") };

    distrusted.fault.reason
}

#[tokio::test]
async fn a_portal_of_another_authority_is_refused() {
    let (mut portal, stranger, alice) = (Portal::new(), Portal::new(), Person::new());
    portal.invite(&alice);
    portal.signer = stranger.signer;

    let distrust = alice.distrusts(&mut portal).await;
    assert!(matches!(reason(distrust), Reason::Signature { .. }));
}

#[tokio::test]
async fn a_device_cannot_pose_as_the_portal() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    portal.signer = portal.authority.issue(
        "device",
        SoftwareKey::make_p256(),
        Usage::Signature(Purpose::TlsClient),
    );

    let distrust = alice.distrusts(&mut portal).await;
    assert_eq!(reason(distrust), Reason::NotFor(Use::DocumentSigning));
}

#[tokio::test]
async fn an_offer_for_another_connection_is_refused() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    portal.exporter_of_client = [2; 32];

    assert_eq!(alice.distrusts(&mut portal).await, Distrust::Signature);
}

#[tokio::test]
async fn an_offer_that_was_changed_is_refused() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    portal.change_offer = |offer| offer["expires_at"] = "2099-01-01T00:00:00Z".into();

    assert_eq!(alice.distrusts(&mut portal).await, Distrust::Signature);
}

#[tokio::test]
async fn a_challenge_for_something_else_is_not_opened_for_anyone() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    let texts: [fn(&Portal) -> Vec<u8>; 4] = [
        |_| b"a mail that somebody intercepted".to_vec(),
        |_| Vec::new(),
        |portal| hashed("challenge", &[9; 32], &portal.secret),
        |portal| hashed("proof", &portal.transcript, &portal.secret),
    ];

    for text in texts {
        portal.challenge = text;
        assert_eq!(alice.distrusts(&mut portal).await, Distrust::Challenge);
        assert_eq!(portal.finishes, 0, "nothing is answered");
    }
}

#[tokio::test]
async fn a_challenge_for_another_person_ends_it() {
    let (mut portal, alice, bob) = (Portal::new(), Person::new(), Person::new());
    portal.invite(&bob);

    let error = alice.registers(&mut portal).await.unwrap_err();
    assert!(matches!(error, RegistrationError::OtherCertificate), "{error:?}");
}

#[tokio::test]
async fn a_refusal_is_passed_on() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.refusal = Some((409, json!({"code": "licence_exhausted", "detail": "no room"})));

    let error = alice.registers(&mut portal).await.unwrap_err();
    let RegistrationError::Refused { code, detail } = error else { panic!("{error:?}") };
    assert_eq!((code.as_str(), detail.as_str()), ("licence_exhausted", "no room"));
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    let (mut portal, alice) = (Portal::new(), Person::new());

    for (status, body) in [(200, json!({})), (502, json!("bad gateway")), (302, json!(null))] {
        portal.refusal = Some((status, body));
        assert_eq!(alice.distrusts(&mut portal).await, Distrust::Form);
    }
}

#[tokio::test]
async fn a_certificate_for_another_key_is_refused() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    portal.device_key = Some(SoftwareKey::make_p256().unwrap());

    assert_eq!(alice.distrusts(&mut portal).await, Distrust::Certificate);
}

#[tokio::test]
async fn settings_for_another_device_are_refused() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    portal.settings_for = "01890a5d-ac96-774b-bcce-ffffffffffff";

    assert_eq!(alice.distrusts(&mut portal).await, Distrust::Settings);
}

#[tokio::test]
async fn a_result_that_was_changed_is_refused() {
    let (mut portal, alice) = (Portal::new(), Person::new());
    portal.invite(&alice);
    portal.change_result = |result| result["device"] = "another".into();

    assert_eq!(alice.distrusts(&mut portal).await, Distrust::Signature);
}

const DEVICE: &str = "01890a5d-ac96-774b-bcce-b302099a8058";

/// A person with a certificate, and the device that they hold.
struct Person {
    key: SoftwareKey,
    certificate: Certificate,
    device_key: SoftwareKey,
}

impl Person {
    fn new() -> Self {
        let company = Holder::root();
        let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);
        let Holder { key, certificate } =
            company.issue("alice", SoftwareKey::make_rsa(2048), usage);

        Self { key, certificate, device_key: SoftwareKey::make_p256().expect("a key") }
    }

    async fn registers(
        &self,
        portal: &mut Portal,
    ) -> Result<Registered, RegistrationError<Infallible>> {
        let link = portal.link();

        self.registers_at(portal, &link).await
    }

    async fn registers_at(
        &self,
        portal: &mut Portal,
        link: &Link,
    ) -> Result<Registered, RegistrationError<Infallible>> {
        let applicant = Applicant {
            link,
            device: DeviceFacts {
                name: Some("Alice's laptop"),
                model: "ThinkPad X1",
                system: "Debian 12",
                app_version: "0.1.0",
                eas_id: "0123456789abcdef0123456789abcdef",
            },
            device_key: &self.device_key,
            person_key: &self.key,
            person: &self.certificate,
            nonce: [5; 32],
        };

        register(portal, &applicant, NOW).await
    }

    async fn distrusts(&self, portal: &mut Portal) -> Distrust {
        let link = portal.link();

        self.distrusts_at(portal, &link).await
    }

    async fn distrusts_at(&self, portal: &mut Portal, link: &Link) -> Distrust {
        match self.registers_at(portal, link).await {
            Err(RegistrationError::Untrusted(distrust)) => distrust,
            other => panic!("trusted: {other:?}"),
        }
    }
}

/// A certificate with its key.
struct Holder {
    key: SoftwareKey,
    certificate: Certificate,
}

impl Holder {
    fn root() -> Self {
        let key = SoftwareKey::make_p256().expect("a key");
        let usage = Usage::Authority { path_length: 0 };
        let template = template("root", key.public_key(), usage);
        let certificate = issue(&template, None, &key, serial(key.public_key()));

        Self { certificate: certificate.expect("a certificate"), key }
    }

    fn issue(&self, name: &str, key: Result<SoftwareKey, keys::MakeError>, usage: Usage) -> Self {
        let key = key.expect("a key");

        Self { certificate: self.certify(name, key.public_key(), usage), key }
    }

    fn certify(&self, name: &str, key: &[u8], usage: Usage) -> Certificate {
        let template = template(name, key, usage);

        issue(&template, Some(&self.certificate), &self.key, serial(key)).expect("a certificate")
    }
}

/// The other end, written from the documentation, with handles to make it lie.
struct Portal {
    authority: Holder,
    signer: Holder,
    person: Option<Certificate>,
    secret: [u8; 32],
    exporter: [u8; 32],
    exporter_of_client: [u8; 32],
    challenge: fn(&Self) -> Vec<u8>,
    change_offer: fn(&mut Value),
    change_result: fn(&mut Value),
    device_key: Option<SoftwareKey>,
    settings_for: &'static str,
    refusal: Option<(u16, Value)>,
    transcript: [u8; 32],
    csr: Vec<u8>,
    finishes: u32,
}

impl Portal {
    fn new() -> Self {
        let authority = Holder::root();
        let usage = Usage::Signature(Purpose::DocumentSigning);

        Self {
            signer: authority.issue("portal", SoftwareKey::make_p256(), usage),
            authority,
            person: None,
            secret: [0xa5; 32],
            exporter: [1; 32],
            exporter_of_client: [1; 32],
            challenge: |portal| hashed("challenge", &portal.transcript, &portal.secret),
            change_offer: |_| {},
            change_result: |_| {},
            device_key: None,
            settings_for: DEVICE,
            refusal: None,
            transcript: [0; 32],
            csr: Vec::new(),
            finishes: 0,
        }
    }

    fn invite(&mut self, person: &Person) {
        self.person = Some(person.certificate.clone());
    }

    fn link(&self) -> Link {
        let code = BASE32_NOPAD.encode(&[3; 16]);
        let pin = BASE64URL_NOPAD.encode(&self.authority.certificate.fingerprint().0);

        Link::parse(&format!("https://cordon.example.com/join#code={code}&pin={pin}"))
            .expect("a link")
    }

    fn start(&mut self, body: &[u8]) -> Value {
        self.transcript = step("start", &self.exporter, body);
        let start: Value = serde_json::from_slice(body).expect("JSON");
        self.csr = BASE64.decode(text(&start["csr"])).expect("base64");
        assert_eq!(BASE64.decode(text(&start["nonce"])).expect("base64"), [5; 32]);
        let person = self.person.as_ref().expect("somebody was invited");
        let fresh = cms::Fresh { key: Zeroizing::new([7; 32]), nonce: [8; 12] };
        let challenge = cms::seal(&(self.challenge)(self), &[person], fresh).expect("it is sealed");
        let mut offer = json!({
            "registration": "01890a5d-ac96-774b-bcce-b302099a8057",
            "nonce": BASE64.encode(&[6; 32]),
            "challenge": BASE64.encode(&challenge),
            "authority": BASE64.encode(self.authority.certificate.as_der()),
            "portal": BASE64.encode(self.signer.certificate.as_der()),
            "expires_at": "2027-03-01T12:05:00Z",
        });
        self.transcript = step("offer", &self.transcript, offer.to_string().as_bytes());
        let signature = self.sign("portal offers");
        (self.change_offer)(&mut offer);

        self.signed("offer", &offer, &signature)
    }

    fn finish(&mut self, body: &[u8]) -> Value {
        self.finishes += 1;
        let finish: Value = serde_json::from_slice(body).expect("JSON");
        let proof = BASE64.decode(text(&finish["proof"])).expect("base64");
        let expected = hmac_sha256(&self.secret, &hashed("proof", &self.transcript, &[]));
        assert_eq!(proof, expected.expect("a code"), "the proof is as documented");
        let request = Request::from_der(&self.csr).expect("a request");
        let usage = Usage::Signature(Purpose::TlsClient);
        let certificate = self.authority.certify(DEVICE, request.public_key(), usage.clone());
        let signature = BASE64.decode(text(&finish["signature"])).expect("base64");
        let signed = hashed("device", &self.transcript, &proof);
        certificate
            .verify(SignatureAlgorithm::EcdsaP256Sha256, &signed, &signature)
            .expect("the device's signature is as documented");
        self.transcript = step("finish", &self.transcript, body);
        let other = self.device_key.as_ref();
        let certificate = other
            .map_or(certificate, |key| self.authority.certify(DEVICE, key.public_key(), usage));
        let mut result = json!({
            "device": DEVICE,
            "certificate": BASE64.encode(certificate.as_der()),
            "settings": self.settings(),
        });
        self.transcript = step("result", &self.transcript, result.to_string().as_bytes());
        let signature = self.sign("portal grants");
        (self.change_result)(&mut result);

        self.signed("result", &result, &signature)
    }

    fn settings(&self) -> SignedDocument {
        let document = Document {
            format: policy::FORMAT.to_owned(),
            device: self.settings_for.to_owned(),
            group: "Everyone".to_owned(),
            revision: 1,
            changed_at: NOW,
            settings: GroupSettings::sensible("mail.example.com")
                .for_person("alice@example.com", "alice"),
        };
        let chain = std::slice::from_ref(&self.signer.certificate);

        SignedDocument::sign(&document, &self.signer.key, chain).expect("it is signed")
    }

    fn sign(&self, label: &str) -> Vec<u8> {
        let message = hashed(label, &self.transcript, &[]);
        let signature = self.signer.key.sign(SignatureAlgorithm::EcdsaP256Sha256, &message);

        signature.expect("the portal signs").0
    }

    fn signed(&self, name: &str, content: &Value, signature: &[u8]) -> Value {
        json!({
            name: BASE64.encode(content.to_string().as_bytes()),
            "algorithm": "ecdsa-p256-sha256",
            "signature": BASE64.encode(signature),
        })
    }
}

impl Connection for Portal {
    type Error = Infallible;

    #[expect(
        clippy::misnamed_getters,
        reason = "the two ends may differ, and this is the client's"
    )]
    fn exporter(&self) -> [u8; 32] {
        self.exporter_of_client
    }

    async fn post(&mut self, path: &str, body: Vec<u8>) -> Result<Answer, Infallible> {
        let (status, answer) = match (self.refusal.clone(), path) {
            (Some(refusal), _) => refusal,
            (None, "/app/v1/registration/start") => (200, self.start(&body)),
            (None, "/app/v1/registration/finish") => (200, self.finish(&body)),
            (None, _) => panic!("no such path: {path}"),
        };

        Ok(Answer { status, body: answer.to_string().into_bytes() })
    }
}

fn template<'a>(name: &str, key: &'a [u8], usage: Usage) -> Template<'a> {
    Template {
        subject: Subject::new(name),
        public_key: key,
        not_before: NOW - Duration::DAY,
        not_after: NOW + Duration::days(365),
        usage,
        names: vec![AlternativeName::Email(format!("{name}@example.com"))],
    }
}

/// Makes a serial number of a public key, so that no two are alike.
fn serial(key: &[u8]) -> Serial {
    let digest = Sha256::digest(key);

    Serial::from_random(digest[..16].try_into().expect("half a digest"))
}

fn step(label: &str, previous: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let bytes: [u8; 32] = Sha256::digest(bytes).into();

    Sha256::digest(hashed(label, previous, &bytes)).into()
}

fn hashed(label: &str, hash: &[u8; 32], rest: &[u8]) -> Vec<u8> {
    [format!("{LABEL} {label}\n").as_bytes(), hash, rest].concat()
}

fn text(value: &Value) -> &[u8] {
    value.as_str().expect("a text").as_bytes()
}
