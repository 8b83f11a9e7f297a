//! The form of an answer that carries raw bytes beside its WBXML, `application/vnd.ms-sync.multipart`.

/// The content type of the form.
pub const CONTENT_TYPE: &str = "application/vnd.ms-sync.multipart";

const ENTRY: usize = 8;

/// The parts of a body, borrowed from it. Part 0 is the WBXML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts<'a>(Vec<&'a [u8]>);

/// Why a body has no parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The table of parts is longer than the body, or empty.
    #[error("the table of parts does not fit the body")]
    Table,
    /// A part lies outside of the body or inside of the table.
    #[error("part {0} does not fit the body")]
    Part(usize),
}

impl MultipartError {
    /// Returns where in the body the piece of the table begins that is wrong.
    pub fn offset(self) -> usize {
        match self {
            Self::Table => 0,
            Self::Part(index) => 4 + index * ENTRY,
        }
    }
}

impl<'a> Parts<'a> {
    /// Reads the table of parts and checks each of them.
    pub fn parse(body: &'a [u8]) -> Result<Self, MultipartError> {
        let (count, table) = body.split_first_chunk::<4>().ok_or(MultipartError::Table)?;
        let count =
            usize::try_from(u32::from_le_bytes(*count)).map_err(|_| MultipartError::Table)?;
        let length =
            count.checked_mul(ENTRY).filter(|length| *length > 0).ok_or(MultipartError::Table)?;
        let table = table.get(..length).ok_or(MultipartError::Table)?;
        let end_of_table = 4 + length;
        let mut parts = Vec::with_capacity(count);
        for (index, entry) in table.as_chunks::<ENTRY>().0.iter().enumerate() {
            let [a, b, c, d, e, f, g, h] = *entry;
            let start = usize::try_from(u32::from_le_bytes([a, b, c, d]))
                .map_err(|_| MultipartError::Part(index))?;
            let size = usize::try_from(u32::from_le_bytes([e, f, g, h]))
                .map_err(|_| MultipartError::Part(index))?;
            let part = start
                .checked_add(size)
                .filter(|_| start >= end_of_table)
                .and_then(|end| body.get(start..end));
            parts.push(part.ok_or(MultipartError::Part(index))?);
        }
        Ok(Self(parts))
    }

    /// Returns the WBXML.
    pub fn wbxml(&self) -> &'a [u8] {
        self.0.first().copied().unwrap_or_default()
    }

    /// Returns the bytes that an element `Part` with this number stands for; number 0 stands for none.
    pub fn part(&self, number: u32) -> Option<&'a [u8]> {
        let index = usize::try_from(number).ok().filter(|index| *index > 0)?;
        self.0.get(index).copied()
    }
}

/// Writes a body. Part 0 is the WBXML. `None` if it would be larger than 32 bits can say.
pub fn encode(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let table = 4 + parts.len() * ENTRY;
    let total = table + parts.iter().map(|part| part.len()).sum::<usize>();
    u32::try_from(total).ok()?;
    let mut body = Vec::with_capacity(total);
    body.extend(u32::try_from(parts.len()).ok()?.to_le_bytes());
    let mut start = table;
    for part in parts {
        body.extend(u32::try_from(start).ok()?.to_le_bytes());
        body.extend(u32::try_from(part.len()).ok()?.to_le_bytes());
        start += part.len();
    }
    parts.iter().for_each(|part| body.extend_from_slice(part));
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_again() {
        let body = encode(&[b"wbxml", b"", b"picture"]).unwrap();
        assert_eq!(&body[..12], [3, 0, 0, 0, 28, 0, 0, 0, 5, 0, 0, 0]);
        let parts = Parts::parse(&body).unwrap();
        assert_eq!(parts.wbxml(), b"wbxml");
        assert_eq!(parts.part(1), Some(&b""[..]));
        assert_eq!(parts.part(2), Some(&b"picture"[..]));
        assert_eq!(parts.part(0), None);
        assert_eq!(parts.part(3), None);
    }

    #[test]
    fn tables_that_lie_are_refused() {
        fn check(body: &[u8], expected: MultipartError) {
            assert_eq!(Parts::parse(body), Err(expected), "{body:?}");
        }
        check(b"", MultipartError::Table);
        check(&[0, 0, 0, 0], MultipartError::Table);
        check(&[1, 0, 0, 0, 12, 0, 0, 0], MultipartError::Table);
        check(&[0xff, 0xff, 0xff, 0xff, 12, 0, 0, 0, 1, 0, 0, 0], MultipartError::Table);
        check(&[1, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0], MultipartError::Part(0));
        check(&[1, 0, 0, 0, 11, 0, 0, 0, 1, 0, 0, 0, 9], MultipartError::Part(0));
        check(&[1, 0, 0, 0, 12, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 9], MultipartError::Part(0));
    }

    #[test]
    fn the_entry_that_lies_is_named_by_its_place() {
        let mut body = encode(&[b"wbxml", b"", b"picture"]).unwrap();
        body.pop();
        let error = Parts::parse(&body).unwrap_err();
        assert_eq!((error, error.offset()), (MultipartError::Part(2), 20));
        assert_eq!(Parts::parse(b"").unwrap_err().offset(), 0);
    }
}
