//! The directory in which certificates of people are looked for.

use crate::settings::{Violation, check_server};
use ldap::Filter;
use serde::{Deserialize, Serialize};

/// The most attributes that are asked for.
pub const MOST_ATTRIBUTES: usize = 8;

/// The directory in which certificates of people are looked for by mail address (LDAP, RFC 4511). It is asked without signing in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LdapSettings {
    /// `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]` with StartTLS. Empty: there is none.
    pub server: String,
    /// `ldap://` goes without TLS: whoever is on the way reads the addresses of those to whom people write, and answers as they like.
    pub without_tls: bool,
    /// The entry under which people are searched, a distinguished name (RFC 4514).
    pub base: String,
    /// Which entries are those of an address: a filter (RFC 4515) with `{address}` in a value.
    pub filter: String,
    /// In which attributes certificates lie, at most [`MOST_ATTRIBUTES`]: in DER, or in a CMS message.
    pub attributes: Vec<String>,
}

impl Default for LdapSettings {
    fn default() -> Self {
        Self {
            server: String::new(),
            without_tls: false,
            base: String::new(),
            filter: "(mail={address})".to_owned(),
            attributes: vec![
                "userCertificate;binary".to_owned(),
                "userSMIMECertificate".to_owned(),
            ],
        }
    }
}

impl LdapSettings {
    pub(crate) fn check(&self) -> Vec<Violation> {
        let checks = [
            ("ldap.server", check_address(&self.server)),
            ("ldap.without_tls", self.check_tls()),
            ("ldap.base", check_base(&self.base)),
            ("ldap.filter", Filter::parse(&self.filter).map(drop).map_err(|it| it.to_string())),
            ("ldap.attributes", check_attributes(&self.attributes)),
        ];
        let violation = |(place, check): (&'static str, Result<(), String>)| {
            check.err().map(|reason| Violation { place, reason })
        };

        checks.into_iter().filter_map(violation).collect()
    }

    fn check_tls(&self) -> Result<(), String> {
        if self.without_tls && self.server.starts_with("ldaps://") {
            return Err("must be false where the server's address begins with ldaps://".to_owned());
        }

        Ok(())
    }
}

fn check_address(server: &str) -> Result<(), String> {
    const REASON: &str =
        "must be ldaps:// or ldap:// with a host name or address, with a port if need be, or empty";

    if server.is_empty() {
        return Ok(());
    }
    let rest = server.strip_prefix("ldaps://").or_else(|| server.strip_prefix("ldap://"));
    let checked = rest.ok_or(REASON).and_then(|rest| check_server(rest).map_err(|_| REASON));

    checked.map_err(str::to_owned)
}

fn check_base(base: &str) -> Result<(), String> {
    if base.len() > 512 || base.chars().any(char::is_control) {
        return Err("must be at most 512 bytes without control characters".to_owned());
    }

    Ok(())
}

fn check_attributes(attributes: &[String]) -> Result<(), String> {
    let is_name = |name: &String| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.;".contains(&byte))
    };
    if (1..=MOST_ATTRIBUTES).contains(&attributes.len()) && attributes.iter().all(is_name) {
        return Ok(());
    }

    Err("must be 1 to 8 names of attributes of letters, digits, and - . ;".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut LdapSettings);

    #[test]
    fn directories_are_checked() {
        let places = |change: Change| {
            let mut settings = LdapSettings::default();
            change(&mut settings);
            let places: Vec<_> = settings.check().iter().map(|one| one.place).collect();
            places.join(" ")
        };
        let rows: [(Change, &str); 15] = [
            (|_| (), ""),
            (|it| it.server = "ldaps://ldap.example.org".to_owned(), ""),
            (|it| it.server = "ldap://[::1]:1389".to_owned(), ""),
            (|it| (it.server, it.without_tls) = ("ldap://10.1.1.1".to_owned(), true), ""),
            (|it| (it.server, it.without_tls) = ("ldaps://a".to_owned(), true), "ldap.without_tls"),
            (|it| it.server = "ldap.example.org".to_owned(), "ldap.server"),
            (|it| it.server = "https://ldap.example.org".to_owned(), "ldap.server"),
            (|it| it.server = "ldaps://ldap.example.org/o=x".to_owned(), "ldap.server"),
            (|it| it.server = "ldaps://a@ldap.example.org".to_owned(), "ldap.server"),
            (|it| it.base = "ou=Menschen,dc=example,dc=org".to_owned(), ""),
            (|it| it.base = "a\n".to_owned(), "ldap.base"),
            (|it| it.filter = "(mail=*)".to_owned(), "ldap.filter"),
            (|it| it.filter = "(|(mail={address})(cn={address}))".to_owned(), ""),
            (|it| it.attributes = Vec::new(), "ldap.attributes"),
            (|it| it.attributes = vec!["a b".to_owned()], "ldap.attributes"),
        ];
        for (at, (change, wrong)) in rows.into_iter().enumerate() {
            assert_eq!(places(change), wrong, "row {at}");
        }
    }
}
