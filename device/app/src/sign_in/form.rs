//! Names and values as `application/x-www-form-urlencoded`.

use std::fmt::Write as _;

/// Writes pairs.
pub(super) fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, name);
        text.push('=');
        escape(&mut text, value);
    }

    text
}

/// Reads pairs; what is not UTF-8 or half an escape is left out, so a name that counts is missing then.
pub(super) fn read(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|piece| !piece.is_empty());
    let pair = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        Some((unescape(name)?, unescape(value)?))
    };

    pairs.filter_map(pair).collect()
}

fn escape(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            b'+' => b' ',
            _ => byte,
        });
    }

    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let pairs =
            [("scope", "openid https://outlook.office.com/.default"), ("ü", "a+b&c=d%"), ("", "")];
        let text = write(pairs);
        assert_eq!(
            text,
            "scope=openid%20https%3A%2F%2Foutlook.office.com%2F.default&%C3%BC=a%2Bb%26c%3Dd%25&="
        );
        let back = read(&text);
        assert!(back.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(pairs));
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let read = read("a=%4&b=%zz&c=%ff&d=1+2&&e");
        assert_eq!(read, [("d".to_owned(), "1 2".to_owned()), ("e".to_owned(), String::new())]);
    }
}
