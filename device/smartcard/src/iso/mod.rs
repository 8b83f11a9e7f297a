//! Cards with the application of ISO/IEC 7816-15 (PKCS #15): what is on them is described in files.
//!
//! ```text
//!   EF.DIR ──► Location ──► EF.ODF ──► EF.PrKD, EF.CD, EF.AOD ──► Key, PinObject
//!                              └─────► EF.CIAInfo ──► algorithms
//!   Key ── ways of its family ──► compute   MSE SET, PSO (ISO/IEC 7816-8)
//! ```

mod compute;
mod family;
mod files;
mod key;
mod objects;
mod pin;
mod token;

pub(crate) use key::Signer;
pub use objects::{CertificateObject, KeyType, Objects, Path, PrivateKeyObject, Source, Usage};
pub use pin::{PinFormat, PinObject};
pub use token::{AlgorithmObject, ApplicationTemplate, TokenObject};

use crate::apdu::Channel;
use crate::{Error, PinState, Slot, slot::KeyName};
use family::Family;
use files::{Location, MASTER};

/// The name of the application (PKCS #15 v1.1 §5.7.2), and the provider of ISO/IEC 7816-15.
const NAMES: [&[u8]; 2] = [b"\xa0\0\0\0cPKCS-15", b"\xe8\x28\xbd\x08\x0f"];

const ISO_APPLET: &[u8] = b"\xf2\x76\xa2\x88\xbc\xfb\xa6\x9d\x34\xf3\x10\x01";

const DIRECTORY: [u8; 2] = [0x2f, 0x00];
const HOME: [u8; 4] = [0x3f, 0x00, 0x50, 0x15];
const OBJECTS: [u8; 2] = [0x50, 0x31];
const TOKEN: [u8; 2] = [0x50, 0x32];

/// The most files of one kind that are read.
const MOST_FILES: usize = 8;

/// The most objects of one kind that are looked at.
const MOST_OBJECTS: usize = 64;

/// The application of a card, as its files described it when it was found.
#[derive(Debug)]
pub(crate) struct Application {
    location: Location,
    family: Family,
    label: String,
    pin: Option<PinObject>,
    keys: Vec<Key>,
}

/// A key that has a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    name: KeyName,
    label: String,
    certificate: Source,
    kind: KeyType,
    reference: Option<u8>,
    path: Option<Path>,
    offers: Vec<AlgorithmObject>,
}

/// Looks for the application on a card that gave this answer to reset.
pub(crate) fn find(card: &dyn Channel, atr: &[u8]) -> Result<Option<Application>, Error> {
    let of_reset = Family::of(atr);
    for location in candidates(card)? {
        if !location.enter(card)? {
            continue;
        }
        let objects = read(card, &location, &OBJECTS)?;
        if objects.is_empty() {
            continue;
        }
        let applet = location.name.as_deref() == Some(ISO_APPLET);
        let family = if applet { Family::IsoApplet } else { of_reset };

        return Application::read(card, location, family, &objects).map(Some);
    }

    Ok(None)
}

/// Where the application may be: where EF.DIR says, or where it commonly is.
fn candidates(card: &dyn Channel) -> Result<Vec<Location>, Error> {
    let whole = Location { name: None, path: MASTER.to_vec() };
    let templates = ApplicationTemplate::all(&read(card, &whole, &DIRECTORY)?);
    let named =
        |name: &[u8], path: &[u8]| Location { name: Some(name.to_vec()), path: path.to_vec() };
    let mut found = Vec::new();
    for template in templates.into_iter().take(MOST_FILES) {
        if !NAMES.iter().any(|name| template.name.starts_with(name)) {
            continue;
        }
        found.push(named(&template.name, b""));
        if let Some(path) = template.path {
            found.push(named(&template.name, &path.file));
            found.push(Location { name: None, path: path.file });
        }
    }
    found.push(named(NAMES[0], b""));
    found.push(named(ISO_APPLET, &HOME));
    found.push(Location { name: None, path: HOME.to_vec() });

    Ok(found)
}

/// Reads a file of the application; nothing if the card does not give it.
fn read(card: &dyn Channel, location: &Location, file: &[u8]) -> Result<Vec<u8>, Error> {
    let Some(path) = Path::of(file) else { return Ok(Vec::new()) };

    read_at(card, location, &path)
}

fn read_at(card: &dyn Channel, location: &Location, path: &Path) -> Result<Vec<u8>, Error> {
    match location.read(card, path) {
        Ok(content) => Ok(content.unwrap_or_default()),
        Err(Error::Refused(_) | Error::PinRequired) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// What is in files of one kind, in a row.
fn gather<T>(
    card: &dyn Channel,
    location: &Location,
    sources: &[Source],
    parse: fn(&[u8]) -> Vec<T>,
) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    for source in sources.iter().take(MOST_FILES) {
        match source {
            Source::File(path) => found.extend(parse(&read_at(card, location, path)?)),
            Source::Here(content) => found.extend(parse(content)),
        }
    }
    found.truncate(MOST_OBJECTS);

    Ok(found)
}

impl Application {
    fn read(
        card: &dyn Channel,
        location: Location,
        family: Family,
        objects: &[u8],
    ) -> Result<Self, Error> {
        let objects = Objects::read(objects);
        let token = TokenObject::read(&read(card, &location, &TOKEN)?);
        let certificates = gather(card, &location, &objects.certificates, CertificateObject::all)?;
        let mut private = gather(card, &location, &objects.private_keys, PrivateKeyObject::all)?;
        let pins = gather(card, &location, &objects.pins, PinObject::all)?;
        private.retain(|key| certificates.iter().any(|certificate| certificate.id == key.id));
        // Keys to decrypt with come first, and theirs is the PIN that is asked for.
        private.sort_by_key(|key| !key.usage.decrypts);
        let guard = private.iter().find_map(|key| key.auth_id.clone());
        let pin = pins
            .into_iter()
            .find(|pin| pin.guards_user && (guard.is_none() || pin.auth_id == guard))
            .map(|pin| PinObject { reference: family.pin_reference(pin.reference), ..pin });
        private.retain(|key| key.auth_id.is_none() || key.auth_id == guard);
        let mut keys = Vec::<Key>::new();
        for object in private {
            let key = Key::new(object, &certificates, &token.algorithms);
            keys.extend(
                key.filter(|key| keys.iter().all(|known| known.name.id() != key.name.id())),
            );
        }

        Ok(Self { location, family, label: token.label, pin, keys })
    }

    /// Goes to where the application is, and tells whether it still is there.
    pub(crate) fn enter(&self, card: &dyn Channel) -> Result<bool, Error> {
        self.location.enter(card)
    }

    /// The name of the token.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// The keys by their slots.
    pub(crate) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.keys.iter().map(|key| Slot::Iso(key.name))
    }

    pub(crate) fn key(&self, slot: Slot) -> Option<&Key> {
        self.keys.iter().find(|key| Slot::Iso(key.name) == slot)
    }

    /// The PIN as the card takes it; `None` if it is none. A card without a PIN takes all.
    pub(crate) fn encode_pin(&self, pin: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        self.pin.as_ref().map_or_else(|| Some(zeroize::Zeroizing::default()), |it| it.encode(pin))
    }

    /// Asks how the PIN stands; this uses no try.
    pub(crate) fn pin_state(&self, card: &dyn Channel) -> Result<PinState, Error> {
        let Some(pin) = self.pin_here(card)? else { return Ok(PinState::Verified) };

        pin.state(card)
    }

    /// Tells the card the PIN.
    pub(crate) fn verify(&self, card: &dyn Channel, code: &[u8]) -> Result<(), Error> {
        let Some(pin) = self.pin_here(card)? else { return Ok(()) };

        pin.verify(card, code)
    }

    /// Goes to where the PIN is.
    fn pin_here(&self, card: &dyn Channel) -> Result<Option<&PinObject>, Error> {
        let Some(pin) = &self.pin else { return Ok(None) };
        if let Some(path) = &pin.path
            && !self.location.go_on(card, &path.file)?
        {
            return Err(Error::Damaged("a PIN in a directory that is not there"));
        }

        Ok(Some(pin))
    }

    /// Returns the certificate of a key, DER; `None` if it is not there.
    pub(crate) fn certificate(
        &self,
        card: &dyn Channel,
        key: &Key,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.location.element(card, &key.certificate)
    }
}

impl Key {
    fn new(
        object: PrivateKeyObject,
        certificates: &[CertificateObject],
        offers: &[AlgorithmObject],
    ) -> Option<Self> {
        let certificate = certificates.iter().find(|certificate| certificate.id == object.id)?;
        let name = KeyName::new(&object.id, object.usage.decrypts, object.usage.signs)?;
        let named = |offer: &&AlgorithmObject| object.algorithms.contains(&offer.reference);
        let mut own: Vec<_> = offers.iter().filter(named).copied().collect();
        if own.is_empty() {
            own = offers.to_vec();
        }
        let label = [object.label, certificate.label.clone()];

        Some(Self {
            name,
            label: label.into_iter().find(|label| !label.is_empty()).unwrap_or_default(),
            certificate: certificate.value.clone(),
            kind: object.kind,
            reference: object.reference,
            path: object.path,
            offers: own,
        })
    }

    /// The name that is shown.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }
}
