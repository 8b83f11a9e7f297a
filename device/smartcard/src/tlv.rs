//! Tags, lengths and values of one octet of tag (BER-TLV, ISO 7816-4 §5.2.2).

/// Finds the value of `tag` among the elements in a row of `octets`.
pub(crate) fn find(octets: &[u8], tag: u8) -> Option<&[u8]> {
    let mut rest = octets;
    while !rest.is_empty() {
        let (found, value, after) = next(rest)?;
        if found == tag {
            return Some(value);
        }
        rest = after;
    }

    None
}

/// Whether `octets` begin with a whole element.
pub(crate) fn complete(octets: &[u8]) -> bool {
    next(octets).is_some()
}

/// The length of the first element, with its tag and length.
pub(crate) fn length(octets: &[u8]) -> Option<usize> {
    let (_, _, rest) = next(octets)?;

    octets.len().checked_sub(rest.len())
}

/// Elements in a row, up to the first that is none.
///
/// Files end in zeros or ones where they are longer than their content, and have zeros where an
/// element was deleted.
#[derive(Clone)]
pub(crate) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    pub(crate) fn of(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// Takes the value of the next element, if it has this tag.
    pub(crate) fn next_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, value, rest) = next(self.0)?;
        if found != tag {
            return None;
        }
        self.0 = rest;

        Some(value)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((0, rest)) = self.0.split_first() {
            self.0 = rest;
        }
        let (tag, value, rest) = next(self.0).filter(|(tag, _, _)| *tag != 0xff)?;
        self.0 = rest;

        Some((tag, value))
    }
}

fn next(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |sum, digit| sum * 256 + usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;

    Some((*tag, value, rest))
}

/// Appends an element.
pub(crate) fn push(octets: &mut Vec<u8>, tag: u8, value: &[u8]) {
    octets.push(tag);
    let [.., high, low] = value.len().to_be_bytes();
    match value.len() {
        0..0x80 => octets.push(low),
        0x80..0x100 => octets.extend([0x81, low]),
        _ => octets.extend([0x82, high, low]),
    }
    octets.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_as_they_were_written() {
        for length in [0, 1, 127, 128, 255, 256, 4000] {
            let value = vec![7; length];
            let mut octets = Vec::new();
            push(&mut octets, 0x71, &[1]);
            push(&mut octets, 0x70, &value);
            push(&mut octets, 0xfe, b"");
            assert_eq!(find(&octets, 0x70), Some(&value[..]));
            assert_eq!(find(&octets, 0x72), None);
            assert_eq!(find(&octets[..octets.len() - 3], 0x70), None);
        }
        assert_eq!(find(&[0x70, 0x84, 0, 0, 0, 0], 0x70), None);
        assert_eq!(find(&[0x70], 0x70), None);
    }

    #[test]
    fn filling_between_elements_and_after_them_is_passed_over() {
        let row = |octets: &[u8]| Elements::of(octets).map(|(tag, _)| tag).collect::<Vec<_>>();
        assert_eq!(row(&[0x30, 0, 0, 0, 0x31, 1, 5, 0, 0]), [0x30, 0x31]);
        assert_eq!(row(&[0x30, 0, 0xff, 0xff]), [0x30]);
        assert_eq!(row(&[0x30, 0, 0x31, 2, 5]), [0x30]);
        assert_eq!(row(&[0; 4]), []);
        let mut elements = Elements::of(&[4, 1, 7, 2, 1, 8]);
        assert_eq!(elements.next_if(2), None);
        assert_eq!((elements.next_if(4), elements.next_if(2)), (Some(&[7][..]), Some(&[8][..])));
        assert_eq!((length(&[4, 1, 7, 9]), length(&[4, 2, 7])), (Some(3), None));
        assert!(complete(&[4, 1, 7, 9]) && !complete(&[4, 2, 7]));
    }
}
