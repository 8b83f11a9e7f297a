use cryptoki::error::{Error as Fault, RvError};
use keys::KeyError;
use std::path::PathBuf;

/// Why a token did not do what was asked, named by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token or its reader is gone; put it in again.
    #[error("the token was removed, or its reader: put it in again")]
    Absent,
    /// Choose another label, or use the key that is there.
    #[error("the token already holds a key with the label {0:?}")]
    AlreadyThere(String),
    /// Something below failed; the words of the module are the cause.
    #[error("the PKCS#11 module reports a fault")]
    Fault(#[source] Fault),
    /// Install the middleware, or correct the path.
    #[error("the PKCS#11 module {path} cannot be loaded")]
    Load {
        /// Where it was looked for.
        path: PathBuf,
        /// What the loader says.
        #[source]
        cause: Fault,
    },
    /// Name a module.
    #[error("no PKCS#11 module is named: add ?module-path=/…/module.so to the URI")]
    NoModule,
    /// Correct the label or id.
    #[error("the token {token:?} holds no such private key that may be used here")]
    NoSuchKey {
        /// The label of the token.
        token: String,
    },
    /// Put the token in, or correct the name.
    #[error("no token fits; the module shows {}", shown(found))]
    NoSuchToken {
        /// The labels of the tokens that are there.
        found: Vec<String>,
    },
    /// The PIN is blocked; IT or the card's issuer unblocks it.
    #[error(
        "the PIN is blocked after too many wrong entries: have the token unblocked by its issuer"
    )]
    PinBlocked,
    /// Set another PIN with the token's own tools.
    #[error("the token wants a new PIN to be set first, with its own tools")]
    PinExpired,
    /// Ask again; [`crate::Token::pin_state`] tells what is left.
    #[error("the PIN is wrong")]
    PinIncorrect,
    /// Log in first.
    #[error("the token wants its PIN first")]
    PinRequired,
    /// Ask again: this cost no try.
    #[error("the token takes no PIN of this length or with these characters")]
    PinUnfit,
    /// Say which one is meant.
    #[error("several keys fit, say which one by its id: {}", found.join(", "))]
    SeveralKeys {
        /// Their labels and ids.
        found: Vec<String>,
    },
    /// Say which one is meant.
    #[error("several tokens fit, say which one by its serial number: {}", found.join(", "))]
    SeveralTokens {
        /// Their labels and serial numbers.
        found: Vec<String>,
    },
    /// Use another kind of key or another token.
    #[error("the token does not make keys of this kind")]
    UnsupportedKind,
    /// Remove the write protection.
    #[error("the token is write-protected")]
    WriteProtected,
}

impl Error {
    pub(crate) fn from_fault(fault: Fault) -> Self {
        let Fault::Pkcs11(code, _) = &fault else { return Self::Fault(fault) };
        #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum of some hundred codes")]
        match code {
            RvError::DeviceRemoved
            | RvError::SessionClosed
            | RvError::SessionHandleInvalid
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SlotIdInvalid => Self::Absent,
            RvError::PinIncorrect => Self::PinIncorrect,
            RvError::PinLocked => Self::PinBlocked,
            RvError::PinInvalid | RvError::PinLenRange => Self::PinUnfit,
            RvError::PinExpired | RvError::UserPinNotInitialized => Self::PinExpired,
            RvError::UserNotLoggedIn => Self::PinRequired,
            RvError::TokenWriteProtected | RvError::SessionReadOnly => Self::WriteProtected,
            RvError::MechanismInvalid
            | RvError::KeySizeRange
            | RvError::CurveNotSupported
            | RvError::DomainParamsInvalid => Self::UnsupportedKind,
            _ => Self::Fault(fault),
        }
    }
}

fn shown(found: &[String]) -> String {
    match found {
        [] => "none".to_owned(),
        found => found.join(", "),
    }
}

impl From<Error> for KeyError {
    fn from(error: Error) -> Self {
        match error {
            Error::Absent | Error::NoSuchToken { .. } => Self::Absent,
            Error::PinRequired => Self::PinRequired,
            Error::AlreadyThere(_)
            | Error::Fault(_)
            | Error::Load { .. }
            | Error::NoModule
            | Error::NoSuchKey { .. }
            | Error::PinBlocked
            | Error::PinExpired
            | Error::PinIncorrect
            | Error::PinUnfit
            | Error::SeveralKeys { .. }
            | Error::SeveralTokens { .. }
            | Error::UnsupportedKind
            | Error::WriteProtected => Self::Store(Box::new(error)),
        }
    }
}
