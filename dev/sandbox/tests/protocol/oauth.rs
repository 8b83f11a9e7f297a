use activesync::query::Command;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use hyper::StatusCode;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use sandbox::{Fault, Options, Running, Sandbox, TokenCheck, TokenKeys, TokenKeysError, Tokens};
use serde_json::{Value, json};

use crate::client::{Client, now, options};

const ISSUER: &str = "https://login.example.test";
const AUDIENCE: &str = "https://mail.example.test";
const PATH: &str = "/Microsoft-Server-ActiveSync";

/// A provider's keys: one for RS256, one for ES256.
struct Provider {
    rsa: PKey<Private>,
    ec: EcKey<Private>,
}

impl Provider {
    fn new() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        Self { rsa, ec: EcKey::generate(&group).unwrap() }
    }

    fn key_set(&self) -> String {
        let number = |number: &openssl::bn::BigNumRef, length| {
            BASE64URL_NOPAD.encode(&number.to_vec_padded(length).unwrap())
        };
        let rsa = self.rsa.rsa().unwrap();
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let mut context = BigNumContext::new().unwrap();
        let point = self.ec.public_key();
        point.affine_coordinates(self.ec.group(), &mut x, &mut y, &mut context).unwrap();
        json!({ "keys": [
            { "kty": "RSA", "kid": "r", "use": "sig", "n": number(rsa.n(), 256), "e": number(rsa.e(), 3) },
            { "kty": "EC", "kid": "e", "crv": "P-256", "x": number(&x, 32), "y": number(&y, 32) },
            { "kty": "oct", "kid": "o", "k": "AAAA" },
        ]})
        .to_string()
    }

    fn token(&self, algorithm: &str, key: &str, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let header = json!({ "alg": algorithm, "kid": key, "typ": "at+jwt" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = if key == "e" {
            let digest = openssl::sha::sha256(signed.as_bytes());
            let signature = EcdsaSig::sign(&digest, &self.ec).unwrap();
            let half = |number: &openssl::bn::BigNumRef| number.to_vec_padded(32).unwrap();
            [half(signature.r()), half(signature.s())].concat()
        } else {
            let mut signer = Signer::new(MessageDigest::sha256(), &self.rsa).unwrap();
            signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap()
        };
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

fn claims() -> Value {
    let now = now().unix_timestamp();
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": now + 60, "nbf": now - 5 })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

async fn start(provider: &Provider) -> (Running, Client) {
    let keys = TokenKeys::new(ISSUER, AUDIENCE, &provider.key_set()).unwrap();
    let tokens =
        Tokens { authorization_uri: format!("{ISSUER}/authorize"), check: TokenCheck::Keys(keys) };
    let options = Options { tokens: Some(tokens), enforce_policy: false, ..options() };
    let running = Sandbox::start(options).await.unwrap();
    let client = Client::new(&running, "alice");
    (running, client)
}

async fn challenge(client: &Client) -> String {
    let answer = client.send("OPTIONS", PATH, vec![]).await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer.headers["www-authenticate"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_good_tokens_sign_in() {
    let provider = Provider::new();
    let (_running, client) = start(&provider).await;
    let bearing = |token: String| Client { token: Some(token), ..client.clone() };
    for token in [
        provider.token("RS256", "r", &claims()),
        provider.token("ES256", "e", &claims()),
        provider.token("RS256", "r", &with("email", json!("alice@example.test"))),
        provider.token("RS256", "r", &with("aud", json!(["x", AUDIENCE]))),
    ] {
        assert!(!bearing(token).folders("0").await.changes.is_empty());
    }
    let good = provider.token("RS256", "r", &claims());
    let past = now().unix_timestamp() - 1;
    for token in [
        provider.token("RS256", "e", &claims()),
        provider.token("ES256", "r", &claims()),
        provider.token("none", "r", &claims()),
        provider.token("RS256", "other", &claims()),
        Provider::new().token("RS256", "r", &claims()),
        provider.token("RS256", "r", &with("exp", json!(past))),
        provider.token("RS256", "r", &with("exp", Value::Null)),
        provider.token("RS256", "r", &with("nbf", json!(past + 60))),
        provider.token("RS256", "r", &with("iss", json!("https://evil.test"))),
        provider.token("RS256", "r", &with("aud", json!("https://other.test"))),
        provider.token("RS256", "r", &with("sub", json!("mallory"))),
        good.rsplit_once('.').unwrap().0.to_owned(),
        "junk".to_owned(),
        "a.b.c".to_owned(),
    ] {
        assert!(
            challenge(&bearing(token.clone())).await.contains("error=\"invalid_token\""),
            "{token}"
        );
    }
}

#[tokio::test]
async fn refusals_say_where_to_sign_in() {
    let provider = Provider::new();
    let (running, client) = start(&provider).await;
    for stranger in [
        client.clone(),
        Client { user: String::new(), ..client.clone() },
        Client { token: Some(String::new()), ..client.clone() },
    ] {
        let challenge = challenge(&stranger).await;
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert!(challenge.contains("authorization_uri=\"https://login.example.test/authorize\""));
        assert!(!challenge.contains("error="), "{challenge}");
    }
    let client = Client { token: Some(provider.token("RS256", "r", &claims())), ..client };
    let wanted = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let fault = Fault::DemandClaims { claims: wanted.to_owned() };
    running.fail_next("alice", Some(Command::FolderSync), fault).unwrap();
    let answer = client.try_post(Command::FolderSync, vec![]).await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let told = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(told.contains("error=\"insufficient_claims\""), "{told}");
    let claims = told.split_once("claims=\"").unwrap().1.split('"').next().unwrap();
    assert_eq!(BASE64.decode(claims.as_bytes()).unwrap(), wanted.as_bytes());
    assert!(!client.folders("0").await.changes.is_empty());
}

#[test]
fn keys_that_check_nothing_are_an_error() {
    let keys = |text: &str| TokenKeys::new(ISSUER, AUDIENCE, text).map(|_| ());
    assert!(matches!(keys("junk"), Err(TokenKeysError::Unreadable(_))));
    assert!(matches!(keys(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#), Err(TokenKeysError::NoKey)));
    assert!(matches!(keys("{}"), Err(TokenKeysError::NoKey)));
}
