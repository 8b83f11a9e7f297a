use crate::ber::{OCTETS, SEQUENCE, element, elements};

/// What stands in a template for the address.
pub const PLACEHOLDER: &str = "{address}";

/// The most filters in one another.
const DEEPEST: usize = 8;
/// The most bytes of a template.
const LONGEST: usize = 1024;

/// Which entries are wanted: a filter (RFC 4515) with [`PLACEHOLDER`] in at least one of its values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Filter(Node);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Node {
    And(Vec<Self>),
    /// `attribute RULE value`, with the rule's tag.
    Compare {
        rule: u8,
        attribute: String,
        value: Value,
    },
    Not(Box<Self>),
    Or(Vec<Self>),
    Present(String),
    /// What stands between the asterisks; empty parts at the ends are none.
    Substrings {
        attribute: String,
        parts: Vec<Value>,
    },
}

type Value = Vec<Part>;

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Address,
    Bytes(Vec<u8>),
}

/// Why a text is no filter for addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FilterError {
    /// A rule of matching by its own name (`:=`), or options that are not known here.
    #[error("extensible matches (:=) are not supported")]
    Extensible,
    /// No filter as RFC 4515 writes it.
    #[error("it is no filter as RFC 4515 writes it, for instance (mail={{address}})")]
    Malformed,
    /// It has no place for the address.
    #[error("it has no {PLACEHOLDER} in a value")]
    NoPlaceholder,
    /// Longer, or deeper, than any real one.
    #[error("it is too long or too deep")]
    TooLarge,
}

const EQUAL: u8 = 0xa3;
const SUBSTRINGS: u8 = 0xa4;
const GREATER: u8 = 0xa5;
const LESS: u8 = 0xa6;
const PRESENT: u8 = 0x87;
const APPROXIMATE: u8 = 0xa8;

impl Filter {
    /// Reads a template such as `(mail={address})`.
    ///
    /// # Errors
    ///
    /// [`FilterError`] says what is wrong.
    pub fn parse(template: &str) -> Result<Self, FilterError> {
        if template.len() > LONGEST {
            return Err(FilterError::TooLarge);
        }
        let mut rest = template.trim();
        let node = node(&mut rest, DEEPEST)?;
        if !rest.is_empty() {
            return Err(FilterError::Malformed);
        }

        if node.asks_for_address() { Ok(Self(node)) } else { Err(FilterError::NoPlaceholder) }
    }

    /// Writes the filter for one address, as BER.
    pub(crate) fn encode(&self, address: &str) -> Vec<u8> {
        self.0.encode(address)
    }
}

impl Node {
    fn asks_for_address(&self) -> bool {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(Self::asks_for_address),
            Self::Compare { value, .. } => value.contains(&Part::Address),
            // What an address must not be finds everybody else.
            Self::Not(_) | Self::Present(_) => false,
            Self::Substrings { parts, .. } => parts.iter().any(|it| it.contains(&Part::Address)),
        }
    }

    fn encode(&self, address: &str) -> Vec<u8> {
        let all = |nodes: &[Self]| nodes.iter().map(|it| it.encode(address)).collect::<Vec<_>>();
        match self {
            Self::And(nodes) => elements(0xa0, &all(nodes)),
            Self::Or(nodes) => elements(0xa1, &all(nodes)),
            Self::Not(node) => element(0xa2, &node.encode(address)),
            Self::Present(attribute) => element(PRESENT, attribute.as_bytes()),
            Self::Compare { rule, attribute, value } => {
                let value = element(OCTETS, &fill(value, address));
                elements(*rule, &[element(OCTETS, attribute.as_bytes()), value])
            }
            Self::Substrings { attribute, parts } => {
                let last = parts.len().saturating_sub(1);
                let written = parts.iter().enumerate().filter(|(_, part)| !part.is_empty());
                let written = written.map(|(at, part)| {
                    let tag = if at == 0 { 0x80 } else { 0x81 + u8::from(at == last) };
                    element(tag, &fill(part, address))
                });
                let written: Vec<_> = written.collect();
                let attribute = element(OCTETS, attribute.as_bytes());
                elements(SUBSTRINGS, &[attribute, elements(SEQUENCE, &written)])
            }
        }
    }
}

fn fill(value: &[Part], address: &str) -> Vec<u8> {
    let bytes = |part: &Part| match part {
        Part::Address => address.as_bytes().to_vec(),
        Part::Bytes(bytes) => bytes.clone(),
    };

    value.iter().flat_map(bytes).collect()
}

/// Reads one filter in parentheses.
fn node(rest: &mut &str, depth: usize) -> Result<Node, FilterError> {
    let depth = depth.checked_sub(1).ok_or(FilterError::TooLarge)?;
    take(rest, "(")?;
    let node = if take(rest, "&").is_ok() {
        Node::And(nodes(rest, depth)?)
    } else if take(rest, "|").is_ok() {
        Node::Or(nodes(rest, depth)?)
    } else if take(rest, "!").is_ok() {
        Node::Not(Box::new(node(rest, depth)?))
    } else {
        let end = rest.find(['(', ')']).ok_or(FilterError::Malformed)?;
        let (item, after) = rest.split_at_checked(end).ok_or(FilterError::Malformed)?;
        *rest = after;
        self::item(item)?
    };
    take(rest, ")")?;

    Ok(node)
}

fn nodes(rest: &mut &str, depth: usize) -> Result<Vec<Node>, FilterError> {
    let mut nodes = vec![node(rest, depth)?];
    while rest.starts_with('(') {
        nodes.push(node(rest, depth)?);
    }

    Ok(nodes)
}

/// Reads what stands between parentheses and holds none.
fn item(text: &str) -> Result<Node, FilterError> {
    let (left, value) = text.split_once('=').ok_or(FilterError::Malformed)?;
    let (attribute, rule) = match left.as_bytes().last() {
        Some(b':') => return Err(FilterError::Extensible),
        Some(b'~') => (left.trim_end_matches('~'), APPROXIMATE),
        Some(b'>') => (left.trim_end_matches('>'), GREATER),
        Some(b'<') => (left.trim_end_matches('<'), LESS),
        Some(_) | None => (left, EQUAL),
    };
    if !is_attribute(attribute) {
        return Err(FilterError::Malformed);
    }
    let attribute = attribute.to_owned();
    if rule == EQUAL && value == "*" {
        return Ok(Node::Present(attribute));
    }
    if rule == EQUAL && value.contains('*') {
        let parts = value.split('*').map(self::value).collect::<Result<Vec<_>, _>>()?;
        let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
        if inner.iter().any(Vec::is_empty) {
            return Err(FilterError::Malformed);
        }
        return Ok(Node::Substrings { attribute, parts });
    }
    if value.contains('*') {
        return Err(FilterError::Malformed);
    }

    Ok(Node::Compare { rule, attribute, value: self::value(value)? })
}

/// Reads a value: `\` and two hexadecimal digits are a byte (RFC 4515, 3), [`PLACEHOLDER`] the address.
fn value(text: &str) -> Result<Value, FilterError> {
    let mut parts = Vec::new();
    for (at, piece) in text.split(PLACEHOLDER).enumerate() {
        if at > 0 {
            parts.push(Part::Address);
        }
        let mut bytes = Vec::new();
        for (at, escaped) in piece.split('\\').enumerate() {
            let plain = if at == 0 {
                escaped
            } else {
                let (digits, plain) = escaped.split_at_checked(2).ok_or(FilterError::Malformed)?;
                let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_hexadecimal);
                bytes.push(byte.ok_or(FilterError::Malformed)?);
                plain
            };
            bytes.extend_from_slice(plain.as_bytes());
        }
        if !bytes.is_empty() {
            parts.push(Part::Bytes(bytes));
        }
    }

    Ok(parts)
}

/// A name or an object identifier, with options (RFC 4512, 2.5).
fn is_attribute(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.;".contains(&byte);

    (1..=128).contains(&text.len()) && text.bytes().all(is_plain)
}

fn take(rest: &mut &str, token: &str) -> Result<(), FilterError> {
    *rest = rest.strip_prefix(token).ok_or(FilterError::Malformed)?;

    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_read_or_refused() {
        for (template, outcome) in [
            ("(mail={address})", Ok(())),
            (" (proxyAddresses=smtp:{address}) ", Ok(())),
            ("(&(objectClass=person)(|(mail={address})(mailAlternateAddress={address})))", Ok(())),
            ("(&(mail={address})(!(disabled=TRUE))(userCertificate;binary=*))", Ok(())),
            ("(mail=*{address}*)", Ok(())),
            ("(cn~=\\28{address}\\29)", Ok(())),
            ("", Err(FilterError::Malformed)),
            ("mail={address}", Err(FilterError::Malformed)),
            ("(mail={address}", Err(FilterError::Malformed)),
            ("(mail={address}))", Err(FilterError::Malformed)),
            ("(mail={address})(a=b)", Err(FilterError::Malformed)),
            ("(=a)", Err(FilterError::Malformed)),
            ("(ma il={address})", Err(FilterError::Malformed)),
            ("(mail=\\2{address})", Err(FilterError::Malformed)),
            ("(mail=\\+1{address})", Err(FilterError::Malformed)),
            ("(mail=a**{address})", Err(FilterError::Malformed)),
            ("(mail>={address}*)", Err(FilterError::Malformed)),
            ("(&)", Err(FilterError::Malformed)),
            ("(mail=alice@example.org)", Err(FilterError::NoPlaceholder)),
            ("(!(mail={address}))", Err(FilterError::NoPlaceholder)),
            ("({address}=mail)", Err(FilterError::Malformed)),
            ("(mail:dn:={address})", Err(FilterError::Extensible)),
        ] {
            assert_eq!(Filter::parse(template).map(drop), outcome, "{template}");
        }
        let deep = format!("{}(mail={{address}}){}", "(!".repeat(9), ")".repeat(9));
        assert_eq!(Filter::parse(&deep), Err(FilterError::TooLarge));
        let long = format!("(mail={{address}}{})", "a".repeat(LONGEST));
        assert_eq!(Filter::parse(&long), Err(FilterError::TooLarge));
    }

    #[test]
    fn no_address_becomes_a_part_of_the_filter() {
        let filter = Filter::parse("(mail={address})").unwrap();
        for address in ["a@b", "*", "*)(uid=*", "\\2a", "a\0b", "{address}", "ä@b"] {
            let value = element(OCTETS, address.as_bytes());
            assert_eq!(filter.encode(address), elements(EQUAL, &[element(OCTETS, b"mail"), value]));
        }
    }

    #[test]
    fn filters_are_written_as_rfc_4511_says() {
        let written = |template: &str| Filter::parse(template).unwrap().encode("x@y");
        let compare = |tag, attribute: &str, value: &[u8]| {
            elements(tag, &[element(OCTETS, attribute.as_bytes()), element(OCTETS, value)])
        };
        assert_eq!(written("(mail=\\28{address})"), compare(0xa3, "mail", b"(x@y"));
        let all = "(&(a>={address})(|(b<=2)(c~=3))(!(d=4))(e;f=*))";
        let not = element(0xa2, &compare(0xa3, "d", b"4"));
        let or = elements(0xa1, &[compare(0xa6, "b", b"2"), compare(0xa8, "c", b"3")]);
        let present = element(0x87, b"e;f");
        assert_eq!(written(all), elements(0xa0, &[compare(0xa5, "a", b"x@y"), or, not, present]));
        let substrings =
            |parts: &[Vec<u8>]| elements(0xa4, &[element(OCTETS, b"a"), elements(SEQUENCE, parts)]);
        let part = |tag, text: &str| element(tag, text.as_bytes());
        for (template, parts) in [
            ("(a=1*{address}*3)", vec![part(0x80, "1"), part(0x81, "x@y"), part(0x82, "3")]),
            ("(a=*{address})", vec![part(0x82, "x@y")]),
            ("(a={address}*)", vec![part(0x80, "x@y")]),
            ("(a=*{address}*)", vec![part(0x81, "x@y")]),
        ] {
            assert_eq!(written(template), substrings(&parts), "{template}");
        }
    }
}
