//! Texts that have been read once and can be trusted since.

use crate::refusal;
use std::fmt;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// A name that people read: of a person, a group or a device.
    Name
}
text! {
    /// A name that people sign in with; case does not distinguish two of them.
    Login
}
text! {
    /// A mail address; case does not distinguish two of them.
    MailAddress
}
text! {
    /// Why an administrator did something, in their own words.
    Reason
}
text! {
    /// The identifier a device shows in every ActiveSync request, in lower case (MS-ASHTTP 2.2.1.1.1.2.3).
    EasId
}

impl Name {
    /// The most characters a name may have.
    pub const LONGEST: usize = 120;

    /// Reads a name, without the blanks around it.
    ///
    /// # Errors
    ///
    /// [`TextRefusal`] if nothing is left, or it is too long, or not one line.
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let text = bounded("the name", text, Self::LONGEST)?;

        Ok(Self(text.to_owned()))
    }

    /// Returns the form in which names are compared where no two may be alike.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl Login {
    /// The most characters a login name may have.
    pub const LONGEST: usize = 64;

    /// Reads a login name, without the blanks around it.
    ///
    /// # Errors
    ///
    /// [`TextRefusal`] if nothing is left, it is too long, or contains blanks or control characters.
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let text = bounded("the login name", text, Self::LONGEST)?;
        if text.contains(char::is_whitespace) {
            return Err(TextRefusal::Blank { what: "the login name" });
        }

        Ok(Self(text.to_owned()))
    }

    /// Returns the form in which login names are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl MailAddress {
    /// The most bytes a mail address may have (RFC 5321, section 4.5.3.1.3, without the brackets).
    pub const LONGEST: usize = 254;

    /// Reads a mail address, without the blanks around it.
    ///
    /// # Errors
    ///
    /// [`TextRefusal`] if it is not of the form `name@domain`.
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let text = bounded("the mail address", text, Self::LONGEST)?;
        let forbidden = |c: char| c.is_whitespace() || "<>(),;:\\\"[]".contains(c);
        if text.contains(forbidden) {
            return Err(TextRefusal::NotAnAddress { text: text.to_owned() });
        }
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(TextRefusal::NotAnAddress { text: text.to_owned() });
        };
        let local_is_good = (1..=LONGEST_LOCAL_PART).contains(&local.len()) && !local.contains('@');
        let domain_is_good = domain.len() <= LONGEST_DOMAIN && domain.split('.').all(is_label);
        if !local_is_good || !domain_is_good {
            return Err(TextRefusal::NotAnAddress { text: text.to_owned() });
        }

        Ok(Self(text.to_owned()))
    }

    /// Returns the form in which mail addresses are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl Reason {
    /// The most characters a reason may have.
    pub const LONGEST: usize = 300;

    /// Reads a reason, without the blanks around it.
    ///
    /// # Errors
    ///
    /// [`TextRefusal`] if nothing is left, or it is too long, or not one line.
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let text = bounded("the reason", text, Self::LONGEST)?;

        Ok(Self(text.to_owned()))
    }
}

impl EasId {
    /// The most characters an ActiveSync device identifier may have.
    pub const LONGEST: usize = 32;

    /// Reads an ActiveSync device identifier.
    ///
    /// # Errors
    ///
    /// [`TextRefusal`] unless it consists of 1 to 32 ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let text = bounded("the ActiveSync device identifier", text, Self::LONGEST)?;
        if !text.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(TextRefusal::NotAnEasId { text: text.to_owned() });
        }

        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Why a text is not what it should be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TextRefusal {
    /// It contains a blank.
    #[error("{what} contains a blank; write it as one word")]
    Blank {
        /// Which text.
        what: &'static str,
    },
    /// It contains a line break or another control character.
    #[error("{what} contains a control character; write it on one line")]
    Control {
        /// Which text.
        what: &'static str,
    },
    /// There is nothing in it.
    #[error("{what} is empty; fill it in")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// It is not a mail address.
    #[error("{text:?} is not a mail address; write it as name@domain")]
    NotAnAddress {
        /// What was written.
        text: String,
    },
    /// It is not an ActiveSync device identifier.
    #[error(
        "{text:?} is not an ActiveSync device identifier; it has 1 to 32 letters and digits, as the device shows it"
    )]
    NotAnEasId {
        /// What was written.
        text: String,
    },
    /// It has too many characters.
    #[error("{what} is too long; shorten it to {longest} characters")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How many characters it may have.
        longest: usize,
    },
}

refusal!(TextRefusal {
    Self::Blank { .. } => Invalid "text_blank",
    Self::Control { .. } => Invalid "text_control",
    Self::Empty { .. } => Invalid "text_empty",
    Self::NotAnAddress { .. } => Invalid "not_a_mail_address",
    Self::NotAnEasId { .. } => Invalid "not_an_eas_id",
    Self::TooLong { .. } => Invalid "text_too_long",
});

pub(crate) fn bounded<'a>(
    what: &'static str,
    text: &'a str,
    longest: usize,
) -> Result<&'a str, TextRefusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextRefusal::Empty { what });
    }
    if text.chars().count() > longest {
        return Err(TextRefusal::TooLong { what, longest });
    }
    if text.contains(char::is_control) {
        return Err(TextRefusal::Control { what });
    }

    Ok(text)
}

/// In bytes (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// In bytes; 255 with the final dot, which mail addresses do not have (RFC 1035, section 2.3.4).
const LONGEST_DOMAIN: usize = 253;

/// Tells whether a text is a label of a host name, internationalised ones in their ASCII form (RFC 1035, RFC 5890).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_the_blanks_around_it() {
        assert_eq!(Name::parse("  Alice Example ").unwrap().as_str(), "Alice Example");
    }

    #[test]
    fn a_name_has_bounds() {
        let what = "the name";
        assert_eq!(Name::parse(" \t "), Err(TextRefusal::Empty { what }));
        assert_eq!(Name::parse("a\nb"), Err(TextRefusal::Control { what }));
        assert_eq!(Name::parse(&"ä".repeat(121)), Err(TextRefusal::TooLong { what, longest: 120 }));
        assert!(Name::parse(&"ä".repeat(120)).is_ok());
    }

    #[test]
    fn a_login_name_is_one_word() {
        assert_eq!(Login::parse("EXAMPLE\\Alice").unwrap().key(), "example\\alice");
        assert_eq!(Login::parse("alice b"), Err(TextRefusal::Blank { what: "the login name" }));
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in
            ["alice@example.com", "a.b+c@x", "Ä@xn--bcher-kva.example", "O'Hara@a-b.example"]
        {
            assert!(MailAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "alice",
            "@example.com",
            "alice@",
            "a@b@c",
            "a b@c",
            "alice@.com",
            "alice@x..y",
            "alice@-x",
            "<a@b>",
            "a@bücher.example",
            "a@b_c",
            "a@b,c@d",
            "a@b\r\nBcc: c@d",
        ] {
            assert!(MailAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_eas_id_is_compared_in_lower_case() {
        assert_eq!(EasId::parse("ApplDNPP12").unwrap().as_str(), "appldnpp12");
        for bad in ["", "a-b", "ä", "a b", &"a".repeat(33)] {
            assert!(EasId::parse(bad).is_err(), "{bad}");
        }
    }
}
