//! Mails of strangers, parsed on a bounded stack.

use mail_parser::{Message, MessageParser};

/// The most mails in mails: the parser and whoever walks through its result go one level deeper for each.
const MOST_NESTED: usize = 1000;

/// Takes a whole mail apart; `None` if the bytes hold no mail, or too many in each other.
pub(crate) fn parse(bytes: &[u8]) -> Option<Message<'_>> {
    if is_too_nested(bytes) {
        return None;
    }

    MessageParser::default().parse(bytes)
}

/// Counts what can begin a mail in a mail: `message/rfc822`, `message/global`, and the parts of `multipart/digest`.
fn is_too_nested(bytes: &[u8]) -> bool {
    let begins = |mark: &'static [u8]| {
        let first = mark.first().copied().unwrap_or_default();
        let windows = bytes.windows(mark.len());
        windows
            .filter(move |it| it.first().map(u8::to_ascii_lowercase) == Some(first))
            .filter(move |it| it.eq_ignore_ascii_case(mark))
    };
    let nested = begins(b"rfc822").chain(begins(b"global")).chain(begins(b"digest"));

    nested.take(MOST_NESTED + 1).count() > MOST_NESTED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_in_mails_end() {
        for head in [
            "Content-Type:message/rfc822\n\n",
            "content-type: Message/RFC822\r\n\r\n",
            "Content-Type: message/global\n\n",
            "Content-Type: multipart/digest; boundary=x\n\n--x\n\n",
        ] {
            assert!(parse(head.repeat(20_000).as_bytes()).is_none(), "{head}");
            assert!(parse(head.repeat(10).as_bytes()).is_some(), "{head}");
        }
        let deep = "Content-Type: message/rfc822\n\n".repeat(MOST_NESTED);
        let small = std::thread::Builder::new().stack_size(1 << 20);
        let parsed = small.spawn(move || parse(deep.as_bytes()).is_some());
        assert!(parsed.unwrap().join().unwrap());
    }
}
