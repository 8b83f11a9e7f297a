//! What a server wants to see, from `WWW-Authenticate` (RFC 9110, 11.6.1; RFC 6750, 3).

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// One way to sign in that a server offers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

/// Tells whether a server takes tokens and no passwords.
pub(crate) fn wants_token(headers: &HeaderMap) -> bool {
    let offered = read(headers);

    offered.iter().any(|one| one.is("Bearer")) && !offered.iter().any(|one| one.is("Basic"))
}

/// What a server says about the tokens it takes.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Challenge> {
    read(headers).into_iter().find(|one| one.is("Bearer"))
}

impl Challenge {
    /// Where the authority is that issues tokens.
    pub(crate) fn authorization_uri(&self) -> Option<&str> {
        self.parameter("authorization_uri")
    }

    /// What the person has to prove beyond what the token says, as JSON; only if that is what is wrong with it.
    pub(crate) fn wanted_claims(&self) -> Option<String> {
        if self.parameter("error") != Some("insufficient_claims") {
            return None;
        }
        let text = self.parameter("claims")?.as_bytes();
        let decoded = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD]
            .iter()
            .find_map(|encoding| encoding.decode(text).ok())?;
        let claims = String::from_utf8(decoded).ok()?;
        let is_object = serde_json::from_str::<serde_json::Map<_, _>>(&claims).is_ok();

        is_object.then_some(claims)
    }

    fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));

        found.map(|(_, value)| value.as_str())
    }
}

fn read(headers: &HeaderMap) -> Vec<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());

    texts.flat_map(read_one).collect()
}

/// Reads a header, which may hold several challenges with commas between them and between their parameters.
fn read_one(text: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for item in items(text) {
        let (first, rest) = item.split_once(char::is_whitespace).unwrap_or((item, ""));
        let rest = rest.trim_start();
        // A parameter has its equals sign at once or after blanks; a scheme is followed by blanks and something else.
        let parameter = if first.contains('=') || rest.starts_with('=') {
            item
        } else {
            challenges.push(Challenge { scheme: first.to_owned(), parameters: Vec::new() });
            rest
        };
        if let (Some(challenge), Some((name, value))) =
            (challenges.last_mut(), parameter.split_once('='))
        {
            challenge.parameters.push((name.trim().to_owned(), unquoted(value.trim())));
        }
    }

    challenges
}

/// Splits at commas that are not quoted.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let pieces = text.split(move |character| {
        let splits = character == ',' && !quoted;
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        splits
    });

    pieces.map(str::trim).filter(|piece| !piece.is_empty())
}

fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut escaped = false;
    let kept = inside.chars().filter(|character| {
        escaped = *character == '\\' && !escaped;
        !escaped
    });

    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (WWW_AUTHENTICATE, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn challenges_are_told_apart() {
        insta::assert_debug_snapshot!(
            read_one(r#"Negotiate, Basic realm="a, \"b\" = c", charset=UTF-8 , Bearer realm = "x",error="e", Other dG9rZW4="#)
                .iter()
                .map(|one| format!("{} {:?}", one.scheme, one.parameters))
                .collect::<Vec<_>>(),
            @r#"
        [
            "Negotiate []",
            "Basic [(\"realm\", \"a, \\\"b\\\" = c\"), (\"charset\", \"UTF-8\")]",
            "Bearer [(\"realm\", \"x\"), (\"error\", \"e\")]",
            "Other [(\"dG9rZW4\", \"\")]",
        ]
        "#);
        for junk in ["", ",,", "\"", "=", " = ,", "Bearer =", "a\\\"b,c=\"", "Bearer\u{7f}"] {
            read_one(junk);
        }
    }

    #[test]
    fn a_server_may_take_tokens_alone() {
        for (values, tokens_alone) in [
            (&["Bearer client_id=\"x\""][..], true),
            (&["bearer", "Negotiate"], true),
            (&["Bearer, Basic realm=x"], false),
            (&["Basic realm=\"Bearer\""], false),
            (&[], false),
        ] {
            assert_eq!(wants_token(&headers(values)), tokens_alone, "{values:?}");
        }
    }

    #[test]
    fn what_exchange_says_is_understood() {
        let headers = headers(&[
            r#"Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="x@*", token_types="app_asserted_user_v1", authorization_uri="https://login.example.org/common/oauth2/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#,
        ]);
        let challenge = bearer(&headers).unwrap();
        assert_eq!(
            challenge.authorization_uri(),
            Some("https://login.example.org/common/oauth2/authorize")
        );
        assert_eq!(challenge.wanted_claims().as_deref(), Some(r#"{"access_token":{}}"#));
    }

    #[test]
    fn claims_count_only_as_an_object_and_with_their_error() {
        for value in [
            r#"Bearer claims="e30=""#,
            r#"Bearer error="invalid_token", claims="e30=""#,
            r#"Bearer error="insufficient_claims", claims="WzFd""#,
            r#"Bearer error="insufficient_claims", claims="%""#,
            r#"Bearer error="insufficient_claims""#,
        ] {
            let challenge = bearer(&headers(&[value])).unwrap();
            assert_eq!(challenge.wanted_claims(), None, "{value}");
        }
        let empty = bearer(&headers(&[r#"Bearer error="insufficient_claims", claims="e30""#]));
        assert_eq!(empty.unwrap().wanted_claims().as_deref(), Some("{}"));
    }
}
