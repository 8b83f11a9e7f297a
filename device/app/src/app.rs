use crate::cards::Cards;
use crate::certificate_file::{CertificateFile, Deletions, NotDeleted};
use crate::enrol;
use crate::lifecycle::{Life, take_granted};
use crate::person::check_opening;
use crate::record::MAIL_PASSWORD;
use crate::session::{Wish, with};
use crate::{
    AccessError, ChangePasswordError, ChangesView, ContainerState, KeyWipe, OpenError,
    PasswordChoice, RegisterError, RemoteImages, RestoreError, SignInError, StateView, UnlockError,
    Warning,
};
use policy::GroupSettings;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::task::spawn_blocking;
use vault::{Container, Cost, DeviceKeys, Place, PlaceError, Presence};

/// Tells the time.
pub type Clock = fn() -> OffsetDateTime;

/// Where the app keeps what it has.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The folder of the container.
    pub container: PathBuf,
    /// The folder for device-bound keys on a machine without a store for them; outside the container's.
    pub key_files: PathBuf,
    /// What keeps the device-bound keys of a container that is made here.
    pub device_keys: DeviceKeys,
    /// The company's own middleware for smart cards, a PKCS#11 module; without it they are reached over PC/SC.
    pub card_module: Option<PathBuf>,
    /// The folder into which certificate files are put that wait at the server.
    pub imports: PathBuf,
    /// The note of certificate files that go once their key is in the container; its folder is there.
    pub imported: PathBuf,
}

/// What the user gives to open the container.
#[derive(Clone, Debug)]
pub enum Opening {
    /// The PIN of the smart card that is in the reader.
    Card(SecretString),
    /// The password.
    Password(SecretString),
}

/// What is to open the container from now on.
#[derive(Clone, Debug)]
pub enum NewOpening {
    /// The smart card that is in the reader, with its PIN.
    Card(SecretString),
    /// A password.
    Password(PasswordChoice),
}

/// Where the personal certificate and its key are.
#[derive(Clone, Debug)]
pub enum Certificate {
    /// On the smart card that is in the reader, with its PIN; the key stays there.
    Card(SecretString),
    /// In a certificate file.
    File(CertificateFile),
}

/// What the user gives to register.
#[derive(Debug)]
pub struct Registration {
    /// The invitation link.
    pub link: String,
    /// The personal certificate.
    pub certificate: Certificate,
    /// What is to open the new container; nothing else than the card, where the key is there.
    pub opening: Option<NewOpening>,
    /// The password of the mailbox, where the mail server wants one.
    pub mail_password: Option<SecretString>,
    /// Data whose key was deleted may go for good.
    pub discard_unreadable: bool,
}

/// What the user gives to read data again whose key was deleted.
#[derive(Debug)]
pub struct Restoration {
    /// The personal certificate that the device was registered with.
    pub certificate: Certificate,
    /// What is to open the container; nothing else than the card, where the key is there.
    pub opening: Option<NewOpening>,
    /// The link of a new invitation, which is needed once IT has taken the device out of service.
    pub link: Option<String>,
}

/// What the user gives to have another personal certificate from now on.
#[derive(Debug)]
pub struct Renewing {
    /// The certificate file.
    pub file: CertificateFile,
    /// What opens the container, now as before.
    pub opening: Opening,
}

/// The running app. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) life: Arc<Life>,
}

impl App {
    /// Looks at what lies on disk; the container stays locked.
    ///
    /// Must be called inside a tokio runtime, which runs the tasks of the open container.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if another process has the container, or what lies there is not one.
    pub fn open(paths: Paths, clock: Clock) -> Result<Self, OpenError> {
        let place = Place {
            directory: paths.container,
            key_files: paths.key_files,
            device_keys: paths.device_keys,
        };
        let damaged = |fault: &vault::Fault| OpenError::Damaged { reason: fault.to_string() };
        let container = Container::at(place).map_err(|error| match error {
            PlaceError::Fault(fault) => damaged(&fault),
            PlaceError::InUse { directory } => OpenError::InUse { directory },
        })?;
        let cards = Cards { module: paths.card_module };
        let deletions = Deletions::noted_at(paths.imported);
        let life = Life::new(container, clock, cards, deletions, paths.imports)
            .map_err(|fault| damaged(&fault))?;

        Ok(Self { life: Arc::new(life) })
    }

    /// Shows the state of container, device and synchronisation.
    pub fn state(&self) -> StateView {
        // Taken first: whoever waits for more than this number misses nothing that changes while the rest is read.
        let sequence = self.life.board.sequence();
        let facts = self.life.board.facts();
        let container = match (&facts.profile, self.life.container.presence()) {
            (Some(_), _) => ContainerState::Open,
            (None, Ok(Presence::Locked)) => ContainerState::Locked,
            (None, Ok(Presence::KeyWiped)) => ContainerState::KeyWiped,
            (None, Ok(Presence::Absent | Presence::Wiped) | Err(_)) => ContainerState::Absent,
        };
        let warnings = self.life.container.warnings().unwrap_or_default().into_iter();
        let profile = facts.profile;
        let default_rules = || GroupSettings::sensible("").container.password;

        StateView {
            container,
            standing: facts.standing,
            block_reason: facts.block_reason,
            key_wiped_by: self.life.container.key_wipe().unwrap_or_default().map(KeyWipe::from),
            account: profile.as_ref().map(|profile| profile.account.clone()),
            opens_with: facts.opens_with,
            card_removed: facts.card_removed,
            attempts_left: self.life.container.attempts_left().unwrap_or_default(),
            needs_mail_password: facts.needs_mail_password,
            needs_sign_in: facts.needs_sign_in,
            signing_in: facts.signing_in,
            sign_in_failure: facts.sign_in_failure,
            sync: facts.sync,
            outbox: facts.outbox,
            delivered: facts.delivered + facts.waiting,
            password_rules: profile.as_ref().map_or_else(default_rules, |profile| {
                self.life.password_rules(&profile.password_rules)
            }),
            remote_images: profile
                .as_ref()
                .map_or(RemoteImages::Never, |profile| profile.remote_images),
            smime: profile.as_ref().map(|profile| profile.smime).unwrap_or_default(),
            lock_after_seconds: profile
                .as_ref()
                .map_or(0, |profile| self.life.lock_after(profile.lock_after_seconds)),
            policy: facts.policy,
            warnings: warnings.map(Warning::from).collect(),
            sequence,
        }
    }

    /// Registers this device with an invitation, makes the container and opens it.
    ///
    /// If only the new password is too weak for the settings that the server sent, the registration is kept in memory,
    /// and the next call with the same link needs no new invitation.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] says what the user or IT can do.
    pub async fn register(&self, registration: Registration) -> Result<(), RegisterError> {
        let storage = |reason: String| RegisterError::Storage { reason };
        // Whoever registers anew does not wait until a server knows that the old registration is gone.
        self.life.finish_leaving().await.map_err(|fault| storage(fault.to_string()))?;
        match self.life.container.presence().map_err(|fault| storage(fault.to_string()))? {
            Presence::Absent | Presence::Wiped => {}
            Presence::KeyWiped if registration.discard_unreadable => {}
            Presence::KeyWiped => return Err(RegisterError::KeyWiped),
            Presence::Locked => return Err(RegisterError::AlreadyRegistered),
        }
        let weakest = GroupSettings::sensible("").container.password;
        check_opening(registration.opening.as_ref(), &weakest)?;
        let now = (self.life.clock)();
        let waiting = take_granted(&self.life);
        let granted = enrol::grant(&self.life.cards, &registration, waiting, now).await?;
        let life = Arc::clone(&self.life);
        let stored = spawn_blocking(move || {
            enrol::store(&life, granted, &registration, Cost::STANDARD, now)
        });
        let stored = stored.await.map_err(|panic| storage(panic.to_string()))?;
        let (open, card) = stored.map_err(|(error, granted)| {
            *self.life.granted.lock().unwrap_or_else(PoisonError::into_inner) =
                granted.map(|granted| *granted);
            error
        })?;

        self.life.begin(open, card).await.map_err(|error| storage(error.to_string()))
    }

    /// Puts a deleted key back, under a new password, and opens the container; its data is readable again.
    ///
    /// Cordon's server is asked first. A device that it has taken out of service, as by an order to wipe the key, needs a
    /// new invitation of the same server, with which it registers anew; the data stays.
    ///
    /// # Errors
    ///
    /// [`RestoreError`] says what the user or IT can do. But for [`RestoreError::Wiped`], the data stays as it is.
    pub async fn restore(&self, restoration: Restoration) -> Result<(), RestoreError> {
        self.life.restore(restoration).await
    }

    /// Opens the container and starts to synchronise. With `next` that opens it from now on.
    ///
    /// # Errors
    ///
    /// [`UnlockError`] says whether another password or card can help; [`UnlockError::PasswordDue`] and
    /// [`UnlockError::LevelDue`] ask for `next`.
    pub async fn unlock(
        &self,
        opening: Opening,
        next: Option<NewOpening>,
    ) -> Result<(), UnlockError> {
        self.life.unlock(opening, next).await
    }

    /// Changes the password of the open container. A wrong `old` one counts like a wrong one at the door.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`]; the old password stays.
    pub async fn change_password(
        &self,
        old: SecretString,
        choice: PasswordChoice,
    ) -> Result<(), ChangePasswordError> {
        self.life.change_password(old, choice).await
    }

    /// Ends every task and drops key and plain text.
    pub async fn lock(&self) {
        self.life.lock().await;
    }

    /// Takes another personal certificate with its key; the key of before is kept for reading. Opens the container where it is
    /// locked, also if the present certificate does not let it open any more.
    ///
    /// # Errors
    ///
    /// [`UnlockError::NotRenewed`] about the new certificate, the others as of [`unlock`](Self::unlock). The present one stays.
    pub async fn renew(&self, given: Renewing) -> Result<(), UnlockError> {
        self.life.renew(given).await
    }

    /// Overwrites and deletes the certificate file that was imported, as its key is in the container. What is left undone, the next
    /// unlock does.
    ///
    /// # Errors
    ///
    /// [`NotDeleted`] names the file that is still there.
    pub async fn delete_imported(&self) -> Result<(), NotDeleted> {
        let Ok((open, _)) = self.life.open().await else { return Ok(()) };
        let life = Arc::clone(&self.life);
        let settled = spawn_blocking(move || {
            let settled = life.deletions.settle(open.certificate().as_der());
            life.show_delivered();
            settled
        });

        settled.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Notes that the user is there, which puts off the lock on timeout.
    pub fn touch(&self) {
        self.life.touch();
    }

    /// Waits until something has changed since `after`, or `wait` has passed.
    pub async fn wait_for_change(&self, after: u64, wait: Duration) -> ChangesView {
        self.life.board.wait(after, wait).await
    }

    /// Synchronises now, even while the app waits after a refusal.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn sync_now(&self) -> Result<(), AccessError> {
        self.life.session().await?.wish(Wish::SyncNow).await
    }

    /// Sets or replaces the password of the mailbox and tries it.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn set_mail_password(&self, password: SecretString) -> Result<(), AccessError> {
        let (open, _) = self.life.open().await?;
        let written = password.clone();
        with(&open, move |open| {
            open.documents().write(MAIL_PASSWORD, written.expose_secret().as_bytes())
        })
        .await?;

        self.life.session().await?.wish(Wish::PasswordGiven(password)).await
    }

    /// Begins a sign-in with the identity provider and returns the address that the browser has to go to.
    ///
    /// The app waits for the browser to come back; [`StateView::signing_in`] and [`StateView::sign_in_failure`] tell how it ended.
    /// A sign-in that was begun before is given up.
    ///
    /// # Errors
    ///
    /// [`SignInError`] says who can do something about it.
    pub async fn begin_sign_in(&self) -> Result<String, SignInError> {
        self.life.begin_sign_in().await
    }

    /// Forgets the sign-in with the identity provider, which is asked to take its tokens back.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] unless the container is open.
    pub async fn sign_out(&self) -> Result<(), AccessError> {
        self.life.sign_out().await
    }
}

impl From<policy::RemoteImages> for RemoteImages {
    fn from(images: policy::RemoteImages) -> Self {
        match images {
            policy::RemoteImages::Ask => Self::Ask,
            policy::RemoteImages::Never => Self::Never,
        }
    }
}

impl From<vault::KeyWipe> for KeyWipe {
    fn from(cause: vault::KeyWipe) -> Self {
        match cause {
            vault::KeyWipe::Ordered => Self::Ordered,
            vault::KeyWipe::WrongPasswords => Self::WrongPasswords,
        }
    }
}

impl From<vault::Warning> for Warning {
    fn from(warning: vault::Warning) -> Self {
        match warning {
            vault::Warning::DeviceKeyInFile => Self::DeviceKeyInFile,
        }
    }
}
