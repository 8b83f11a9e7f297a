//! Base64 (RFC 4648 §4) read as it comes, with white space anywhere.

use data_encoding::BASE64;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// Decodes what it reads. What is not base64, or goes on after its end, is [`ErrorKind::InvalidData`].
pub(super) struct Base64<R>(BufReader<Decoder<R>>);

impl<R: BufRead> Base64<R> {
    pub(super) fn new(encoded: R) -> Self {
        let decoder = Decoder { encoded, digits: Vec::new(), ended: false };

        Self(BufReader::with_capacity(1 << 16, decoder))
    }
}

impl<R: BufRead> Read for Base64<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room)
    }
}

impl<R: BufRead> BufRead for Base64<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

struct Decoder<R> {
    encoded: R,
    /// Digits that are read and not decoded.
    digits: Vec<u8>,
    /// The padding was read.
    ended: bool,
}

impl<R: BufRead> Read for Decoder<R> {
    /// Needs room for three octets at least.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most = room.len() / 3 * 4;
        while self.digits.len() < 4 {
            let found = self.encoded.fill_buf()?;
            if found.is_empty() {
                break;
            }
            let found = found.get(..most.min(found.len())).unwrap_or_default();
            let length = found.len();
            self.digits.extend(found.iter().filter(|digit| !digit.is_ascii_whitespace()));
            self.encoded.consume(length);
        }
        let whole = (self.digits.len() / 4 * 4).min(most);
        let digits: Vec<u8> = self.digits.drain(..whole).collect();
        if digits.is_empty() {
            // What is left is no whole group.
            let complete = self.digits.is_empty();
            return if complete { Ok(0) } else { Err(ErrorKind::InvalidData.into()) };
        }
        if self.ended {
            return Err(ErrorKind::InvalidData.into());
        }
        self.ended = digits.contains(&b'=');
        let decoded = BASE64.decode(&digits).map_err(|_| ErrorKind::InvalidData)?;
        let room = room.get_mut(..decoded.len()).ok_or(ErrorKind::InvalidInput)?;
        room.copy_from_slice(&decoded);

        Ok(decoded.len())
    }
}
