//! What every refusal has in common.

use std::convert::Infallible;

/// An answer to whoever asked: the rules say no.
///
/// The text says what was refused, why, and what to do about it.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// Returns the stable code, in snake case.
    fn code(&self) -> &'static str;

    /// Returns what kind of answer this is.
    fn kind(&self) -> RefusalKind;
}

/// What the rules never refuse.
impl Refusal for Infallible {
    fn code(&self) -> &'static str {
        match *self {}
    }

    fn kind(&self) -> RefusalKind {
        match *self {}
    }
}

/// What kind of answer a refusal is; a face chooses its status by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusalKind {
    /// The thing is not in a state that allows this.
    Conflict,
    /// The request itself is wrong and would be so at any time.
    Invalid,
    /// The same request may succeed after a pause.
    TooEarly,
    /// Whoever asks has not proven who they are.
    Unproven,
}

/// Gives the variants of a refusal their kinds and codes.
#[macro_export]
macro_rules! refusal {
    ($type:ty { $($pattern:pat => $kind:ident $code:literal,)+ }) => {
        impl $crate::Refusal for $type {
            fn code(&self) -> &'static str {
                match self {
                    $($pattern => $code,)+
                }
            }

            fn kind(&self) -> $crate::RefusalKind {
                match self {
                    $($pattern => $crate::RefusalKind::$kind,)+
                }
            }
        }
    };
}
