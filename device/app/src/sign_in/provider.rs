//! The identity provider: where its ends are, and what it answers (OpenID Connect Discovery 1.0, RFC 8414, RFC 6749).

use super::form;
use crate::http::{Client, Endpoint, Request, Response, Trust};
use crate::portal::AGENT;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;
use zeroize::Zeroizing;

const DESCRIPTION: &str = "/.well-known/openid-configuration";
const PATIENCE: Duration = Duration::from_secs(20);
const LARGEST: usize = 256 * 1024;

/// A provider, as it describes itself.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    token: Endpoint,
    revocation: Option<Endpoint>,
    /// It names itself where it sends the browser back to (RFC 9207).
    pub(super) names_itself: bool,
}

/// Tokens fresh from the provider.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access_token: SecretString,
    /// Seconds.
    pub(super) expires_in: Option<i64>,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) id_token: Option<SecretString>,
}

/// Why the provider gave no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderError {
    /// It refused, with a code of the standard.
    #[error("the identity provider refused: {code}{}", .detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    Refused {
        /// Its code.
        code: String,
        /// What it says about it.
        detail: Option<String>,
    },
    /// It, or what it says, cannot be used.
    #[error("the identity provider cannot be used: {0}")]
    Unfit(String),
    /// It does not answer.
    #[error("the identity provider does not answer: {0}")]
    Unreachable(String),
}

#[derive(Deserialize)]
struct Description {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
}

/// An answer with tokens (RFC 6749, 5.1).
#[derive(Deserialize)]
struct Given {
    access_token: String,
    token_type: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

impl Provider {
    /// Asks a provider to describe itself.
    pub(super) async fn discover(issuer: &str, trust: &Trust) -> Result<Self, ProviderError> {
        let issuer = issuer.trim_end_matches('/');
        let place = endpoint(&format!("{issuer}{DESCRIPTION}"), "its address")?;
        let answer = ask(&place, Method::GET, String::new(), trust).await?;
        if !answer.status.is_success() {
            let said = answer.status.as_u16();
            return Err(ProviderError::Unfit(format!("{issuer}{DESCRIPTION} answers {said}")));
        }
        let description: Description = serde_json::from_slice(&answer.body)
            .map_err(|error| ProviderError::Unfit(format!("its description: {error}")))?;

        Self::described(issuer, description)
    }

    fn described(issuer: &str, description: Description) -> Result<Self, ProviderError> {
        // Whoever describes another provider wants our codes sent elsewhere (RFC 8414, 3.3).
        if description.issuer.trim_end_matches('/') != issuer {
            let claimed = description.issuer;
            return Err(ProviderError::Unfit(format!("{issuer} calls itself {claimed}")));
        }
        let methods = description.code_challenge_methods_supported;
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(ProviderError::Unfit("it does not know PKCE with S256".to_owned()));
        }
        endpoint(&description.authorization_endpoint, "authorization_endpoint")?;
        let revocation = description.revocation_endpoint.as_deref();

        Ok(Self {
            token: endpoint(&description.token_endpoint, "token_endpoint")?,
            revocation: revocation.map(|url| endpoint(url, "revocation_endpoint")).transpose()?,
            issuer: description.issuer,
            authorization_endpoint: description.authorization_endpoint,
            names_itself: description.authorization_response_iss_parameter_supported,
        })
    }

    /// Asks for tokens.
    pub(super) async fn tokens(
        &self,
        parameters: &[(&str, &str)],
        trust: &Trust,
    ) -> Result<Tokens, ProviderError> {
        let form = form::write(parameters.iter().copied());
        let answer = ask(&self.token, Method::POST, form, trust).await?;
        if !answer.status.is_success() {
            return Err(refusal(&answer));
        }
        // Not the parser's words, which may quote a token.
        let given: Given = serde_json::from_slice(&answer.body)
            .map_err(|_| ProviderError::Unfit("its tokens cannot be read".to_owned()))?;
        if !given.token_type.eq_ignore_ascii_case("Bearer") {
            let kind = cut(&given.token_type);
            return Err(ProviderError::Unfit(format!("it gives tokens of the kind {kind}")));
        }

        Ok(Tokens {
            access_token: given.access_token.into(),
            expires_in: given.expires_in,
            refresh_token: given.refresh_token.map(SecretString::from),
            id_token: given.id_token.map(SecretString::from),
        })
    }

    /// Takes a token out of use (RFC 7009); says whether the provider did so.
    pub(super) async fn revoke(&self, parameters: &[(&str, &str)], trust: &Trust) -> bool {
        let Some(revocation) = &self.revocation else { return false };
        let form = form::write(parameters.iter().copied());
        let answer = ask(revocation, Method::POST, form, trust).await;

        answer.is_ok_and(|answer| answer.status.is_success())
    }
}

async fn ask(
    place: &Endpoint,
    method: Method,
    form: String,
    trust: &Trust,
) -> Result<Response, ProviderError> {
    // No certificate of the device: it is none of the provider's business.
    let client = Client::new(place.address.clone(), trust, None)
        .map_err(|error| ProviderError::Unfit(error.to_string()))?;
    let form = Zeroizing::new(form);
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if !form.is_empty() {
        let urlencoded = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, urlencoded);
    }
    let request = Request {
        method,
        path: place.path.clone(),
        headers,
        body: Bytes::copy_from_slice(form.as_bytes()),
        within: PATIENCE,
        largest: LARGEST,
    };

    client
        .send(request)
        .await
        .map_err(|error| ProviderError::Unreachable(crate::enrol::chain(&error)))
}

fn endpoint(url: &str, name: &str) -> Result<Endpoint, ProviderError> {
    Endpoint::parse(url).map_err(|error| ProviderError::Unfit(format!("{name}: {error}")))
}

/// Reads a refusal (RFC 6749, 5.2).
fn refusal(answer: &Response) -> ProviderError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
        error_description: Option<String>,
    }

    match serde_json::from_slice::<Refusal>(&answer.body) {
        Ok(Refusal { error, error_description }) if answer.status.is_client_error() => {
            ProviderError::Refused {
                code: cut(&error),
                detail: error_description.as_deref().map(cut),
            }
        }
        Ok(_) | Err(_) => ProviderError::Unreachable(format!("it answers {}", answer.status)),
    }
}

/// A foreign text as far as it is shown.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(200).collect()
}

/// Where the description may lie of the authority that a mail server names.
pub(super) fn issuers_of(authorization_uri: &str) -> Vec<String> {
    let plain =
        authorization_uri.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if let Some(base) = plain.strip_suffix("/oauth2/v2.0/authorize") {
        return vec![format!("{base}/v2.0")];
    }
    if let Some(base) = plain.strip_suffix("/oauth2/authorize") {
        return vec![format!("{base}/v2.0"), base.to_owned()];
    }
    let base = plain.rsplit_once('/').map(|(base, _)| base.to_owned());

    std::iter::once(plain.to_owned())
        .chain(base.filter(|base| base.len() > "https://".len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(change: impl FnOnce(&mut serde_json::Value)) -> Result<Provider, String> {
        let mut json = serde_json::json!({
            "issuer": "https://login.example.org/tenant",
            "authorization_endpoint": "https://login.example.org/auth?a=b",
            "token_endpoint": "https://tokens.example.org/token",
        });
        change(&mut json);
        let description = serde_json::from_value(json).unwrap();

        Provider::described("https://login.example.org/tenant", description)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_a_provider_that_describes_itself_is_used() {
        let provider = description(|_| ()).unwrap();
        assert_eq!(provider.token.address.to_string(), "tokens.example.org");
        let refused = [
            description(|it| it["issuer"] = "https://evil.example".into()),
            description(|it| it["token_endpoint"] = "http://login.example.org/token".into()),
            description(|it| it["authorization_endpoint"] = "javascript:alert(1)".into()),
            description(|it| it["revocation_endpoint"] = "/revoke".into()),
            description(|it| it["code_challenge_methods_supported"] = serde_json::json!(["plain"])),
        ];
        let refused: Vec<_> = refused.into_iter().map(Result::unwrap_err).collect();
        insta::assert_snapshot!(refused.join("\n"), @"
        the identity provider cannot be used: https://login.example.org/tenant calls itself https://evil.example
        the identity provider cannot be used: token_endpoint: it does not begin with https://
        the identity provider cannot be used: authorization_endpoint: it does not begin with https://
        the identity provider cannot be used: revocation_endpoint: it does not begin with https://
        the identity provider cannot be used: it does not know PKCE with S256
        ");
    }

    #[test]
    fn an_authority_leads_to_its_description() {
        for (uri, issuers) in [
            (
                "https://login.example.org/t/oauth2/authorize",
                &["https://login.example.org/t/v2.0", "https://login.example.org/t"][..],
            ),
            (
                "https://login.example.org/t/oauth2/v2.0/authorize?x",
                &["https://login.example.org/t/v2.0"],
            ),
            (
                "https://login.example.org/auth",
                &["https://login.example.org/auth", "https://login.example.org"],
            ),
            ("https://login.example.org", &["https://login.example.org"]),
        ] {
            assert_eq!(issuers_of(uri), issuers, "{uri}");
        }
    }
}
