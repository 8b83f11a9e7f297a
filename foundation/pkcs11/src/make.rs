use crate::{Error, StoredCertificate, Token, TokenKey, public};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, CertificateType, ObjectClass};
use cryptoki::types::Ulong;

/// A key to be made on a token.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'a> {
    /// Which kind.
    pub kind: KeyKind,
    /// By which label it is found; no private key of the token may have it yet.
    pub label: &'a str,
    /// By which id it goes with its certificate; random bytes will do.
    pub id: &'a [u8],
    /// What it may do.
    pub purpose: Purpose,
}

/// The kinds of keys that are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// EC on P-256.
    P256,
    /// EC on P-384.
    P384,
    /// RSA of so many bits, 2048 to 8192, as far as the token makes them.
    Rsa(u32),
}

/// What a key is for; the token holds it to that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// To recover keys that were wrapped for it, or to agree on them.
    Decryption,
    /// To sign.
    Signature,
}

impl Token {
    /// Makes a pair of keys on the token, after [`log_in`](Self::log_in); the private key never leaves it.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyThere`] if the label is in use, [`Error::UnsupportedKind`] if the token or this
    /// crate does not make such keys.
    pub fn make_key(&self, new: &NewKey<'_>) -> Result<TokenKey, Error> {
        let label = Attribute::Label(new.label.into());
        let session = self.open_session()?;
        let same = [Attribute::Class(ObjectClass::PRIVATE_KEY), label.clone()];
        if !session.find_objects(&same).map_err(Error::from_fault)?.is_empty() {
            return Err(Error::AlreadyThere(new.label.to_owned()));
        }
        let id = Attribute::Id(new.id.to_vec());
        let mut public = vec![Attribute::Token(true), label.clone(), id.clone()];
        let mut private = vec![
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            label,
            id,
        ];
        let rsa = matches!(new.kind, KeyKind::Rsa(_));
        match (new.purpose, rsa) {
            (Purpose::Signature, _) => {
                public.push(Attribute::Verify(true));
                private.push(Attribute::Sign(true));
            }
            (Purpose::Decryption, true) => {
                public.push(Attribute::Encrypt(true));
                private.push(Attribute::Decrypt(true));
            }
            (Purpose::Decryption, false) => private.push(Attribute::Derive(true)),
        }
        let mechanism = match new.kind {
            KeyKind::P256 => {
                public.push(Attribute::EcParams(public::P256.to_vec()));
                Mechanism::EccKeyPairGen
            }
            KeyKind::P384 => {
                public.push(Attribute::EcParams(public::P384.to_vec()));
                Mechanism::EccKeyPairGen
            }
            KeyKind::Rsa(bits @ 2048..=8192) => {
                public.push(Attribute::ModulusBits(Ulong::new(bits.into())));
                public.push(Attribute::PublicExponent(vec![1, 0, 1]));
                Mechanism::RsaPkcsKeyPairGen
            }
            KeyKind::Rsa(_) => return Err(Error::UnsupportedKind),
        };
        let made = session.generate_key_pair(&mechanism, &public, &private);
        let (_, made) = made.map_err(Error::from_fault)?;
        drop(session);

        self.read_key(made)?.ok_or(Error::UnsupportedKind)
    }

    /// Puts a certificate beside the key with the same id, after [`log_in`](Self::log_in).
    ///
    /// `subject` is the DER of its subject, by which others look for it.
    ///
    /// # Errors
    ///
    /// [`Error::WriteProtected`] and [`Error::Fault`].
    pub fn store_certificate(
        &self,
        certificate: &StoredCertificate,
        subject: &[u8],
    ) -> Result<(), Error> {
        let template = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Label(certificate.label.clone().into()),
            Attribute::Id(certificate.id.clone()),
            Attribute::Subject(subject.to_vec()),
            Attribute::Value(certificate.der.clone()),
        ];
        self.open_session()?.create_object(&template).map_err(Error::from_fault)?;

        Ok(())
    }
}
