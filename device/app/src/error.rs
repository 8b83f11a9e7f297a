//! Why an operation of the app did not happen; one enum for each group of operations.

use crate::trust::CertificateFault;
use crate::view::RecipientProblem;

/// Why the app could not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What lies on disk is not a container, or parts of it are missing.
    #[error("the container is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// The disk refused.
    #[error("the container's folder cannot be used")]
    Disk(#[source] std::io::Error),
    /// Another process has the container open: talk to that one, or end it.
    #[error("another process uses the container in {}", .directory.display())]
    InUse {
        /// The container's folder.
        directory: std::path::PathBuf,
    },
}

/// Why a smart card could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Put it in.
    #[error("there is no smart card in the reader: put yours in")]
    Missing,
    /// Put in the one that is meant.
    #[error("this is not the smart card that is needed: put in the one of {wanted}")]
    Other {
        /// Whose it is, as its certificate says.
        wanted: String,
    },
    /// The card, its reader or their service failed.
    #[error(transparent)]
    Reader(smartcard::Error),
    /// Leave in the one that is meant.
    #[error("several smart cards are there: leave in the one that is meant")]
    Several,
    /// The company's middleware failed.
    #[error(transparent)]
    Token(pkcs11::Error),
    /// Another card is needed.
    #[error("the smart card cannot be used: {reason}")]
    Unsuitable {
        /// What is wrong with it.
        reason: String,
    },
    /// Ask again.
    #[error("the PIN is wrong{}", tries(*.left))]
    WrongPin {
        /// How many more wrong entries the card takes, if it tells.
        left: Option<u8>,
    },
}

fn tries(left: Option<u8>) -> String {
    left.map(|left| format!("; the card is blocked after {left} more")).unwrap_or_default()
}

impl CardError {
    /// Returns the stable code of what is wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "card_absent",
            Self::Other { .. } => "card_other",
            Self::Reader(error) => error.code(),
            Self::Several => "card_several",
            Self::Token(error) => match error {
                pkcs11::Error::Absent | pkcs11::Error::NoSuchToken { .. } => "card_absent",
                pkcs11::Error::Load { .. } | pkcs11::Error::NoModule => "middleware_failed",
                pkcs11::Error::PinBlocked => "pin_blocked",
                pkcs11::Error::PinExpired => "pin_expired",
                pkcs11::Error::PinIncorrect => "wrong_pin",
                pkcs11::Error::PinRequired => "pin_required",
                pkcs11::Error::PinUnfit => "pin_unfit",
                pkcs11::Error::AlreadyThere(_)
                | pkcs11::Error::Fault(_)
                | pkcs11::Error::NoSuchKey { .. }
                | pkcs11::Error::SeveralKeys { .. }
                | pkcs11::Error::SeveralTokens { .. }
                | pkcs11::Error::UnsupportedKind
                | pkcs11::Error::WriteProtected => "card_refused",
            },
            Self::Unsuitable { .. } => "card_unsuitable",
            Self::WrongPin { .. } => "wrong_pin",
        }
    }

    /// Returns how many more wrong PINs the card takes, where it told that.
    pub fn attempts_left(&self) -> Option<u8> {
        match self {
            Self::WrongPin { left } => *left,
            Self::Missing
            | Self::Other { .. }
            | Self::Reader(_)
            | Self::Several
            | Self::Token(_)
            | Self::Unsuitable { .. } => None,
        }
    }
}

impl From<smartcard::Error> for CardError {
    fn from(error: smartcard::Error) -> Self {
        match error {
            smartcard::Error::WrongPin { left } => Self::WrongPin { left: Some(left) },
            smartcard::Error::WrongPinUncounted => Self::WrongPin { left: None },
            error @ (smartcard::Error::Absent
            | smartcard::Error::Blocked
            | smartcard::Error::Busy
            | smartcard::Error::Damaged(_)
            | smartcard::Error::Fault(_)
            | smartcard::Error::NoCertificate { .. }
            | smartcard::Error::NoReader
            | smartcard::Error::NoService
            | smartcard::Error::PinRequired
            | smartcard::Error::Refused(_)
            | smartcard::Error::UnfitPin
            | smartcard::Error::UnknownCard { .. }) => Self::Reader(error),
        }
    }
}

impl From<pkcs11::Error> for CardError {
    fn from(error: pkcs11::Error) -> Self {
        Self::Token(error)
    }
}

impl From<keys::KeyError> for CardError {
    fn from(error: keys::KeyError) -> Self {
        if matches!(error, keys::KeyError::Absent) {
            return Self::Missing;
        }
        Self::Unsuitable { reason: error.to_string() }
    }
}

/// Why the container stays locked.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// There is no container: register first.
    #[error("there is no container on this device")]
    Absent,
    /// IT has blocked this device; the container opens again when IT lifts the block.
    #[error("the device is blocked")]
    Blocked {
        /// What IT noted.
        reason: Option<String>,
    },
    /// The smart card that opens the container is not there, or refused.
    #[error(transparent)]
    Card(#[from] CardError),
    /// It opens with a smart card: ask for the card and its PIN. No try was used.
    #[error("the container opens with a smart card")]
    CardNeeded,
    /// The settings ask more of the person's own certificate than it is.
    #[error("the personal certificate does not let the container open: {reason}")]
    Certificate {
        /// What is wrong.
        fault: CertificateFault,
        /// The same with the certificate's name, for whoever helps.
        reason: String,
    },
    /// A file of the container is broken or was exchanged.
    #[error("the container is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// The platform does not hand out the device-bound key now.
    #[error("the device key is not available: {reason}")]
    DeviceKeyUnavailable {
        /// What the platform said.
        reason: String,
    },
    /// The key is gone, by order of IT or after too many wrong passwords; the data is there. Restore the key.
    #[error("the key of the container was deleted; the data is kept")]
    KeyWiped,
    /// IT wants something else to open the container from now on: ask for that too.
    #[error("{}", other_level(*.opened_by))]
    LevelDue {
        /// What is to open it.
        opened_by: policy::OpenedBy,
        /// What a new password has to be.
        rules: policy::PasswordRules,
    },
    /// The new password was not taken, and the old one stays.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The container has the certificate of before.
    #[error(transparent)]
    NotRenewed(#[from] RenewError),
    /// The password is right and does not keep the rules any more: choose another one.
    #[error("{}", due(.rules, *.expired))]
    PasswordDue {
        /// What the new one has to be.
        rules: policy::PasswordRules,
        /// The codes of the rules that the present one breaks.
        broken: Vec<&'static str>,
        /// The present one is older than may be.
        expired: bool,
    },
    /// It opens with a password: ask for that.
    #[error("the container opens with a password")]
    PasswordNeeded,
    /// Not the password.
    #[error("wrong password")]
    WrongPassword {
        /// Tries left before the key is deleted; absent when there is no limit.
        attempts_left: Option<u8>,
    },
    /// Everything was deleted by order of IT.
    #[error("the container was wiped")]
    Wiped,
}

fn other_level(opened_by: policy::OpenedBy) -> &'static str {
    match opened_by {
        policy::OpenedBy::Card => "IT wants a smart card to open the container from now on",
        policy::OpenedBy::KeyOnCard => {
            "IT wants the key to be on the smart card from now on: ask IT for a new invitation, because this container cannot change to that"
        }
        policy::OpenedBy::Password => "IT wants a password to open the container from now on",
    }
}

fn due(rules: &policy::PasswordRules, expired: bool) -> String {
    if expired {
        return format!(
            "the password is older than {} days: a new one has to be chosen",
            rules.days
        );
    }

    "the password does not keep the rules any more: a new one has to be chosen".to_owned()
}

/// Why a new password was not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NewPasswordError {
    /// Type it again.
    #[error("the two passwords differ")]
    Different,
    /// Choose a stronger one.
    #[error("the password is too weak")]
    TooWeak {
        /// What it has to be.
        rules: policy::PasswordRules,
    },
    /// Choose one that is new.
    #[error("this password was in use before: choose another one")]
    Used,
}

/// Why another personal certificate was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// It is past its end.
    #[error("this certificate has ended on {}", .ended.date())]
    Ended {
        /// When.
        ended: time::OffsetDateTime,
    },
    /// The certificate file or its password.
    #[error(transparent)]
    File(RegisterError),
    /// It was issued before the present one.
    #[error("this certificate is older than the present one")]
    Older,
    /// The key is on the smart card, which a file cannot replace: register anew.
    #[error(
        "the key is on the smart card: a new one takes a new registration, for which IT has to send an invitation"
    )]
    OnCard,
    /// It is somebody else's.
    #[error("this certificate is for {name}, and not for {wanted}")]
    OtherPerson {
        /// For whom it is.
        name: String,
        /// For whom it should be.
        wanted: String,
    },
    /// It is the present one.
    #[error("this is the certificate that is in use already")]
    Same,
    /// It cannot protect the container.
    #[error("this certificate cannot be used: {reason}")]
    Unsuitable {
        /// What is wrong with it.
        reason: String,
    },
    /// The settings ask more of a personal certificate than it is.
    #[error("this certificate would not let the container open: {reason}")]
    Untrusted {
        /// What is wrong.
        fault: CertificateFault,
        /// The same with the certificate's name, for whoever helps.
        reason: String,
    },
}

/// Why the password of the open container was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// A smart card opens the container, as IT wants it.
    #[error("the container opens with a smart card: there is no password to change")]
    ByCard,
    /// That was the last try: the key is gone, and the data is kept. Restore the key.
    #[error("the key of the container was deleted; the data is kept")]
    KeyWiped,
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// The new password was not taken.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The container could not be read or written.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
    /// Not the password of now.
    #[error("wrong password")]
    WrongPassword {
        /// Tries left before the key is deleted; absent when there is no limit.
        attempts_left: Option<u8>,
    },
}

/// Why a deleted key was not put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// IT has blocked this device: ask IT.
    #[error("the device is blocked")]
    Blocked {
        /// What IT noted.
        reason: Option<String>,
    },
    /// The key is back, and the container stays locked: unlock it once this is mended.
    #[error(transparent)]
    Locked(Box<UnlockError>),
    /// IT has taken the device out of service: only an invitation brings it back.
    #[error(
        "IT has taken this device out of service: ask IT for a new invitation and give its link"
    )]
    NeedsInvitation,
    /// There is no container whose key was deleted.
    #[error("no key is missing here")]
    NotWiped,
    /// Not the certificate that the data is encrypted for: find that one.
    #[error("the data is encrypted for another certificate")]
    OtherCertificate,
    /// The invitation comes from elsewhere: ask the IT whose data this is.
    #[error("the invitation is not by the server that this device was registered with")]
    OtherServer,
    /// A certificate file, password, link or server that would stop a registration too.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// IT has ordered to delete everything, which was done instead.
    #[error("everything was deleted, as IT has ordered")]
    Wiped,
}

/// Why the device could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// There is a container already.
    #[error("this device is registered already")]
    AlreadyRegistered,
    /// The smart card is not there, or refused.
    #[error(transparent)]
    Card(#[from] CardError),
    /// There is a container whose key was deleted: restore it, or say that its data may go.
    #[error("this device keeps data whose key was deleted: restore the key, or discard the data")]
    KeyWiped,
    /// IT wants something else to open the container: give that, with the same link.
    #[error("{}", other_level(*.opened_by))]
    LevelDue {
        /// What is to open it.
        opened_by: policy::OpenedBy,
        /// What a password has to be.
        rules: policy::PasswordRules,
    },
    /// The new password was not taken.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The certificate file holds several keys, and nobody guesses which is meant.
    #[error(
        "the certificate file holds several keys, export the one that is meant alone: {}",
        keys.join("; ")
    )]
    Pkcs12SeveralKeys {
        /// Each with its name if it has one, its certificate's subject and serial number.
        keys: Vec<String>,
    },
    /// To open the certificate file would take too long.
    #[error("the certificate file cannot be used: {reason}")]
    Pkcs12TooExpensive {
        /// What it asks for.
        reason: String,
    },
    /// The certificate file is encrypted in a way that is not opened here.
    #[error("the certificate file cannot be used: {reason}")]
    Pkcs12Unsupported {
        /// Which way it is.
        reason: String,
    },
    /// The certificate file holds nothing usable.
    #[error("the certificate file cannot be used: {reason}")]
    Pkcs12Unusable {
        /// What is wrong with it.
        reason: String,
    },
    /// The server refused; the text is for the user.
    #[error("the server refused: {code}")]
    Refused {
        /// The stable code of the refusal.
        code: String,
        /// What the server said.
        detail: String,
    },
    /// The link is not an invitation.
    #[error("the link is not an invitation: {reason}")]
    LinkUnreadable {
        /// What is wrong with it.
        reason: String,
    },
    /// The container could not be written.
    #[error("the container cannot be written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
    /// Nobody answered at the link's address.
    #[error("the server cannot be reached: {reason}")]
    Unreachable {
        /// What went wrong.
        reason: String,
    },
    /// Whoever answered is not the server that the invitation came from.
    #[error("the server is not the one that invited: {reason}")]
    Untrusted {
        /// What did not fit.
        reason: String,
    },
    /// Not the password of the certificate file.
    #[error("wrong transport password")]
    WrongTransportPassword,
}

/// Why a sign-in with the identity provider was not begun.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The app itself could not do its part.
    #[error("the sign-in cannot begin: {reason}")]
    Failed {
        /// What went wrong.
        reason: String,
    },
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// By the settings of IT the mail server takes the password of the mailbox.
    #[error("the mail server takes the password of the mailbox here, no sign-in in the browser")]
    NotWanted,
    /// The settings or the provider are wrong: IT has to look.
    #[error("{reason}")]
    Provider {
        /// What is wrong.
        reason: String,
    },
    /// The provider or the mail server does not answer; try later.
    #[error("{reason}")]
    Unreachable {
        /// What went wrong.
        reason: String,
    },
}

/// Why something in the container could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// No such folder, message or mail.
    #[error("there is no such thing")]
    Missing,
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
}

/// Why a message was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// No such message.
    #[error("there is no such message")]
    Missing,
    /// No folder to move it to.
    #[error("there is no such folder")]
    NoFolder,
    /// The mail server speaks a version of the protocol that does not know this.
    #[error("the mail server does not know categories")]
    NotSupported,
    /// What went wrong with the disk.
    #[error("the container's storage failed: {reason}")]
    Storage {
        /// What the storage said.
        reason: String,
    },
}

/// Why a contact, an event, a task or a note could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// A field cannot have this value.
    #[error("{field}: {detail}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// No such entry.
    #[error("there is no such thing")]
    Missing,
    /// The mailbox has no folder for such entries, or it is not known yet.
    #[error("the mailbox has no folder for this yet: synchronise first")]
    NoFolder,
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
}

impl EntryError {
    pub(crate) fn bad(field: &'static str, detail: impl Into<String>) -> Self {
        Self::BadValue { field, detail: detail.into() }
    }
}

impl From<AccessError> for EntryError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::Missing,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}

/// Why the bytes of an attachment, or of a text, are not here.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// No such attachment here, or the server has none under this name any more.
    #[error("there is no such attachment")]
    Missing,
    /// The server cannot be reached; try later.
    #[error("the server cannot be reached")]
    Offline,
    /// The server will not hand it out.
    #[error("the server refused: {code}")]
    Refused {
        /// A short stable code.
        code: String,
    },
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
    /// IT allows no attachment of this size.
    #[error("the attachment is larger than {limit_mib} MiB")]
    TooLarge {
        /// The limit.
        limit_mib: u16,
    },
}

/// Why a draft cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Part of the server's draft is not here, and would be lost.
    #[error("part of the draft is only on the server: open it while the server can be reached")]
    Incomplete,
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// No such draft, or no such file.
    #[error("there is no such draft or file")]
    Missing,
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
}

/// Why a mail was not taken into the outbox.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// A file of the message that is sent on is not on this device, and cannot be fetched now.
    #[error("the attachment {name:?} is not on this device and cannot be fetched")]
    AttachmentMissing {
        /// Its file name.
        name: String,
    },
    /// A recipient is not a mail address.
    #[error("{address:?} is not a mail address")]
    BadAddress {
        /// What was given.
        address: String,
    },
    /// The person has nothing to sign with that others would believe: send it without a signature, or have that changed.
    #[error("the mail cannot be signed: {0}")]
    CannotSign(SigningFault),
    /// The mail cannot be encrypted for some recipients, or only if the person says that it may be.
    #[error(
        "the mail cannot be encrypted for everybody: {}",
        crate::protection::addresses(problems)
    )]
    Certificates {
        /// For whom, and why.
        problems: Vec<RecipientProblem>,
        /// A certificate with which something is wrong may be used all the same ([`Protect::despite`](crate::Protect::despite)).
        despite_allowed: bool,
        /// It may be sent without encryption.
        plain_allowed: bool,
    },
    /// IT wants every mail encrypted.
    #[error("mails have to be encrypted here")]
    EncryptionRequired,
    /// The key did not sign, or the encryption failed.
    #[error("the mail could not be signed or encrypted: {reason}")]
    NotProtected {
        /// What went wrong.
        reason: String,
    },
    /// Part of the draft is only on the server, which cannot be reached.
    #[error("part of the draft is not on this device and cannot be fetched")]
    DraftIncomplete,
    /// No such draft.
    #[error("there is no such draft")]
    DraftMissing,
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// Nobody to send it to.
    #[error("the mail has no recipient")]
    NoRecipient,
    /// The message that is answered or sent on is not here any more.
    #[error("the original message is gone")]
    OriginalMissing,
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
    /// More than a mail server would take.
    #[error("the mail is larger than {limit_mib} MiB")]
    TooLarge {
        /// The limit.
        limit_mib: u16,
    },
}

/// What is wrong with what the person signs with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SigningFault {
    /// The certificate ended.
    #[error("the certificate to sign with ended on {}; ask IT for a new one, or send it without a signature", ended.date())]
    Expired {
        /// When.
        ended: time::OffsetDateTime,
    },
    /// The certificate is not for signing, and the card has no other one for that.
    #[error(
        "there is no certificate for signing: that of the person is for encryption alone, and no other one was found on their card; ask IT for one, or send it without a signature"
    )]
    Missing,
    /// The certificate was revoked, or one of its authorities.
    #[error(
        "the certificate to sign with was revoked; ask IT for a new one, or send it without a signature"
    )]
    Revoked,
}

impl SigningFault {
    /// Returns the stable code of refusing for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Expired { .. } => "signing_certificate_expired",
            Self::Missing => "signing_certificate_missing",
            Self::Revoked => "signing_certificate_revoked",
        }
    }
}

/// Why certificates were not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// The file holds no certificate, or a damaged one.
    #[error("the file is no certificate: one in DER is expected, or any number in PEM")]
    NotACertificate,
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
    /// More than are taken in at once.
    #[error("the file holds more than {most} certificates")]
    TooMany {
        /// The limit.
        most: usize,
    },
}

impl From<AccessError> for ImportError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::NotACertificate,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}
