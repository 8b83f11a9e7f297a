use std::path::PathBuf;
use std::str::FromStr;

/// Names a token and an object on it (RFC 7512).
///
/// What is `None` fits anything. Without a scheme the text is the label of a token.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Uri {
    /// The label of the token.
    pub token: Option<String>,
    /// Who made the token.
    pub manufacturer: Option<String>,
    /// The model of the token.
    pub model: Option<String>,
    /// The serial number of the token.
    pub serial: Option<String>,
    /// The number of the slot.
    pub slot_id: Option<u64>,
    /// The label of the object.
    pub object: Option<String>,
    /// The id of the object, `CKA_ID`.
    pub id: Option<Vec<u8>>,
    /// The shared library that knows the token.
    pub module_path: Option<PathBuf>,
    /// The file with the PIN of the token.
    pub pin_source: Option<PathBuf>,
}

/// Why a text is not taken for a PKCS#11 URI.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UriError {
    /// Correct the attribute.
    #[error("the PKCS#11 URI says {0} twice, without a value or with an unreadable one")]
    BadAttribute(String),
    /// Remove the PIN: it would be seen by everybody on the machine.
    #[error("the PKCS#11 URI holds a PIN, which others can read: remove {0}")]
    Pin(&'static str),
    /// Name a file by its whole path: nothing else is read or run for a PIN.
    #[error(
        "the pin-source of the PKCS#11 URI is no file with its whole path, as in pin-source=file:/etc/pin"
    )]
    PinSource,
    /// Remove the attribute: what it asks for cannot be checked.
    #[error("the PKCS#11 URI has the attribute {0}, which is not known here")]
    UnknownAttribute(String),
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let Some(rest) = text.strip_prefix("pkcs11:") else {
            return Ok(Self { token: Some(text.to_owned()), ..Self::default() });
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        for part in path.split(';').filter(|part| !part.is_empty()) {
            uri.path_attribute(part)?;
        }
        for part in query.split('&').filter(|part| !part.is_empty()) {
            uri.query_attribute(part)?;
        }

        Ok(uri)
    }
}

impl Uri {
    fn path_attribute(&mut self, part: &str) -> Result<(), UriError> {
        let (name, value) = attribute(part)?;
        match name {
            "token" => set(&mut self.token, name, text(name, value)?),
            "manufacturer" => set(&mut self.manufacturer, name, text(name, value)?),
            "model" => set(&mut self.model, name, text(name, value)?),
            "serial" => set(&mut self.serial, name, text(name, value)?),
            "object" => set(&mut self.object, name, text(name, value)?),
            "id" => set(&mut self.id, name, value),
            "slot-id" => {
                let number = text(name, value)?.parse().map_err(|_| bad(name))?;
                set(&mut self.slot_id, name, number)
            }
            // One URI may stand for a key and for its certificate.
            "type" => Ok(()),
            _ => Err(UriError::UnknownAttribute(name.to_owned())),
        }
    }

    /// Unknown attributes of the query are passed over, as RFC 7512 §2.4 says.
    fn query_attribute(&mut self, part: &str) -> Result<(), UriError> {
        let (name, value) = attribute(part)?;
        match name {
            "module-path" => set(&mut self.module_path, name, text(name, value)?.into()),
            "pin-value" => Err(UriError::Pin("pin-value")),
            "pin-source" => set(&mut self.pin_source, name, file(&text(name, value)?)?),
            _ => Ok(()),
        }
    }
}

/// Takes `file:/PATH`, `file:///PATH` and `/PATH` (RFC 7512 §2.4, RFC 8089).
fn file(source: &str) -> Result<PathBuf, UriError> {
    let path = source.strip_prefix("file:").unwrap_or(source);
    let path = path.strip_prefix("//").unwrap_or(path);
    let is_whole = path.starts_with('/') && !path.starts_with("//");

    is_whole.then(|| path.into()).ok_or(UriError::PinSource)
}

fn attribute(part: &str) -> Result<(&str, Vec<u8>), UriError> {
    let (name, value) = part.split_once('=').ok_or_else(|| bad(part))?;

    Ok((name, octets(value).ok_or_else(|| bad(name))?))
}

/// Undoes percent-encoding (RFC 3986 §2.1).
fn octets(value: &str) -> Option<Vec<u8>> {
    let mut parts = value.split('%');
    let mut octets = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        octets.push(u8::from_str_radix(digits, 16).ok()?);
        octets.extend_from_slice(rest.as_bytes());
    }

    Some(octets)
}

fn text(name: &str, value: Vec<u8>) -> Result<String, UriError> {
    String::from_utf8(value).map_err(|_| bad(name))
}

fn set<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), UriError> {
    if place.replace(value).is_some() {
        return Err(bad(name));
    }

    Ok(())
}

fn bad(name: &str) -> UriError {
    UriError::BadAttribute(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_token_object_and_module() {
        let text = "pkcs11:token=My%20CA;serial=0f;object=issuing;id=%01%fF;type=private;slot-id=7\
                    ?module-path=/usr/lib/x.so&pin-source=file:/etc/a%20pin&x-other=1";
        let uri: Uri = text.parse().unwrap();

        let expected = Uri {
            token: Some("My CA".into()),
            serial: Some("0f".into()),
            object: Some("issuing".into()),
            id: Some(vec![1, 0xff]),
            slot_id: Some(7),
            module_path: Some("/usr/lib/x.so".into()),
            pin_source: Some("/etc/a pin".into()),
            ..Uri::default()
        };
        assert_eq!(uri, expected);
        assert_eq!("pkcs11:".parse(), Ok(Uri::default()));
        for source in ["/etc/pin", "file:/etc/pin", "file:///etc/pin"] {
            let uri: Uri = format!("pkcs11:?pin-source={source}").parse().unwrap();
            assert_eq!(uri.pin_source, Some("/etc/pin".into()));
        }
    }

    #[test]
    fn another_text_is_a_label() {
        let uri: Uri = "My token".parse().unwrap();
        assert_eq!(uri, Uri { token: Some("My token".into()), ..Uri::default() });
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        #[track_caller]
        fn check(text: &str, error: UriError) {
            assert_eq!(text.parse::<Uri>(), Err(error));
        }
        check("pkcs11:token", bad("token"));
        check("pkcs11:token=%4", bad("token"));
        check("pkcs11:token=%+4", bad("token"));
        check("pkcs11:token=%FF", bad("token"));
        check("pkcs11:token=a;token=a", bad("token"));
        check("pkcs11:slot-id=x", bad("slot-id"));
        check("pkcs11:vendor=x", UriError::UnknownAttribute("vendor".into()));
        check("pkcs11:?pin-value=1234", UriError::Pin("pin-value"));
        for source in ["file:x", "x", "|cat%20/etc/pin", "file://host/pin", "file:"] {
            check(&format!("pkcs11:?pin-source={source}"), UriError::PinSource);
        }
    }
}
