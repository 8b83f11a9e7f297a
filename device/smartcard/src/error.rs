use keys::KeyError;

/// Why a card did not do what was asked, named by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The card is not in the reader any more; put it in again.
    #[error("the smart card is not in the reader: put it in")]
    Absent,
    /// The PIN is blocked; IT or the card's issuer unblocks it with the PUK.
    #[error(
        "the PIN of the smart card is blocked after too many wrong entries: have the card unblocked by its issuer"
    )]
    Blocked,
    /// Another program uses the card alone; close it.
    #[error("another program holds the smart card: close it")]
    Busy,
    /// What the card said cannot be understood.
    #[error("the smart card gave an answer that is not understood: {0}")]
    Damaged(&'static str),
    /// A reader or its service failed.
    #[error("the smart card reader failed")]
    Fault(#[source] pcsc::Error),
    /// The slot is empty; have a certificate put there.
    #[error("the smart card holds no usable certificate in slot {slot}")]
    NoCertificate {
        /// Its number, in hexadecimal, as SP 800-73 counts, or the identifier of an ISO 7816-15 card.
        slot: String,
    },
    /// Plug a reader in.
    #[error("there is no smart card reader: plug one in")]
    NoReader,
    /// Install and start the service of the readers.
    #[error("the service of the smart card readers does not run: install pcscd and start it")]
    NoService,
    /// Enter it.
    #[error("the smart card wants its PIN first")]
    PinRequired,
    /// The card refused; the status word is for the log.
    #[error("the smart card refused with status {0:04X}")]
    Refused(u16),
    /// No try was used; enter another one.
    #[error("the smart card takes no PIN of this length or with these characters: no try was used")]
    UnfitPin,
    /// The card is of another kind; take the company's middleware by PKCS#11.
    #[error("the smart card in {reader} has neither a PIV applet nor an ISO 7816-15 application")]
    UnknownCard {
        /// Where it is.
        reader: String,
    },
    /// Ask again.
    #[error("the PIN is wrong; the card is blocked after {left} more")]
    WrongPin {
        /// How many more wrong entries the card takes.
        left: u8,
    },
    /// Ask again, but not often: the card does not tell how many tries are left.
    #[error("the PIN is wrong; the card does not tell how many tries are left")]
    WrongPinUncounted,
}

impl Error {
    /// Returns the stable code of what is wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent => "card_absent",
            Self::Blocked => "pin_blocked",
            Self::Busy => "card_busy",
            Self::Damaged(_) => "card_damaged",
            Self::Fault(_) => "reader_failed",
            Self::NoCertificate { .. } => "no_certificate",
            Self::NoReader => "no_reader",
            Self::NoService => "no_reader_service",
            Self::PinRequired => "pin_required",
            Self::Refused(_) => "card_refused",
            Self::UnfitPin => "pin_unfit",
            Self::UnknownCard { .. } => "card_unknown",
            Self::WrongPin { .. } | Self::WrongPinUncounted => "wrong_pin",
        }
    }
}

impl From<pcsc::Error> for Error {
    fn from(error: pcsc::Error) -> Self {
        use pcsc::Error as Pcsc;
        #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum of some fifty codes")]
        match error {
            Pcsc::NoService | Pcsc::ServiceStopped => Self::NoService,
            Pcsc::NoReadersAvailable | Pcsc::UnknownReader | Pcsc::ReaderUnavailable => {
                Self::NoReader
            }
            Pcsc::NoSmartcard | Pcsc::RemovedCard | Pcsc::UnpoweredCard => Self::Absent,
            Pcsc::SharingViolation => Self::Busy,
            _ => Self::Fault(error),
        }
    }
}

impl From<Error> for KeyError {
    fn from(error: Error) -> Self {
        match error {
            Error::Absent | Error::NoReader => Self::Absent,
            Error::PinRequired => Self::PinRequired,
            Error::Blocked
            | Error::Busy
            | Error::Damaged(_)
            | Error::Fault(_)
            | Error::NoCertificate { .. }
            | Error::NoService
            | Error::Refused(_)
            | Error::UnfitPin
            | Error::UnknownCard { .. }
            | Error::WrongPin { .. }
            | Error::WrongPinUncounted => Self::Store(Box::new(error)),
        }
    }
}
