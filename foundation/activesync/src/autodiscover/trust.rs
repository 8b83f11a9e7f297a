//! Which hosts belong to whoever searches.

/// How long a text from outside may be, in characters.
const LONGEST: usize = 300;

/// Whom a search may ask, and whom it may tell the password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Hosts outside of the address's domain that somebody has agreed to.
    pub hosts: Vec<String>,
    /// A host that knows addresses of every domain and may learn this one: Exchange Online's, for those who want that.
    pub cloud: Option<String>,
    /// Whether there is a name and a password, for hosts that want one.
    pub has_password: bool,
}

impl Trust {
    /// In the domain of the first address, or agreed to.
    pub(super) fn is_confirmed(&self, host: &str, home: &str) -> bool {
        is_within(host, home) || self.hosts.iter().any(|agreed| agreed.eq_ignore_ascii_case(host))
    }
}

/// Tells whether a host is a domain or lies in it.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    let [host, domain] = [host, domain].map(str::to_ascii_lowercase);
    if domain.is_empty() || host == domain {
        return !domain.is_empty();
    }
    let inner = host.strip_suffix(&domain).and_then(|inner| inner.strip_suffix('.'));

    // A domain of one label is where everybody may have a name.
    domain.contains('.') && inner.is_some_and(|inner| !inner.is_empty())
}

/// Returns the host of an address of HTTP or HTTPS, without port and brackets; `None` if it has a name of a person, or what no address has.
pub(super) fn host(url: &str) -> Option<&str> {
    if !url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\<>^`{|}".contains(&byte)) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => {
            let (host, port) = inner.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some("443"))?)
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            (host.bytes().all(plain).then_some(host)?, port)
        }
    };

    (!host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(host)
}

/// Returns where `Location` leads from a place; `None` if that is no address.
pub(super) fn target(from: &str, location: &str) -> Option<String> {
    let location = location.trim();
    let location = if location.starts_with('/') && !location.starts_with("//") {
        let (scheme, rest) = from.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        format!("{scheme}://{authority}{location}")
    } else {
        location.to_owned()
    };

    host(&location).is_some().then_some(location)
}

/// A text from outside in one line, without what a terminal would obey.
pub(super) fn shown(text: &str) -> String {
    let plain = text.chars().map(|character| if character.is_control() { ' ' } else { character });

    plain.take(LONGEST).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_where_it_is_clear() {
        for (url, expected) in [
            ("https://mail.example.org", Some("mail.example.org")),
            ("HTTPS://Mail.example.org:8443/a?b#c", Some("Mail.example.org")),
            ("http://10.0.0.1/", Some("10.0.0.1")),
            ("https://[::1]:8443/", Some("::1")),
            ("https://[::1]", Some("::1")),
            ("https://mail.example.org?x@evil.test", Some("mail.example.org")),
            ("https://mail.example.org@evil.test/", None),
            ("https://mail.example.org:pass@evil.test/", None),
            ("https://evil.test\\@mail.example.org/", None),
            ("https://mail.example.org:0/", None),
            ("https://mail.example.org:/", None),
            ("https://müller.example/", None),
            ("https://[evil]/", None),
            ("https:///path", None),
            ("ftp://mail.example.org", None),
            ("mail.example.org", None),
            ("https://mail.example.org/a b", None),
            ("https://mail.example.org/\n", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn a_domain_holds_itself_and_what_is_below() {
        for (host, domain, within) in [
            ("example.org", "example.org", true),
            ("Mail.Example.org", "example.ORG", true),
            ("a.b.example.org", "example.org", true),
            ("notexample.org", "example.org", false),
            ("example.org.evil.test", "example.org", false),
            (".example.org", "example.org", false),
            ("evil.org", "org", false),
            ("localhost", "localhost", true),
            ("mail.example.org", "", false),
            ("", "", false),
        ] {
            assert_eq!(is_within(host, domain), within, "{host} in {domain}");
        }
    }

    #[test]
    fn a_redirect_may_leave_out_the_host() {
        for (location, expected) in [
            ("/a/b", Some("https://mail.example.org:8443/a/b")),
            (" https://other.test/x ", Some("https://other.test/x")),
            ("//other.test/x", None),
            ("x", None),
            ("javascript:alert(1)", None),
        ] {
            let found = target("https://mail.example.org:8443/autodiscover", location);
            assert_eq!(found.as_deref(), expected, "{location}");
        }
    }

    #[test]
    fn a_terminal_obeys_nothing_from_outside() {
        assert_eq!(shown("a\u{1b}[2J\r\nb"), "a [2J  b");
        assert_eq!(shown(&"x".repeat(1000)).len(), LONGEST);
    }
}
