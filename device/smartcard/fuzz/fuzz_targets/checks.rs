//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use smartcard::iso::{
    ApplicationTemplate, CertificateObject, Objects, Path, PinObject, PrivateKeyObject, Source,
    TokenObject,
};

/// An object of a PIV card: what is unpacked stays within its bound, what is not packed is a part of it.
pub(crate) fn piv(input: &[u8]) {
    let Ok(Some(certificate)) = smartcard::piv::certificate_in(input) else { return };
    assert!(certificate.len() <= 64 * 1024);
    let is_part =
        certificate.is_empty() || input.windows(certificate.len()).any(|part| part == certificate);
    assert!(is_part || input.windows(2).any(|magic| magic == [0x1f, 0x8b]));
}

/// A file of a card, read as each kind of file: paths, labels and PINs stay within their bounds, and no
/// object comes from nothing.
pub(crate) fn objects(input: &[u8]) {
    let objects = Objects::read(input);
    for source in
        [&objects.private_keys, &objects.certificates, &objects.pins].into_iter().flatten()
    {
        check_source(source, input);
    }
    let keys = PrivateKeyObject::all(input);
    assert!(keys.len() <= input.len() / 8);
    for key in keys {
        assert!(key.label.chars().count() <= 128);
        key.path.iter().for_each(check_path);
    }
    for certificate in CertificateObject::all(input) {
        assert!(certificate.label.chars().count() <= 128);
        check_source(&certificate.value, input);
    }
    for pin in PinObject::all(input) {
        pin.path.iter().for_each(check_path);
        for entered in ["", "1234", "123456789012", "äöü…", "a"] {
            let Some(encoded) = pin.encode(entered) else { continue };
            assert!(!encoded.is_empty() && encoded.len() <= 64);
            assert!(entered.len() >= pin.min);
        }
    }
    let token = TokenObject::read(input);
    assert!(token.label.chars().count() <= 128 && token.algorithms.len() <= input.len() / 6);
    for template in ApplicationTemplate::all(input) {
        template.path.iter().for_each(check_path);
    }
}

fn check_source(source: &Source, input: &[u8]) {
    match source {
        Source::File(path) => check_path(path),
        Source::Here(content) => assert!(content.len() < input.len()),
    }
}

fn check_path(path: &Path) {
    assert!(path.file.len().is_multiple_of(2) && path.file.len() <= 16);
}
