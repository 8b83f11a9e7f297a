//! Name constraints (RFC 5280 §4.2.1.10): which names an authority may certify.
//!
//! What cannot be decided, because a name or a constraint is not of a form that is understood, is
//! decided against the certificate.

use super::facts::Facts;
use crate::name::DistinguishedName;
use der::Encode as _;
use std::fmt::Display;
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::GeneralName;

/// A name that its authority may not certify.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NameFault {
    /// This name is excluded or not among the permitted ones.
    Forbidden(String),
    /// There are more comparisons to make than anybody needs.
    TooMuchWork,
}

/// One name of a certificate, ready to be compared.
enum Named {
    Directory(Option<DistinguishedName>),
    Dns(String),
    Email(String),
    Ip(Vec<u8>),
    Uri(String),
    /// A kind of which only this is known, the number of its tag.
    Other(u8),
}

/// Checks all names of a certificate against the constraints of one authority above it.
pub(super) fn check(
    constraints: &NameConstraints,
    facts: &Facts,
    budget: &mut u32,
) -> Result<(), NameFault> {
    let permitted = constraints.permitted_subtrees.as_deref().unwrap_or_default();
    let excluded = constraints.excluded_subtrees.as_deref().unwrap_or_default();
    for name in names(facts) {
        let forbidden = || Err(NameFault::Forbidden(name.describe(facts)));
        let mut wanted = false;
        let mut found = false;
        for subtree in excluded {
            *budget = budget.checked_sub(1).ok_or(NameFault::TooMuchWork)?;
            if kind(&subtree.base) == name.kind() && holds(&name, subtree, true) != Some(false) {
                return forbidden();
            }
        }
        for subtree in permitted {
            *budget = budget.checked_sub(1).ok_or(NameFault::TooMuchWork)?;
            if kind(&subtree.base) == name.kind() {
                wanted = true;
                found |= match holds(&name, subtree, false) {
                    Some(holds) => holds,
                    None => return forbidden(),
                };
            }
        }
        if wanted && !found {
            return forbidden();
        }
    }

    Ok(())
}

fn names(facts: &Facts) -> Vec<Named> {
    let subject = facts.subject.as_ref();
    let unnamed = subject.is_some_and(DistinguishedName::is_empty);
    let own = (!unnamed).then(|| Named::Directory(subject.cloned()));
    let emails = subject.into_iter().flat_map(DistinguishedName::emails);

    own.into_iter()
        .chain(emails.map(|email| Named::Email(email.to_owned())))
        .chain(facts.names.iter().map(named))
        .collect()
}

fn named(name: &GeneralName) -> Named {
    match name {
        GeneralName::DirectoryName(name) => Named::Directory(directory(name)),
        // The dot at the end of an absolute name says nothing.
        GeneralName::DnsName(name) => {
            let name = name.as_str().to_ascii_lowercase();
            Named::Dns(name.strip_suffix('.').unwrap_or(&name).to_owned())
        }
        GeneralName::IpAddress(octets) => Named::Ip(octets.as_bytes().to_vec()),
        GeneralName::Rfc822Name(address) => Named::Email(address.as_str().to_ascii_lowercase()),
        GeneralName::UniformResourceIdentifier(uri) => {
            Named::Uri(uri.as_str().to_ascii_lowercase())
        }
        GeneralName::EdiPartyName(_) | GeneralName::OtherName(_) | GeneralName::RegisteredId(_) => {
            Named::Other(kind(name))
        }
    }
}

/// The number of the tag of a kind of name (RFC 5280 §4.2.1.6).
fn kind(name: &GeneralName) -> u8 {
    match name {
        GeneralName::OtherName(_) => 0,
        GeneralName::Rfc822Name(_) => 1,
        GeneralName::DnsName(_) => 2,
        GeneralName::DirectoryName(_) => 4,
        GeneralName::EdiPartyName(_) => 5,
        GeneralName::UniformResourceIdentifier(_) => 6,
        GeneralName::IpAddress(_) => 7,
        GeneralName::RegisteredId(_) => 8,
    }
}

fn directory(name: &x509_cert::name::Name) -> Option<DistinguishedName> {
    DistinguishedName::read(&name.to_der().ok()?).ok()
}

impl Named {
    fn kind(&self) -> u8 {
        match self {
            Self::Directory(_) => 4,
            Self::Dns(_) => 2,
            Self::Email(_) => 1,
            Self::Ip(_) => 7,
            Self::Other(kind) => *kind,
            Self::Uri(_) => 6,
        }
    }

    fn describe(&self, facts: &Facts) -> String {
        let said = |kind: &str, name: &dyn Display| format!("the {kind} {name}");
        match self {
            Self::Directory(name) if *name == facts.subject => "the subject's name".to_owned(),
            Self::Directory(_) => "a directory name".to_owned(),
            Self::Dns(name) => said("host name", name),
            Self::Email(address) => said("mail address", address),
            Self::Ip(octets) => match crate::certificate::address(octets) {
                Some(address) => said("IP address", &address),
                None => "an IP address".to_owned(),
            },
            Self::Other(_) => "a name of a kind that is not understood".to_owned(),
            Self::Uri(uri) => said("URI", uri),
        }
    }
}

/// Tells whether `name` lies in `subtree`, which is of the same kind; nothing if that cannot be said.
///
/// A wildcard lies in an excluded subtree if one of the names it stands for does.
fn holds(name: &Named, subtree: &GeneralSubtree, excluded: bool) -> Option<bool> {
    // RFC 5280 §4.2.1.10: the minimum is always 0 and there is no maximum.
    if subtree.minimum != 0 || subtree.maximum.is_some() {
        return None;
    }
    match (name, &subtree.base) {
        (Named::Directory(name), GeneralName::DirectoryName(base)) => {
            Some(name.as_ref()?.is_within(&directory(base)?))
        }
        (Named::Dns(name), GeneralName::DnsName(base)) => {
            let base = base.as_str().to_ascii_lowercase();
            let within = dns_within(name, &base)?;
            let stands_for = || {
                let parent = base.split_once('.').filter(|(label, _)| !label.is_empty());
                parent.is_some_and(|(_, parent)| name.strip_prefix("*.") == Some(parent))
            };

            Some(within || (excluded && stands_for()))
        }
        (Named::Email(name), GeneralName::Rfc822Name(base)) => {
            email_within(name, &base.as_str().to_ascii_lowercase())
        }
        (Named::Ip(name), GeneralName::IpAddress(base)) => ip_within(name, base.as_bytes()),
        (Named::Uri(name), GeneralName::UniformResourceIdentifier(base)) => {
            host_within(uri_host(name)?, &base.as_str().to_ascii_lowercase())
        }
        _ => None,
    }
}

/// Any name that is the base with zero or more labels before it; with a dot in front, one or more.
fn dns_within(name: &str, base: &str) -> Option<bool> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let labels = name.strip_prefix("*.").unwrap_or(name);
    if !is_host(labels) {
        return None;
    }
    if base.is_empty() {
        return Some(true);
    }

    Some(host_within(name, &format!(".{}", base.trim_start_matches('.')))? || name == base)
}

/// A mailbox, all mailboxes of a host, or, with a dot in front, of all hosts below it.
fn email_within(name: &str, base: &str) -> Option<bool> {
    let (local, host) = name.rsplit_once('@')?;
    // Quoted and other unusual forms have more than one spelling.
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if local.is_empty() || !local.chars().all(plain) || !is_host(host) {
        return None;
    }
    match base.rsplit_once('@') {
        Some((mailbox, base)) if !mailbox.is_empty() && is_host(base) => {
            Some(local == mailbox && host == base)
        }
        Some(_) => None,
        None if base.is_empty() => Some(true),
        None => host_within(host, base),
    }
}

/// A host, or, with a dot in front, all hosts below it.
fn host_within(host: &str, base: &str) -> Option<bool> {
    match base.strip_prefix('.') {
        Some(domain) if is_host(domain) => Some(
            host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        ),
        None if is_host(base) => Some(host == base),
        Some(_) | None => None,
    }
}

fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.chars().all(known)
    };

    name.split('.').all(label)
}

/// The host of a URI, which must be a name (RFC 5280 §4.2.1.10).
fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    // Some readers take a backslash for a slash, and so see another host.
    if authority.contains(|c: char| c == '\\' || !c.is_ascii_graphic()) {
        return None;
    }
    let host = authority.rsplit('@').next()?;
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let host = host.strip_suffix('.').unwrap_or(host);
    let address = host.parse::<std::net::Ipv4Addr>().is_ok();
    let plain = is_host(host) && port.chars().all(|c| c.is_ascii_digit());

    (plain && !address).then_some(host)
}

/// An address of a network that is written as address and mask.
fn ip_within(name: &[u8], base: &[u8]) -> Option<bool> {
    let known = |length: usize| length == 4 || length == 16;
    let (network, mask) = base.split_at(base.len() / 2);
    let bits: String = mask.iter().map(|octet| format!("{octet:08b}")).collect();
    // An IPv4 address in the clothes of an IPv6 one would slip through the constraints for IPv4.
    let disguised =
        name.len() == 16 && name.starts_with(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);
    if !known(name.len()) || !known(network.len()) || !base.len().is_multiple_of(2) {
        return None;
    }
    if disguised || bits.contains("01") {
        return None;
    }
    let same = |((name, network), mask): ((&u8, &u8), &u8)| name & mask == network & mask;

    Some(name.len() == network.len() && name.iter().zip(network).zip(mask).all(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(within: impl Fn(&str, &str) -> Option<bool>, rows: &[(&str, &str, Option<bool>)]) {
        for (name, base, expected) in rows {
            assert_eq!(within(name, base), *expected, "{name:?} in {base:?}");
        }
    }

    #[test]
    fn hosts_are_within_their_domain() {
        check(
            dns_within,
            &[
                ("example.com", "example.com", Some(true)),
                ("a.b.example.com", "example.com", Some(true)),
                ("example.com.", "example.com", Some(true)),
                ("*.example.com", "example.com", Some(true)),
                ("badexample.com", "example.com", Some(false)),
                ("com", "example.com", Some(false)),
                ("example.com", ".example.com", Some(false)),
                ("a.example.com", ".example.com", Some(true)),
                ("anything", "", Some(true)),
                ("a..example.com", "example.com", None),
                ("a\0.example.com", "example.com", None),
                ("example.com", "*.com", None),
                ("", "example.com", None),
            ],
        );
    }

    #[test]
    fn mailboxes_are_within_host_or_domain() {
        check(
            email_within,
            &[
                ("a@example.com", "example.com", Some(true)),
                ("a@b.example.com", "example.com", Some(false)),
                ("a@b.example.com", ".example.com", Some(true)),
                ("a@example.com", ".example.com", Some(false)),
                ("a@example.com", "a@example.com", Some(true)),
                ("b@example.com", "a@example.com", Some(false)),
                ("a@example.com", "", Some(true)),
                ("\"x@evil.org\"@example.com", "example.com", None),
                ("a@x@example.com", "example.com", None),
                ("example.com", "example.com", None),
                ("a@example.com", "@example.com", None),
            ],
        );
    }

    #[test]
    fn uris_are_within_the_host_of_their_authority() {
        let within = |uri: &str, base: &str| host_within(uri_host(uri)?, base);
        check(
            within,
            &[
                ("https://example.com/x", "example.com", Some(true)),
                ("https://user@example.com:443", "example.com", Some(true)),
                ("https://a.example.com?x", ".example.com", Some(true)),
                ("https://a.example.com", "example.com", Some(false)),
                ("https://example.com", ".example.com", Some(false)),
                ("https://evil.org/@example.com", "example.com", Some(false)),
                ("https://evil.org\\@example.com", "example.com", None),
                ("https://127.0.0.1/", "example.com", None),
                ("https://[::1]/", "example.com", None),
                ("mailto:a@example.com", "example.com", None),
                ("https:///x", "example.com", None),
            ],
        );
    }

    #[test]
    fn addresses_are_within_their_network() {
        let network = [10, 1, 0, 0, 255, 255, 0, 0];
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3];
        let mut wide = [0; 32];
        wide[16..].fill(255);

        assert_eq!(ip_within(&[10, 1, 2, 3], &network), Some(true));
        assert_eq!(ip_within(&[10, 2, 2, 3], &network), Some(false));
        assert_eq!(ip_within(&[0; 16], &network), Some(false));
        assert_eq!(ip_within(&[0; 16], &wide), Some(true));
        assert_eq!(ip_within(&mapped, &network), None);
        assert_eq!(ip_within(&[10, 1, 2, 3], &[10, 1, 0, 0, 255, 0, 255, 0]), None);
        assert_eq!(ip_within(&[10, 1, 2, 3], &[10, 1, 0, 0, 255]), None);
        assert_eq!(ip_within(&[10, 1, 2], &network), None);
    }
}
