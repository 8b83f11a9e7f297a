use std::fmt::Write as _;

use super::{Command, DeviceId, Form, Misread, Parameters, Query, QueryError};

/// The plain form has a parameter called `Cmd`.
pub(super) fn is_plain(query: &str) -> bool {
    query.split('&').any(|piece| {
        piece.split_once('=').is_some_and(|(name, _)| name.eq_ignore_ascii_case("Cmd"))
    })
}

/// Reads the form. Offsets of errors count in the query as it was sent.
pub(super) fn parse(query: &str) -> Result<Query, Misread> {
    let mut seen = pairs(query)?;
    let mut take = |name: &str| {
        let index = seen.iter().position(|pair| pair.name.eq_ignore_ascii_case(name))?;
        Some(seen.swap_remove(index))
    };
    let missing = |name| Misread { offset: query.len(), error: QueryError::Missing(name) };
    let command = take("Cmd").ok_or(missing("Cmd"))?;
    let command = Command::from_name(&command.value)
        .ok_or_else(|| command.misread(QueryError::UnknownCommand(shown(&command.value))))?;
    let device_id = take("DeviceId").ok_or(missing("DeviceId"))?;
    let device_id = DeviceId::new(device_id.value.as_str())
        .ok_or_else(|| device_id.misread(QueryError::DeviceId))?;
    let device_type = take("DeviceType").ok_or(missing("DeviceType"))?.value;
    let mut value = |name| take(name).map(|pair| pair.value);
    let user = value("User");
    let parameters = Parameters {
        attachment_name: value("AttachmentName"),
        collection_id: value("CollectionId"),
        item_id: value("ItemId"),
        long_id: value("LongId"),
        occurrence: value("Occurrence"),
        save_in_sent: value("SaveInSent").is_some_and(|value| value.eq_ignore_ascii_case("T")),
        accept_multipart: false,
        unknown: seen.into_iter().map(|pair| (pair.name, pair.value)).collect(),
    };
    let (version, policy_key, locale) = (None, None, None);
    Ok(Query {
        command,
        user,
        device_id,
        device_type,
        version,
        policy_key,
        locale,
        parameters,
        form: Form::Plain,
    })
}

/// A name, its value, and where they stand.
#[derive(Debug)]
struct Pair {
    name: String,
    value: String,
    offset: usize,
}

impl Pair {
    fn misread(&self, error: QueryError) -> Misread {
        Misread { offset: self.offset, error }
    }
}

fn pairs(query: &str) -> Result<Vec<Pair>, Misread> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut offset = 0;
    for piece in query.split('&') {
        let unreadable =
            |what: &str| Misread { offset, error: QueryError::Unreadable(shown(what)) };
        let (name, value) = piece.split_once('=').ok_or_else(|| unreadable(piece))?;
        let name = unescape(name).ok_or_else(|| unreadable(name))?;
        let value = unescape(value).ok_or_else(|| unreadable(&name))?;
        let pair = Pair { name, value, offset };
        if pairs.iter().any(|known| known.name.eq_ignore_ascii_case(&pair.name)) {
            return Err(pair.misread(QueryError::Repeated(shown(&pair.name))));
        }
        pairs.push(pair);
        offset += piece.len() + 1;
    }
    Ok(pairs)
}

pub(super) fn write(query: &Query) -> String {
    let mut text = format!("Cmd={}", query.command);
    let parameters = &query.parameters;
    let known = [
        ("User", query.user.as_deref()),
        ("DeviceId", Some(query.device_id.as_str())),
        ("DeviceType", Some(query.device_type.as_str())),
        ("AttachmentName", parameters.attachment_name.as_deref()),
        ("CollectionId", parameters.collection_id.as_deref()),
        ("ItemId", parameters.item_id.as_deref()),
        ("LongId", parameters.long_id.as_deref()),
        ("Occurrence", parameters.occurrence.as_deref()),
        ("SaveInSent", parameters.save_in_sent.then_some("T")),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let unknown = parameters.unknown.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in known.chain(unknown) {
        text.push('&');
        escape(&mut text, name);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

/// A `+` stands for a blank here; in the base64 form it does not.
fn unescape(text: &str) -> Option<String> {
    percent_decode(text, b' ')
}

/// Replaces percent escapes, and `+` by `plus`. `None` for half an escape, and for what is not UTF-8 or has control characters.
pub(super) fn percent_decode(text: &str, plus: u8) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            b'+' => plus,
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok().filter(|text| !text.chars().any(char::is_control))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn escape(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
}

/// Cuts a foreign text for an error message.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(40).collect()
}
