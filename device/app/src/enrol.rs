//! From an invitation to a container: registers with the server, then stores what came of it.

use crate::app::{Certificate, Registration};
use crate::cards::{Cards, Found};
use crate::error::{CardError, RegisterError};
use crate::http::{Address, Client, Connection, HttpError, Trust};
use crate::lifecycle::Life;
use crate::person::Person;
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
use secrecy::ExposeSecret as _;
use std::time::Duration;
use time::OffsetDateTime;
use vault::{Cost, CreateError, NewContainer, Open, Slot};

/// What the server granted; kept until a password is chosen that satisfies the settings it sent.
#[derive(Debug)]
pub(crate) struct Granted {
    link: String,
    person: Person,
    pub(crate) record: Record,
    pub(crate) registered: Registered,
}

/// Registers with the server, or takes up the registration that waits for something better to open the container.
pub(crate) async fn grant(
    cards: &Cards,
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
    let person = Person::open(cards, &registration.certificate).await?;
    let certificate = pki::Certificate::from_der(person.certificate())
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
        person_key: person.key(),
        person: &certificate,
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

    Ok(Granted { link: registration.link.clone(), person, record, registered })
}

/// Why there is no container, with the grant if only what is to open the container is at fault.
type NotStored = (RegisterError, Option<Box<Granted>>);

/// Makes the container, and returns the card that has to stay in the reader, if there is one.
pub(crate) fn store(
    life: &Life,
    granted: Granted,
    registration: &Registration,
    cost: Cost,
    now: OffsetDateTime,
) -> Result<(Open, Option<Found>), NotStored> {
    let settings = &granted.registered.document.settings.container;
    let opening = registration.opening.as_ref();
    let closing =
        granted.person.close(&life.cards, settings.opened_by, opening, &settings.password);
    let closing = match closing {
        Ok(closing) => closing,
        Err(error) => return Err((error, Some(Box::new(granted)))),
    };
    let signed =
        serde_json::to_vec(&granted.registered.signed).map_err(|error| (storage(&error), None))?;
    let record = granted.record.to_bytes();
    let mut documents: Vec<(Slot, &[u8])> = vec![(DEVICE, &record), (SETTINGS, &signed)];
    if let Some(password) = &registration.mail_password {
        documents.push((MAIL_PASSWORD, password.expose_secret().as_bytes()));
    }
    let new = NewContainer {
        identity: closing.new_identity(cost),
        wrong_passwords: settings.wrong_passwords,
        documents: &documents,
    };

    if registration.discard_unreadable {
        life.container.discard_unreadable().map_err(|fault| (storage(&fault), None))?;
    }

    if let Certificate::File(file) = &registration.certificate {
        let planned = life.deletions.plan(file, granted.person.certificate());
        planned.map_err(|error| (storage(&error), None))?;
    }
    let open = life.container.create(&new).map_err(|error| {
        let error = match error {
            CreateError::Exists => RegisterError::AlreadyRegistered,
            CreateError::UnsuitableCard { reason } => CardError::Unsuitable { reason }.into(),
            CreateError::UnsuitableIdentity { reason } => RegisterError::Pkcs12Unusable { reason },
            CreateError::Fault(fault) => storage(&fault),
        };
        (error, None)
    })?;
    closing.note(&open, cost, now);

    Ok((open, granted.person.into_card()))
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

pub(crate) fn failed(error: RegistrationError<HttpError>) -> RegisterError {
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
