use super::*;
use crate::iso::token::{AlgorithmObject, ApplicationTemplate, TokenObject};

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut octets = Vec::new();
    crate::tlv::push(&mut octets, tag, &parts.concat());

    octets
}

fn text(tag: u8, value: &[u8]) -> Vec<u8> {
    element(tag, &[value.to_vec()])
}

fn path(file: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[text(OCTET_STRING, file)])
}

fn file(file: &[u8]) -> Source {
    Source::File(Path::of(file).unwrap())
}

#[test]
fn the_directory_of_objects_is_read() {
    let range = [text(OCTET_STRING, &[0x44, 2]), text(INTEGER, &[1, 0]), text(0x80, &[64])];
    let directory = [
        element(0xa0, &[path(&[0x44, 1])]),
        element(0xa1, &[path(&[0x44, 9])]),
        element(0xa4, &[element(SEQUENCE, &range)]),
        element(0xa8, &[element(0xa0, &[text(SEQUENCE, b"here")])]),
        element(0xa0, &[path(&[0x44, 1, 2])]),
        element(0xa0, &[path(&[7; 18])]),
        element(0xa0, &[]),
        vec![0xff, 0xff],
    ];
    let objects = Objects::read(&directory.concat());

    assert_eq!(objects.private_keys, [file(&[0x44, 1])]);
    let Some(Source::File(path)) = objects.certificates.first() else { panic!("{objects:?}") };
    assert_eq!((&*path.file, path.range), (&[0x44, 2][..], Some((256, 64))));
    assert_eq!(objects.pins, [Source::Here(text(SEQUENCE, b"here"))]);
}

#[test]
fn private_keys_are_read() {
    let key = |tag: u8, reference: &[u8], usage: &[u8]| {
        let class = [
            text(OCTET_STRING, &[0x45]),
            text(BIT_STRING, usage),
            text(0x01, &[0]),
            text(BIT_STRING, &[3, 0xb8]),
            text(INTEGER, reference),
            text(0x18, b"20260101000000Z"),
            text(0x80, b"20360101000000Z"),
            element(0xa1, &[text(INTEGER, &[3])]),
        ];
        let common = [text(UTF8_STRING, b" Mail "), text(BIT_STRING, &[7, 0x80]), text(4, &[1])];
        let value = [path(&[0x3f, 0, 0x50, 0x15]), text(INTEGER, &[8, 0])];
        let parts = [
            element(SEQUENCE, &common),
            element(SEQUENCE, &class),
            element(0xa0, &[text(SEQUENCE, b"more")]),
            element(0xa1, &[element(SEQUENCE, &value)]),
        ];
        element(tag, &parts)
    };
    // Decrypts and unwraps; signs without repudiation; a number without its zero; another kind.
    let row = [
        key(SEQUENCE, &[0, 0x91], &[2, 0x44]),
        key(0xa0, &[0x91], &[6, 0, 0x40]),
        key(0xa2, &[1], &[0]),
        key(SEQUENCE, &[1, 0x91], &[0]),
    ];
    let keys = PrivateKeyObject::all(&row.concat());

    let [rsa, ec, far] = &keys[..] else { panic!("{keys:?}") };
    assert_eq!(
        (&*rsa.label, &*rsa.id, rsa.auth_id.as_deref()),
        ("Mail", &[0x45][..], Some(&[1][..]))
    );
    assert_eq!((rsa.kind, rsa.reference, &*rsa.algorithms), (KeyType::Rsa, Some(0x91), &[3][..]));
    assert_eq!(rsa.usage, Usage { decrypts: true, signs: false });
    assert_eq!(rsa.path, Path::of(&[0x3f, 0, 0x50, 0x15]));
    assert_eq!((ec.kind, ec.reference), (KeyType::Ec, Some(0x91)));
    assert_eq!(ec.usage, Usage { decrypts: false, signs: true });
    assert_eq!((far.reference, far.usage), (None, Usage::default()));
}

#[test]
fn certificates_are_found_where_they_are() {
    let certificate = |value: Vec<u8>| {
        let parts = [
            element(SEQUENCE, &[text(UTF8_STRING, b"Mail")]),
            element(SEQUENCE, &[text(OCTET_STRING, &[0x45]), text(0x01, &[0xff])]),
            element(0xa1, &[element(SEQUENCE, &[value])]),
        ];
        element(SEQUENCE, &parts)
    };
    let here = text(SEQUENCE, b"certificate");
    let row = [
        certificate(path(&[0x43, 1])),
        certificate(element(0xa0, std::slice::from_ref(&here))),
        certificate(text(0x13, b"https://example.org")),
    ];
    let found = CertificateObject::all(&row.concat());

    let values: Vec<_> = found.into_iter().map(|certificate| certificate.value).collect();
    assert_eq!(values, [file(&[0x43, 1]), Source::Here(here)]);
}

#[test]
fn pins_are_read_with_what_is_left_out() {
    let pin = |flags: &[u8], kind: u8, rest: &[Vec<u8>]| {
        let numbers = [
            text(BIT_STRING, flags),
            text(ENUMERATED, &[kind]),
            text(INTEGER, &[4]),
            text(INTEGER, &[8]),
        ];
        let attributes = element(SEQUENCE, &[numbers.concat(), rest.concat()]);
        let parts = [
            element(SEQUENCE, &[]),
            element(SEQUENCE, &[text(4, &[1])]),
            element(0xa1, &[attributes]),
        ];
        element(SEQUENCE, &parts)
    };
    let whole =
        [text(INTEGER, &[6]), text(0x80, &[0x81]), text(OCTET_STRING, &[0]), path(&[0x50, 0x15])];
    let row = [
        pin(&[2, 0x0c], 1, &whole),
        pin(&[1, 0x02], 2, &[]),
        pin(&[0, 0x01], 0, &[]),
        pin(&[0], 9, &[]),
    ];
    let pins = PinObject::all(&row.concat());

    let [full, bare, officer] = &pins[..] else { panic!("{pins:?}") };
    assert_eq!((full.format, full.reference, full.pad), (PinFormat::AsciiNumeric, 0x81, Some(0)));
    assert_eq!((full.min, full.stored, full.max, full.pads), (4, 8, Some(6), true));
    assert_eq!((full.path.clone(), full.guards_user), (Path::of(&[0x50, 0x15]), true));
    assert_eq!((bare.format, bare.reference, bare.max), (PinFormat::Utf8, 0, None));
    assert!(!bare.guards_user && !officer.guards_user && !bare.pads);
}

#[test]
fn templates_and_algorithms_are_read() {
    let records = [
        element(0x61, &[text(0x4f, b"other"), text(0x50, b"Label")]),
        element(
            0x61,
            &[text(0x4f, b"PKCS-15"), text(0x51, &[0x3f, 0, 0x50, 0x15]), text(0x73, b"")],
        ),
        element(0x61, &[text(0x50, b"no name")]),
    ];
    let templates = ApplicationTemplate::all(&records.concat());
    let paths: Vec<_> = templates.iter().map(|it| (&*it.name, it.path.is_some())).collect();
    assert_eq!(paths, [(&b"other"[..], false), (&b"PKCS-15"[..], true)]);

    let algorithm = [
        text(INTEGER, &[1]),
        text(INTEGER, &[0x10, 0x41]),
        text(0x05, b""),
        text(BIT_STRING, &[4, 0x40]),
        text(0x06, &[0x2a]),
        text(INTEGER, &[4]),
    ];
    let token = [
        text(INTEGER, &[1]),
        text(OCTET_STRING, b"serial"),
        text(0x80, "Käthe".as_bytes()),
        text(BIT_STRING, &[0, 0]),
        element(0xa2, &[element(SEQUENCE, &algorithm)]),
    ];
    let token = TokenObject::read(&element(SEQUENCE, &token));
    assert_eq!(token.label, "Käthe");
    let command = Some(4);
    let wanted =
        AlgorithmObject { reference: 1, mechanism: 0x1041, signs: true, deciphers: false, command };
    assert_eq!(token.algorithms, [wanted]);
    assert_eq!(TokenObject::read(b"nothing"), TokenObject::default());
}
