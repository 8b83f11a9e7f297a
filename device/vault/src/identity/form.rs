//! What `identity` holds below its second layer, told apart by its first eight bytes.
//!
//! ```text
//!   "CORDONC1" ‖ n ‖ card's certificate (n) ‖ m ‖ CMS for it (m): 32 random bytes ‖ PKCS#12 under these
//!   "CORDONK1" ‖ n ‖ user's certificate (n) ‖ (n ‖ certificate (n))*
//!   anything else: what a password opens
//! ```
//! Lengths (n, m) are four bytes, big-endian.

use super::lengths::{split, with_length};
use super::{CardIdentity, FILE};
use crate::Fault;
use crate::device_key::make_random;
use crate::envelope::{self, NotOpened};
use crate::password::stretch::PKCS12_ITERATIONS;
use data_encoding::HEXLOWER;
use keys::PrivateKey;
use keys::pkcs12::{self, Identity};
use pki::Certificate;
use zeroize::Zeroizing;

const UNDER_CARD: &[u8; 8] = b"CORDONC1";
const ON_CARD: &[u8; 8] = b"CORDONK1";

/// What the file holds.
pub(crate) enum Form {
    /// The user's key, which a smart card opens.
    Card(UnderCard),
    /// The user's certificate, whose key is on a smart card.
    OnCard(OnCard),
    /// The user's key, which a password opens.
    Password(Zeroizing<Vec<u8>>),
}

/// The user's key, which a smart card opens.
pub(crate) struct UnderCard {
    /// The certificate on the card.
    pub(crate) card: Certificate,
    message: Vec<u8>,
    file: Vec<u8>,
}

/// The user's certificate, whose key is on a smart card.
pub(crate) struct OnCard {
    pub(crate) certificate: Certificate,
    pub(crate) chain: Vec<Vec<u8>>,
}

impl Form {
    pub(crate) fn read(content: Zeroizing<Vec<u8>>) -> Result<Self, Fault> {
        if let Some(rest) = content.strip_prefix(UNDER_CARD.as_slice()) {
            return under_card(rest).map(Self::Card).ok_or_else(damaged);
        }
        if let Some(rest) = content.strip_prefix(ON_CARD.as_slice()) {
            return on_card(rest).map(Self::OnCard).ok_or_else(damaged);
        }

        Ok(Self::Password(content))
    }
}

impl UnderCard {
    /// Opens the user's key with the card's.
    pub(crate) fn open(&self, card: &dyn PrivateKey) -> Result<Identity, NotOpened> {
        let secret = envelope::unseal(&self.message, card, &self.card, FILE)?;
        let password = Zeroizing::new(HEXLOWER.encode(&secret));
        let identity = pkcs12::open(&self.file, &password);

        identity.map_err(|_| NotOpened::Fault(damaged()))
    }
}

/// Closes a key such that a card opens it.
pub(super) fn seal_under_card(identity: &Identity, card: &CardIdentity) -> Result<Vec<u8>, Fault> {
    let secret = make_random::<32>()?;
    let message = card.seal(secret.as_slice())?;
    let password = Zeroizing::new(HEXLOWER.encode(secret.as_slice()));
    let file = pkcs12::seal(identity, &password, PKCS12_ITERATIONS).map_err(Fault::unsound)?;

    Ok([UNDER_CARD.as_slice(), &with_length(&card.certificate), &with_length(&message), &file]
        .concat())
}

/// Writes down whose key is on a card.
pub(super) fn write_on_card(card: &CardIdentity) -> Vec<u8> {
    let certificates = std::iter::once(&card.certificate).chain(&card.chain);
    let parts = certificates.map(|certificate| with_length(certificate));

    std::iter::once(ON_CARD.to_vec()).chain(parts).collect::<Vec<_>>().concat()
}

fn under_card(rest: &[u8]) -> Option<UnderCard> {
    let (card, rest) = split(rest)?;
    let (message, file) = split(rest)?;
    let card = Certificate::from_der(card).ok()?;

    Some(UnderCard { card, message: message.to_vec(), file: file.to_vec() })
}

fn on_card(rest: &[u8]) -> Option<OnCard> {
    let (certificate, mut rest) = split(rest)?;
    let certificate = Certificate::from_der(certificate).ok()?;
    let mut chain = Vec::new();
    while !rest.is_empty() {
        let (next, after) = split(rest)?;
        chain.push(next.to_vec());
        rest = after;
    }

    Some(OnCard { certificate, chain })
}

fn damaged() -> Fault {
    Fault::damaged(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart_and_cut_ones_are_damaged() {
        let key = keys::SoftwareKey::make_rsa(2048).unwrap();
        let certificate = certificate(&key);
        let identity =
            Identity { key: key.clone(), certificate: certificate.clone(), chain: vec![] };
        let chain = vec![certificate.clone()];
        let card =
            CardIdentity { key: std::sync::Arc::new(key), certificate, chain, signing: None };
        let under = seal_under_card(&identity, &card).unwrap();
        let on_card = write_on_card(&card);

        let Form::Card(read) = read_form(&under).unwrap() else { panic!() };
        assert_eq!(read.card.as_der(), card.certificate);
        assert_eq!(read.open(card.key.as_ref()).unwrap().certificate, card.certificate);
        let Form::OnCard(read) = read_form(&on_card).unwrap() else { panic!() };
        assert_eq!((read.certificate.as_der(), &read.chain), (&card.certificate[..], &card.chain));
        assert!(matches!(read_form(b"CORDONP1").unwrap(), Form::Password(_)));
        for cut in [8, 9, 11, 12, 500] {
            assert!(read_form(&under[..cut]).is_err(), "{cut}");
            assert!(read_form(&on_card[..cut]).is_err(), "{cut}");
        }
        let Ok(Form::Card(cut)) = read_form(&under[..under.len() - 9]) else { panic!() };
        assert!(cut.open(card.key.as_ref()).is_err());
    }

    fn read_form(content: &[u8]) -> Result<Form, Fault> {
        Form::read(Zeroizing::new(content.to_vec()))
    }

    fn certificate(key: &keys::SoftwareKey) -> Vec<u8> {
        let template = pki::Template {
            subject: pki::Subject::new("Alice"),
            public_key: PrivateKey::public_key(key),
            not_before: time::OffsetDateTime::UNIX_EPOCH,
            not_after: time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(9),
            usage: pki::Usage::EnciphermentAndSignature(pki::Purpose::EmailProtection),
            names: Vec::new(),
        };
        let serial = pki::Serial::from_random([7; 16]);

        pki::issue(&template, None, key, serial).unwrap().as_der().to_vec()
    }
}
