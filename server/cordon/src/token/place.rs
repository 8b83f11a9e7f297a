use pkcs11::{Uri, UriError};
use serde::Deserialize;

/// Where a key of the authority is: its token, its label, and the module that knows the token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(crate) struct OnToken(pub(super) Uri);

/// Why a text does not name a key on a token.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error(
        "name the token and the label of the key, as in pkcs11:token=LABEL;object=LABEL?module-path=/PATH.so (RFC 7512)"
    )]
    Incomplete,
    #[error(transparent)]
    Uri(#[from] UriError),
}

impl TryFrom<String> for OnToken {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        if !text.starts_with("pkcs11:") {
            return Err(PlaceError::Incomplete);
        }
        let uri: Uri = text.parse()?;
        let is_whole = (uri.token.is_some() || uri.serial.is_some())
            && uri.object.is_some()
            && uri.module_path.as_ref().is_some_and(|path| path.is_absolute());

        is_whole.then_some(Self(uri)).ok_or(PlaceError::Incomplete)
    }
}

impl OnToken {
    /// Tells whether both name the same key, by whatever PIN.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        let bare = |place: &Self| Uri { pin_source: None, ..place.0.clone() };

        bare(self) == bare(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_token_a_label_and_a_module() {
        let whole = "pkcs11:token=hsm;object=ca?module-path=/lib/x.so";
        let read = |text: &str| OnToken::try_from(text.to_owned());
        let place = read(whole).unwrap();
        assert!(place.is_same_key(&read(&format!("{whole}&pin-source=/etc/pin")).unwrap()));
        assert!(!place.is_same_key(&read(&whole.replace("=ca", "=root")).unwrap()));
        for (text, error) in [
            ("hsm", PlaceError::Incomplete),
            ("pkcs11:object=ca?module-path=/lib/x.so", PlaceError::Incomplete),
            ("pkcs11:token=hsm?module-path=/lib/x.so", PlaceError::Incomplete),
            ("pkcs11:token=hsm;object=ca", PlaceError::Incomplete),
            ("pkcs11:token=hsm;object=ca?module-path=x.so", PlaceError::Incomplete),
            (
                "pkcs11:token=hsm;object=ca?module-path=/x.so&pin-value=1234",
                PlaceError::Uri(UriError::Pin("pin-value")),
            ),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }
}
