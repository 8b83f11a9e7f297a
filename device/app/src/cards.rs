//! Smart cards and tokens: finding the key that is meant, entering the PIN, and noticing that the card is pulled out.
//!
//! Cards are reached over PC/SC; where the company's own middleware is named, by that alone, over PKCS#11.

use crate::error::CardError;
use keys::PrivateKey;
use pki::Certificate;
use secrecy::{ExposeSecret as _, SecretString};
use smartcard::{Card, Slot};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use vault::CardIdentity;

/// How often a token behind middleware is looked for, which tells nobody when it goes.
const LOOK: Duration = Duration::from_millis(500);

/// How cards are reached on this machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cards {
    /// The company's own middleware, a PKCS#11 module.
    pub(crate) module: Option<PathBuf>,
}

/// Which key is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// The one that decrypts, of the one card that is there.
    Any,
    /// The one of this certificate.
    Of(&'a Certificate),
}

/// A key on a card whose PIN was entered.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) identity: CardIdentity,
    place: Place,
}

/// Where the card is.
#[derive(Clone, Debug)]
enum Place {
    Reader(String),
    Token { module: PathBuf, serial: String },
}

/// A certificate on a card, whose key is there too.
struct Candidate {
    certificate: Certificate,
    holder: Holder,
}

enum Holder {
    Card(Card, Slot),
    Token(pkcs11::Token),
}

impl Cards {
    /// Finds the key and enters the PIN, once; blocks while the card works.
    pub(crate) fn find(&self, wanted: Wanted<'_>, pin: &SecretString) -> Result<Found, CardError> {
        let candidates = match &self.module {
            Some(module) => on_tokens(module)?,
            None => in_readers()?,
        };
        let chosen = choose(candidates, wanted)?;
        let (key, place) = match chosen.holder {
            Holder::Card(card, slot) => {
                card.verify_pin(pin.expose_secret())?;
                let key: Arc<dyn PrivateKey> = Arc::new(card.key(slot)?);
                (key, Place::Reader(card.reader().to_owned()))
            }
            Holder::Token(token) => {
                let key = key_on(&token, pin, &chosen.certificate)?;
                let module = self.module.clone().unwrap_or_default();
                (key, Place::Token { module, serial: token.info().serial.clone() })
            }
        };
        let certificate = chosen.certificate.as_der().to_vec();

        Ok(Found { identity: CardIdentity { key, certificate, chain: Vec::new() }, place })
    }
}

impl Found {
    /// Waits until the card is gone, at most `limit`; returns whether it is.
    pub(crate) fn wait_for_removal(&self, limit: Duration) -> bool {
        match &self.place {
            // Nobody watches a reader that cannot be asked.
            Place::Reader(name) => smartcard::wait_for_removal(name, limit).unwrap_or(true),
            Place::Token { module, serial } => {
                let until = Instant::now() + limit;
                loop {
                    let tokens = pkcs11::Module::load(module).and_then(|module| module.tokens());
                    let here = tokens.is_ok_and(|all| all.iter().any(|it| it.serial == *serial));
                    if !here {
                        return true;
                    }
                    if Instant::now() >= until {
                        return false;
                    }
                    sleep(LOOK);
                }
            }
        }
    }
}

/// Returns what is on the cards in all readers. A card that cannot be read hides no other.
fn in_readers() -> Result<Vec<Candidate>, CardError> {
    let readers = smartcard::readers()?;
    if readers.is_empty() {
        return Err(smartcard::Error::NoReader.into());
    }
    let mut failed = None;
    let mut candidates = Vec::new();
    for reader in readers.into_iter().filter(|reader| reader.card) {
        match on_card(&reader.name) {
            Ok(found) => candidates.extend(found),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if candidates.is_empty() => Err(error.into()),
        Some(_) | None => Ok(candidates),
    }
}

fn on_card(reader: &str) -> Result<Vec<Candidate>, smartcard::Error> {
    let card = Card::connect(reader)?;
    let contents = card.contents()?.into_iter().filter(|found| found.slot.decrypts());
    let candidate = |found: smartcard::StoredCertificate| {
        let certificate = Certificate::from_der(&found.der).ok()?;
        Some(Candidate { certificate, holder: Holder::Card(card.clone(), found.slot) })
    };

    Ok(contents.filter_map(candidate).collect())
}

fn on_tokens(module: &Path) -> Result<Vec<Candidate>, CardError> {
    let module = pkcs11::Module::load(module)?;
    let mut candidates = Vec::new();
    for info in module.tokens()? {
        let uri = pkcs11::Uri {
            token: Some(info.label),
            serial: Some(info.serial),
            ..pkcs11::Uri::default()
        };
        let token = module.open(&uri)?;
        for found in token.certificates()? {
            let Ok(certificate) = Certificate::from_der(&found.der) else { continue };
            candidates.push(Candidate { certificate, holder: Holder::Token(token.clone()) });
        }
    }

    Ok(candidates)
}

fn choose(candidates: Vec<Candidate>, wanted: Wanted<'_>) -> Result<Candidate, CardError> {
    match wanted {
        Wanted::Of(certificate) => {
            let none = candidates.is_empty();
            let mut fitting = candidates
                .into_iter()
                .filter(|it| it.certificate.public_key() == certificate.public_key());
            fitting.next().ok_or_else(|| {
                let wanted = holder(certificate);
                if none { CardError::Missing } else { CardError::Other { wanted } }
            })
        }
        Wanted::Any => {
            let mut places: Vec<_> = candidates.iter().map(|it| it.holder.place()).collect();
            places.dedup();
            if places.len() > 1 {
                return Err(CardError::Several);
            }
            // Cards with a certificate for each use: what only signs opens nothing.
            let (fit, rest): (Vec<_>, Vec<_>) =
                candidates.into_iter().partition(|it| it.certificate.encrypts_mail());

            fit.into_iter().chain(rest).next().ok_or(CardError::Missing)
        }
    }
}

/// Returns whose card it is, for people.
pub(crate) fn holder(certificate: &Certificate) -> String {
    mail::text::line(&certificate.common_name().unwrap_or_else(|| certificate.subject()))
}

impl Holder {
    fn place(&self) -> String {
        match self {
            Self::Card(card, _) => card.reader().to_owned(),
            Self::Token(token) => format!("{} {}", token.info().label, token.info().serial),
        }
    }
}

/// Logs in, and returns the key of a certificate.
fn key_on(
    token: &pkcs11::Token,
    pin: &SecretString,
    certificate: &Certificate,
) -> Result<Arc<dyn PrivateKey>, CardError> {
    // Else another session that is logged in would let any PIN pass.
    token.log_out()?;
    token.log_in(Some(pin.expose_secret())).map_err(|error| {
        if !matches!(error, pkcs11::Error::PinIncorrect) {
            return error.into();
        }
        let last = token.pin_state().is_ok_and(|state| state == pkcs11::PinState::LastTry);
        CardError::WrongPin { left: last.then_some(1) }
    })?;
    let key = token.keys()?.into_iter().find(|key| key.public_key() == certificate.public_key());
    let missing = || pkcs11::Error::NoSuchKey { token: token.info().label.clone() };

    Ok(Arc::new(key.ok_or_else(missing)?))
}
