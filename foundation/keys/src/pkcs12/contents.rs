//! What a file offers, and which of it belongs together.

use super::bags::{Bag, Bags};
use super::{Identity, MAX_CERTIFICATES, OpenError};
use crate::{PrivateKey as _, ReadError, SoftwareKey};
use openssl::pkey::{PKey, Public};
use openssl::x509::{X509, X509NameRef};
use std::fmt;

/// Everything that a file holds and that is of use here.
#[derive(Debug)]
pub struct Contents {
    /// The keys with their certificates, in the file's order. A key with several certificates is there
    /// several times, unless the file says which of them is its own.
    pub identities: Vec<Offer>,
    /// All certificates, in the file's order, each once.
    pub certificates: Vec<NamedCertificate>,
    /// The keys without a certificate.
    pub lone_keys: Vec<SoftwareKey>,
    /// Why other keys of the file are not used.
    pub unusable_keys: Vec<ReadError>,
}

/// One identity of a file, and what tells it from the others.
///
/// Shown as the name, the certificate's subject and its serial number.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The key, its certificate, and the certificates that belong to no key of the file.
    pub identity: Identity,
    /// What the person or program called it.
    pub name: Option<String>,
    /// The certificate's subject, the most specific part first, for example `CN=Alice, O=Example`.
    pub subject: String,
    /// The certificate's serial number, hexadecimal.
    pub serial: String,
}

/// A certificate of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedCertificate {
    /// DER.
    pub der: Vec<u8>,
    /// What the person or program called it.
    pub name: Option<String>,
}

impl Contents {
    /// Takes the identity if there is exactly one: nobody guesses which of several is meant.
    ///
    /// # Errors
    ///
    /// [`OpenError::SeveralIdentities`] names them; other variants say what is missing.
    pub fn only(mut self) -> Result<Identity, OpenError> {
        if self.identities.len() > 1 {
            let offers = self.identities.iter().map(ToString::to_string).collect();
            return Err(OpenError::SeveralIdentities { offers });
        }
        if let Some(offer) = self.identities.pop() {
            return Ok(offer.identity);
        }
        if let Some(error) = self.unusable_keys.pop() {
            return Err(OpenError::Key(error));
        }

        Err(if self.lone_keys.is_empty() { OpenError::NoKey } else { OpenError::NoCertificate })
    }

    pub(super) fn sort(bags: Bags) -> Result<Self, OpenError> {
        let mut certificates: Vec<Certificate> = Vec::new();
        for bag in bags.certificates {
            if certificates.len() >= MAX_CERTIFICATES {
                return Err(OpenError::TooLarge);
            }
            if !certificates.iter().any(|other| other.bag.content == bag.content) {
                certificates.push(Certificate::read(bag)?);
            }
        }
        let mut keys: Vec<(SoftwareKey, Bag)> = Vec::new();
        let mut unusable_keys = Vec::new();
        for bag in bags.keys {
            match SoftwareKey::from_pkcs8(&bag.content) {
                Ok(key) if keys.iter().any(|(other, _)| other.public_key() == key.public_key()) => {
                }
                Ok(key) => keys.push((key, bag)),
                Err(error) => unusable_keys.push(error),
            }
        }
        let (lone_keys, pairs) = pair(&keys, &certificates);
        let used = |certificate: &Certificate| {
            pairs.iter().any(|(_, _, own)| std::ptr::eq(*own, certificate))
        };
        let chain: Vec<_> = certificates
            .iter()
            .filter(|certificate| !used(certificate))
            .map(|certificate| certificate.bag.content.to_vec())
            .collect();
        let identities = pairs
            .iter()
            .map(|(key, bag, certificate)| certificate.offer(key, bag, &chain))
            .collect();

        Ok(Self {
            identities,
            certificates: certificates.iter().map(Certificate::named).collect(),
            lone_keys,
            unusable_keys,
        })
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "\"{}\": ", shown(name))?;
        }

        write!(f, "{} (serial number {})", shown(&self.subject), self.serial)
    }
}

/// Makes text of strangers harmless to a terminal, and short.
fn shown(text: &str) -> String {
    const MAX_CHARACTERS: usize = 200;

    text.chars().filter(|character| !character.is_control()).take(MAX_CHARACTERS).collect()
}

type Pair<'a> = (&'a SoftwareKey, &'a Bag, &'a Certificate);

/// Finds the certificates of each key, and returns the keys that have none as well.
fn pair<'a>(
    keys: &'a [(SoftwareKey, Bag)],
    certificates: &'a [Certificate],
) -> (Vec<SoftwareKey>, Vec<Pair<'a>>) {
    let (mut lone, mut pairs) = (Vec::new(), Vec::new());
    for (key, bag) in keys {
        let mut own: Vec<_> =
            certificates.iter().filter(|certificate| certificate.is_of(key)).collect();
        let marked = |certificate: &&Certificate| {
            bag.local_key_id.is_some() && certificate.bag.local_key_id == bag.local_key_id
        };
        if own.iter().any(marked) {
            own.retain(marked);
        }
        if own.is_empty() {
            lone.push(key.clone());
        }
        pairs.extend(own.into_iter().map(|certificate| (key, bag, certificate)));
    }

    (lone, pairs)
}

struct Certificate {
    x509: X509,
    /// `None` for a key that OpenSSL does not know.
    public: Option<PKey<Public>>,
    bag: Bag,
}

impl Certificate {
    fn read(bag: Bag) -> Result<Self, OpenError> {
        let x509 = X509::from_der(&bag.content).map_err(|_| OpenError::Damaged)?;
        let public = x509.public_key().ok();

        Ok(Self { x509, public, bag })
    }

    fn is_of(&self, key: &SoftwareKey) -> bool {
        self.public.as_ref().is_some_and(|public| public.public_eq(key.as_pkey()))
    }

    fn named(&self) -> NamedCertificate {
        NamedCertificate { der: self.bag.content.to_vec(), name: self.bag.name.clone() }
    }

    fn offer(&self, key: &SoftwareKey, bag: &Bag, chain: &[Vec<u8>]) -> Offer {
        let serial = self.x509.serial_number().to_bn().and_then(|number| number.to_hex_str());

        Offer {
            identity: Identity {
                key: key.clone(),
                certificate: self.bag.content.to_vec(),
                chain: chain.to_vec(),
            },
            name: self.bag.name.clone().or_else(|| bag.name.clone()),
            subject: subject(self.x509.subject_name()),
            serial: serial.map_or_else(|_| "?".to_owned(), |number| number.to_lowercase()),
        }
    }
}

fn subject(name: &X509NameRef) -> String {
    let mut parts: Vec<_> = name
        .entries()
        .map(|entry| {
            let kind = entry.object().nid().short_name().unwrap_or("?");
            let value = entry.data().to_string().unwrap_or_else(|_| "?".to_owned());
            format!("{kind}={value}")
        })
        .collect();
    parts.reverse();

    parts.join(", ")
}
