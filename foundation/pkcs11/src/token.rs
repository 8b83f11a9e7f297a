use crate::key::{Shape, Uses};
use crate::module::{Calls, Start};
use crate::{Error, Module, PinState, TokenInfo, TokenKey, Uri, public};
use cryptoki::context::Function;
use cryptoki::error::{Error as Fault, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use secrecy::SecretBox;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// An open token; clones and its keys share one session.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    module: Module,
    /// In which start of the module the session was opened; in another one its number is that of somebody else's.
    start: Start,
    info: TokenInfo,
    mechanisms: Vec<MechanismType>,
    /// None once it has ended with its start of the module.
    session: Mutex<Option<Session>>,
    /// Only as long as a key asks for it at each use.
    pin: Mutex<Option<Zeroizing<String>>>,
}

/// The session of a token in use; the module is not started anew meanwhile.
pub(crate) struct Open<'a> {
    session: MutexGuard<'a, Option<Session>>,
    _calls: Calls<'a>,
}

impl Deref for Open<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("it is given out only while it is there")
    }
}

/// A certificate on a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredCertificate {
    /// Its label.
    pub label: String,
    /// Its id, which its key has too.
    pub id: Vec<u8>,
    /// The certificate, DER.
    pub der: Vec<u8>,
}

impl Token {
    pub(crate) fn open(module: Module, info: TokenInfo) -> Result<Self, Error> {
        let calls = module.calls();
        let context = calls.context();
        let mechanisms = context.get_mechanism_list(info.slot()).map_err(Error::from_fault)?;
        let session = match context.open_rw_session(info.slot()) {
            Err(Fault::Pkcs11(RvError::TokenWriteProtected, _)) => {
                context.open_ro_session(info.slot())
            }
            other => other,
        };
        let session = Mutex::new(Some(session.map_err(Error::from_fault)?));
        let (start, pin) = (calls.start(), Mutex::new(None));
        drop(calls);

        Ok(Self(Arc::new(Inner { module, start, info, mechanisms, session, pin })))
    }

    /// Returns what the token said of itself when it was opened.
    pub fn info(&self) -> &TokenInfo {
        &self.0.info
    }

    /// Asks the token how its PIN stands.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the token is gone.
    pub fn pin_state(&self) -> Result<PinState, Error> {
        let info = self.0.module.info(self.0.info.slot())?;

        info.map(|info| info.pin).ok_or(Error::Absent)
    }

    /// Tells the token the user's PIN; `None` has the reader's own key pad ask for it.
    ///
    /// # Errors
    ///
    /// [`Error::PinIncorrect`], [`Error::PinBlocked`], [`Error::PinUnfit`], [`Error::PinExpired`].
    pub fn log_in(&self, pin: Option<&str>) -> Result<(), Error> {
        let outcome = log_in(&*self.open_session()?, UserType::User, pin);
        match outcome {
            Ok(()) => {}
            // Sessions of one program share the state of the login. This PIN was not tried, so it is not kept.
            Err(Fault::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => return Ok(()),
            Err(Fault::Pkcs11(RvError::PinIncorrect, _))
                if self.pin_state().is_ok_and(|state| state == PinState::Blocked) =>
            {
                return Err(Error::PinBlocked);
            }
            Err(fault) => return Err(Error::from_fault(fault)),
        }
        let template =
            [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::AlwaysAuthenticate(true)];
        let found = self.open_session()?.find_objects(&template);
        let asks_anew = found.is_ok_and(|keys| !keys.is_empty());
        if asks_anew {
            let pin = pin.map(|pin| Zeroizing::new(pin.to_owned()));
            *self.0.pin.lock().unwrap_or_else(PoisonError::into_inner) = pin;
        }

        Ok(())
    }

    /// Makes the token forget the login, for all sessions of this program.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the token is gone, and with it the login.
    pub fn log_out(&self) -> Result<(), Error> {
        *self.0.pin.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let outcome = self.open_session()?.logout();
        match outcome {
            Ok(()) | Err(Fault::Pkcs11(RvError::UserNotLoggedIn, _)) => Ok(()),
            Err(fault) => Err(Error::from_fault(fault)),
        }
    }

    /// Returns the X.509 certificates on the token.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the token is gone.
    pub fn certificates(&self) -> Result<Vec<StoredCertificate>, Error> {
        let session = self.open_session()?;
        let template = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
        ];
        let objects = session.find_objects(&template).map_err(Error::from_fault)?;
        let mut certificates = Vec::with_capacity(objects.len());
        for object in objects {
            let wanted = [AttributeType::Label, AttributeType::Id, AttributeType::Value];
            let attributes = session.get_attributes(object, &wanted).map_err(Error::from_fault)?;
            let mut found = StoredCertificate { label: String::new(), id: vec![], der: vec![] };
            for attribute in attributes {
                #[expect(clippy::wildcard_enum_match_arm, reason = "only what was asked for comes")]
                match attribute {
                    Attribute::Label(label) => found.label = String::from_utf8_lossy(&label).into(),
                    Attribute::Id(id) => found.id = id,
                    Attribute::Value(der) => found.der = der,
                    _ => {}
                }
            }
            if !found.der.is_empty() {
                certificates.push(found);
            }
        }

        Ok(certificates)
    }

    /// Returns the private keys that can be used here, each with its public half.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the token is gone. Without [`log_in`](Self::log_in) most tokens show none.
    pub fn keys(&self) -> Result<Vec<TokenKey>, Error> {
        self.fitting_keys(&Uri::default())
    }

    /// Returns the one private key that the object's label and id in `uri` fit.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchKey`] and [`Error::SeveralKeys`].
    pub fn key(&self, uri: &Uri) -> Result<TokenKey, Error> {
        let mut keys = self.fitting_keys(uri)?;
        if keys.len() > 1 {
            let name = |key: &TokenKey| format!("{} (id {})", key.label(), hex(key.id()));
            return Err(Error::SeveralKeys { found: keys.iter().map(name).collect() });
        }

        keys.pop().ok_or_else(|| Error::NoSuchKey { token: self.0.info.label.clone() })
    }

    /// Returns the private keys that can be used here and that the object's label and id in `uri` fit.
    ///
    /// # Errors
    ///
    /// [`Error::Absent`] if the token is gone.
    pub fn fitting_keys(&self, uri: &Uri) -> Result<Vec<TokenKey>, Error> {
        let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
        template.extend(uri.object.iter().map(|label| Attribute::Label(label.clone().into())));
        template.extend(uri.id.iter().map(|id| Attribute::Id(id.clone())));
        let objects = self.open_session()?.find_objects(&template).map_err(Error::from_fault)?;
        let mut keys = Vec::with_capacity(objects.len());
        for object in objects {
            keys.extend(self.read_key(object)?);
        }

        Ok(keys)
    }

    /// Reads one private key; `None` if it is of a kind that is not used here.
    pub(crate) fn read_key(&self, object: ObjectHandle) -> Result<Option<TokenKey>, Error> {
        let session = self.open_session()?;
        let wanted = [
            AttributeType::Label,
            AttributeType::Id,
            AttributeType::AlwaysAuthenticate,
            AttributeType::Sign,
            AttributeType::Decrypt,
            AttributeType::Derive,
        ];
        let attributes = session.get_attributes(object, &wanted).map_err(Error::from_fault)?;
        let (mut label, mut id, mut uses) = (String::new(), Vec::new(), Uses::default());
        for attribute in attributes {
            #[expect(clippy::wildcard_enum_match_arm, reason = "only what was asked for comes")]
            match attribute {
                Attribute::Label(text) => label = String::from_utf8_lossy(&text).into(),
                Attribute::Id(octets) => id = octets,
                Attribute::AlwaysAuthenticate(always) => uses.asks_anew = always,
                Attribute::Sign(signs) => uses.signs = signs,
                Attribute::Decrypt(recovers) | Attribute::Derive(recovers) => {
                    uses.recovers |= recovers;
                }
                _ => {}
            }
        }
        let public = public::of(&session, object, &id)?;
        drop(session);
        let Some(shape) =
            public.as_deref().and_then(|public| Shape::of(public, &self.0.mechanisms))
        else {
            return Ok(None);
        };

        Ok(Some(TokenKey::new(self.clone(), object, label, id, uses, shape)))
    }

    /// Returns the session, unless it has ended with its start of the module.
    pub(crate) fn session(&self) -> Result<Open<'_>, Fault> {
        let ended = Fault::Pkcs11(RvError::SessionHandleInvalid, Function::GetSessionInfo);

        self.0.session().ok_or(ended)
    }

    pub(crate) fn open_session(&self) -> Result<Open<'_>, Error> {
        self.session().map_err(Error::from_fault)
    }

    pub(crate) fn offers(&self, mechanism: MechanismType) -> bool {
        self.0.mechanisms.contains(&mechanism)
    }

    /// Answers a key that asks for the PIN at each use, once an operation has begun.
    pub(crate) fn answer_anew(&self, session: &Session) -> Result<(), Fault> {
        let pin = self.0.pin.lock().unwrap_or_else(PoisonError::into_inner);

        log_in(session, UserType::ContextSpecific, pin.as_ref().map(|pin| pin.as_str()))
    }
}

impl Inner {
    fn session(&self) -> Option<Open<'_>> {
        let calls = self.module.calls();
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.start() != self.start {
            // Closing it would close a session of the start that is now.
            std::mem::forget(session.take());
        }

        session.is_some().then_some(Open { session, _calls: calls })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let Some(mut open) = self.session() else { return };
        drop(open.session.take());
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?}, serial {:?})", self.0.info.label, self.0.info.serial)
    }
}

fn log_in(session: &Session, user: UserType, pin: Option<&str>) -> Result<(), Fault> {
    match pin {
        Some(pin) => {
            let pin = SecretBox::new(Box::new(pin.as_bytes().to_vec()));
            session.login_with_raw(user, &pin)
        }
        None => session.login(user, None),
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
