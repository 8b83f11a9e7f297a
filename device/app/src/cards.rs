//! Smart cards and tokens: finding the key that is meant, entering the PIN, and noticing that the card is pulled out.
//!
//! Cards are reached over PC/SC; where the company's own middleware is named, by that alone, over PKCS#11.

use crate::error::CardError;
use crate::person::is_of_same_person;
use keys::PrivateKey;
use pki::Certificate;
use secrecy::{ExposeSecret as _, SecretString};
use smartcard::{Card, Slot};
use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use vault::{CardIdentity, SigningKey};

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
    uses: Uses,
}

/// What a key is there for, as its card says.
#[derive(Clone, Copy)]
struct Uses {
    decrypts: bool,
    signs: bool,
    /// It is the card's key to sign with.
    foremost: bool,
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
        let chosen = choose(&candidates, wanted)?;
        let (key, signing, place) = match &chosen.holder {
            Holder::Card(card, slot) => {
                card.verify_pin(pin.expose_secret())?;
                let key: Arc<dyn PrivateKey> = Arc::new(card.key(*slot)?);
                (
                    key,
                    signing_on_card(chosen, &candidates)?,
                    Place::Reader(card.reader().to_owned()),
                )
            }
            Holder::Token(token) => {
                let (key, signing) = keys_on_token(token, pin, chosen, &candidates)?;
                let module = self.module.clone().unwrap_or_default();
                (key, signing, Place::Token { module, serial: token.info().serial.clone() })
            }
        };
        let certificate = chosen.certificate.as_der().to_vec();

        Ok(Found { identity: CardIdentity { key, certificate, chain: Vec::new(), signing }, place })
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
        // A card that only signs is not the one that is looked for.
        Some(error) if !candidates.iter().any(|it| it.uses.decrypts) => Err(error.into()),
        Some(_) | None => Ok(candidates),
    }
}

fn on_card(reader: &str) -> Result<Vec<Candidate>, smartcard::Error> {
    let card = Card::connect(reader)?;
    let candidate = |found: smartcard::StoredCertificate| {
        let certificate = Certificate::from_der(&found.der).ok()?;
        let slot = found.slot;
        let uses = Uses {
            decrypts: slot.decrypts(),
            signs: slot.signs(),
            foremost: slot == Slot::Signature,
        };
        Some(Candidate { certificate, holder: Holder::Card(card.clone(), slot), uses })
    };

    Ok(card.contents()?.into_iter().filter_map(candidate).collect())
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
            // What a key is for is told once somebody has logged in.
            let uses = Uses { decrypts: true, signs: true, foremost: false };
            candidates.push(Candidate { certificate, holder: Holder::Token(token.clone()), uses });
        }
    }

    Ok(candidates)
}

/// Chooses the key that decrypts.
fn choose<'a>(candidates: &'a [Candidate], wanted: Wanted<'_>) -> Result<&'a Candidate, CardError> {
    let mut candidates = candidates.iter().filter(|it| it.uses.decrypts).peekable();
    match wanted {
        Wanted::Of(certificate) => {
            let none = candidates.peek().is_none();
            let found =
                candidates.find(|it| it.certificate.public_key() == certificate.public_key());
            found.ok_or_else(|| {
                let wanted = holder(certificate);
                if none { CardError::Missing } else { CardError::Other { wanted } }
            })
        }
        Wanted::Any => {
            let candidates: Vec<_> = candidates.collect();
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

/// Returns the certificates on the same card that may sign the mails of the person whose key `chosen` is, the best one first: the card's
/// own for that, then those that last longest.
fn signers<'a>(chosen: &Candidate, candidates: &'a [Candidate]) -> Vec<&'a Candidate> {
    let place = chosen.holder.place();
    let fits = |it: &&Candidate| {
        it.uses.signs
            && it.certificate.signs_mail()
            && it.certificate.public_key() != chosen.certificate.public_key()
            && it.holder.place() == place
            && is_of_same_person(&it.certificate, &chosen.certificate, None)
    };
    let mut fitting: Vec<_> = candidates.iter().filter(fits).collect();
    fitting.sort_by_key(|it| Reverse((it.uses.foremost, it.certificate.not_after())));

    fitting
}

/// Returns the card's key to sign with, where the one that decrypts is not for that.
fn signing_on_card(
    chosen: &Candidate,
    candidates: &[Candidate],
) -> Result<Option<SigningKey>, CardError> {
    if chosen.uses.signs && chosen.certificate.signs_mail() {
        return Ok(None);
    }
    for found in signers(chosen, candidates) {
        let Holder::Card(card, slot) = &found.holder else { continue };
        match card.key(*slot) {
            Ok(key) => {
                let certificate = found.certificate.clone();
                return Ok(Some(SigningKey { key: Arc::new(key), certificate }));
            }
            // A key of a kind that is not used here.
            Err(smartcard::Error::NoCertificate { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }

    Ok(None)
}

/// Logs in, and returns the key of a certificate, with the one to sign with where that is another.
fn keys_on_token(
    token: &pkcs11::Token,
    pin: &SecretString,
    chosen: &Candidate,
    candidates: &[Candidate],
) -> Result<(Arc<dyn PrivateKey>, Option<SigningKey>), CardError> {
    // Else another session that is logged in would let any PIN pass.
    token.log_out()?;
    token.log_in(Some(pin.expose_secret())).map_err(|error| {
        if !matches!(error, pkcs11::Error::PinIncorrect) {
            return error.into();
        }
        let last = token.pin_state().is_ok_and(|state| state == pkcs11::PinState::LastTry);
        CardError::WrongPin { left: last.then_some(1) }
    })?;
    let mut keys = token.keys()?;
    let mut take = |certificate: &Certificate| {
        let place = keys.iter().position(|key| key.public_key() == certificate.public_key())?;
        Some(keys.swap_remove(place))
    };
    let missing = || pkcs11::Error::NoSuchKey { token: token.info().label.clone() };
    let key = take(&chosen.certificate).ok_or_else(missing)?;
    if key.signs() && chosen.certificate.signs_mail() {
        return Ok((Arc::new(key), None));
    }
    let signing = signers(chosen, candidates).into_iter().find_map(|found| {
        let key: Arc<dyn PrivateKey> =
            Arc::new(take(&found.certificate).filter(|key| key.signs())?);
        Some(SigningKey { key, certificate: found.certificate.clone() })
    });

    Ok((Arc::new(key), signing))
}
