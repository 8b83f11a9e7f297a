//! How a person signs in to the mail server, and what is spoken with it.

use crate::settings::{Violation, check_server};
use serde::{Deserialize, Serialize};

/// How a person signs in to the mail server.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// With a token of an identity provider, where the person signs in with the browser (OAuth 2.0, RFC 6749).
    Oauth,
    /// With the password of the mailbox.
    #[default]
    Password,
}

/// The identity provider and what the app is to it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OauthSettings {
    /// Address of the provider, under which its description lies (OpenID Connect Discovery 1.0). Empty: the one that the mail server
    /// names when it refuses a request.
    pub issuer: String,
    /// The name under which the provider knows the app.
    pub client_id: String,
    /// What is asked of the provider, with blanks between.
    pub scopes: String,
}

/// The newest version of ActiveSync that is spoken with the mail server.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NewestVersion {
    /// The newest that both sides know.
    #[default]
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "12.1")]
    V12_1,
    #[serde(rename = "14.0")]
    V14_0,
    #[serde(rename = "14.1")]
    V14_1,
    #[serde(rename = "16.0")]
    V16_0,
    #[serde(rename = "16.1")]
    V16_1,
}

/// Checks the provider's part of the settings.
pub(crate) fn check_oauth(sign_in: SignIn, oauth: &OauthSettings) -> Vec<Violation> {
    let is_used = sign_in == SignIn::Oauth;
    let checks = [
        ("mail.oauth.issuer", check_issuer(&oauth.issuer)),
        ("mail.oauth.client_id", check_client_id(&oauth.client_id, is_used)),
        ("mail.oauth.scopes", check_scopes(&oauth.scopes)),
    ];
    let violation = |(place, check): (&'static str, Result<(), &str>)| {
        check.err().map(|reason| Violation { place, reason: reason.to_owned() })
    };

    checks.into_iter().filter_map(violation).collect()
}

fn check_issuer(issuer: &str) -> Result<(), &'static str> {
    const REASON: &str = "must be an address that begins with https:// without ? and #, or empty if the mail server names it";

    if issuer.is_empty() {
        return Ok(());
    }
    let rest = issuer.strip_prefix("https://").ok_or(REASON)?;
    let (server, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\\\"<>".contains(&byte);
    if issuer.len() > 512 || !path.bytes().all(is_plain) {
        return Err(REASON);
    }

    check_server(server).map_err(|_| REASON)
}

fn check_client_id(client_id: &str, is_used: bool) -> Result<(), &'static str> {
    if client_id.is_empty() && is_used {
        return Err("must be the name under which the identity provider knows the app");
    }
    if client_id.len() > 256 || !client_id.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err("must be at most 256 ASCII characters");
    }

    Ok(())
}

/// Scopes are words of printable characters but for quotes and backslashes (RFC 6749, 3.3).
fn check_scopes(scopes: &str) -> Result<(), &'static str> {
    let is_scope = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
    if scopes.len() > 1024 || !scopes.bytes().all(is_scope) {
        return Err("must be at most 1024 characters of scopes with blanks between");
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_checked() {
        let oauth = |issuer: &str, client_id: &str, scopes: &str| {
            let oauth = OauthSettings {
                issuer: issuer.to_owned(),
                client_id: client_id.to_owned(),
                scopes: scopes.to_owned(),
            };
            let places = check_oauth(SignIn::Oauth, &oauth).into_iter().map(|one| one.place);
            places.collect::<Vec<_>>().join(" ")
        };
        let scopes = "https://outlook.office.com/EAS.AccessAsUser.All offline_access";
        for (issuer, wrong) in [
            ("", ""),
            ("https://login.example.org", ""),
            ("https://login.example.org:8443/tenant/v2.0", ""),
            ("http://login.example.org", "mail.oauth.issuer"),
            ("https://", "mail.oauth.issuer"),
            ("https://user@login.example.org", "mail.oauth.issuer"),
            ("https://login.example.org/?a=b", "mail.oauth.issuer"),
        ] {
            assert_eq!(oauth(issuer, "app", scopes), wrong, "{issuer}");
        }
        assert_eq!(oauth("", "", ""), "mail.oauth.client_id");
        assert_eq!(oauth("", "app\n", "a\tb"), "mail.oauth.client_id mail.oauth.scopes");
        assert_eq!(check_oauth(SignIn::Password, &OauthSettings::default()), []);
    }
}
