//! Tokens that say whose they are: JSON Web Tokens (RFC 9068), checked with keys that are known beforehand (RFC 7517).

use data_encoding::BASE64URL_NOPAD;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use serde_json::Value;
use time::OffsetDateTime;

/// Claims in which a token may name an account, in the order in which they are looked at.
const NAMES: [&str; 4] = ["email", "upn", "preferred_username", "sub"];

/// The keys of a provider, and what its tokens have to say.
#[derive(Debug, Clone)]
pub struct TokenKeys {
    issuer: String,
    audience: String,
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: PKey<Public>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Es256,
    Rs256,
}

/// The keys of an OpenID provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeysError {
    /// There is none for RS256 or ES256.
    #[error("the key set has no key for RS256 or ES256")]
    NoKey,
    /// It is no key set.
    #[error("the key set is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl TokenKeys {
    /// Takes tokens of `issuer` for `audience` that are signed with a key of `keys`, a JSON Web Key Set.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: &str,
    ) -> Result<Self, TokenKeysError> {
        let set: Value = serde_json::from_str(keys)?;
        let list = set.get("keys").and_then(Value::as_array).into_iter().flatten();
        let keys: Vec<_> = list.filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(TokenKeysError::NoKey);
        }
        Ok(Self { issuer: issuer.into(), audience: audience.into(), keys })
    }

    /// Returns whose tokens are taken.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the names that a token gives to its bearer; `None` if it is not good now.
    pub(super) fn names(&self, token: &str, now: OffsetDateTime) -> Option<Vec<String>> {
        let claims = self.claims(token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let moment = |name: &str| claims.get(name).and_then(Value::as_i64);
        let now = now.unix_timestamp();
        let for_us = match claims.get("aud")? {
            Value::String(audience) => *audience == self.audience,
            Value::Array(list) => {
                list.iter().any(|one| one.as_str() == Some(self.audience.as_str()))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
        };
        let good = text("iss") == Some(self.issuer.as_str())
            && for_us
            && moment("exp").is_some_and(|end| now < end)
            && moment("nbf").is_none_or(|start| start <= now);
        good.then(|| NAMES.iter().filter_map(|name| text(name)).map(str::to_owned).collect())
    }

    /// Returns what a token says if one of the keys has signed it.
    fn claims(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).ok();
        let header: Value = serde_json::from_slice(&part(header)?).ok()?;
        let algorithm = Algorithm::from_name(header.get("alg")?.as_str()?)?;
        let id = header.get("kid").and_then(Value::as_str);
        let signature = part(signature)?;
        let fits = |key: &&Key| {
            key.algorithm == algorithm
                && (id.is_none() || key.id.as_deref().is_none_or(|known| Some(known) == id))
        };
        let mut fitting = self.keys.iter().filter(fits);
        fitting
            .any(|key| key.verifies(signed.as_bytes(), &signature).unwrap_or(false))
            .then(|| serde_json::from_slice(&part(claims)?).ok())?
    }
}

impl Algorithm {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

impl Key {
    /// Reads a key of a set; `None` for other kinds and for those that are not for signing.
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let number = |name: &str| {
            let bytes =
                BASE64URL_NOPAD.decode(text(name)?.trim_end_matches('=').as_bytes()).ok()?;
            BigNum::from_slice(&bytes).ok()
        };
        let (algorithm, key) = match text("kty")? {
            "RSA" => {
                let key = Rsa::from_public_components(number("n")?, number("e")?).ok()?;
                (Algorithm::Rs256, PKey::from_rsa(key).ok()?)
            }
            "EC" if text("crv") == Some("P-256") => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok()?;
                let (x, y) = (number("x")?, number("y")?);
                let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y).ok()?;
                (Algorithm::Es256, PKey::from_ec_key(key).ok()?)
            }
            _ => return None,
        };
        Some(Self { id: text("kid").map(str::to_owned), algorithm, key })
    }

    fn verifies(&self, signed: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
        let mut verifier = Verifier::new(MessageDigest::sha256(), &self.key)?;
        match self.algorithm {
            Algorithm::Rs256 => verifier.verify_oneshot(signature, signed),
            Algorithm::Es256 => {
                let Some((r, s)) = signature.split_at_checked(32).filter(|(_, s)| s.len() == 32)
                else {
                    return Ok(false);
                };
                let (r, s) = (BigNum::from_slice(r)?, BigNum::from_slice(s)?);
                let der = EcdsaSig::from_private_components(r, s)?.to_der()?;
                verifier.verify_oneshot(&der, signed)
            }
        }
    }
}
