//! For which names certificates are issued.

use pki::AlternativeName;

/// The domains in which names may lie; each stands for itself and everything below it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NameRules {
    /// Domains of mail addresses.
    pub mail: Vec<String>,
    /// Domains of hosts.
    pub dns: Vec<String>,
    /// Mail addresses that are allowed besides, in lower case: those of the person whom the certificate is for.
    pub addresses: Vec<String>,
}

impl NameRules {
    /// Returns the first name for which no certificate is issued.
    pub fn first_refused<'a>(&self, names: &'a [AlternativeName]) -> Option<&'a AlternativeName> {
        names.iter().find(|name| !self.allow(name))
    }

    fn allow(&self, name: &AlternativeName) -> bool {
        match name {
            AlternativeName::Dns(host) => {
                is_host(host) && self.dns.iter().any(|domain| lies_in(host, domain))
            }
            AlternativeName::Email(address) => {
                let domain = address.rsplit_once('@').map(|(_, domain)| domain);
                is_address(address)
                    && (self.addresses.contains(&address.to_lowercase())
                        || domain.is_some_and(|it| self.mail.iter().any(|own| lies_in(it, own))))
            }
            // An address belongs to no domain; whoever may write to the configuration names it there.
            AlternativeName::Ip(address) => self.dns.contains(&address.to_string()),
        }
    }
}

/// Tells whether a name is a domain or lies below it.
fn lies_in(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.to_ascii_lowercase(), domain.to_ascii_lowercase());

    name == domain || name.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Letters, digits and hyphens (RFC 5890 §2.3.1), with at most a wildcard for the first label.
fn is_host(name: &str) -> bool {
    let labels = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };

    name.len() <= 253 && labels.split('.').all(is_label)
}

/// One `@`, and nothing that would make the address another one for somebody who reads less strictly.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"(),:;<>@[\\]".contains(&byte);

    address.len() <= 254
        && !local.is_empty()
        && local.bytes().all(plain)
        && is_host(domain)
        && !domain.starts_with('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lie_in_their_domains_and_nowhere_else() {
        let mail = |address: &str| AlternativeName::Email(address.to_owned());
        let dns = |name: &str| AlternativeName::Dns(name.to_owned());
        for (name, expected) in [
            (mail("alice@example.com"), true),
            (mail("Alice@Mail.Example.COM"), true),
            (mail("alice@example.com.evil.test"), false),
            (mail("alice@notexample.com"), false),
            (mail("alice@evil.test@example.com"), false),
            (mail("\"alice@evil.test\"@example.com"), false),
            (mail("a lice@example.com"), false),
            (mail("alice"), false),
            (mail("@example.com"), false),
            (mail("guest@other.test"), true),
            (mail("Guest@other.test"), true),
            (mail("host@other.test"), false),
            (dns("mail.corp.example.com"), true),
            (dns("corp.example.com"), true),
            (dns("*.corp.example.com"), true),
            (dns("example.com"), false),
            (dns("mail..corp.example.com"), false),
            (dns("-mail.corp.example.com"), false),
            (dns("mail.corp.example.com\0.evil.test"), false),
            (dns("m*.corp.example.com"), false),
            (AlternativeName::Ip([192, 0, 2, 1].into()), true),
            (AlternativeName::Ip([192, 0, 2, 2].into()), false),
        ] {
            check(&name, expected);
        }
    }

    #[track_caller]
    fn check(name: &AlternativeName, expected: bool) {
        let rules = NameRules {
            mail: vec!["example.com".into()],
            dns: vec!["corp.example.com".into(), "192.0.2.1".into()],
            addresses: vec!["guest@other.test".into()],
        };
        let refused = rules.first_refused(std::slice::from_ref(name));

        assert_eq!(refused.is_none(), expected, "{name:?}");
        assert!(NameRules::default().first_refused(std::slice::from_ref(name)).is_some());
    }
}
