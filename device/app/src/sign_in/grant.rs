//! What stays of a sign-in: the refresh token, in the container.

use policy::OauthSettings;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A sign-in that can be used again, and only with the provider and under the name that it was made with.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) refresh_token: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    issuer: String,
    client_id: String,
    refresh_token: String,
}

#[derive(Serialize)]
struct Written<'a> {
    issuer: &'a str,
    client_id: &'a str,
    refresh_token: &'a str,
}

impl Grant {
    /// Reads the stored form; nothing if it is none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let Read { issuer, client_id, refresh_token } = serde_json::from_slice(bytes).ok()?;

        Some(Self { issuer, client_id, refresh_token: refresh_token.into() })
    }

    /// The form in which it is stored.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let written = Written {
            issuer: &self.issuer,
            client_id: &self.client_id,
            refresh_token: self.refresh_token.expose_secret(),
        };

        Zeroizing::new(serde_json::to_vec(&written).expect("texts can be written as JSON"))
    }

    /// Tells whether the settings still name this provider and this name.
    pub(super) fn is_for(&self, oauth: &OauthSettings) -> bool {
        let same_issuer = oauth.issuer.is_empty()
            || oauth.issuer.trim_end_matches('/') == self.issuer.trim_end_matches('/');

        same_issuer && oauth.client_id == self.client_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let grant = Grant {
            issuer: "https://login.example.org/t".to_owned(),
            client_id: "app".to_owned(),
            refresh_token: "secret".to_owned().into(),
        };
        let bytes = grant.to_bytes();
        insta::assert_snapshot!(
            String::from_utf8_lossy(&bytes),
            @r#"{"issuer":"https://login.example.org/t","client_id":"app","refresh_token":"secret"}"#
        );
        let back = Grant::from_bytes(&bytes).unwrap();
        assert_eq!(back.refresh_token.expose_secret(), "secret");
        assert!(Grant::from_bytes(b"{}").is_none());

        let oauth = |issuer: &str, client_id: &str| OauthSettings {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            scopes: String::new(),
        };
        assert!(back.is_for(&oauth("https://login.example.org/t/", "app")));
        assert!(back.is_for(&oauth("", "app")));
        assert!(!back.is_for(&oauth("https://login.example.org/other", "app")));
        assert!(!back.is_for(&oauth("", "other")));
    }
}
