//! Buffers that are borrowed for as long as bytes move and given back while a connection waits.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that one buffer takes in. No request head or answer head is longer.
pub(crate) const CAPACITY: usize = 16 * 1024;

/// Room in front of and behind the content, for the framing of one chunk.
const MARGIN: usize = 32;

/// The buffers that nobody needs at the moment.
#[derive(Debug)]
pub(crate) struct Buffers {
    idle: Mutex<Vec<Box<[u8]>>>,
    keep: usize,
}

impl Buffers {
    /// Makes a store that keeps at most `keep` idle buffers.
    pub(crate) fn new(keep: usize) -> Arc<Self> {
        Arc::new(Self { idle: Mutex::new(Vec::new()), keep })
    }

    /// Lends an empty buffer.
    pub(crate) fn take(self: &Arc<Self>) -> Buffer {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let bytes = idle.unwrap_or_else(|| vec![0; CAPACITY + 2 * MARGIN].into_boxed_slice());
        Buffer { bytes, start: MARGIN, end: MARGIN, touched: MARGIN, home: Arc::clone(self) }
    }

    fn give_back(&self, bytes: Box<[u8]>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.keep {
            idle.push(bytes);
        }
    }
}

/// A borrowed buffer. What was in it is overwritten before somebody else gets it.
pub(crate) struct Buffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
    touched: usize,
    home: Arc<Buffers>,
}

/// A place in a buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Buffer {
    /// Returns the content.
    pub(crate) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Returns the content for rewriting in place.
    pub(crate) fn filled_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// Returns whether there is no content.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Returns how many bytes still fit.
    pub(crate) fn room(&self) -> usize {
        (MARGIN + CAPACITY).saturating_sub(self.end)
    }

    /// Drops `count` bytes at the front.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// Marks where the content begins, so that it can be written a second time.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.start)
    }

    /// Takes back every [`Buffer::consume`] since the mark.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.start = self.start.min(mark.0);
    }

    /// Moves the content to the front, so that the whole capacity can be used.
    pub(crate) fn compact(&mut self) {
        let length = self.end - self.start;
        if self.start > MARGIN && length <= CAPACITY {
            self.bytes.copy_within(self.start..self.end, MARGIN);
            self.start = MARGIN;
            self.end = MARGIN + length;
        }
    }

    /// Drops everything behind the first `length` bytes.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(self.start + length);
    }

    /// Appends as much of `bytes` as fits and returns how much that was.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.room());
        let (Some(source), Some(target)) =
            (bytes.get(..count), self.bytes.get_mut(self.end..self.end + count))
        else {
            return 0;
        };
        target.copy_from_slice(source);
        self.grow(count);
        count
    }

    /// Appends a header line.
    ///
    /// # Errors
    ///
    /// There is no room for it.
    pub(crate) fn add_header(&mut self, name: &str, value: &[u8]) -> io::Result<()> {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            io::Write::write_all(self, part)?;
        }
        Ok(())
    }

    /// Moves everything behind the first `length` bytes into a buffer of its own, if there is anything.
    pub(crate) fn split_off(&mut self, length: usize) -> Option<Self> {
        let rest = self.filled().get(length..).filter(|rest| !rest.is_empty())?;
        let mut other = self.home.take();
        other.append(rest);
        self.truncate(length);
        Some(other)
    }

    /// Turns the content into one chunk of a chunked body, and ends the body when `last`.
    ///
    /// An empty content becomes no chunk at all, because an empty chunk would end the body.
    pub(crate) fn frame_chunk(&mut self, last: bool) {
        let length = self.end - self.start;
        if length > 0 {
            let size = format!("{length:x}\r\n");
            let start = self.start.saturating_sub(size.len());
            if let Some(front) = self.bytes.get_mut(start..start + size.len()) {
                front.copy_from_slice(size.as_bytes());
                self.start = start;
            }
            self.append_past_capacity(b"\r\n");
        }
        if last {
            self.end_chunks();
        }
    }

    /// Appends the end of a chunked body, for which there is always room behind a chunk.
    pub(crate) fn end_chunks(&mut self) {
        self.append_past_capacity(b"0\r\n\r\n");
    }

    fn append_past_capacity(&mut self, bytes: &[u8]) {
        if let Some(target) = self.bytes.get_mut(self.end..self.end + bytes.len()) {
            target.copy_from_slice(bytes);
            self.grow(bytes.len());
        }
    }

    fn grow(&mut self, count: usize) {
        self.end += count;
        self.touched = self.touched.max(self.end);
    }

    /// Reads what `source` has behind the content, and returns how much it was; 0 is the end of the stream.
    pub(crate) fn poll_fill<S: AsyncRead + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        source: &mut S,
    ) -> Poll<io::Result<usize>> {
        let room = self.room();
        let space = self.bytes.get_mut(self.end..self.end + room).unwrap_or_default();
        if space.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::OutOfMemory.into()));
        }
        let mut space = ReadBuf::new(space);
        ready!(Pin::new(source).poll_read(context, &mut space))?;
        let count = space.filled().len();
        self.grow(count);
        Poll::Ready(Ok(count))
    }

    /// Writes the content to `sink` until nothing is left.
    pub(crate) fn poll_drain<S: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        sink: &mut S,
    ) -> Poll<io::Result<()>> {
        while !self.is_empty() {
            let count = ready!(Pin::new(&mut *sink).poll_write(context, self.filled()))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.consume(count);
        }
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Buffer {
    /// Shows only the length: the content may be mail or a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Buffer({} bytes)", self.end - self.start)
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.append(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        if let Some(touched) = bytes.get_mut(..self.touched) {
            touched.fill(0);
        }
        self.home.give_back(bytes);
    }
}

/// Reads once from `source` into a buffer that is held only if there was something to read.
///
/// An empty buffer is the end of the stream.
pub(crate) fn poll_some<S: AsyncRead + Unpin>(
    buffers: &Arc<Buffers>,
    context: &mut Context<'_>,
    source: &mut S,
) -> Poll<io::Result<Buffer>> {
    let mut buffer = buffers.take();
    ready!(buffer.poll_fill(context, source))?;
    Poll::Ready(Ok(buffer))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_chunk_is_framed_in_place() {
        let mut buffer = Buffers::new(1).take();
        buffer.append(b"hello");
        buffer.frame_chunk(false);
        assert_eq!(buffer.filled(), b"5\r\nhello\r\n");
    }

    #[test]
    fn a_full_buffer_still_takes_its_framing() {
        let mut buffer = Buffers::new(1).take();
        assert_eq!(buffer.append(&[b'x'; CAPACITY + 1]), CAPACITY);
        buffer.frame_chunk(true);
        assert!(buffer.filled().starts_with(b"4000\r\nxxx"));
        assert!(buffer.filled().ends_with(b"xxx\r\n0\r\n\r\n"));
    }

    #[test]
    fn an_empty_content_is_no_chunk() {
        let mut buffer = Buffers::new(1).take();
        buffer.frame_chunk(false);
        assert_eq!(buffer.filled(), b"");
        buffer.frame_chunk(true);
        assert_eq!(buffer.filled(), b"0\r\n\r\n");
    }

    #[test]
    fn what_comes_after_is_split_off() {
        let mut buffer = Buffers::new(2).take();
        buffer.append(b"first second");
        let rest = buffer.split_off(6);
        assert_eq!(buffer.filled(), b"first ");
        assert_eq!(rest.map(|rest| rest.filled().to_vec()), Some(b"second".to_vec()));
        assert!(buffer.split_off(6).is_none());
    }

    #[test]
    fn a_buffer_is_overwritten_before_the_next_one_gets_it() {
        let buffers = Buffers::new(1);
        let mut buffer = buffers.take();
        buffer.append(b"secret");
        buffer.consume(6);
        drop(buffer);
        let mut next = buffers.take();
        next.end += 6;
        assert_eq!(next.filled(), [0; 6]);
    }

    #[test]
    fn writing_too_much_is_an_error() {
        let mut buffer = Buffers::new(1).take();
        assert!(buffer.write_all(&[0; CAPACITY]).is_ok());
        assert!(buffer.write_all(b"x").is_err());
    }
}
