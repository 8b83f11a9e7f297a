//! Keys on PKCS#11 tokens: smart cards by the company's own middleware, and security modules.
//!
//! ```text
//!   Uri ──► open ──► Token ── log_in ──► key, keys ──► TokenKey: keys::PrivateKey
//!             ▲        ├── certificates
//!   Module ───┘        └── make_key
//!     └── restart
//! ```
//!
//! Invariants:
//! - Key bytes never leave a token; keys that are made here are sensitive and not extractable.
//! - A PIN is handed over and forgotten, but where a key asks for it anew at each use: then it is kept
//!   in memory that is overwritten, as long as the token is.
//! - A module is loaded into this process once and runs with its rights: whoever names it is trusted.
//! - Once a module was started anew no number of an object or a session from before is used: it may be that of another key.
//! - A wrong padding of RSAES-PKCS1-v1_5 is not told (see [`keys::pkcs1`]).

mod error;
mod key;
mod make;
mod module;
mod public;
mod token;
mod uri;

pub use error::Error;
pub use key::TokenKey;
pub use make::{KeyKind, NewKey, Purpose};
pub use module::{Module, PinState, Start, TokenInfo};
pub use token::{StoredCertificate, Token};
pub use uri::{Uri, UriError};

/// Opens the one token that `uri` names, by the module that it names.
///
/// # Errors
///
/// [`Error::NoModule`] if the URI names no module; otherwise as [`Module::load`] and [`Module::open`].
pub fn open(uri: &Uri) -> Result<Token, Error> {
    let module = uri.module_path.as_deref().ok_or(Error::NoModule)?;

    Module::load(module)?.open(uri)
}
