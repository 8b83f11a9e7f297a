use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER};

use super::plain::percent_decode;
use super::{Command, DeviceId, Form, Parameters, Query, QueryError, Version};

const SAVE_IN_SENT: u8 = 0x01;
const ACCEPT_MULTIPART: u8 = 0x02;

pub(super) fn parse(query: &str) -> Result<Query, QueryError> {
    let text = percent_decode(query, b'+').ok_or(QueryError::Base64)?;
    let encoding = if text.len() % 4 == 0 { BASE64 } else { BASE64_NOPAD };
    let bytes = encoding.decode(text.as_bytes()).map_err(|_| QueryError::Base64)?;
    let mut input = bytes.as_slice();
    let version = byte(&mut input, "the protocol version")?;
    let version = Version::from_code(version)
        .ok_or_else(|| QueryError::UnknownVersion(version.to_string()))?;
    let command = byte(&mut input, "the command")?;
    let command = Command::from_code(command)
        .ok_or_else(|| QueryError::UnknownCommand(command.to_string()))?;
    let locale =
        u16::from_le_bytes([byte(&mut input, "the locale")?, byte(&mut input, "the locale")?]);
    let device_id = device_id(counted(&mut input, "the device id")?)?;
    let policy_key = match *counted(&mut input, "the policy key")? {
        [] => None,
        [a, b, c, d] => Some(u32::from_le_bytes([a, b, c, d])),
        _ => return Err(QueryError::Length("the policy key")),
    };
    let device_type = text_of(counted(&mut input, "the device type")?, "the device type")?;
    let (parameters, user) = parameters(input)?;
    Ok(Query {
        command,
        user,
        device_id,
        device_type,
        version: Some(version),
        policy_key,
        locale: Some(locale),
        parameters,
        form: Form::Base64,
    })
}

/// The id is text, or the bytes of a GUID, which are shown as lower-case hex.
fn device_id(bytes: &[u8]) -> Result<DeviceId, QueryError> {
    let text = str::from_utf8(bytes).ok().and_then(DeviceId::new);
    let id = match text {
        Some(id) => Some(id),
        None if bytes.len() == 16 => DeviceId::new(HEXLOWER.encode(bytes)),
        None => None,
    };
    id.ok_or(QueryError::DeviceId)
}

fn parameters(mut input: &[u8]) -> Result<(Parameters, Option<String>), QueryError> {
    let mut parameters = Parameters::default();
    let mut user = None;
    let mut seen: Vec<u8> = Vec::new();
    while !input.is_empty() {
        let tag = byte(&mut input, "a parameter")?;
        let value = counted(&mut input, "a parameter")?;
        if seen.contains(&tag) {
            return Err(QueryError::Repeated(format!("parameter {tag}")));
        }
        seen.push(tag);
        match tag {
            0 => parameters.attachment_name = Some(text_of(value, "AttachmentName")?),
            1 => parameters.collection_id = Some(text_of(value, "CollectionId")?),
            3 => parameters.item_id = Some(text_of(value, "ItemId")?),
            4 => parameters.long_id = Some(text_of(value, "LongId")?),
            6 => parameters.occurrence = Some(text_of(value, "Occurrence")?),
            7 => {
                let [flags] = *value else { return Err(QueryError::Length("Options")) };
                parameters.save_in_sent = flags & SAVE_IN_SENT != 0;
                parameters.accept_multipart = flags & ACCEPT_MULTIPART != 0;
            }
            8 => user = Some(text_of(value, "User")?),
            _ => return Err(QueryError::UnknownParameter(tag)),
        }
    }
    Ok((parameters, user))
}

fn byte(input: &mut &[u8], what: &'static str) -> Result<u8, QueryError> {
    let (first, rest) = input.split_first().ok_or(QueryError::Length(what))?;
    *input = rest;
    Ok(*first)
}

fn counted<'a>(input: &mut &'a [u8], what: &'static str) -> Result<&'a [u8], QueryError> {
    let length = usize::from(byte(input, what)?);
    let (value, rest) = input.split_at_checked(length).ok_or(QueryError::Length(what))?;
    *input = rest;
    Ok(value)
}

fn text_of(bytes: &[u8], what: &'static str) -> Result<String, QueryError> {
    let text = str::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control));
    text.map(str::to_owned).ok_or_else(|| QueryError::Unreadable(what.to_owned()))
}
