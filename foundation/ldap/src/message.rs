//! The messages that a search takes.

use crate::Filter;
use crate::ber::{
    BOOLEAN, ENUMERATED, INTEGER, OCTETS, SEQUENCE, SET, element, elements, length, next, number,
    read_number, split,
};

/// The most bytes of a message that is read.
pub const LARGEST: usize = 1024 * 1024;

/// The most values of one entry that are read.
const MOST_VALUES: usize = 200;

const UNBIND: u8 = 0x42;
const SEARCH: u8 = 0x63;
const ENTRY: u8 = 0x64;
const DONE: u8 = 0x65;
const EXTENDED: u8 = 0x77;
const EXTENDED_ANSWER: u8 = 0x78;
/// StartTLS (RFC 4511, 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// A search for what is known of an address.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The entry under which all are searched, a distinguished name (RFC 4514).
    pub base: &'a str,
    /// Which entries are wanted.
    pub filter: &'a Filter,
    /// The address.
    pub address: &'a str,
    /// Which attributes of them are wanted.
    pub attributes: &'a [String],
    /// The most entries that the server shall send.
    pub most: u32,
    /// How long the server may search, in seconds.
    pub seconds: u32,
}

/// A message of the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The number of the request that it answers; 0 of none.
    pub id: u32,
    /// What it says.
    pub content: Content,
}

/// What a message of the server says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// The request has ended so (RFC 4511, appendix A); 0 is success.
    Ended {
        /// The code.
        code: u32,
        /// What the server says to it.
        said: String,
    },
    /// An entry, with all values of its attributes.
    Entry(Vec<Vec<u8>>),
    /// Something that a search may do without, for instance where else one could search.
    Other,
}

/// The server's bytes are no message of LDAP, or one that is too large.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the answer is no message of LDAP of at most {LARGEST} bytes")]
pub struct Unreadable;

impl Search<'_> {
    /// Writes the search as request `id`.
    pub fn encode(&self, id: u32) -> Vec<u8> {
        let attributes: Vec<_> =
            self.attributes.iter().map(|name| element(OCTETS, name.as_bytes())).collect();
        let search = [
            element(OCTETS, self.base.as_bytes()),
            // The whole subtree, and no alias leads out of it.
            number(ENUMERATED, 2),
            number(ENUMERATED, 0),
            number(INTEGER, self.most),
            number(INTEGER, self.seconds),
            element(BOOLEAN, &[0]),
            self.filter.encode(self.address),
            elements(SEQUENCE, &attributes),
        ];

        message(id, elements(SEARCH, &search))
    }
}

/// Writes the request to go on with TLS.
pub fn start_tls(id: u32) -> Vec<u8> {
    message(id, elements(EXTENDED, &[element(0x80, START_TLS)]))
}

/// Writes the farewell.
pub fn unbind(id: u32) -> Vec<u8> {
    message(id, element(UNBIND, &[]))
}

fn message(id: u32, operation: Vec<u8>) -> Vec<u8> {
    elements(SEQUENCE, &[number(INTEGER, id), operation])
}

/// Says how many bytes are missing, at the least, until `bytes` are a whole message; 0 when they are.
///
/// # Errors
///
/// [`Unreadable`] if they are not the beginning of one.
pub fn missing(bytes: &[u8]) -> Result<usize, Unreadable> {
    /// Tag and first byte of the length.
    const HEAD: usize = 2;

    if bytes.first().is_some_and(|tag| *tag != SEQUENCE) {
        return Err(Unreadable);
    }
    let Some((first, after)) = bytes.get(1..).and_then(<[u8]>::split_first) else {
        return Ok(HEAD.saturating_sub(bytes.len()));
    };
    let octets = if *first < 0x80 { 0 } else { usize::from(*first & 0x7f) };
    if *first == 0x80 || octets > 4 {
        return Err(Unreadable);
    }
    if after.len() < octets {
        return Ok(octets - after.len());
    }
    let (content, rest) = bytes.get(1..).and_then(length).ok_or(Unreadable)?;

    if content > LARGEST { Err(Unreadable) } else { Ok(content.saturating_sub(rest.len())) }
}

impl Answer {
    /// Reads a whole message.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] if it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        read(bytes).ok_or(Unreadable)
    }
}

fn read(mut bytes: &[u8]) -> Option<Answer> {
    let mut rest = next(&mut bytes, SEQUENCE)?;
    let id = read_number(next(&mut rest, INTEGER)?)?;
    let (tag, operation, _) = split(rest)?;
    let content = match tag {
        ENTRY => Content::Entry(values(operation)?),
        DONE | EXTENDED_ANSWER => ended(operation)?,
        _ => Content::Other,
    };

    Some(Answer { id, content })
}

fn values(mut entry: &[u8]) -> Option<Vec<Vec<u8>>> {
    next(&mut entry, OCTETS)?;
    let mut attributes = next(&mut entry, SEQUENCE)?;
    let mut found = Vec::new();
    while !attributes.is_empty() {
        let mut attribute = next(&mut attributes, SEQUENCE)?;
        next(&mut attribute, OCTETS)?;
        let mut values = next(&mut attribute, SET)?;
        while !values.is_empty() && found.len() < MOST_VALUES {
            found.push(next(&mut values, OCTETS)?.to_vec());
        }
    }

    Some(found)
}

fn ended(mut result: &[u8]) -> Option<Content> {
    let code = read_number(next(&mut result, ENUMERATED)?)?;
    next(&mut result, OCTETS)?;
    let said = String::from_utf8_lossy(next(&mut result, OCTETS)?).into_owned();

    Some(Content::Ended { code, said })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u32, values: &[&[u8]]) -> Vec<u8> {
        let values: Vec<_> = values.iter().map(|value| element(OCTETS, value)).collect();
        let attribute = [element(OCTETS, b"userCertificate;binary"), elements(SET, &values)];
        let attributes = elements(SEQUENCE, &[elements(SEQUENCE, &attribute)]);

        message(id, elements(ENTRY, &[element(OCTETS, b"cn=bob"), attributes]))
    }

    fn done(id: u32, code: u32, said: &str) -> Vec<u8> {
        let result =
            [number(ENUMERATED, code), element(OCTETS, b""), element(OCTETS, said.as_bytes())];

        message(id, elements(DONE, &result))
    }

    #[test]
    fn answers_are_read() {
        let of = |bytes: &[u8]| Answer::read(bytes).unwrap();
        let content = Content::Entry(vec![b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(of(&entry(2, &[b"one", b"two"])), Answer { id: 2, content });
        let content = Content::Ended { code: 32, said: "no".to_owned() };
        assert_eq!(of(&done(3, 32, "no")), Answer { id: 3, content });
        let reference = message(2, elements(0x73, &[element(OCTETS, b"ldap://elsewhere")]));
        assert_eq!(of(&reference), Answer { id: 2, content: Content::Other });
        let many = vec![&b"x"[..]; MOST_VALUES + 5];
        let Content::Entry(values) = of(&entry(1, &many)).content else { panic!("an entry") };
        assert_eq!(values.len(), MOST_VALUES);
    }

    #[test]
    fn messages_are_taken_from_a_stream_byte_by_byte() {
        for whole in [entry(2, &[&[7; 300]]), done(3, 0, ""), entry(1, &[&[7; 70_000]])] {
            let mut taken = Vec::new();
            loop {
                let wanted = missing(&taken).unwrap();
                if wanted == 0 {
                    break;
                }
                let at = taken.len();
                taken.extend_from_slice(&whole[at..at + wanted]);
            }
            assert_eq!(taken, whole);
        }
    }

    #[test]
    fn nothing_of_a_message_can_be_changed_or_cut_to_a_panic() {
        for bytes in
            [&[0x31][..], &[0x30, 0x80], &[0x30, 0x85], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]]
        {
            assert_eq!(missing(bytes), Err(Unreadable), "{bytes:02x?}");
        }
        let whole = [entry(2, &[b"one", b"two"]), done(3, 4, "many")];
        for message in whole {
            for at in 0..message.len() {
                assert_eq!(Answer::read(&message[..at]), Err(Unreadable));
                for change in 0..=255 {
                    let mut changed = message.clone();
                    changed[at] = change;
                    drop((missing(&changed), Answer::read(&changed)));
                }
            }
        }
    }

    #[test]
    fn requests_are_written_as_rfc_4511_says() {
        let tls = [&[0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16][..], START_TLS].concat();
        assert_eq!(start_tls(1), tls);
        assert_eq!(unbind(3), [0x30, 5, 2, 1, 3, 0x42, 0]);
        let filter = Filter::parse("(mail={address})").unwrap();
        let search = Search {
            base: "o=x",
            filter: &filter,
            address: "a@b",
            attributes: &["c".to_owned()],
            most: 20,
            seconds: 5,
        };
        let wanted = [
            &[0x30, 0x2b, 2, 1, 2, 0x63, 0x26, 4, 3][..],
            b"o=x",
            &[0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 20, 2, 1, 5, 1, 1, 0, 0xa3, 0x0b, 4, 4],
            b"mail",
            &[4, 3],
            b"a@b",
            &[0x30, 3, 4, 1],
            b"c",
        ];
        assert_eq!(search.encode(2), wanted.concat());
    }
}
