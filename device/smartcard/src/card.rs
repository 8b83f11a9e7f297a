//! A card in a reader.

use crate::apdu::{self, Answer, Command};
use crate::{CardKey, Error, Slot, piv, tlv};
use flate2::read::GzDecoder;
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode, Transaction};
use std::ffi::CString;
use std::fmt;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// The largest certificate that is unpacked, in bytes.
const MAX_CERTIFICATE: u64 = 64 * 1024;

/// A card with a PIV applet; clones and its keys share one connection.
#[derive(Clone)]
pub struct Card(Arc<Inner>);

struct Inner {
    reader: String,
    connection: Mutex<Connection>,
}

struct Connection {
    card: pcsc::Card,
    pin: Option<Zeroizing<[u8; 8]>>,
    gone: bool,
}

/// How the PIN stands, as the card says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PinState {
    /// No entry helps any more.
    Blocked,
    /// So many wrong entries in a row are left.
    Tries(u8),
    /// It was entered.
    Verified,
}

impl Card {
    /// Connects to the card in `reader`.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`], [`Error::Busy`], [`Error::NoReader`], [`Error::NoService`], and
    /// [`Error::UnknownCard`] for a card without the applet.
    pub fn connect(reader: &str) -> Result<Self, Error> {
        let name = CString::new(reader).map_err(|_| Error::Damaged("a zero in a reader's name"))?;
        let context = Context::establish(Scope::User)?;
        let card = context.connect(&name, ShareMode::Shared, Protocols::ANY)?;
        let connection = Mutex::new(Connection { card, pin: None, gone: false });
        let card = Self(Arc::new(Inner { reader: reader.to_owned(), connection }));
        card.with(|_, _| Ok(()))?;

        Ok(card)
    }

    /// Returns the reader's name.
    pub fn reader(&self) -> &str {
        &self.0.reader
    }

    /// Asks the card how its PIN stands; this uses no try.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the card is gone.
    pub fn pin_state(&self) -> Result<PinState, Error> {
        self.with(|card, _| {
            let command = Command { instruction: 0x20, parameters: [0x00, 0x80], data: b"" };
            let status = send(card, &command)?.status;
            match status {
                0x9000 => Ok(PinState::Verified),
                0x6983 | 0x63c0 => Ok(PinState::Blocked),
                0x63c1..=0x63cf => Ok(PinState::Tries(tries(status))),
                status => Err(Error::Refused(status)),
            }
        })
    }

    /// Tells the card the PIN that a person entered, and keeps it for what the card does from here on.
    ///
    /// # Errors
    ///
    /// [`Error::WrongPin`] with what is left, [`Error::Blocked`]; [`Error::UnfitPin`] uses no try.
    pub fn verify_pin(&self, pin: &str) -> Result<(), Error> {
        let length = pin.len();
        if !(6..=8).contains(&length) || !pin.is_ascii() {
            return Err(Error::UnfitPin);
        }
        let mut padded = Zeroizing::new([0xff; 8]);
        for (octet, found) in padded.iter_mut().zip(pin.bytes()) {
            *octet = found;
        }
        let pin = padded;
        self.with(|card, _| verify(card, &pin))?;
        self.lock().pin = Some(pin);

        Ok(())
    }

    /// Returns the certificates on the card, DER, each with the slot of its key.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the card is gone.
    pub fn certificates(&self) -> Result<Vec<(Slot, Vec<u8>)>, Error> {
        let mut found = Vec::new();
        for slot in Slot::all() {
            match self.certificate(slot) {
                Ok(certificate) => found.push((slot, certificate)),
                Err(Error::NoCertificate { .. }) => {}
                Err(error) => return Err(error),
            }
        }

        Ok(found)
    }

    /// Returns the certificate in `slot`, DER.
    ///
    /// # Errors
    ///
    /// [`Error::NoCertificate`] if there is none.
    pub fn certificate(&self, slot: Slot) -> Result<Vec<u8>, Error> {
        let none = || Error::NoCertificate { slot: slot.to_string() };
        let mut name = Vec::new();
        tlv::push(&mut name, 0x5c, &slot.object());
        let answer = self.with(|card, _| {
            send(card, &Command { instruction: 0xcb, parameters: [0x3f, 0xff], data: &name })
        })?;
        if matches!(answer.status, 0x6a82 | 0x6a88) {
            return Err(none());
        }
        let answer = answer.done()?;
        let object =
            tlv::find(&answer, 0x53).filter(|object| !object.is_empty()).ok_or_else(none)?;
        let certificate = tlv::find(object, 0x70).ok_or_else(none)?;
        let packed =
            tlv::find(object, 0x71).is_some_and(|info| info.first().is_some_and(|i| i & 1 == 1));

        if packed { unpack(certificate) } else { Ok(certificate.to_vec()) }
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

    /// Has the key in `slot` compute, after the PIN that was entered. `input` is the dynamic
    /// authentication template (SP 800-73-4 part 2 §3.2.4).
    pub(crate) fn compute(
        &self,
        algorithm: u8,
        slot: Slot,
        input: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.with(|card, pin| {
            let pin = pin.as_ref().ok_or(Error::PinRequired)?;
            verify(card, pin)?;
            let parameters = [algorithm, slot.reference()];
            let answer = send(card, &Command { instruction: 0x87, parameters, data: input })?;
            let answer = answer.done()?;
            let output = tlv::find(&answer, 0x7c).and_then(|template| tlv::find(template, 0x82));

            output
                .map(|output| Zeroizing::new(output.to_vec()))
                .ok_or(Error::Damaged("a computation without a result"))
        })
    }

    /// Works with the applet, alone.
    fn with<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>, &Option<Zeroizing<[u8; 8]>>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let connection = &mut *self.lock();
        if connection.gone {
            return Err(Error::Absent);
        }
        let done = connection.run(&self.0.reader, work);
        match done {
            Err(Error::Absent | Error::NoReader | Error::NoService) => {
                connection.gone = true;
                connection.pin = None;
            }
            // Another try with it would use up what is left.
            Err(Error::WrongPin { .. } | Error::Blocked) => connection.pin = None,
            Ok(_) | Err(_) => {}
        }

        done
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    fn run<T>(
        &mut self,
        reader: &str,
        work: impl FnOnce(&Transaction<'_>, &Option<Zeroizing<[u8; 8]>>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Err(pcsc::Error::ResetCard) = self.card.status2_owned() {
            // Another program did it; the card is the same, or this fails.
            self.card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)?;
        }
        let transaction = self.card.transaction()?;
        let select = Command { instruction: 0xa4, parameters: [0x04, 0x00], data: piv::APPLET };
        if send(&transaction, &select)?.status != 0x9000 {
            return Err(Error::UnknownCard { reader: reader.to_owned() });
        }
        let done = work(&transaction, &self.pin);
        transaction.end(Disposition::LeaveCard).map_err(|(_, error)| error)?;

        done
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card(in {:?})", self.0.reader)
    }
}

fn verify(card: &Transaction<'_>, pin: &[u8; 8]) -> Result<(), Error> {
    let command = Command { instruction: 0x20, parameters: [0x00, 0x80], data: pin };
    let answer = send(card, &command)?;
    match answer.status {
        0x6983 | 0x63c0 => Err(Error::Blocked),
        status @ 0x63c1..=0x63cf => Err(Error::WrongPin { left: tries(status) }),
        0x6a80 => Err(Error::UnfitPin),
        _ => answer.done().map(|_| ()),
    }
}

fn tries(status: u16) -> u8 {
    status.to_be_bytes()[1] & 0x0f
}

fn send(card: &Transaction<'_>, command: &Command<'_>) -> Result<Answer, Error> {
    apdu::exchange(command, |octets| {
        let mut buffer = Zeroizing::new(vec![0; pcsc::MAX_BUFFER_SIZE]);
        let length = card.transmit(octets, &mut buffer)?.len();
        buffer.truncate(length);

        Ok(buffer)
    })
}

fn unpack(certificate: &[u8]) -> Result<Vec<u8>, Error> {
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(certificate).take(MAX_CERTIFICATE).read_to_end(&mut unpacked);
    read.map_err(|_| Error::Damaged("a certificate that cannot be unpacked"))?;

    Ok(unpacked)
}
