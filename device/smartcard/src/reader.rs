//! Readers, and whether a card is in them.

use crate::Error;
use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};
use std::ffi::CString;
use std::time::Duration;

/// A reader of the machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reader {
    /// Its name, as the service gives it.
    pub name: String,
    /// Whether a card is in it.
    pub card: bool,
}

/// Returns the readers that are there now; none is an answer too.
///
/// # Errors
///
/// [`Error::NoService`] if nobody knows of readers on this machine.
pub fn readers() -> Result<Vec<Reader>, Error> {
    let context = Context::establish(Scope::User)?;
    let names = match context.list_readers_owned() {
        Ok(names) => names,
        Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let mut states: Vec<_> =
        names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect();
    if states.is_empty() {
        return Ok(Vec::new());
    }
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) | Err(pcsc::Error::Timeout) => {}
        Err(error) => return Err(error.into()),
    }

    Ok(states
        .iter()
        .map(|state| Reader {
            name: state.name().to_string_lossy().into_owned(),
            card: state.event_state().contains(State::PRESENT),
        })
        .collect())
}

/// Waits until no card is in the reader `name`, or the reader is gone, or its service: at most `limit`.
/// Returns whether that is so.
///
/// A card that was pulled out and put back meanwhile counts as pulled out, if it was there at the call.
///
/// # Errors
///
/// [`Error::Damaged`] if `name` cannot be the name of a reader.
pub fn wait_for_removal(name: &str, limit: Duration) -> Result<bool, Error> {
    let name = CString::new(name).map_err(|_| Error::Damaged("a zero in a reader's name"))?;
    // Whatever fails here means that nobody watches the card any more.
    let Ok(context) = Context::establish(Scope::User) else { return Ok(true) };
    let mut states = [
        ReaderState::new(name, State::UNAWARE),
        ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE),
    ];
    if context
        .get_status_change(Duration::ZERO, &mut states)
        .is_err_and(|e| e != pcsc::Error::Timeout)
    {
        return Ok(true);
    }
    let present = |states: &[ReaderState; 2]| {
        let [reader, _] = states;
        let state = reader.event_state();
        (state.contains(State::PRESENT), reader.event_count())
    };
    let (here, count) = present(&states);
    if !here {
        return Ok(true);
    }
    for state in &mut states {
        state.sync_current_state();
    }
    match context.get_status_change(limit, &mut states) {
        Ok(()) => {
            let (here, now) = present(&states);
            Ok(!here || now != count)
        }
        Err(pcsc::Error::Timeout) => Ok(false),
        Err(_) => Ok(true),
    }
}
