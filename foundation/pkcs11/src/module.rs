use crate::{Error, Token, Uri};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Fault, RvError};
use cryptoki::slot::Slot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// A shared library that knows tokens, loaded into this process.
///
/// Clones share one; it stays loaded until the process ends, as other parts may use it too.
#[derive(Clone, Debug)]
pub struct Module(Arc<Loaded>);

#[derive(Debug)]
struct Loaded {
    context: Pkcs11,
    /// Held for reading by whoever calls into the module: nobody does while it is started anew.
    start: RwLock<Start>,
}

/// Which start of a module it is; see [`Module::restart`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Start(u64);

/// The right to call into a module.
pub(crate) struct Calls<'a> {
    start: RwLockReadGuard<'a, Start>,
    context: &'a Pkcs11,
}

impl Calls<'_> {
    pub(crate) fn start(&self) -> Start {
        *self.start
    }

    pub(crate) fn context(&self) -> &Pkcs11 {
        self.context
    }
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
        initialize(&context).map_err(failed)?;
        let module = Self(Arc::new(Loaded { context, start: RwLock::default() }));
        loaded.insert(path.to_owned(), module.clone());

        Ok(module)
    }

    /// Tells which start of the module it is now.
    pub fn start(&self) -> Start {
        self.calls().start()
    }

    /// Ends the module and starts it again, unless that was done since `last`: many notice only so that a token
    /// has come back, or that the service behind them has.
    ///
    /// Every token that was opened before is [`Error::Absent`] from then on, in all of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`] if the module does not start.
    pub fn restart(&self, last: Start) -> Result<(), Error> {
        let mut start = self.0.start.write().unwrap_or_else(PoisonError::into_inner);
        if *start != last {
            return Ok(());
        }
        start.0 += 1;
        // One that does not end says so again when it is to start.
        let _ = self.0.context.clone().finalize();

        initialize(&self.0.context).map_err(Error::from_fault)
    }

    /// Returns the tokens that are there now and have been set up.
    ///
    /// # Errors
    ///
    /// [`Error::Fault`] if the module fails.
    pub fn tokens(&self) -> Result<Vec<TokenInfo>, Error> {
        let slots = self.calls().context().get_slots_with_token().map_err(Error::from_fault)?;
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

    pub(crate) fn calls(&self) -> Calls<'_> {
        let start = self.0.start.read().unwrap_or_else(PoisonError::into_inner);

        Calls { start, context: &self.0.context }
    }

    pub(crate) fn info(&self, slot: Slot) -> Result<Option<TokenInfo>, Error> {
        let info = self.calls().context().get_token_info(slot).map_err(Error::from_fault)?;
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

fn initialize(context: &Pkcs11) -> Result<(), Fault> {
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Fault::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(fault) => Err(fault),
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
