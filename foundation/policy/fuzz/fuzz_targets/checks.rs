//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use pki::Certificate;
use policy::{Document, GroupSettings, SignedDocument};
use std::sync::LazyLock;
use time::OffsetDateTime;

static ANCHOR: LazyLock<Certificate> = LazyLock::new(|| {
    Certificate::from_der(include_bytes!("../anchor.der")).expect("the anchor is a certificate")
});

/// Settings of a group, a document for a device, and one with its signature: what is read is written as it was meant, and each
/// violation has a place and a reason.
pub(crate) fn settings(input: &[u8]) {
    if let Ok(settings) = serde_json::from_slice::<GroupSettings>(input) {
        if let Err(violations) = settings.validate() {
            assert!(!violations.is_empty());
            assert!(violations.iter().all(|it| !it.place.is_empty() && !it.reason.is_empty()));
        }
        let written = serde_json::to_vec(&settings).expect("settings are written");
        assert_eq!(serde_json::from_slice::<GroupSettings>(&written).ok(), Some(settings));
    }
    if let Ok(document) = serde_json::from_slice::<Document>(input) {
        let _ = document.settings.validate();
        if let Ok(written) = serde_json::to_vec(&document) {
            assert_eq!(serde_json::from_slice::<Document>(&written).ok(), Some(document));
        }
    }
    if let Ok(signed) = serde_json::from_slice::<SignedDocument>(input) {
        let now = OffsetDateTime::from_unix_timestamp(1803902400)
            .expect("a moment at which the anchor is valid");
        if let Ok(document) = signed.verify(&ANCHOR, now) {
            assert!(document.settings.validate().is_ok());
        }
    }
}
