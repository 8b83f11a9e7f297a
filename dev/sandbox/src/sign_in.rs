//! Who somebody is: by name and password, or by a token of an OpenID provider.

mod introspection;
mod keys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use hyper::header::{AUTHORIZATION, HeaderMap};
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use crate::server::{Account, Server};

pub use introspection::Introspection;
pub use keys::{TokenKeys, TokenKeysError};

/// Whose tokens are taken instead of passwords.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Where refusals send people to sign in.
    pub authorization_uri: String,
    /// Who says whether a token is good, and whose it is.
    pub check: TokenCheck,
}

/// Who says whether a token is good, and whose it is.
#[derive(Debug, Clone)]
pub enum TokenCheck {
    /// The provider, when it is asked (RFC 7662).
    Introspection(Introspection),
    /// The token itself, signed with a key of the provider (RFC 9068).
    Keys(TokenKeys),
}

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// More has to be proved than the token does: JSON of the claims.
    Claims(String),
    /// Nothing that proves who it is, or the wrong password.
    SignIn,
    /// A token that is none, that has expired, or that was taken back.
    Token,
}

/// Tokens that came, and what is wrong with some.
#[derive(Debug, Default)]
pub(crate) struct SeenTokens(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    good: BTreeSet<String>,
    refused: BTreeMap<String, Refusal>,
}

impl SeenTokens {
    /// Refuses every token that has come so far.
    pub(crate) fn refuse(&self, refusal: &Refusal) {
        let mut inside = self.inside();
        for token in std::mem::take(&mut inside.good) {
            inside.refused.insert(token, refusal.clone());
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds the account of whoever asks.
pub(crate) async fn account<'a>(
    server: &'a Server,
    headers: &HeaderMap,
) -> Result<&'a Account, Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, credentials) =
        value.and_then(|value| value.split_once(' ')).ok_or(Refusal::SignIn)?;
    let credentials = credentials.trim();
    match &server.options.tokens {
        None if scheme.eq_ignore_ascii_case("Basic") => {
            by_password(server, credentials).ok_or(Refusal::SignIn)
        }
        Some(tokens) if scheme.eq_ignore_ascii_case("Bearer") && !credentials.is_empty() => {
            by_token(server, tokens, credentials).await
        }
        None | Some(_) => Err(Refusal::SignIn),
    }
}

/// Returns how a refusal says what to sign in with.
pub(crate) fn challenge(server: &Server, refusal: &Refusal) -> String {
    let Some(tokens) = &server.options.tokens else { return "Basic realm=\"Sandbox\"".to_owned() };
    let part = |name: &str, value: &str| format!(", {name}=\"{}\"", value.replace(['"', '\\'], ""));
    let mut challenge =
        format!("Bearer realm=\"Sandbox\"{}", part("authorization_uri", &tokens.authorization_uri));
    if let TokenCheck::Keys(keys) = &tokens.check {
        challenge.push_str(&part("trusted_issuers", keys.issuer()));
    }
    match refusal {
        Refusal::SignIn => {}
        Refusal::Token => challenge.push_str(&part("error", "invalid_token")),
        Refusal::Claims(claims) => {
            challenge.push_str(&part("error", "insufficient_claims"));
            challenge.push_str(&part("claims", &BASE64.encode(claims.as_bytes())));
        }
    }

    challenge
}

async fn by_token<'a>(
    server: &'a Server,
    tokens: &Tokens,
    token: &str,
) -> Result<&'a Account, Refusal> {
    if let Some(refusal) = server.tokens.inside().refused.get(token) {
        return Err(refusal.clone());
    }
    let names = tokens.check.names(token, server.now()).await;
    let account = names.iter().find_map(|name| server.account(name)).ok_or(Refusal::Token)?;
    server.tokens.inside().good.insert(token.to_owned());

    Ok(account)
}

impl TokenCheck {
    /// Returns the names that a token gives to its bearer; none if it is not good now.
    async fn names(&self, token: &str, now: OffsetDateTime) -> Vec<String> {
        match self {
            Self::Introspection(provider) => provider.name(token).await.into_iter().collect(),
            Self::Keys(keys) => keys.names(token, now).unwrap_or_default(),
        }
    }
}

fn by_password<'a>(server: &'a Server, credentials: &str) -> Option<&'a Account> {
    let credentials = String::from_utf8(BASE64.decode(credentials.as_bytes()).ok()?).ok()?;
    let (user, password) = credentials.split_once(':')?;
    server.account(user).filter(|_| password == server.options.password.expose_secret())
}
