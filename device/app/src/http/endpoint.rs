use super::Address;

/// A place of a server that an `https` address leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoint {
    pub(crate) address: Address,
    /// Path and query.
    pub(crate) path: String,
}

/// Why a text is not the address of a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EndpointError {
    /// It holds what must be encoded, or a fragment.
    #[error("it has no valid path")]
    Path,
    /// Another scheme protects nothing.
    #[error("it does not begin with https://")]
    Scheme,
    /// No host name or address, or somebody's name before it.
    #[error("it has no valid server")]
    Server,
}

impl Endpoint {
    /// Reads `https://HOST[:PORT][/PATH][?QUERY]`.
    pub(crate) fn parse(url: &str) -> Result<Self, EndpointError> {
        let rest = url.strip_prefix("https://").ok_or(EndpointError::Scheme)?;
        let (server, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\".contains(&byte);
        if !path.bytes().all(is_plain) {
            return Err(EndpointError::Path);
        }
        let address = Address::parse(server).map_err(|_| EndpointError::Server)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };

        Ok(Self { address, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        for (url, place) in [
            ("https://a.example", Ok("a.example /")),
            ("https://a.example:8443/b/c?d=e", Ok("a.example:8443 /b/c?d=e")),
            ("https://a.example?d", Ok("a.example /?d")),
            ("https://[::1]/", Ok("[::1] /")),
            ("http://a.example", Err(EndpointError::Scheme)),
            ("https:/a.example", Err(EndpointError::Scheme)),
            ("https://user@a.example/", Err(EndpointError::Server)),
            ("https:///path", Err(EndpointError::Server)),
            ("https://a.example/#b", Err(EndpointError::Path)),
            ("https://a.example/b c", Err(EndpointError::Path)),
        ] {
            let found = Endpoint::parse(url).map(|it| format!("{} {}", it.address, it.path));
            assert_eq!(found, place.map(str::to_owned), "{url}");
        }
    }
}
