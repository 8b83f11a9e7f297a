//! Vectors of Wycheproof; `tests/data/README.md` says where they are from.

use data_encoding::BASE64;
use serde_json::Value;

/// A signature.
pub(crate) struct Signed {
    pub(crate) name: String,
    /// For example `ecdsa SHA-256`.
    pub(crate) what: String,
    /// DER `SubjectPublicKeyInfo`.
    pub(crate) key: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) result: String,
}

impl Signed {
    /// Compares with the verdict that Wycheproof has.
    #[track_caller]
    pub(crate) fn expect(&self, verified: bool) {
        let right = match self.result.as_str() {
            "valid" => verified,
            "invalid" => !verified,
            "acceptable" => true,
            other => panic!("{other}"),
        };
        assert!(right, "{} should be {}", self.name, self.result);
    }
}

pub(crate) fn signatures() -> Vec<Signed> {
    let groups: Vec<Value> =
        serde_json::from_str(include_str!("../tests/data/wycheproof-signatures.json")).unwrap();
    let mut all = Vec::new();
    for group in &groups {
        all.extend(group["tests"].as_array().unwrap().iter().map(|test| Signed {
            name: format!("{} {}", group["file"], test[0]),
            what: group["what"].as_str().unwrap().to_owned(),
            key: decode(&group["key"]),
            message: decode(&test[1]),
            signature: decode(&test[2]),
            result: test[3].as_str().unwrap().to_owned(),
        }));
    }
    assert_eq!(all.len(), 3328);

    all
}

/// Something encrypted.
pub(crate) struct Encrypted {
    pub(crate) name: String,
    /// For example `gcm 128`.
    pub(crate) what: String,
    pub(crate) key: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
    pub(crate) attributes: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) tag: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) valid: bool,
}

pub(crate) fn encrypted() -> Vec<Encrypted> {
    let groups: Vec<Value> =
        serde_json::from_str(include_str!("../tests/data/wycheproof-ciphers.json")).unwrap();
    let mut all = Vec::new();
    for group in &groups {
        all.extend(group["tests"].as_array().unwrap().iter().map(|test| Encrypted {
            name: format!("{} {}", group["file"], test[0]),
            what: group["what"].as_str().unwrap().to_owned(),
            key: decode(&test[1]),
            nonce: decode(&test[2]),
            attributes: decode(&test[3]),
            content: decode(&test[4]),
            tag: decode(&test[5]),
            message: decode(&test[6]),
            valid: test[7] == "valid",
        }));
    }
    assert_eq!(all.len(), 532);

    all
}

/// A content key that AES wrapped.
pub(crate) struct Wrapped {
    pub(crate) name: String,
    pub(crate) key: Vec<u8>,
    pub(crate) content_key: Vec<u8>,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) valid: bool,
}

pub(crate) fn wrapped() -> Vec<Wrapped> {
    let groups: Vec<Value> =
        serde_json::from_str(include_str!("../tests/data/wycheproof-key-wrap.json")).unwrap();
    let mut all = Vec::new();
    for group in &groups {
        all.extend(group["tests"].as_array().unwrap().iter().map(|test| Wrapped {
            name: format!("{} {}", group["file"], test[0]),
            key: decode(&test[1]),
            content_key: decode(&test[2]),
            wrapped: decode(&test[3]),
            // Keys of eight octets, which OpenSSL does not wrap, are merely acceptable.
            valid: test[4] == "valid",
        }));
    }
    assert_eq!(all.len(), 165);

    all
}

fn decode(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap()
}
