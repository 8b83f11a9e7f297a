use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use http::uri::Authority;
use pki::Fingerprint;
use std::fmt;
use zeroize::Zeroizing;

/// An invitation as the person got it: `https://HOST[:PORT]/join#code=…&pin=…`.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Link {
    /// The server, `host` or `host:port`.
    pub(crate) server: String,
    /// The code in upper case.
    pub(crate) code: Zeroizing<String>,
    /// SHA-256 of the authority's certificate.
    pub(crate) pin: Fingerprint,
}

impl Link {
    /// Reads a link, with or without blanks around it.
    ///
    /// # Errors
    ///
    /// [`LinkError`] names the part that does not fit.
    pub(crate) fn parse(text: &str) -> Result<Self, LinkError> {
        let rest = text.trim().strip_prefix("https://").ok_or(LinkError::Scheme)?;
        let (server, rest) = rest.split_once('/').ok_or(LinkError::Path)?;
        let fragment = rest.strip_prefix("join#").ok_or(LinkError::Path)?;
        let authority = Authority::try_from(server).map_err(|_| LinkError::Server)?;
        let plain = authority.host().len() + authority.port().map_or(0, |it| it.as_str().len() + 1);
        if authority.host().is_empty() || plain != server.len() {
            return Err(LinkError::Server);
        }
        let code = Zeroizing::new(part(fragment, "code").ok_or(LinkError::Code)?.to_uppercase());
        let bits = BASE32_NOPAD.decode(code.as_bytes()).map_err(|_| LinkError::Code)?;
        let pin = part(fragment, "pin").ok_or(LinkError::Pin)?;
        let pin = BASE64URL_NOPAD.decode(pin.as_bytes()).map_err(|_| LinkError::Pin)?;
        if bits.len() != 16 {
            return Err(LinkError::Code);
        }

        Ok(Self {
            server: server.to_lowercase(),
            code,
            pin: Fingerprint(pin.try_into().map_err(|_| LinkError::Pin)?),
        })
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("server", &self.server)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}

/// Why a text is not an invitation.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum LinkError {
    /// The code is missing or was cut.
    #[error("its code is missing or incomplete")]
    Code,
    /// It leads elsewhere.
    #[error("it does not lead to /join")]
    Path,
    /// The pin is missing or was cut.
    #[error("its pin is missing or incomplete")]
    Pin,
    /// It does not begin with `https://`.
    #[error("it does not begin with https://")]
    Scheme,
    /// The server's name is not one.
    #[error("its server is not a host name")]
    Server,
}

fn part<'a>(fragment: &'a str, name: &str) -> Option<&'a str> {
    let mut found = fragment
        .split('&')
        .filter_map(|part| part.split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = found.next()?;

    found.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "AAAQEAYEAUDAOCAJBIFQYDIOB4";
    const PIN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    #[test]
    fn a_link_has_a_server_a_code_and_a_pin() {
        let text = format!(" https://Cordon.example.com:8443/join#code={CODE}&pin={PIN}\n");
        let link = Link::parse(&text).unwrap();
        assert_eq!(link.server, "cordon.example.com:8443");
        assert_eq!(link.code.as_str(), CODE);
        assert_eq!(link.pin.0[31], 31);
        let turned = format!("https://[::1]/join#pin={PIN}&code={}", CODE.to_lowercase());
        assert_eq!(Link::parse(&turned).unwrap().code.as_str(), CODE);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let short = CODE.get(..25).unwrap();
        let cut = PIN.get(..42).unwrap();
        for (text, error) in [
            (format!("http://a/join#code={CODE}&pin={PIN}"), LinkError::Scheme),
            (String::new(), LinkError::Scheme),
            (format!("https://a#code={CODE}&pin={PIN}"), LinkError::Path),
            (format!("https://a/join?code={CODE}&pin={PIN}"), LinkError::Path),
            (format!("https:///join#code={CODE}&pin={PIN}"), LinkError::Server),
            (format!("https://b@a/join#code={CODE}&pin={PIN}"), LinkError::Server),
            (format!("https://a:x/join#code={CODE}&pin={PIN}"), LinkError::Server),
            (format!("https://a/join#code={short}&pin={PIN}"), LinkError::Code),
            (format!("https://a/join#code={CODE}AAAAAA&pin={PIN}"), LinkError::Code),
            (format!("https://a/join#pin={PIN}"), LinkError::Code),
            (format!("https://a/join#code={CODE}&code={CODE}&pin={PIN}"), LinkError::Code),
            (format!("https://a/join#code={CODE}"), LinkError::Pin),
            (format!("https://a/join#code={CODE}&pin={cut}"), LinkError::Pin),
        ] {
            assert_eq!(Link::parse(&text), Err(error), "{text}");
        }
    }

    #[test]
    fn debugging_shows_no_code() {
        let text = format!("https://a/join#code={CODE}&pin={PIN}");

        assert!(!format!("{:?}", Link::parse(&text).unwrap()).contains(CODE));
    }
}
