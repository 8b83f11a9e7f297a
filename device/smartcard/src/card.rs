//! A card in a reader.

use crate::apdu::{self, Answer, Channel, Command};
use crate::{CardKey, Error, Slot, iso, piv};
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode, Transaction};
use std::ffi::CString;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A card with an application for keys; clones and its keys share one connection.
#[derive(Clone)]
pub struct Card(Arc<Inner>);

struct Inner {
    reader: String,
    found: Found,
    connection: Mutex<Connection>,
}

struct Connection {
    card: pcsc::Card,
    /// As the card takes it.
    pin: Option<Zeroizing<Vec<u8>>>,
    gone: bool,
}

enum Found {
    Iso(Box<iso::Application>),
    Piv,
}

/// The application of a card that is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Application {
    /// That of ISO/IEC 7816-15 (PKCS #15).
    Iso,
    /// PIV (NIST SP 800-73-4); where a card has both, it is taken, because its RSA operation is bare.
    Piv,
}

/// How the PIN stands, as the card says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PinState {
    /// No entry helps any more.
    Blocked,
    /// So many wrong entries in a row are left.
    Tries(u8),
    /// The card does not tell before an entry.
    Unknown,
    /// It was entered, or the card wants none.
    Verified,
}

/// A certificate on a card whose key is there too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredCertificate {
    /// Where its key is.
    pub slot: Slot,
    /// What the card calls it; empty for a card that has no names.
    pub label: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
}

impl Card {
    /// Connects to the card in `reader`.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`], [`Error::Busy`], [`Error::NoReader`], [`Error::NoService`], and
    /// [`Error::UnknownCard`] for a card without an application that is known here.
    pub fn connect(reader: &str) -> Result<Self, Error> {
        let name = CString::new(reader).map_err(|_| Error::Damaged("a zero in a reader's name"))?;
        let context = Context::establish(Scope::User)?;
        let card = context.connect(&name, ShareMode::Shared, Protocols::ANY)?;
        let mut connection = Connection { card, pin: None, gone: false };
        connection.refresh()?;
        let atr = connection.card.status2_owned()?.atr().to_vec();
        let found = connection.alone(|card| {
            if piv::select(card)? {
                return Ok(Some(Found::Piv));
            }

            Ok(iso::find(card, &atr)?.map(|found| Found::Iso(Box::new(found))))
        })?;
        let found = found.ok_or_else(|| Error::UnknownCard { reader: reader.to_owned() })?;
        let connection = Mutex::new(connection);

        Ok(Self(Arc::new(Inner { reader: reader.to_owned(), found, connection })))
    }

    /// Returns the reader's name.
    pub fn reader(&self) -> &str {
        &self.0.reader
    }

    /// Returns which application of the card is used.
    pub fn application(&self) -> Application {
        match self.0.found {
            Found::Iso(_) => Application::Iso,
            Found::Piv => Application::Piv,
        }
    }

    /// Returns what the card calls itself; empty for a card that has no name.
    pub fn label(&self) -> &str {
        match &self.0.found {
            Found::Iso(application) => application.label(),
            Found::Piv => "",
        }
    }

    /// Asks the card how its PIN stands; this uses no try.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the card is gone.
    pub fn pin_state(&self) -> Result<PinState, Error> {
        self.with(|card, _| match &self.0.found {
            Found::Iso(application) => application.pin_state(card),
            Found::Piv => piv::pin_state(card),
        })
    }

    /// Tells the card the PIN that a person entered, and keeps it for what the card does from here on.
    ///
    /// # Errors
    ///
    /// [`Error::WrongPin`] with what is left, [`Error::WrongPinUncounted`], [`Error::Blocked`];
    /// [`Error::UnfitPin`] uses no try.
    pub fn verify_pin(&self, pin: &str) -> Result<(), Error> {
        let pin = match &self.0.found {
            Found::Iso(application) => application.encode_pin(pin),
            Found::Piv => piv::encode_pin(pin),
        };
        let pin = pin.ok_or(Error::UnfitPin)?;
        self.with(|card, _| match &self.0.found {
            Found::Iso(application) => application.verify(card, &pin),
            Found::Piv => piv::verify(card, &pin),
        })?;
        self.lock().pin = Some(pin);

        Ok(())
    }

    /// Returns the certificates on the card whose keys are there, DER, each with the slot of its key.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the card is gone.
    pub fn certificates(&self) -> Result<Vec<(Slot, Vec<u8>)>, Error> {
        Ok(self.contents()?.into_iter().map(|found| (found.slot, found.der)).collect())
    }

    /// Returns the certificates on the card whose keys are there, those to decrypt with first.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the card is gone.
    pub fn contents(&self) -> Result<Vec<StoredCertificate>, Error> {
        let mut found = Vec::new();
        for slot in self.slots() {
            match self.certificate(slot) {
                Ok(der) => found.push(StoredCertificate { slot, label: self.label_of(slot), der }),
                Err(Error::NoCertificate { .. }) => {}
                Err(error) => return Err(error),
            }
        }

        Ok(found)
    }

    fn slots(&self) -> Vec<Slot> {
        match &self.0.found {
            Found::Iso(application) => application.slots().collect(),
            Found::Piv => Slot::all().collect(),
        }
    }

    fn label_of(&self, slot: Slot) -> String {
        match &self.0.found {
            Found::Iso(application) => {
                application.key(slot).map(|key| key.label().to_owned()).unwrap_or_default()
            }
            Found::Piv => String::new(),
        }
    }

    /// Returns the certificate in `slot`, DER.
    ///
    /// # Errors
    ///
    /// [`Error::NoCertificate`] if there is none.
    pub fn certificate(&self, slot: Slot) -> Result<Vec<u8>, Error> {
        let found = self.with(|card, _| match &self.0.found {
            Found::Iso(application) => match application.key(slot) {
                Some(key) => application.certificate(card, key),
                None => Ok(None),
            },
            Found::Piv => piv::certificate(card, slot),
        })?;

        found.ok_or_else(|| Error::NoCertificate { slot: slot.to_string() })
    }

    /// Returns the key in `slot`, whose public half its certificate tells.
    ///
    /// # Errors
    ///
    /// [`Error::NoCertificate`] if there is none with a key that is used here: RSA of 2048, 3072 or
    /// 4096 bits, P-256 and P-384.
    pub fn key(&self, slot: Slot) -> Result<CardKey, Error> {
        let certificate = self.certificate(slot)?;

        CardKey::new(self.clone(), slot, &certificate)
            .ok_or_else(|| Error::NoCertificate { slot: slot.to_string() })
    }

    pub(crate) fn iso(&self) -> Option<&iso::Application> {
        match &self.0.found {
            Found::Iso(application) => Some(application),
            Found::Piv => None,
        }
    }

    /// Has a key of the PIV applet compute, after the PIN that was entered.
    pub(crate) fn compute_piv(
        &self,
        algorithm: u8,
        slot: Slot,
        input: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.with(|card, pin| {
            piv::compute(card, pin.ok_or(Error::PinRequired)?, algorithm, slot, input)
        })
    }

    /// Has a key of an ISO 7816-15 application compute, with the PIN that was entered.
    pub(crate) fn compute_iso<T>(
        &self,
        work: impl FnOnce(&iso::Application, &dyn Channel, Option<&[u8]>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.with(|card, pin| match &self.0.found {
            Found::Iso(application) => work(application, card, pin),
            Found::Piv => Err(Error::UnknownCard { reader: self.0.reader.clone() }),
        })
    }

    /// Works with the application, alone.
    fn with<T>(
        &self,
        work: impl FnOnce(&dyn Channel, Option<&[u8]>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let connection = &mut *self.lock();
        if connection.gone {
            return Err(Error::Absent);
        }
        let pin = connection.pin.clone();
        let done = connection.alone(|card| {
            let there = match &self.0.found {
                Found::Iso(application) => application.enter(card)?,
                Found::Piv => piv::select(card)?,
            };
            if !there {
                return Err(Error::UnknownCard { reader: self.0.reader.clone() });
            }

            work(card, pin.as_deref().map(Vec::as_slice))
        });
        match done {
            Err(Error::Absent | Error::NoReader | Error::NoService) => {
                connection.gone = true;
                connection.pin = None;
            }
            // Another try with it would use up what is left.
            Err(Error::WrongPin { .. } | Error::WrongPinUncounted | Error::Blocked) => {
                connection.pin = None;
            }
            Ok(_) | Err(_) => {}
        }

        done
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Talks to the card while no other program does.
    fn alone<T>(
        &mut self,
        work: impl FnOnce(&dyn Channel) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.refresh()?;
        let transaction = self.card.transaction()?;
        let done = work(&transaction);
        transaction.end(Disposition::LeaveCard).map_err(|(_, error)| error)?;

        done
    }

    /// Takes note of a reset by another program: the card is the same, or this fails.
    fn refresh(&mut self) -> Result<(), Error> {
        if let Err(pcsc::Error::ResetCard) = self.card.status2_owned() {
            self.card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)?;
        }

        Ok(())
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card(in {:?})", self.0.reader)
    }
}

impl Channel for Transaction<'_> {
    fn send(&self, command: &Command<'_>) -> Result<Answer, Error> {
        apdu::exchange(command, |octets| {
            let mut buffer = Zeroizing::new(vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED]);
            let length = self.transmit(octets, &mut buffer)?.len();
            buffer.truncate(length);

            Ok(buffer)
        })
    }
}
