use mail_parser::{Address, MessageParser};

use crate::text;

/// A name and an address, as they stand in the head of a mail (RFC 5322, `mailbox`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Mailbox {
    /// The name to show; empty when there is none.
    pub name: String,
    /// The address; empty when the header held only a name.
    pub address: String,
}

impl Mailbox {
    /// Reads one mailbox that a user typed: a bare address, or `Name <address>`.
    ///
    /// Stricter than [`Mailbox::list`], because a mail will be sent there: `None` for anything that is not one address a mail
    /// server would take.
    pub fn recipient(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.chars().any(char::is_control) {
            return None;
        }
        let (name, address) = match typed.rsplit_once('<') {
            Some((name, rest)) => {
                (name.trim().trim_matches('"').trim(), rest.strip_suffix('>')?.trim())
            }
            None => ("", typed),
        };
        is_address(address).then(|| Self { name: name.to_owned(), address: address.to_owned() })
    }

    /// Reads a list as mail servers write it, leaving nothing out; never fails.
    pub fn list(value: &str) -> Vec<Self> {
        let head = format!("To: {}\r\n\r\n", value.replace(['\r', '\n', '\0'], " "));
        let parsed = MessageParser::new().with_address_headers().parse_headers(head.as_bytes());
        parsed.as_ref().and_then(|message| message.to()).map(Self::all).unwrap_or_default()
    }

    pub(crate) fn all(address: &Address<'_>) -> Vec<Self> {
        address
            .iter()
            .map(|one| Self {
                name: text::line(one.name.as_deref().unwrap_or_default()),
                address: text::line(one.address.as_deref().unwrap_or_default()),
            })
            .filter(|mailbox| !mailbox.name.is_empty() || !mailbox.address.is_empty())
            .collect()
    }
}

fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let local_fits = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte));
    let domain_fits = domain.len() <= 253 && domain.split('.').all(is_label);
    local_fits && domain_fits
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_recipient_is_one_address() {
        for (typed, name, address) in [
            ("anna@example.org", "", "anna@example.org"),
            ("  anna@example.org ", "", "anna@example.org"),
            ("Anna Müller <anna@example.org>", "Anna Müller", "anna@example.org"),
            ("\"Müller, Anna\" <anna@example.org>", "Müller, Anna", "anna@example.org"),
            ("<anna@localhost>", "", "anna@localhost"),
        ] {
            let expected = Mailbox { name: name.to_owned(), address: address.to_owned() };
            assert_eq!(Mailbox::recipient(typed), Some(expected), "{typed}");
        }
    }

    #[test]
    fn what_no_server_takes_is_no_recipient() {
        for typed in [
            "",
            "anna",
            "@example.org",
            "anna@",
            "anna@@example.org",
            "an na@example.org",
            "anna@example..org",
            "anna@-example.org",
            ".anna@example.org",
            "anna@example.org\r\nBcc: eve@example.org",
            "Anna <anna@example.org",
            "anna@example.org, bob@example.org",
        ] {
            assert_eq!(Mailbox::recipient(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn lists_are_read_as_servers_write_them() {
        insta::assert_debug_snapshot!(
            Mailbox::list("\"M\u{fc}ller, Anna\" <anna@example.org>, bob@example.org, =?utf-8?Q?J=C3=BCrgen?= <j@example.org>"),
            @r#"
        [
            Mailbox {
                name: "Müller, Anna",
                address: "anna@example.org",
            },
            Mailbox {
                name: "",
                address: "bob@example.org",
            },
            Mailbox {
                name: "Jürgen",
                address: "j@example.org",
            },
        ]
        "#
        );
    }

    #[test]
    fn a_list_cannot_add_headers() {
        insta::assert_debug_snapshot!(Mailbox::list("a@example.org\r\nSubject: x, <b@example.org>"), @r#"
        [
            Mailbox {
                name: "x",
                address: "",
            },
            Mailbox {
                name: "",
                address: "b@example.org",
            },
        ]
        "#);
    }

    #[test]
    fn an_empty_list_holds_nobody() {
        assert_eq!(Mailbox::list(""), []);
        assert_eq!(Mailbox::list(" , ;"), []);
    }
}
