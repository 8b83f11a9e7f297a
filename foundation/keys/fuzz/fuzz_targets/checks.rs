//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use keys::pkcs12::{self, OpenError};
use keys::{PrivateKey as _, SoftwareKey, ber};

/// BER to DER: what comes out is DER, is no longer than what went in but for the lengths, and stays as it is.
pub(crate) fn ber(input: &[u8]) {
    drop(ber::join_octets(input));
    let Ok((der, rest)) = ber::to_der(input) else { return };
    let taken = input.len() - rest.len();
    assert!(der.len() <= taken + 8 * usize::from(ber::MAX_DEPTH), "{taken} became {}", der.len());
    assert_eq!(ber::to_der(&der), Ok((der.clone(), &[][..])));
}

/// A private key in PKCS#8: what is read is written, and read again as the same key.
pub(crate) fn pkcs8(input: &[u8]) {
    let Ok(key) = SoftwareKey::from_pkcs8(input) else { return };
    let written = key.to_pkcs8();
    let again = SoftwareKey::from_pkcs8(&written).expect("what was written is read");
    assert_eq!(again.public_key(), key.public_key());
    assert_eq!(*again.to_pkcs8(), *written);
}

/// PKCS#12 under three passwords, each with little work: nothing may panic, and the budget holds.
pub(crate) fn pkcs12(input: &[u8]) {
    const ROUNDS: u64 = 200;

    let open = pkcs12::open_certificates(input);
    for password in ["right", "", "ü"] {
        match pkcs12::read(input, password, ROUNDS) {
            Ok(contents) => {
                for offer in &contents.identities {
                    assert!(!offer.to_string().is_empty());
                    let own = &offer.identity.certificate;
                    assert!(
                        contents.certificates.iter().any(|certificate| certificate.der == *own)
                    );
                    assert!(!offer.identity.chain.contains(own));
                }
                for der in open.as_ref().expect("what opens is read without a password") {
                    assert!(contents.certificates.iter().any(|it| it.der == *der));
                }
                drop(contents.only());
            }
            Err(OpenError::TooExpensive { iterations, limit }) => {
                assert!(limit == ROUNDS && iterations > limit);
            }
            Err(_) => {}
        }
    }
}
