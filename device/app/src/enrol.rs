//! From an invitation to a container: registers with the server, then stores what came of it.

use crate::app::Registration;
use crate::error::{NewPasswordError, RegisterError};
use crate::http::{Address, Client, Connection, HttpError, Trust};
use crate::password::PasswordChoice;
use crate::portal::request;
use crate::record::{DEVICE, MAIL_PASSWORD, Record, SETTINGS};
use crate::registration::{
    Answer, Applicant, Connection as Channel, DeviceFacts, Link, Registered, RegistrationError,
    register,
};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::Method;
use keys::SoftwareKey;
use keys::pkcs12::{self, Identity};
use pki::Certificate;
use policy::PasswordRules;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use time::OffsetDateTime;
use vault::{Container, Cost, CreateError, NewContainer, NewPassword, Open, Slot};

/// What the server granted; kept until a password is chosen that satisfies the settings it sent.
#[derive(Debug)]
pub(crate) struct Granted {
    link: String,
    identity: Identity,
    pub(crate) record: Record,
    pub(crate) registered: Registered,
}

/// Registers with the server, or takes up the registration that waits for a better password.
pub(crate) async fn grant(
    registration: &Registration,
    waiting: Option<Granted>,
    now: OffsetDateTime,
) -> Result<Granted, RegisterError> {
    if let Some(granted) = waiting.filter(|granted| granted.link == registration.link) {
        return Ok(granted);
    }
    let unreadable =
        |error: &dyn std::error::Error| RegisterError::LinkUnreadable { reason: error.to_string() };
    let link = Link::parse(&registration.link).map_err(|error| unreadable(&error))?;
    let address = Address::parse(&link.server).map_err(|error| unreadable(&error))?;
    let identity = open_identity(&registration.pkcs12, &registration.transport_password)?;
    let person = Certificate::from_der(&identity.certificate)
        .map_err(|error| RegisterError::Pkcs12Unusable { reason: error.to_string() })?;
    let device_key = SoftwareKey::make_p256().map_err(|error| storage(&error))?;
    let eas_id = HEXLOWER.encode(&random::<16>()?);
    let (model, system) = (host_name(), system());

    let client =
        Client::new(address, &Trust::Pin(link.pin.0), None).map_err(|error| storage(&error))?;
    let mut connection = client.connect().await.map_err(no_answer)?;
    let applicant = Applicant {
        link: &link,
        device: DeviceFacts {
            name: None,
            model: &model,
            system: &system,
            app_version: env!("CARGO_PKG_VERSION"),
            eas_id: &eas_id,
        },
        device_key: &device_key,
        person_key: &identity.key,
        person: &person,
        nonce: random()?,
    };
    let registered = register(&mut connection, &applicant, now).await.map_err(failed)?;
    let record = Record::new(
        &link.server,
        &eas_id,
        &registered.device,
        &registered.authority,
        &registered.certificate,
        &device_key.to_pkcs8(),
    );

    Ok(Granted { link: registration.link.clone(), identity, record, registered })
}

/// Makes the container. Gives the grant back if only the password is at fault.
pub(crate) fn store(
    container: &Container,
    granted: Granted,
    registration: &Registration,
    cost: Cost,
    now: OffsetDateTime,
) -> Result<Open, (RegisterError, Option<Box<Granted>>)> {
    let settings = &granted.registered.document.settings;
    let rules = &settings.container.password;
    let password = match choose(registration, rules) {
        Ok(password) => password,
        Err(error) => return Err((error.into(), Some(Box::new(granted)))),
    };
    let signed =
        serde_json::to_vec(&granted.registered.signed).map_err(|error| (storage(&error), None))?;
    let record = granted.record.to_bytes();
    let mut documents: Vec<(Slot, &[u8])> = vec![(DEVICE, &record), (SETTINGS, &signed)];
    if let Some(password) = &registration.mail_password {
        documents.push((MAIL_PASSWORD, password.expose_secret().as_bytes()));
    }
    let new = NewContainer {
        identity: &granted.identity,
        password: &password,
        cost,
        wrong_passwords: settings.container.wrong_passwords,
        documents: &documents,
    };

    if registration.discard_unreadable {
        container.discard_unreadable().map_err(|fault| (storage(&fault), None))?;
    }

    let open = container.create(&new).map_err(|error| {
        let error = match error {
            CreateError::Exists => RegisterError::AlreadyRegistered,
            CreateError::UnsuitableIdentity { reason } => RegisterError::Pkcs12Unusable { reason },
            CreateError::Fault(fault) => storage(&fault),
        };
        (error, None)
    })?;
    note_password(&open, &password, cost, now);

    Ok(open)
}

/// Notes since when a password is in use; where that fails, the next unlock does it.
pub(crate) fn note_password(open: &Open, password: &NewPassword, cost: Cost, now: OffsetDateTime) {
    if let Err(error) = open.note_password(password.secret(), cost, now.unix_timestamp()) {
        tracing::warn!(%error, "Could not note since when the password is in use");
    }
}

/// Checks the new password before the server is asked, by the rules that nobody relaxes.
pub(crate) fn check_password(
    registration: &Registration,
    rules: &PasswordRules,
) -> Result<(), RegisterError> {
    Ok(choose(registration, rules).map(drop)?)
}

fn choose(
    registration: &Registration,
    rules: &PasswordRules,
) -> Result<NewPassword, NewPasswordError> {
    choose_password(&registration.password, &registration.password_again, rules)
}

/// Checks a password that the user typed twice.
pub(crate) fn choose_password(
    password: &SecretString,
    again: &SecretString,
    rules: &PasswordRules,
) -> Result<NewPassword, NewPasswordError> {
    PasswordChoice { password: password.clone(), again: again.clone() }.check(rules)
}

/// Opens the certificate file.
pub(crate) fn open_identity(
    file: &[u8],
    password: &SecretString,
) -> Result<Identity, RegisterError> {
    pkcs12::open(file, password.expose_secret()).map_err(|error| {
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

impl Channel for Connection {
    type Error = HttpError;

    fn exporter(&self) -> [u8; 32] {
        Self::exporter(self)
    }

    async fn post(&mut self, path: &str, body: Vec<u8>) -> Result<Answer, HttpError> {
        let request = request(Method::POST, path.to_owned(), Bytes::from(body), Duration::ZERO);
        let answer = tokio::time::timeout(request.within, self.send(&request));
        let answer = answer.await.map_err(|_| HttpError::TooSlow)??;

        Ok(Answer { status: answer.status.as_u16(), body: answer.body.to_vec() })
    }
}

fn failed(error: RegistrationError<HttpError>) -> RegisterError {
    match error {
        RegistrationError::Connection(error) => no_answer(error),
        RegistrationError::Key(error) => {
            RegisterError::Pkcs12Unusable { reason: error.to_string() }
        }
        RegistrationError::OtherCertificate => RegisterError::Pkcs12Unusable {
            reason: "it is not the certificate that IT has deposited for you".to_owned(),
        },
        RegistrationError::Refused { code, detail } => RegisterError::Refused { code, detail },
        RegistrationError::Untrusted(distrust) => {
            RegisterError::Untrusted { reason: distrust.to_string() }
        }
    }
}

fn no_answer(error: HttpError) -> RegisterError {
    let reason = chain(&error);
    match error {
        HttpError::Untrusted { .. } => RegisterError::Untrusted { reason },
        HttpError::Broken(_)
        | HttpError::Connect { .. }
        | HttpError::NotPublic { .. }
        | HttpError::TooLarge(_)
        | HttpError::TooSlow => RegisterError::Unreachable { reason },
    }
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());

    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

pub(crate) fn storage(error: &dyn std::error::Error) -> RegisterError {
    RegisterError::Storage { reason: chain(error) }
}

fn random<const N: usize>() -> Result<[u8; N], RegisterError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| storage(&error))?;

    Ok(bytes)
}

/// What the console shows as the make of this machine.
fn host_name() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();

    name.trim().chars().take(64).collect()
}

/// What the console shows as the operating system.
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));

    name.unwrap_or(std::env::consts::OS).trim_matches('"').chars().take(64).collect()
}
