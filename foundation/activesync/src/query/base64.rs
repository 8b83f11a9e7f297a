use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER};

use super::plain::percent_decode;
use super::{Command, DeviceId, Form, Misread, Parameters, Query, QueryError, Version};

const SAVE_IN_SENT: u8 = 0x01;
const ACCEPT_MULTIPART: u8 = 0x02;

/// Reads the form. Offsets of errors count in the decoded bytes, or in the text where it is not base64.
pub(super) fn parse(query: &str) -> Result<Query, Misread> {
    let no_base64 = Misread { offset: 0, error: QueryError::Base64 };
    let text = percent_decode(query, b'+').ok_or(no_base64.clone())?;
    let encoding = if text.len() % 4 == 0 { BASE64 } else { BASE64_NOPAD };
    let bytes = encoding
        .decode(text.as_bytes())
        .map_err(|error| Misread { offset: error.position, ..no_base64 })?;
    let mut input = Input { all: &bytes, rest: &bytes };

    read(&mut input).map_err(|error| Misread { offset: input.offset(), error })
}

/// What is left to read. It moves on only past what could be read, so that its offset is that of the trouble.
#[derive(Debug)]
struct Input<'a> {
    all: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn offset(&self) -> usize {
        self.all.len() - self.rest.len()
    }

    fn fixed<const N: usize, T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce([u8; N]) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let (first, rest) = self.rest.split_first_chunk().ok_or(QueryError::Length(what))?;
        let value = read(*first)?;
        self.rest = rest;
        Ok(value)
    }

    fn counted<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&'a [u8]) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let (length, rest) = self.rest.split_first().ok_or(QueryError::Length(what))?;
        let (value, rest) =
            rest.split_at_checked(usize::from(*length)).ok_or(QueryError::Length(what))?;
        let value = read(value)?;
        self.rest = rest;
        Ok(value)
    }
}

fn read(input: &mut Input<'_>) -> Result<Query, QueryError> {
    let version = input.fixed("the protocol version", |[code]| {
        Version::from_code(code).ok_or_else(|| QueryError::UnknownVersion(code.to_string()))
    })?;
    let command = input.fixed("the command", |[code]| {
        Command::from_code(code).ok_or_else(|| QueryError::UnknownCommand(code.to_string()))
    })?;
    let locale = input.fixed("the locale", |bytes| Ok(u16::from_le_bytes(bytes)))?;
    let device_id = input.counted("the device id", device_id)?;
    let policy_key = input.counted("the policy key", |bytes| match *bytes {
        [] => Ok(None),
        [a, b, c, d] => Ok(Some(u32::from_le_bytes([a, b, c, d]))),
        _ => Err(QueryError::Length("the policy key")),
    })?;
    let device_type =
        input.counted("the device type", |bytes| text_of(bytes, "the device type"))?;
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

fn parameters(input: &mut Input<'_>) -> Result<(Parameters, Option<String>), QueryError> {
    let mut parameters = Parameters::default();
    let mut user = None;
    let mut seen: Vec<u8> = Vec::new();
    while let Some(tag) = input.rest.first().copied() {
        if seen.contains(&tag) {
            return Err(QueryError::Repeated(format!("parameter {tag}")));
        }
        seen.push(tag);
        let mut parameter = Input { all: input.all, rest: input.rest.get(1..).unwrap_or_default() };
        parameter.counted("a parameter", |value| {
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
            Ok(())
        })?;
        *input = parameter;
    }
    Ok((parameters, user))
}

fn text_of(bytes: &[u8], what: &'static str) -> Result<String, QueryError> {
    let text = str::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control));
    text.map(str::to_owned).ok_or_else(|| QueryError::Unreadable(what.to_owned()))
}
