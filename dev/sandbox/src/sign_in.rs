//! Who somebody is: by name and password, or by a token of an OpenID provider.

use data_encoding::BASE64;
use hyper::header::{AUTHORIZATION, HeaderMap};
use secrecy::ExposeSecret;

use crate::server::{Account, Server};

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing that proves who it is, or the wrong password.
    SignIn,
    /// A token that is none, or that has expired.
    Token,
}

pub(crate) fn account<'a>(server: &'a Server, headers: &HeaderMap) -> Result<&'a Account, Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, credentials) =
        value.and_then(|value| value.split_once(' ')).ok_or(Refusal::SignIn)?;
    let credentials = credentials.trim();
    match &server.options.oauth {
        None if scheme.eq_ignore_ascii_case("Basic") => {
            by_password(server, credentials).ok_or(Refusal::SignIn)
        }
        Some(oauth) if scheme.eq_ignore_ascii_case("Bearer") && !credentials.is_empty() => {
            let names = oauth.names(credentials, server.now()).ok_or(Refusal::Token)?;
            names.iter().find_map(|name| server.account(name)).ok_or(Refusal::Token)
        }
        None | Some(_) => Err(Refusal::SignIn),
    }
}

fn by_password<'a>(server: &'a Server, credentials: &str) -> Option<&'a Account> {
    let credentials = String::from_utf8(BASE64.decode(credentials.as_bytes()).ok()?).ok()?;
    let (user, password) = credentials.split_once(':')?;
    server.account(user).filter(|_| password == server.options.password.expose_secret())
}
