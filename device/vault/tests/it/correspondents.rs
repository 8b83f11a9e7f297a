//! Certificates of others.

use crate::ground::{Ground, make_identity, password};
use pki::Certificate;
use pki::cms::{Capabilities, ContentCipher};
use time::{Duration, OffsetDateTime};
use vault::{NewCorrespondent, Source};

#[test]
fn what_was_told_last_stands_whatever_is_heard_later() {
    let identity = make_identity();
    let ground = Ground::new();
    let open = ground.create(&identity, 3);
    let certificate = Certificate::from_der(&identity.certificate).unwrap();
    let (own, none) = (Capabilities::own(), Capabilities::default());
    let at = |minutes| OffsetDateTime::UNIX_EPOCH + Duration::minutes(minutes);
    let found = NewCorrespondent {
        address: "Bob@Example.org",
        certificate: &certificate,
        source: Source::Directory,
        capabilities: None,
    };
    let told = |capabilities, minutes| NewCorrespondent {
        source: Source::SignedMail,
        capabilities: Some((capabilities, at(minutes))),
        ..found
    };
    let keep = |new: NewCorrespondent<'_>, minutes| {
        open.correspondents().keep(&[new], at(minutes)).unwrap();
        let known = open.correspondents().of("bob@example.ORG").unwrap();
        assert_eq!(known.len(), 1);
        known.into_iter().next().unwrap()
    };

    assert_eq!(keep(found, 10).capabilities, None);
    assert_eq!(keep(told(&own, 5), 11).capabilities.as_ref(), Some(&own));
    // An older mail that is read later, and a directory that says nothing of it.
    assert_eq!(keep(told(&none, 4), 12).capabilities.as_ref(), Some(&own));
    assert!(keep(found, 13).capabilities.unwrap().reads(ContentCipher::Aes256Gcm));
    let known = keep(told(&none, 6), 14);
    assert!(!known.capabilities.unwrap().reads(ContentCipher::Aes256Gcm));
    assert_eq!((known.source, known.learnt), (Source::Directory, at(10)));
    assert_eq!(
        keep(NewCorrespondent { source: Source::Import, ..found }, 15).source,
        Source::Import
    );
    assert_eq!(keep(told(&none, 7), 16).source, Source::Import);

    open.lock();
    let open = ground.container().open(&password()).unwrap();
    let all = open.correspondents().all().unwrap();
    assert_eq!((all.len(), all[0].address.as_str()), (1, "bob@example.org"));
    assert!(open.correspondents().remove(all[0].id).unwrap());
    assert!(!open.correspondents().remove(all[0].id).unwrap());
    assert!(open.correspondents().get(all[0].id).unwrap().is_none());
}
