//! Where a body ends, and its chunks taken apart in place.

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// `Content-Length`, or no body at all with 0.
    Length(u64),
    /// By the end of the connection; only answers may do that.
    UntilClose,
}

/// Whose bytes are read, and so how strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A client: no chunk extensions, no trailers.
    Client,
    /// The mail server: both are tolerated and dropped.
    Server,
}

/// Why a body cannot be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// The framing of a chunk is not what it must be.
    #[error("broken chunk")]
    BrokenChunk,
    /// The body is longer than allowed.
    #[error("body too long")]
    TooLong,
}

/// What one call of [`Decoder::decode`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// Bytes of content, moved to the front of the input.
    pub(crate) content: usize,
    /// Bytes of the input that belong to this body; what follows does not.
    pub(crate) consumed: usize,
}

/// Bytes of chunk extensions or trailers that a server may send in one go.
const TOLERATED: u16 = 8 * 1024;

/// Finds the content of one body in the bytes of a connection.
#[derive(Debug)]
pub(crate) struct Decoder {
    state: State,
    sender: Sender,
    /// Content that may still come before the body is too long.
    allowed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Length(u64),
    UntilClose,
    Size { digits: u8, value: u64 },
    Extension { value: u64, skipped: u16 },
    SizeLf { value: u64 },
    Data(u64),
    DataCr,
    DataLf,
    Trailer { in_line: u16, skipped: u16 },
    TrailerLf { in_line: u16, skipped: u16 },
    Done,
}

impl Decoder {
    /// Starts a body of at most `allowed` bytes.
    pub(crate) fn new(framing: Framing, sender: Sender, allowed: u64) -> Result<Self, BodyError> {
        let state = match framing {
            Framing::Length(length) if length > allowed => return Err(BodyError::TooLong),
            Framing::Length(0) => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size { digits: 0, value: 0 },
            Framing::UntilClose => State::UntilClose,
        };
        Ok(Self { state, sender, allowed })
    }

    /// Returns whether the body has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns whether the end of the connection is a proper end of this body.
    pub(crate) fn may_end_here(&self) -> bool {
        matches!(self.state, State::Done | State::UntilClose)
    }

    /// Reads `bytes` on from where the last call stopped, and moves the content in them to their front.
    pub(crate) fn decode(&mut self, bytes: &mut [u8]) -> Result<Decoded, BodyError> {
        let mut found = Decoded { content: 0, consumed: 0 };
        while !self.is_done() && found.consumed < bytes.len() {
            match self.state {
                State::Length(left) | State::Data(left) => self.take(left, bytes, &mut found),
                State::UntilClose => self.take(u64::MAX, bytes, &mut found),
                State::Size { .. }
                | State::Extension { .. }
                | State::SizeLf { .. }
                | State::DataCr
                | State::DataLf
                | State::Trailer { .. }
                | State::TrailerLf { .. }
                | State::Done => {
                    let byte = bytes.get(found.consumed).copied().unwrap_or_default();
                    self.step(byte)?;
                    found.consumed += 1;
                }
            }
        }
        Ok(found)
    }

    fn take(&mut self, left: u64, bytes: &mut [u8], found: &mut Decoded) {
        let here = (bytes.len() - found.consumed) as u64;
        let count = left.min(here);
        // `count` is at most the length of a slice.
        let size = count as usize;
        if found.consumed != found.content {
            bytes.copy_within(found.consumed..found.consumed + size, found.content);
        }
        found.content += size;
        found.consumed += size;
        self.state = match self.state {
            State::UntilClose => State::UntilClose,
            State::Data(left) if left > count => State::Data(left - count),
            State::Data(_) => State::DataCr,
            State::Length(left) if left > count => State::Length(left - count),
            State::Length(_)
            | State::Size { .. }
            | State::Extension { .. }
            | State::SizeLf { .. }
            | State::DataCr
            | State::DataLf
            | State::Trailer { .. }
            | State::TrailerLf { .. }
            | State::Done => State::Done,
        };
    }

    fn step(&mut self, byte: u8) -> Result<(), BodyError> {
        let tolerant = self.sender == Sender::Server;
        self.state = match (self.state, byte) {
            // Fifteen digits cannot overflow.
            (State::Size { digits, value }, _) if byte.is_ascii_hexdigit() && digits < 15 => {
                let digit = (byte as char).to_digit(16).unwrap_or_default();
                State::Size { digits: digits + 1, value: value * 16 + u64::from(digit) }
            }
            (State::Size { digits: 1.., value }, b'\r') => State::SizeLf { value },
            (State::Size { digits: 1.., value }, b' ' | b'\t' | b';') if tolerant => {
                State::Extension { value, skipped: 0 }
            }
            (State::Extension { value, .. }, b'\r') => State::SizeLf { value },
            (State::Extension { value, skipped }, _) if byte != b'\n' && skipped < TOLERATED => {
                State::Extension { value, skipped: skipped + 1 }
            }
            (State::SizeLf { value: 0 }, b'\n') => State::Trailer { in_line: 0, skipped: 0 },
            (State::SizeLf { value }, b'\n') => {
                self.allowed = self.allowed.checked_sub(value).ok_or(BodyError::TooLong)?;
                State::Data(value)
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size { digits: 0, value: 0 },
            (State::Trailer { in_line, skipped }, b'\r') => State::TrailerLf { in_line, skipped },
            (State::Trailer { in_line, skipped }, _)
                if tolerant && byte != b'\n' && skipped < TOLERATED =>
            {
                State::Trailer { in_line: in_line + 1, skipped: skipped + 1 }
            }
            (State::TrailerLf { in_line: 0, .. }, b'\n') => State::Done,
            (State::TrailerLf { skipped, .. }, b'\n') => State::Trailer { in_line: 0, skipped },
            (
                State::Length(_)
                | State::UntilClose
                | State::Size { .. }
                | State::Extension { .. }
                | State::SizeLf { .. }
                | State::Data(_)
                | State::DataCr
                | State::DataLf
                | State::Trailer { .. }
                | State::TrailerLf { .. }
                | State::Done,
                _,
            ) => return Err(BodyError::BrokenChunk),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_with_a_length_ends_where_the_length_says() {
        check(Framing::Length(5), Sender::Client, b"helloPOST /", Ok("hello"), "POST /");
        check(Framing::Length(0), Sender::Client, b"POST /", Ok(""), "POST /");
    }

    #[test]
    fn chunks_are_put_together() {
        check(
            Framing::Chunked,
            Sender::Client,
            b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nPOST",
            Ok("hello world"),
            "POST",
        );
        check(
            Framing::Chunked,
            Sender::Client,
            b"A\r\n0123456789\r\n00\r\n\r\n",
            Ok("0123456789"),
            "",
        );
    }

    #[test]
    fn a_client_may_not_decorate_chunks() {
        for broken in [
            "5;a=b\r\nhello\r\n0\r\n\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhelloo\r\n0\r\n\r\n",
            "\r\n",
            "0\r\nTrailer: x\r\n\r\n",
            "0\r\n\n",
            "fffffffffffffffff\r\n",
            "g\r\n",
        ] {
            check(
                Framing::Chunked,
                Sender::Client,
                broken.as_bytes(),
                Err(BodyError::BrokenChunk),
                "",
            );
        }
    }

    #[test]
    fn a_server_may_decorate_chunks() {
        let decorated = b"5  \r\nhello\r\n1;x=\"y\"\r\n!\r\n0\r\nA: b\r\nC: d\r\n\r\nrest";
        check(Framing::Chunked, Sender::Server, decorated, Ok("hello!"), "rest");
        check(Framing::Chunked, Sender::Server, b"5;\nhello", Err(BodyError::BrokenChunk), "");
        let endless = format!("0\r\n{}\r\n\r\n", "a: b\r\n".repeat(3_000));
        check(
            Framing::Chunked,
            Sender::Server,
            endless.as_bytes(),
            Err(BodyError::BrokenChunk),
            "",
        );
    }

    #[test]
    fn a_body_is_bounded() {
        check(Framing::Chunked, Sender::Client, b"40\r\n", Ok(""), "");
        check(Framing::Chunked, Sender::Client, b"41\r\n", Err(BodyError::TooLong), "");
        check(
            Framing::Chunked,
            Sender::Client,
            b"7fffffffffffffff\r\n",
            Err(BodyError::BrokenChunk),
            "",
        );
        check(
            Framing::Chunked,
            Sender::Client,
            b"7ffffffffffffff\r\n",
            Err(BodyError::TooLong),
            "",
        );
        assert_eq!(
            Decoder::new(Framing::Length(65), Sender::Client, 64).err(),
            Some(BodyError::TooLong)
        );
    }

    proptest! {
        /// However a body is cut into chunks and pieces, its content is the same, and what follows it is left alone.
        #[test]
        fn chunks_and_pieces_do_not_change_the_content(
            chunks in vec(vec(any::<u8>(), 1..40), 0..6),
            cuts in vec(1_usize..20, 1..40),
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\n\r\nnext");
            let mut decoder = Decoder::new(Framing::Chunked, Sender::Client, 1_000).unwrap();
            let (mut content, mut left) = (Vec::new(), Vec::new());
            let mut rest = wire.as_slice();
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at(rest.len().min(*cut));
                let mut piece = piece.to_vec();
                let decoded = decoder.decode(&mut piece).unwrap();
                content.extend_from_slice(&piece[..decoded.content]);
                left.extend_from_slice(&piece[decoded.consumed..]);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert!(decoder.is_done());
            prop_assert_eq!((content, left.as_slice()), (chunks.concat(), b"next".as_slice()));
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in vec(any::<u8>(), 0..200), from_server in any::<bool>()) {
            let sender = if from_server { Sender::Server } else { Sender::Client };
            let mut decoder = Decoder::new(Framing::Chunked, sender, 64).unwrap();
            let mut copy = bytes.clone();
            if let Ok(decoded) = decoder.decode(&mut copy) {
                prop_assert!(decoded.content <= decoded.consumed && decoded.consumed <= bytes.len());
                prop_assert!(decoded.content <= 64);
            }
        }
    }

    /// Decodes `input` at once, byte by byte and in pieces of 3, which must give the same.
    #[track_caller]
    fn check(
        framing: Framing,
        sender: Sender,
        input: &[u8],
        content: Result<&str, BodyError>,
        rest: &str,
    ) {
        for size in [1, 3, input.len()] {
            let mut decoder = Decoder::new(framing, sender, 64).unwrap();
            let mut found = Vec::new();
            let mut left = Vec::new();
            let mut failed = None;
            for piece in input.chunks(size) {
                let mut piece = piece.to_vec();
                match decoder.decode(&mut piece) {
                    Ok(decoded) => {
                        found.extend_from_slice(&piece[..decoded.content]);
                        left.extend_from_slice(&piece[decoded.consumed..]);
                    }
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            match content {
                Ok(content) => {
                    assert_eq!(failed, None);
                    assert_eq!(
                        (found.as_slice(), left.as_slice()),
                        (content.as_bytes(), rest.as_bytes())
                    );
                }
                Err(error) => {
                    assert_eq!(failed, Some(error), "{:?}", String::from_utf8_lossy(input))
                }
            }
        }
    }
}
