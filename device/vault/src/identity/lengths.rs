//! Parts that follow each other, each after its length in four bytes, big-endian.

/// Returns `part` after its length.
pub(crate) fn with_length(part: &[u8]) -> Vec<u8> {
    // What is written here was read from files that are far smaller.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);

    [&length.to_be_bytes(), part].concat()
}

/// Returns the first part, and what follows it.
pub(crate) fn split(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = rest.split_first_chunk::<4>()?;

    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
