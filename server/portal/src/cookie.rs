//! The cookie that carries a session.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// The prefix makes browsers refuse the cookie unless it is `Secure`, for the path `/`, and for this host alone.
const NAME: &str = "__Host-cordon-console";

/// Finds the token of a session. Of several cookies with this name none counts: somebody else has set one of them.
pub(crate) fn token(headers: &HeaderMap) -> Option<SecretString> {
    let mut tokens = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == NAME)
        .map(|(_, token)| token);
    let token = tokens.next()?;

    tokens.next().is_none().then(|| token.into())
}

/// Hands a token to the browser until it is closed; scripts cannot read it and other sites cannot make it be sent.
pub(crate) fn keep(token: &SecretString) -> Option<HeaderValue> {
    let text =
        format!("{NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict", token.expose_secret());
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);

    Some(value)
}

/// Makes the browser forget the token.
pub(crate) fn forget() -> HeaderValue {
    const FORGET: &str =
        "__Host-cordon-console=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";

    HeaderValue::from_static(FORGET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        check(&["__Host-cordon-console=abc"], Some("abc"));
        check(&["theme=dark; __Host-cordon-console=abc; x=y"], Some("abc"));
        check(&["theme=dark", "__Host-cordon-console=abc"], Some("abc"));
    }

    #[test]
    fn no_cookie_is_no_token() {
        check(&[], None);
        check(&["theme=dark"], None);
        check(&["cordon-console=abc; __host-cordon-console=abc"], None);
        check(&["__Host-cordon-console"], None);
    }

    #[test]
    fn of_two_tokens_none_counts() {
        check(&["__Host-cordon-console=a; __Host-cordon-console=b"], None);
        check(&["__Host-cordon-console=a", "__Host-cordon-console=b"], None);
    }

    #[test]
    fn a_kept_token_stays_with_this_host() {
        let value = keep(&"abc".into()).unwrap();

        assert!(value.is_sensitive());
        assert_eq!(value, "__Host-cordon-console=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
    }

    #[track_caller]
    fn check(cookies: &[&'static str], expected: Option<&str>) {
        let values = cookies.iter().map(|cookie| (COOKIE, HeaderValue::from_static(cookie)));
        let headers: HeaderMap = values.collect();

        assert_eq!(token(&headers).as_ref().map(ExposeSecret::expose_secret), expected);
    }
}
