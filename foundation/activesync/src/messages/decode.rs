use std::borrow::Cow;

use time::OffsetDateTime;

use crate::codepage::Tag;
use crate::date;
use crate::status::Status;
use crate::wbxml::{ReadError, Reader};

/// Why a body is not the message it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An element holds a value that it cannot have.
    #[error("byte {offset}: {tag} has an impossible value")]
    Invalid {
        /// The element.
        tag: Tag,
        /// Distance of the byte after the value from the start of the body.
        offset: usize,
    },
    /// An element that must be there is not.
    #[error("{0} is missing")]
    Missing(Tag),
    /// The body cannot be read at all.
    #[error("not readable as WBXML: {0}")]
    Unreadable(#[from] ReadError),
    /// The body is a message of another kind.
    #[error("the body is {0}")]
    WrongRoot(Tag),
}

/// Opens `input` and enters its root element, which must be `root`.
pub(super) fn open(input: &[u8], root: Tag) -> Result<Reader<'_>, DecodeError> {
    let mut reader = Reader::new(input)?;
    match reader.child()? {
        Some(tag) if tag == root => Ok(reader),
        Some(tag) => Err(DecodeError::WrongRoot(tag)),
        None => Err(DecodeError::Missing(root)),
    }
}

/// Checks that nothing follows the root element.
pub(super) fn close(mut reader: Reader<'_>) -> Result<(), DecodeError> {
    reader.event()?;
    Ok(())
}

/// Puts a value into a list, if there is one, and counts what the list takes.
pub(super) fn keep<T>(
    list: &mut Vec<T>,
    value: impl Into<Option<T>>,
    reader: &mut Reader<'_>,
) -> Result<(), ReadError> {
    let Some(value) = value.into() else { return Ok(()) };
    if list.len() == list.capacity() {
        reader.take_room(list.capacity().max(4).saturating_mul(size_of::<T>()))?;
    }
    list.push(value);
    Ok(())
}

/// Makes an empty value on the heap and counts what it takes.
pub(super) fn boxed<T: Default>(reader: &mut Reader<'_>) -> Result<Box<T>, ReadError> {
    reader.take_room(size_of::<T>())?;
    Ok(Box::default())
}

pub(super) trait Values {
    /// Reads the entered element as text.
    fn string(&mut self) -> Result<String, DecodeError>;
    /// Reads the entered element as a number.
    fn number<N: TryFrom<i64>>(&mut self, tag: Tag) -> Result<N, DecodeError>;
    /// Reads the entered element as a number, or `None` if it holds something else.
    fn number_if_any<N: TryFrom<i64>>(&mut self) -> Result<Option<N>, DecodeError>;
    /// Reads the entered element as a boolean. Present without a value means yes.
    fn boolean(&mut self) -> Result<bool, DecodeError>;
    /// Reads the entered element as a point in time, or `None` if it holds something else.
    fn date_if_any(&mut self) -> Result<Option<OffsetDateTime>, DecodeError>;
    /// Reads the entered element as a status.
    fn status(&mut self, tag: Tag) -> Result<Status, DecodeError>;
}

impl Values for Reader<'_> {
    fn string(&mut self) -> Result<String, DecodeError> {
        Ok(self.text()?.into_owned())
    }

    fn number<N: TryFrom<i64>>(&mut self, tag: Tag) -> Result<N, DecodeError> {
        let value = self.number_if_any()?;
        value.ok_or(DecodeError::Invalid { tag, offset: self.offset() })
    }

    fn number_if_any<N: TryFrom<i64>>(&mut self) -> Result<Option<N>, DecodeError> {
        let text: Cow<'_, str> = self.text()?;
        Ok(text.trim().parse::<i64>().ok().and_then(|number| N::try_from(number).ok()))
    }

    fn boolean(&mut self) -> Result<bool, DecodeError> {
        Ok(!matches!(self.text()?.trim(), "0" | "false"))
    }

    fn date_if_any(&mut self) -> Result<Option<OffsetDateTime>, DecodeError> {
        Ok(date::parse(&self.text()?))
    }

    fn status(&mut self, tag: Tag) -> Result<Status, DecodeError> {
        self.number(tag).map(Status)
    }
}
