//! What of Wycheproof is about keys that decrypt, agree and sign; `data/README.md` says where it is from.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use data_encoding::BASE64;
use keys::raw::{pkcs1_sha256, unpad_oaep, unpad_oaep_with};
use keys::{KeyError, KeyTransport, PrivateKey as _, SignatureAlgorithm, SoftwareKey, pkcs1};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use serde_json::Value;
use zeroize::Zeroizing;

const RSA: &str = include_str!("data/wycheproof-rsa.json");
const ECDH: &str = include_str!("data/wycheproof-ecdh.json");

/// A test with its name and result: `valid`, `invalid`, `acceptable`, or `labelled` for OAEP with a label.
struct Case<'a> {
    name: String,
    key: &'a SoftwareKey,
    input: Vec<u8>,
    message: Vec<u8>,
    result: &'a str,
}

#[test]
fn wycheproof_agrees_on_rsa() {
    let mut tried = 0;
    for group in groups(RSA) {
        let key = SoftwareKey::from_pkcs8(&decode(&group["key"])).unwrap();
        let check: &dyn Fn(&Case<'_>) = match group["what"].as_str().unwrap() {
            "oaep SHA-1" => &|case| oaep(case, KeyTransport::OaepSha1),
            "oaep SHA-256" => &|case| oaep(case, KeyTransport::OaepSha256),
            "oaep SHA-384" => &|case| oaep(case, KeyTransport::OaepSha384),
            "oaep SHA-512" => &|case| oaep(case, KeyTransport::OaepSha512),
            two if two.starts_with("oaep ") => &|case| oaep_with_two_digests(case, two),
            "pkcs1" => &pkcs1,
            "sign" => &sign,
            other => panic!("{other}"),
        };
        for test in group["tests"].as_array().unwrap() {
            check(&Case {
                name: format!("{} {}", group["file"], test[0]),
                key: &key,
                input: decode(&test[1]),
                message: decode(&test[2]),
                result: test[3].as_str().unwrap(),
            });
            tried += 1;
        }
    }
    println!("Wycheproof: {tried} vectors of RSA, {tried} as expected");
    assert_eq!(tried, 943);
}

/// OpenSSL's own unpadding and the one for cards must both agree.
fn oaep(case: &Case<'_>, transport: KeyTransport) {
    let whole = case.key.unwrap(transport, &case.input);
    let by_us = case.key.unwrap(KeyTransport::Raw, &case.input);
    let by_us = by_us.and_then(|block| unpad_oaep(transport, &block));
    for unwrapped in [whole, by_us] {
        judge(case, unwrapped);
    }
}

/// The mask may be made by another digest than the label.
fn oaep_with_two_digests(case: &Case<'_>, what: &str) {
    let digests: Vec<_> = what
        .split(' ')
        .skip(1)
        .map(|name| MessageDigest::from_name(&name.replace('-', "")).unwrap())
        .collect();
    let [digest, mask] = digests[..] else { panic!("{what}") };
    let block = case.key.unwrap(KeyTransport::Raw, &case.input);
    judge(case, block.and_then(|block| unpad_oaep_with(digest, mask, &block)));
}

fn judge(case: &Case<'_>, unwrapped: Result<Zeroizing<Vec<u8>>, KeyError>) {
    match (case.result, unwrapped) {
        ("valid" | "acceptable", Ok(message)) => {
            assert_eq!(message.as_slice(), case.message, "{}", case.name);
        }
        // Nobody writes labels into messages, so none is read.
        ("invalid" | "labelled" | "acceptable", Err(KeyError::Undecipherable)) => {}
        (result, unwrapped) => panic!("{} should be {result}: {unwrapped:?}", case.name),
    }
}

/// A wrong padding gives something, and never what stands in the block.
fn pkcs1(case: &Case<'_>) {
    let block = case.key.unwrap(KeyTransport::Raw, &case.input);
    if case.result == "valid" {
        let block = block.unwrap();
        let message = pkcs1::unpad(&block, case.message.len());
        assert_eq!(message.as_slice(), case.message, "{}", case.name);
        let other = pkcs1::unpad(&block, case.message.len() + 8);
        assert!(!other.ends_with(&case.message) || case.message.is_empty(), "{}", case.name);
        return;
    }
    let Ok(block) = block else { return };
    for length in [16, 24, 32] {
        let message = pkcs1::unpad(&block, length);
        assert_eq!(message.len(), length);
        assert!(!block.ends_with(&message), "{}", case.name);
    }
}

/// The padding made for cards is signed by the bare operation, which is that of decryption.
fn sign(case: &Case<'_>) {
    let algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
    assert_eq!(case.key.sign(algorithm, &case.message).unwrap().0, case.input, "{}", case.name);
    let block = pkcs1_sha256(&case.message, 2048).unwrap();
    let signature = case.key.unwrap(KeyTransport::Raw, &block).unwrap();
    assert_eq!(signature.as_slice(), case.input, "{}", case.name);
}

#[test]
fn wycheproof_agrees_on_ecdh() {
    let mut tried = 0;
    for group in groups(ECDH) {
        let curve = match group["curve"].as_str().unwrap() {
            "secp256r1" => Nid::X9_62_PRIME256V1,
            "secp384r1" => Nid::SECP384R1,
            "secp521r1" => Nid::SECP521R1,
            other => panic!("{other}"),
        };
        for test in group["tests"].as_array().unwrap() {
            let name = format!("{} {}", group["file"], test[0]);
            let key = with_private_number(curve, &decode(&test[2]));
            let (secret, shared) = (key.agree(&decode(&test[1])), decode(&test[3]));
            match (test[4].as_str().unwrap(), secret) {
                ("valid" | "acceptable", Ok(secret)) => {
                    assert_eq!(secret.as_slice(), shared, "{name}");
                }
                ("invalid" | "acceptable", Err(KeyError::Undecipherable)) => {}
                (result, secret) => panic!("{name} should be {result}: {secret:?}"),
            }
            tried += 1;
        }
    }
    println!("Wycheproof: {tried} vectors of ECDH, {tried} as expected");
    assert_eq!(tried, 2117);
}

fn with_private_number(curve: Nid, number: &[u8]) -> SoftwareKey {
    let (group, number) =
        (EcGroup::from_curve_name(curve).unwrap(), BigNum::from_slice(number).unwrap());
    let mut public = EcPoint::new(&group).unwrap();
    public.mul_generator2(&group, &number, &mut BigNumContext::new().unwrap()).unwrap();
    let key = EcKey::from_private_components(&group, &number, &public).unwrap();
    let key = PKey::from_ec_key(key).unwrap().private_key_to_pkcs8().unwrap();

    SoftwareKey::from_pkcs8(&key).unwrap()
}

fn groups(file: &str) -> Vec<Value> {
    serde_json::from_str(file).unwrap()
}

fn decode(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap()
}
