//! One sign-in in the browser: what ties its parts together (RFC 7636, RFC 9700, OpenID Connect Core 1.0).

use super::form;
use super::loopback::Returned;
use super::provider::{Provider, cut};
use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Random bytes that one sign-in takes.
pub(super) const RANDOM: usize = 96;
/// How far the provider's clock may be ahead or behind.
const CLOCKS_DIFFER: time::Duration = time::Duration::minutes(5);

/// A sign-in on its way.
#[derive(Debug)]
pub(super) struct Attempt {
    /// Ties the browser's return to this sign-in.
    pub(super) state: String,
    /// Ties the id token to this sign-in.
    nonce: String,
    /// Ties the code to this app (PKCE).
    pub(super) verifier: Zeroizing<String>,
    /// Where the browser comes back to.
    pub(super) redirect: String,
}

/// What a sign-in asks for.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) client_id: &'a str,
    pub(super) scopes: &'a str,
    /// Whose sign-in it should be.
    pub(super) address: &'a str,
    /// What a server wants proved in addition, as JSON.
    pub(super) claims: Option<&'a str>,
}

/// Why the browser's return is worth nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReturnError {
    /// Another provider than the one that was asked sent the browser back.
    #[error("the answer comes from another identity provider")]
    OtherProvider,
    /// The provider, or the person, said no.
    #[error("the identity provider refused: {0}")]
    Refused(String),
}

impl Attempt {
    /// Makes the secrets of a sign-in.
    pub(super) fn new(random: &[u8; RANDOM], redirect: String) -> Self {
        let [state, nonce, verifier] = [0, 32, 64].map(|at| {
            let bytes = random.get(at..at + 32).unwrap_or_default();
            BASE64URL_NOPAD.encode(bytes)
        });

        Self { state, nonce, verifier: Zeroizing::new(verifier), redirect }
    }

    /// The address that the browser is sent to.
    pub(super) fn address(&self, provider: &Provider, wanted: &Wanted<'_>) -> String {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier.as_bytes()));
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", wanted.client_id),
            ("redirect_uri", &self.redirect),
            ("scope", wanted.scopes),
            ("state", &self.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("login_hint", wanted.address),
        ];
        if is_openid(wanted.scopes) {
            pairs.push(("nonce", &self.nonce));
        }
        pairs.extend(wanted.claims.map(|claims| ("claims", claims)));
        let endpoint = &provider.authorization_endpoint;
        let separator = if endpoint.contains('?') { '&' } else { '?' };

        format!("{endpoint}{separator}{}", form::write(pairs))
    }

    /// Takes the code out of what the browser brought back, if it comes from the provider that was asked (RFC 9207).
    pub(super) fn code(
        &self,
        provider: &Provider,
        returned: Returned,
    ) -> Result<String, ReturnError> {
        let is_silent = returned.issuer.is_none();
        if returned.issuer.is_some_and(|issuer| issuer != provider.issuer)
            || is_silent && provider.names_itself
        {
            return Err(ReturnError::OtherProvider);
        }
        let refused = || cut(returned.error.as_deref().unwrap_or("no_code"));

        returned.code.ok_or_else(|| ReturnError::Refused(refused()))
    }

    /// Checks that an id token is about this sign-in. Its signature says nothing beyond the connection that it came by, which was
    /// made with the provider itself (OpenID Connect Core 1.0, 3.1.3.7).
    pub(super) fn accepts(
        &self,
        token: &SecretString,
        issuer: &str,
        client_id: &str,
        now: OffsetDateTime,
    ) -> bool {
        let Some(said) = Said::of(token.expose_secret()) else { return false };
        let is_for_us = match &said.aud {
            Audience::One(one) => one == client_id,
            Audience::Many(many) => many.iter().any(|one| one == client_id),
        };
        let ends = OffsetDateTime::from_unix_timestamp(said.exp);

        said.iss == issuer
            && is_for_us
            && said.nonce.as_deref() == Some(self.nonce.as_str())
            && ends.is_ok_and(|ends| ends + CLOCKS_DIFFER > now)
    }
}

/// Tells whether an id token comes along.
fn is_openid(scopes: &str) -> bool {
    scopes.split(' ').any(|scope| scope == "openid")
}

#[derive(Deserialize)]
struct Said {
    iss: String,
    aud: Audience,
    exp: i64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Said {
    fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let bytes = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;

        serde_json::from_slice(&bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_parts_of_a_sign_in_are_independent() {
        let mut random = [0; RANDOM];
        random.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        let attempt = Attempt::new(&random, "http://127.0.0.1:9/signed-in".to_owned());
        assert_eq!((attempt.state.len(), attempt.verifier.len()), (43, 43));
        assert_ne!(attempt.state, attempt.nonce);
        assert_ne!(attempt.state, *attempt.verifier);
    }

    #[test]
    fn an_id_token_of_another_sign_in_is_refused() {
        let attempt = Attempt::new(&[7; RANDOM], String::new());
        let token = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut said = serde_json::json!({
                "iss": "https://login.example.org", "aud": ["other", "app"], "exp": NOW.unix_timestamp() + 60,
                "nonce": attempt.nonce,
            });
            change(&mut said);
            let payload = BASE64URL_NOPAD.encode(said.to_string().as_bytes());
            let token = SecretString::from(format!("e30.{payload}.c2ln"));
            attempt.accepts(&token, "https://login.example.org", "app", NOW)
        };
        assert!(token(&|_| ()));
        assert!(token(&|said| said["aud"] = "app".into()));
        assert!(!token(&|said| said["aud"] = "other".into()));
        assert!(!token(&|said| said["iss"] = "https://evil.example".into()));
        assert!(!token(&|said| said["nonce"] = "x".into()));
        assert!(!token(&|said| said["nonce"] = serde_json::Value::Null));
        assert!(!token(&|said| said["exp"] = (NOW.unix_timestamp() - 600).into()));
        for junk in ["", "a", "a.b.c", "a.e30.c"] {
            assert!(!attempt.accepts(
                &junk.to_owned().into(),
                "https://login.example.org",
                "app",
                NOW
            ));
        }
    }
}
