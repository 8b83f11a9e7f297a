//! The codec, against fixed bytes and against input that lies.

use activesync::codepage::{air_sync, email, folder_hierarchy};
use activesync::wbxml::{HEADER, Limits, ReadError, ReadErrorKind, Reader, Writer};
use proptest::prelude::*;

fn document(body: &[u8]) -> Vec<u8> {
    [&HEADER[..], body].concat()
}

fn events(input: &[u8]) -> Result<Vec<String>, ReadError> {
    let mut reader = Reader::new(input)?;
    let mut events = Vec::new();
    while let Some(event) = reader.event()? {
        events.push(format!("{event:?}"));
    }
    Ok(events)
}

#[test]
fn a_document_is_read_as_events() {
    let input = document(&[
        0x45, 0x5c, 0x4f, 0x4b, 0x03, b'0', 0x00, 0x01, 0x14, 0x00, 0x02, 0x54, 0xc3, 0x02, 0xff,
        0x00, 0x01, 1, 1, 1,
    ]);
    assert_eq!(
        events(&input).unwrap(),
        [
            "Start { tag: AirSync:Sync, empty: false }",
            "Start { tag: AirSync:Collections, empty: false }",
            "Start { tag: AirSync:Collection, empty: false }",
            "Start { tag: AirSync:SyncKey, empty: false }",
            "Text([48])",
            "End",
            "Start { tag: AirSync:MoreAvailable, empty: true }",
            "End",
            "Start { tag: Email:Subject, empty: false }",
            "Opaque([255, 0])",
            "End",
            "End",
            "End",
            "End",
        ]
    );
}

#[test]
fn header_versions_and_string_table_are_understood() {
    let input = [
        0x02, 0x01, 0x6a, 0x07, b'a', b'b', 0, b'c', b'd', b'e', 0, 0x45, 0x4b, 0x83, 0x03, 0x01,
        0x01,
    ];
    let mut reader = Reader::new(&input).unwrap();
    assert_eq!(reader.child().unwrap(), Some(air_sync::SYNC));
    assert_eq!(reader.child().unwrap(), Some(air_sync::SYNC_KEY));
    assert_eq!(reader.text().unwrap(), "cde");
    assert_eq!(reader.child().unwrap(), None);
    assert_eq!(reader.event().unwrap(), None);
}

#[test]
fn damaged_documents_are_refused_with_the_place() {
    fn check(input: &[u8], kind: ReadErrorKind, offset: usize) {
        assert_eq!(events(input), Err(ReadError { kind, offset }), "{input:02x?}");
    }
    check(&[], ReadErrorKind::Incomplete, 0);
    check(b"<html>", ReadErrorKind::Header, 0);
    check(&[3, 1, 4, 0, 0x45, 1], ReadErrorKind::Header, 2);
    check(&[3, 1, 0x6a], ReadErrorKind::Incomplete, 3);
    check(&[3, 1, 0x6a, 9, 0], ReadErrorKind::Incomplete, 4);
    check(&document(&[]), ReadErrorKind::Incomplete, 4);
    check(&document(&[0x45]), ReadErrorKind::Incomplete, 5);
    check(&document(&[0x45, 0x00]), ReadErrorKind::Incomplete, 6);
    check(&document(&[0x45, 0x03, b'a']), ReadErrorKind::Incomplete, 5);
    check(&document(&[0x45, 0xc3, 0x05, b'a', 0x01]), ReadErrorKind::Incomplete, 7);
    check(&document(&[0x45, 0xc3, 0xff, 0xff, 0xff, 0xff, 0x7f]), ReadErrorKind::Number, 6);
    check(&document(&[0x45, 0xc3, 0x8f, 0xff, 0xff, 0xff, 0x7f]), ReadErrorKind::Incomplete, 11);
    check(&document(&[0x45, 0x83, 0x00, 0x01]), ReadErrorKind::StringTable, 5);
    check(&document(&[0x01]), ReadErrorKind::Structure, 4);
    check(&document(&[0x03, b'a', 0x00]), ReadErrorKind::Structure, 4);
    check(&document(&[0x45, 0x01, 0x45]), ReadErrorKind::Structure, 6);
    check(&document(&[0x05, 0x05]), ReadErrorKind::Structure, 5);
}

#[test]
fn parts_of_wbxml_that_activesync_lacks_are_refused() {
    for token in
        [0x02, 0x04, 0x40, 0x41, 0x42, 0x43, 0x44, 0x80, 0x81, 0x84, 0x85, 0xc0, 0xc4, 0xc5]
    {
        let expected = ReadError { kind: ReadErrorKind::Unsupported(token), offset: 5 };
        assert_eq!(events(&document(&[0x45, token, 0x01, 0x01])), Err(expected));
    }
}

#[test]
fn depth_size_and_number_of_elements_are_bounded() {
    let deep = |levels: usize| document(&[vec![0x45; levels], vec![0x01; levels]].concat());
    assert_eq!(events(&deep(64)).unwrap().len(), 128);
    assert_eq!(events(&deep(65)), Err(ReadError { kind: ReadErrorKind::TooLarge, offset: 68 }));

    let many = document(&[&[0x45][..], &[0x05; 10], &[0x01]].concat());
    let limits = Limits { bytes: 16, depth: 2, elements: 11, growth: 1 };
    assert!(Reader::with_limits(&many, limits).unwrap().child().is_ok());
    let mut reader = Reader::with_limits(&many, Limits { elements: 10, ..limits }).unwrap();
    reader.child().unwrap();
    assert_eq!(reader.skip(), Err(ReadError { kind: ReadErrorKind::TooLarge, offset: 14 }));
    let too_long = Reader::with_limits(&many, Limits { bytes: 15, ..limits });
    assert_eq!(too_long.map(|_| ()), Err(ReadError { kind: ReadErrorKind::TooLarge, offset: 0 }));
}

#[test]
fn unknown_elements_and_pages_are_skipped_whole() {
    let input = document(&[
        0x45, 0x00, 0xfe, 0x45, 0x46, 0x03, b'x', 0x00, 0x01, 0x05, 0x01, 0x00, 0x00, 0x7e, 0x4b,
        0x01, 0x01, 0x4b, 0x03, b'7', 0x00, 0x01, 0x01,
    ]);
    let mut reader = Reader::new(&input).unwrap();
    reader.child().unwrap();
    let mut key = String::new();
    while let Some(tag) = reader.child().unwrap() {
        match tag {
            air_sync::SYNC_KEY => key = reader.text().unwrap().into_owned(),
            _ => reader.skip().unwrap(),
        }
    }
    assert_eq!(key, "7");
    assert_eq!(reader.event().unwrap(), None);
}

#[test]
fn text_in_pieces_and_with_elements_between_is_joined() {
    let input =
        document(&[0x45, 0x03, b'a', 0, 0x4b, 0x03, b'x', 0, 0x01, 0xc3, 0x02, b'b', 0xff, 0x01]);
    let mut reader = Reader::new(&input).unwrap();
    reader.child().unwrap();
    assert_eq!(reader.text().unwrap(), "ab\u{fffd}");
}

#[test]
fn text_is_written_without_nul() {
    let document = Writer::document(email::SUBJECT, |root| root.text(email::TO, "a\0b"));
    assert_eq!(document[4..], [0x00, 0x02, 0x54, 0x56, 0x03, b'a', b'b', 0x00, 0x01, 0x01]);
}

#[test]
fn pages_are_switched_only_where_needed() {
    let document = Writer::document(folder_hierarchy::FOLDER_SYNC, |root| {
        root.text(folder_hierarchy::SYNC_KEY, "0");
        root.empty(air_sync::SYNC);
        root.text(air_sync::STATUS, "");
    });
    assert_eq!(
        document[4..],
        [0x00, 0x07, 0x56, 0x52, 0x03, b'0', 0x00, 0x01, 0x00, 0x00, 0x05, 0x0e, 0x01]
    );
}

#[test]
fn lengths_of_every_size_come_back() {
    for length in [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
        let bytes = vec![0_u8; length];
        let document = Writer::document(email::SUBJECT, |root| root.opaque(email::TO, &bytes));
        let mut reader = Reader::new(&document).unwrap();
        reader.child().unwrap();
        reader.child().unwrap();
        assert_eq!(reader.bytes().unwrap().len(), length);
    }
}

proptest! {
    #[test]
    fn no_input_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(events(&body));
        drop(events(&document(&body)));
    }

    #[test]
    fn no_mix_of_tokens_panics(body in proptest::collection::vec(
        prop_oneof![Just(0x00), Just(0x01), Just(0x03), Just(0xc3), Just(0x83), Just(0x45), Just(0x05), 0_u8..8], 0..200,
    )) {
        drop(events(&document(&body)));
    }
}
