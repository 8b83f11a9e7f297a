//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use ldap::{Answer, Content, Filter, LARGEST, Search, missing};

/// The bytes of a server, as they come: a message is taken whole and within the limit, and nothing in it comes from nowhere.
pub(crate) fn answer(input: &[u8]) {
    let mut taken = 0;
    loop {
        let Ok(wanted) = missing(&input[..taken]) else { return };
        if wanted == 0 {
            break;
        }
        assert!(taken + wanted <= LARGEST + 6, "{wanted} after {taken}");
        taken += wanted;
        if taken > input.len() {
            drop(Answer::read(input));
            return;
        }
    }
    let Ok(answer) = Answer::read(&input[..taken]) else { return };
    match answer.content {
        Content::Entry(values) => {
            assert!(values.len() <= 200);
            assert!(values.iter().map(|value| value.len() + 2).sum::<usize>() <= taken);
        }
        // A byte that is no UTF-8 becomes a character of three.
        Content::Ended { said, .. } => assert!(said.len() <= 3 * taken),
        Content::Other => {}
    }
}

/// A template in the first line and an address behind it: whatever the address is, the search has the same shape.
pub(crate) fn filter(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (template, address) = text.split_once('\n').unwrap_or((&text, "bob@example.com"));
    let Ok(filter) = Filter::parse(template) else { return };
    let shape = |address: &str| {
        let attributes = ["userCertificate;binary".to_owned()];
        let (base, most, seconds) = ("dc=example", 20, 5);
        let search =
            Search { base, filter: &filter, address, attributes: &attributes, most, seconds };
        let mut tags = Vec::new();
        walk(&search.encode(1), &mut tags);
        tags
    };
    assert_eq!(shape(address), shape("a"));
}

/// Adds the tags of all elements, outer ones first. The bytes must be whole elements.
fn walk(mut bytes: &[u8], tags: &mut Vec<u8>) {
    const CONSTRUCTED: u8 = 0x20;

    while let [tag, first, rest @ ..] = bytes {
        let octets = if *first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        let (length, rest) = rest.split_at(octets);
        let length = match octets {
            0 => usize::from(*first),
            _ => length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)),
        };
        let (content, rest) = rest.split_at(length);
        tags.push(*tag);
        if tag & CONSTRUCTED != 0 {
            walk(content, tags);
        }
        bytes = rest;
    }
    assert!(bytes.is_empty());
}
