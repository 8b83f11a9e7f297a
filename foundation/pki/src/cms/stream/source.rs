//! Values of BER read one after the other from a stream (X.690 §8).

use super::super::{Malformed, ber};
use super::StreamError;
use crate::cms::tlv::{OCTET_STRING, context, primitive};
use std::io::{BufRead, ErrorKind};

/// The most octets of all values that are read whole: recipients, algorithms, attributes.
const MAX_SIZE: u64 = 1 << 22;

/// Values nested deeper than this are refused.
const MAX_DEPTH: usize = 24;

const CONSTRUCTED: u8 = 0x20;
const NUMBER: u8 = 0x1f;
const END: u8 = 0;

/// A stream of values, of which some are entered.
pub(super) struct Source<R> {
    reader: R,
    place: u64,
    /// Where each value ends that was entered; none if its end is marked.
    entered: Vec<Option<u64>>,
    budget: u64,
}

impl<R: BufRead> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, place: 0, entered: Vec::new(), budget: MAX_SIZE }
    }

    /// Reads the header of a constructed value, whose values come next.
    pub(super) fn enter(&mut self, tag: u8) -> Result<(), StreamError> {
        let header = self.header()?;
        if header.tag != tag {
            return Err(Malformed.into());
        }

        self.enter_constructed(header)
    }

    /// Tells whether there is another value in the one that was entered last.
    pub(super) fn more(&mut self) -> Result<bool, StreamError> {
        match self.entered.last() {
            Some(Some(end)) => Ok(self.place < *end),
            Some(None) => Ok(self.peek()? != Some(END)),
            None => Ok(self.peek()?.is_some()),
        }
    }

    /// Leaves the value that was entered last, in which nothing may be left.
    pub(super) fn leave(&mut self) -> Result<(), StreamError> {
        match self.entered.pop() {
            Some(Some(end)) if end == self.place => Ok(()),
            Some(None) if [self.byte()?, self.byte()?] == [END, END] => Ok(()),
            _ => Err(Malformed.into()),
        }
    }

    /// Makes sure that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), StreamError> {
        if self.peek()?.is_some() { Err(Malformed.into()) } else { Ok(()) }
    }

    /// Reads one whole value as DER would have it.
    pub(super) fn value(&mut self) -> Result<Vec<u8>, StreamError> {
        let mut bytes = Vec::new();
        self.copy(&mut bytes, MAX_DEPTH)?;

        Ok(ber::normalise(&bytes)?.into_owned())
    }

    /// Gives on the octets of an OCTET STRING under a context-specific tag, in the pieces that they come in.
    pub(super) fn octets(
        &mut self,
        number: u8,
        give: &mut dyn FnMut(&[u8]) -> Result<(), StreamError>,
    ) -> Result<(), StreamError> {
        let header = self.header()?;
        if header.tag == primitive(number) {
            return self.give(header.length.ok_or(Malformed)?, give);
        }
        if header.tag != context(number) {
            return Err(Malformed.into());
        }
        let outside = self.entered.len();
        self.enter_constructed(header)?;
        while self.entered.len() > outside {
            if !self.more()? {
                self.leave()?;
                continue;
            }
            let header = self.header()?;
            match header.tag {
                OCTET_STRING => self.give(header.length.ok_or(Malformed)?, give)?,
                tag if tag == OCTET_STRING | CONSTRUCTED => self.enter_constructed(header)?,
                _ => return Err(Malformed.into()),
            }
        }

        Ok(())
    }

    fn enter_constructed(&mut self, header: Header) -> Result<(), StreamError> {
        if self.entered.len() >= MAX_DEPTH {
            return Err(Malformed.into());
        }
        self.entered.push(header.length.map(|length| self.place + length));

        Ok(())
    }

    fn copy(&mut self, bytes: &mut Vec<u8>, depth: usize) -> Result<(), StreamError> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let header = self.header()?;
        self.budget = self.budget.checked_sub(16).ok_or(Malformed)?;
        bytes.extend(header.bytes.iter().take(header.size));
        if let Some(length) = header.length {
            self.budget = self.budget.checked_sub(length).ok_or(Malformed)?;
            return self.give(length, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            });
        }
        self.enter_constructed(header)?;
        while self.more()? {
            self.copy(bytes, depth)?;
        }
        self.leave()?;
        bytes.extend([END, END]);

        Ok(())
    }

    /// Reads tag and length, and makes sure that the value is not longer than what it is in.
    fn header(&mut self) -> Result<Header, StreamError> {
        let mut header = Header { tag: self.byte()?, length: None, bytes: [0; 10], size: 2 };
        let first = self.byte()?;
        let more = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        let room = header.bytes.get_mut(..2 + more).ok_or(Malformed)?;
        for (place, octet) in room.iter_mut().enumerate() {
            *octet = match place {
                0 => header.tag,
                1 => first,
                _ => self.byte()?,
            };
        }
        header.size = 2 + more;
        let (_, length, _) = ber::header(&header.bytes)?;
        header.length = length.map(u64::try_from).transpose().map_err(|_| Malformed)?;
        if header.length.is_none() && header.tag & CONSTRUCTED == 0
            || header.tag & NUMBER == 0 && header.tag == END
        {
            return Err(Malformed.into());
        }
        let end = self.place.checked_add(header.length.unwrap_or(0)).ok_or(Malformed)?;
        if self.limit().is_some_and(|limit| end > limit) {
            return Err(Malformed.into());
        }

        Ok(header)
    }

    /// Where the innermost value ends whose length is known.
    fn limit(&self) -> Option<u64> {
        self.entered.iter().rev().find_map(|end| *end)
    }

    fn give(
        &mut self,
        length: u64,
        give: &mut dyn FnMut(&[u8]) -> Result<(), StreamError>,
    ) -> Result<(), StreamError> {
        let mut left = length;
        while left > 0 {
            let found = match self.reader.fill_buf() {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(StreamError::Read(error)),
            };
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(found.len());
            let piece = found.get(..wanted).filter(|piece| !piece.is_empty()).ok_or(Malformed)?;
            give(piece)?;
            self.reader.consume(wanted);
            left -= wanted as u64;
        }
        self.place += length;

        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, StreamError> {
        loop {
            match self.reader.fill_buf() {
                Ok(found) => return Ok(found.first().copied()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(StreamError::Read(error)),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, StreamError> {
        let mut byte = [0];
        match self.reader.read_exact(&mut byte) {
            Ok(()) => {
                self.place += 1;
                Ok(byte[0])
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(Malformed.into()),
            Err(error) => Err(StreamError::Read(error)),
        }
    }
}

struct Header {
    tag: u8,
    /// The octets of the content; none if its end is marked.
    length: Option<u64>,
    bytes: [u8; 10],
    size: usize,
}
