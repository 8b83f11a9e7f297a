use crate::{Error, Token, Uri};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Fault, RvError};
use cryptoki::slot::Slot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A shared library that knows tokens, loaded into this process.
///
/// Clones share one; it stays loaded until the process ends, as other parts may use it too.
#[derive(Clone, Debug)]
pub struct Module {
    context: Pkcs11,
}

/// What a token says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenInfo {
    /// Its label.
    pub label: String,
    /// Who made it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// How the user's PIN stands.
    pub pin: PinState,
    slot: Slot,
}

/// How a PIN stands, as far as PKCS#11 tells it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PinState {
    /// Nothing goes any more; the issuer unblocks it.
    Blocked,
    /// The next wrong entry blocks it.
    LastTry,
    /// Wrong entries came before.
    Low,
    /// All tries are left.
    Ready,
}

static LOADED: Mutex<BTreeMap<PathBuf, Module>> = Mutex::new(BTreeMap::new());

impl Module {
    /// Loads the module at `path`, or takes the one loaded before.
    ///
    /// # Errors
    ///
    /// [`Error::Load`] if there is none or it does not start.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let failed = |cause| Error::Load { path: path.to_owned(), cause };
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = loaded.get(path) {
            return Ok(module.clone());
        }
        let context = Pkcs11::new(path).map_err(failed)?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Fault::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(cause) => return Err(failed(cause)),
        }
        let module = Self { context };
        loaded.insert(path.to_owned(), module.clone());

        Ok(module)
    }

    /// Returns the tokens that are there now and have been set up.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`] if the module fails.
    pub fn tokens(&self) -> Result<Vec<TokenInfo>, Error> {
        let slots = self.context.get_slots_with_token().map_err(Error::from_fault)?;
        let mut tokens = Vec::with_capacity(slots.len());
        let mut failed = None;
        for slot in slots {
            match self.info(slot) {
                Ok(found) => tokens.extend(found),
                // Pulled out a moment ago.
                Err(Error::Absent) => {}
                // One reader that fails hides no other.
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if tokens.is_empty() => Err(error),
            _ => Ok(tokens),
        }
    }

    /// Opens the one token that `uri` fits; its object and module are not looked at.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchToken`] and [`Error::SeveralTokens`] tell which there are.
    pub fn open(&self, uri: &Uri) -> Result<Token, Error> {
        let tokens = self.tokens()?;
        let mut fitting = tokens.iter().filter(|token| token.fits(uri));
        let Some(token) = fitting.next() else {
            return Err(Error::NoSuchToken {
                found: tokens.into_iter().map(|token| token.label).collect(),
            });
        };
        if fitting.next().is_some() {
            let fitting = tokens.iter().filter(|token| token.fits(uri));
            let name = |token: &TokenInfo| format!("{} (serial {})", token.label, token.serial);
            return Err(Error::SeveralTokens { found: fitting.map(name).collect() });
        }

        Token::open(self.clone(), token.clone())
    }

    pub(crate) fn context(&self) -> &Pkcs11 {
        &self.context
    }

    pub(crate) fn info(&self, slot: Slot) -> Result<Option<TokenInfo>, Error> {
        let info = self.context.get_token_info(slot).map_err(Error::from_fault)?;
        if !info.token_initialized() {
            return Ok(None);
        }
        let pin = if info.user_pin_locked() {
            PinState::Blocked
        } else if info.user_pin_final_try() {
            PinState::LastTry
        } else if info.user_pin_count_low() {
            PinState::Low
        } else {
            PinState::Ready
        };

        Ok(Some(TokenInfo {
            label: info.label().trim_end().to_owned(),
            manufacturer: info.manufacturer_id().trim_end().to_owned(),
            model: info.model().trim_end().to_owned(),
            serial: info.serial_number().trim_end().to_owned(),
            pin,
            slot,
        }))
    }
}

impl TokenInfo {
    pub(crate) fn slot(&self) -> Slot {
        self.slot
    }

    fn fits(&self, uri: &Uri) -> bool {
        let fits =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|text| text == is);

        fits(&uri.token, &self.label)
            && fits(&uri.manufacturer, &self.manufacturer)
            && fits(&uri.model, &self.model)
            && fits(&uri.serial, &self.serial)
            && uri.slot_id.is_none_or(|id| id == self.slot.id())
    }
}
