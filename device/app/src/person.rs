//! The person's certificate with its key, in a file or on a card, and what is to open the container that is made for it.

use crate::app::{Certificate, NewOpening};
use crate::cards::{Cards, Found, Wanted};
use crate::certificate_file::CertificateFile;
use crate::enrol::storage;
use crate::error::{NewPasswordError, RegisterError};
use keys::PrivateKey;
use keys::pkcs12::{self, Identity};
use policy::{OpenedBy, PasswordRules};
use secrecy::ExposeSecret as _;
use time::OffsetDateTime;
use tokio::task::spawn_blocking;
use vault::{Cost, NewIdentity, NewPassword, Open, UserIdentity};

/// The person's certificate with its key.
#[derive(Debug)]
pub(crate) enum Person {
    File(Identity),
    OnCard(Found),
}

/// What is to open a container, with everything that it takes.
#[derive(Debug)]
pub(crate) enum Closing<'a> {
    Card(&'a Identity, Found),
    OnCard(&'a Found),
    Password(&'a Identity, NewPassword),
}

impl Person {
    /// Opens the certificate file, or finds the key on the card.
    pub(crate) async fn open(
        cards: &Cards,
        certificate: &Certificate,
    ) -> Result<Self, RegisterError> {
        match certificate {
            Certificate::Card(pin) => {
                let (cards, pin) = (cards.clone(), pin.clone());
                let found = spawn_blocking(move || cards.find(Wanted::Any, &pin)).await;
                Ok(Self::OnCard(found.map_err(|panic| storage(&panic))??))
            }
            Certificate::File(file) => open_identity(file).map(Self::File),
        }
    }

    pub(crate) fn user(&self) -> UserIdentity<'_> {
        match self {
            Self::File(identity) => UserIdentity::File(identity),
            Self::OnCard(found) => UserIdentity::OnCard(&found.identity),
        }
    }

    pub(crate) fn key(&self) -> &dyn PrivateKey {
        match self {
            Self::File(identity) => &identity.key,
            Self::OnCard(found) => found.identity.key.as_ref(),
        }
    }

    /// Returns the certificate, DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        match self {
            Self::File(identity) => &identity.certificate,
            Self::OnCard(found) => &found.identity.certificate,
        }
    }

    /// Returns the card that has to stay where it is while the container is open.
    pub(crate) fn into_card(self) -> Option<Found> {
        match self {
            Self::File(_) => None,
            Self::OnCard(found) => Some(found),
        }
    }

    /// Takes what somebody gave to open the container with, if it is what IT wants.
    pub(crate) fn close(
        &self,
        cards: &Cards,
        opened_by: OpenedBy,
        opening: Option<&NewOpening>,
        rules: &PasswordRules,
    ) -> Result<Closing<'_>, RegisterError> {
        match (self, opened_by, opening) {
            // Nothing is stricter than a key that never leaves its card.
            (Self::OnCard(found), _, _) => Ok(Closing::OnCard(found)),
            (Self::File(identity), OpenedBy::Password, Some(NewOpening::Password(choice))) => {
                Ok(Closing::Password(identity, choice.check(rules)?))
            }
            (Self::File(identity), OpenedBy::Card, Some(NewOpening::Card(pin))) => {
                Ok(Closing::Card(identity, cards.find(Wanted::Any, pin)?))
            }
            (Self::File(_), OpenedBy::Card | OpenedBy::KeyOnCard | OpenedBy::Password, _) => {
                Err(RegisterError::LevelDue { opened_by, rules: rules.clone() })
            }
        }
    }
}

impl Closing<'_> {
    /// Returns what the container is given.
    pub(crate) fn new_identity(&self, cost: Cost) -> NewIdentity<'_> {
        match self {
            Self::Card(identity, card) => NewIdentity::Card { identity, card: &card.identity },
            Self::OnCard(found) => NewIdentity::OnCard(&found.identity),
            Self::Password(identity, password) => {
                NewIdentity::Password { identity, password, cost }
            }
        }
    }

    /// Notes since when a password is in use; where that fails, the next unlock does it.
    pub(crate) fn note(&self, open: &Open, cost: Cost, now: OffsetDateTime) {
        let Self::Password(_, password) = self else { return };
        if let Err(error) = open.note_password(password.secret(), cost, now.unix_timestamp()) {
            tracing::warn!(%error, "Could not note since when the password is in use");
        }
    }
}

/// Tells whether a certificate names the person of another one by an address, one of theirs or `address`; or by the same name where it
/// names no address.
pub(crate) fn is_of_same_person(
    one: &pki::Certificate,
    other: &pki::Certificate,
    address: Option<&str>,
) -> bool {
    let named = one.emails();
    if named.is_empty() {
        return one.common_name().is_some() && one.common_name() == other.common_name();
    }
    let mut known = other.emails();
    known.extend(address.map(str::to_owned));

    named.iter().any(|name| known.iter().any(|it| it.eq_ignore_ascii_case(name)))
}

/// Checks a new password before the server is asked, by the rules that nobody relaxes.
pub(crate) fn check_opening(
    opening: Option<&NewOpening>,
    weakest: &PasswordRules,
) -> Result<(), NewPasswordError> {
    match opening {
        Some(NewOpening::Password(choice)) => choice.check(weakest).map(drop),
        Some(NewOpening::Card(_)) | None => Ok(()),
    }
}

/// Opens the certificate file.
pub(crate) fn open_identity(file: &CertificateFile) -> Result<Identity, RegisterError> {
    pkcs12::open(&file.pkcs12, file.password.expose_secret()).map_err(|error| {
        let reason = error.to_string();
        match error {
            pkcs12::OpenError::Damaged
            | pkcs12::OpenError::Key(_)
            | pkcs12::OpenError::NoCertificate
            | pkcs12::OpenError::NoKey
            | pkcs12::OpenError::TooLarge => RegisterError::Pkcs12Unusable { reason },
            pkcs12::OpenError::OtherPassword | pkcs12::OpenError::UnsupportedAlgorithm { .. } => {
                RegisterError::Pkcs12Unsupported { reason }
            }
            pkcs12::OpenError::SeveralIdentities { offers } => {
                RegisterError::Pkcs12SeveralKeys { keys: offers }
            }
            pkcs12::OpenError::TooExpensive { .. } => RegisterError::Pkcs12TooExpensive { reason },
            pkcs12::OpenError::WrongPassword => RegisterError::WrongTransportPassword,
        }
    })
}
