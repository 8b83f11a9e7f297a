//! Locked, open, blocked, wiped: the life of the container, and the tasks that live while it is open.

use crate::app::{Clock, NewOpening, Opening};
use crate::board::{Board, Profile};
use crate::cards::{Cards, Found};
use crate::certificate_file::Deletions;
use crate::device_certificate;
use crate::enrol::Granted;
use crate::error::{AccessError, CardError, SignInError, UnlockError};
use crate::http::Client;
use crate::opening::Proof;
use crate::portal::{Portal, PortalError, Status, ToldStanding, Wipe};
use crate::protection::LastOpened;
use crate::record::{self, MAIL_PASSWORD, Record, RecordError, SETTINGS, STANDING};
use crate::renewal::Next;
use crate::search;
use crate::session::{self, Session, Wish};
use crate::sign_in::Tokens;
use crate::trust::{self, Trust};
use crate::view::{AccountView, Standing, Topic};
use activesync::messages::WipeOrder;
use policy::{Document, PasswordRules, SignIn};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use vault::{Container, Open, Presence};

/// How long unlocking waits for the server's word about the device.
pub(crate) const ASK: Duration = Duration::from_secs(6);
/// How long one question for news is held by the server.
const HELD: Duration = Duration::from_secs(50);
/// How long a card is watched at a time; whatever ends the watching waits no longer than that.
const WATCHED: Duration = Duration::from_secs(2);
/// The first and the longest pause after a question that got no answer.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// What there is once, whether or not the container is open.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) container: Container,
    pub(crate) clock: Clock,
    pub(crate) cards: Cards,
    pub(crate) deletions: Deletions,
    /// The folder into which certificate files are put that wait at the server.
    pub(crate) imports: PathBuf,
    pub(crate) board: Board,
    /// A registration that waits for a better password.
    pub(crate) granted: Mutex<Option<Granted>>,
    /// Serialises unlocking and locking.
    pub(crate) running: tokio::sync::Mutex<Option<Running>>,
    /// When the user was last seen.
    pub(crate) touched: watch::Sender<Instant>,
    /// What the mail server's policy asks of the container.
    policy: watch::Sender<Demanded>,
    /// The mail server has ordered a wipe: all that is left in the container serves to tell it that it was obeyed.
    leaving: AtomicBool,
}

/// What a mail server's policy asks of the container, beside what the settings do.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Demanded {
    /// The time without use after which it locks.
    pub(crate) lock_after_seconds: Option<u32>,
    /// The wrong password in a row that deletes the key.
    pub(crate) wrong_passwords: Option<u8>,
    /// What a password has to be.
    pub(crate) password: PasswordRules,
}

/// What lives while the container is open.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) open: Open,
    pub(crate) device: Arc<Device>,
    session: Session,
    tokens: Tokens,
    tasks: JoinSet<()>,
    /// A sign-in that waits for the browser.
    sign_in: JoinSet<()>,
}

/// The registered device: how it reaches the server, and what it has to obey.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) record: Record,
    pub(crate) client: Client,
    pub(crate) portal: Portal,
    pub(crate) settings: watch::Sender<Arc<Document>>,
    pub(crate) trust: Trust,
    pub(crate) last_opened: LastOpened,
}

impl Running {
    /// Ends every task, and forgets what was opened.
    pub(crate) async fn end(&mut self) {
        self.tasks.shutdown().await;
        self.sign_in.shutdown().await;
        self.device.last_opened.forget();
    }
}

impl Life {
    pub(crate) fn new(
        container: Container,
        clock: Clock,
        cards: Cards,
        deletions: Deletions,
        imports: PathBuf,
    ) -> Result<Self, vault::Fault> {
        let due = container.wiped_by()?.is_some_and(|moment| moment <= clock().unix_timestamp());
        if due {
            container.wipe_data()?;
        }
        let standing = match container.presence()? {
            Presence::Absent => Standing::Unregistered,
            Presence::Locked => Standing::Active,
            Presence::KeyWiped | Presence::Wiped => Standing::Wiped,
        };

        let life = Self {
            container,
            clock,
            cards,
            deletions,
            imports,
            board: Board::new(standing),
            granted: Mutex::default(),
            running: tokio::sync::Mutex::default(),
            touched: watch::Sender::new(Instant::now()),
            policy: watch::Sender::new(Demanded::default()),
            leaving: AtomicBool::new(false),
        };
        life.show_opening();
        life.show_delivered();

        Ok(life)
    }

    /// Opens the container, unless IT says no, or wants something else to open it that was not given.
    pub(crate) async fn unlock(
        self: &Arc<Self>,
        opening: Opening,
        next: Option<NewOpening>,
    ) -> Result<(), UnlockError> {
        let mut running = self.running.lock().await;

        self.enter(&mut running, opening, next, None).await
    }

    /// Opens the container as [`unlock`](Self::unlock) does, with another personal certificate from now on if one is given.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        running: &mut Option<Running>,
        opening: Opening,
        next: Option<NewOpening>,
        renewal: Option<Arc<Next>>,
    ) -> Result<(), UnlockError> {
        let (open, proof) = self.open_by(opening).await?;
        *running = None;
        // Screens see it open once it may stay so.
        self.board.close();
        self.leaving.store(false, Ordering::SeqCst);
        let device = match self.device(&open) {
            Ok(device) => Arc::new(device),
            Err(error) => {
                open.lock();
                return Err(UnlockError::Damaged { reason: error.to_string() });
            }
        };
        let status = match timeout(ASK, device.portal.status(None, Duration::ZERO)).await {
            Ok(Ok(status)) => Some(status),
            Ok(Err(PortalError::Unknown { .. })) => Some(unknown()),
            Ok(Err(
                PortalError::Http(_) | PortalError::Refused { .. } | PortalError::Unreadable { .. },
            ))
            | Err(_) => None,
        };
        let told = match &status {
            Some(status) => self.obey(&open, &device, status).await,
            None => self.remembered(&open),
        };
        let waiting = status.as_ref().map_or(0, |status| status.certificate_files);
        match told {
            Standing::Active | Standing::Unregistered => {}
            Standing::Blocked => {
                open.lock();
                return Err(UnlockError::Blocked { reason: self.board.facts().block_reason });
            }
            Standing::Wiped => return Err(self.gone()),
        }
        let (open, device) = match renewal {
            None => (open, device),
            Some(next) => self.enter_renewed(open, &device, &proof, next).await?,
        };
        if let Err(error) = device.trust.check_own().await {
            open.lock();
            return Err(error);
        }
        if let Err(error) = self.settle_opening(&open, &device, &proof, next).await {
            open.lock();
            return Err(error);
        }
        let sequence = status.map(|status| status.sequence);
        *running = Some(self.start(open, device, sequence, proof.into_card_to_watch()));
        self.show_waiting(waiting);
        self.board.changed(Topic::Folders);

        Ok(())
    }

    /// Gives a container that was just opened another personal certificate; it is locked if that fails.
    async fn enter_renewed(
        self: &Arc<Self>,
        open: Open,
        device: &Device,
        proof: &Proof,
        next: Arc<Next>,
    ) -> Result<(Open, Arc<Device>), UnlockError> {
        let renewed = self.replace_identity(&open, device, proof, next).await;
        let renewed = renewed.inspect_err(|_| open.lock())?;
        let device = self.device(&renewed).map_err(|error| {
            renewed.lock();
            UnlockError::Damaged { reason: error.to_string() }
        })?;

        Ok((renewed, Arc::new(device)))
    }

    /// Ends every task and takes the keys from memory.
    pub(crate) async fn lock(&self) {
        let Some(mut running) = self.running.lock().await.take() else { return };
        running.end().await;
        let open = running.open;
        // Closing the database may write; a container that is dropped instead of closed loses nothing.
        drop(spawn_blocking(move || open.lock()).await);
        self.board.close();
    }

    /// Takes a container that was just made into service.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        open: Open,
        card: Option<Found>,
    ) -> Result<(), RecordError> {
        let device = Arc::new(self.device(&open)?);
        let mut running = self.running.lock().await;
        *running = Some(self.start(open, device, None, card));
        self.show_opening();
        self.board.update(|facts| facts.standing = Standing::Active);

        Ok(())
    }

    /// The open container, for what screens ask.
    pub(crate) async fn open(&self) -> Result<(Open, Arc<Device>), AccessError> {
        let running = self.running.lock().await;
        let running = running.as_ref().filter(|_| !self.is_leaving()).ok_or(AccessError::Locked)?;

        Ok((running.open.clone(), Arc::clone(&running.device)))
    }

    /// The session with the mail server, for what the user wants of it.
    pub(crate) async fn session(&self) -> Result<Session, AccessError> {
        let running = self.running.lock().await;
        let running = running.as_ref().filter(|_| !self.is_leaving()).ok_or(AccessError::Locked)?;

        Ok(running.session.clone())
    }

    /// Begins a sign-in in the browser, in place of one that waits.
    pub(crate) async fn begin_sign_in(self: &Arc<Self>) -> Result<String, SignInError> {
        let tokens = {
            let mut running = self.running.lock().await;
            let running = running.as_mut().ok_or(SignInError::Locked)?;
            if running.device.settings.borrow().settings.mail.sign_in != SignIn::Oauth {
                return Err(SignInError::NotWanted);
            }
            running.sign_in.shutdown().await;
            running.tokens.clone()
        };
        let begun = tokens.begin().await?;
        let address = begun.address.clone();
        let mut running = self.running.lock().await;
        let running = running.as_mut().ok_or(SignInError::Locked)?;
        self.board.update(|facts| {
            facts.signing_in = true;
            facts.sign_in_failure = None;
        });
        let (life, session) = (Arc::clone(self), running.session.clone());
        running.sign_in.abort_all();
        running.sign_in.spawn(async move {
            let failure = match tokens.finish(begun).await {
                Ok(()) => {
                    // Nobody hears it only if the container was locked meanwhile.
                    drop(session.wish(Wish::SignedIn).await);
                    None
                }
                Err(failed) => {
                    tracing::warn!(%failed, "A sign-in came to nothing");
                    Some(failed.code.to_owned())
                }
            };
            life.board.update(|facts| {
                facts.signing_in = false;
                facts.sign_in_failure = failure;
            });
        });

        Ok(address)
    }

    /// Forgets the tokens of the mail server.
    pub(crate) async fn sign_out(&self) -> Result<(), AccessError> {
        let (tokens, session) = {
            let mut running = self.running.lock().await;
            let running = running.as_mut().ok_or(AccessError::Locked)?;
            running.sign_in.shutdown().await;
            (running.tokens.clone(), running.session.clone())
        };
        self.board.update(|facts| facts.signing_in = false);
        tokens.sign_out().await?;

        session.wish(Wish::SignedOut).await
    }

    /// Shows nothing any more, because the mail server has ordered a wipe; until the moment, or until it was told, the registration stays.
    pub(crate) fn leave(&self, until: OffsetDateTime) -> Result<(), vault::Fault> {
        self.container.wipe_by(until.unix_timestamp())?;
        self.leaving.store(true, Ordering::SeqCst);
        self.board.close();
        self.board.update(|facts| facts.standing = Standing::Wiped);

        Ok(())
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::SeqCst)
    }

    /// Finishes what the mail server has ordered, without waiting until it was told.
    pub(crate) async fn finish_leaving(&self) -> Result<(), vault::Fault> {
        if self.container.wiped_by()?.is_none() {
            return Ok(());
        }
        self.lock().await;
        self.container.wipe_data()?;
        self.leaving.store(false, Ordering::SeqCst);
        self.board.update(|facts| facts.standing = Standing::Wiped);

        Ok(())
    }

    /// Does the rest of what the mail server has ordered. The account is all that a container holds, so either order deletes everything.
    pub(crate) async fn wipe_for_mail_server(&self, order: WipeOrder) {
        tracing::warn!(?order, "Everything is deleted by order of the mail server");
        self.lock().await;
        self.leaving.store(false, Ordering::SeqCst);
        if let Err(fault) = self.container.wipe_data() {
            let error = &fault as &dyn std::error::Error;
            tracing::error!(error, "A step of the wipe failed; the next start tries again");
        }
        self.board.update(|facts| facts.standing = Standing::Wiped);
    }

    /// The time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.clock)()
    }

    pub(crate) fn device(&self, open: &Open) -> Result<Device, RecordError> {
        let record = Record::read(&open.documents())?;
        let now = (self.clock)();
        let settings = record::settings(&open.documents(), &record.authority()?, now)?;
        let client = record.client()?;
        let portal = Portal::new(client.clone());

        let settings = watch::Sender::new(Arc::new(settings));
        let trust = Trust::load(open, record.authority()?, settings.subscribe(), self.clock)?;
        let last_opened = LastOpened::default();

        Ok(Device { record, client, portal, settings, trust, last_opened })
    }

    pub(crate) fn start(
        self: &Arc<Self>,
        open: Open,
        device: Arc<Device>,
        sequence: Option<u64>,
        card: Option<Found>,
    ) -> Running {
        self.touch();
        self.board.update(|facts| facts.card_removed = false);
        self.show_profile(&open, &device);
        let mut tasks = JoinSet::new();
        tasks.spawn(follow(Arc::clone(self), open.clone(), Arc::clone(&device), sequence));
        tasks.spawn(watch_idleness(Arc::clone(self), Arc::clone(&device)));
        if let Some(card) = card {
            tasks.spawn(watch_card(Arc::clone(self), card));
        }
        tasks.spawn(search::fill_index(Arc::clone(self), open.clone()));
        tasks.spawn(trust::keep_fresh(Arc::clone(self), device.trust.clone()));
        tasks.spawn(device_certificate::keep(Arc::clone(self), open.clone(), Arc::clone(&device)));
        let (session, wishes) = Session::new();
        let (life, opened, registered) = (Arc::clone(self), open.clone(), Arc::clone(&device));
        let tokens = Tokens::new(open.clone(), Arc::clone(&device), self.clock);
        tasks.spawn(session::run(life, opened, registered, tokens.clone(), wishes));

        Running { open, device, session, tokens, tasks, sign_in: JoinSet::new() }
    }

    fn show_profile(&self, open: &Open, device: &Device) {
        if self.is_leaving() {
            return;
        }
        let settings = device.settings.borrow().settings.clone();
        let name = open.certificate().common_name().unwrap_or_default();
        let signing = open.signing().map(|(_, certificate)| certificate.not_after());
        let ends = open.certificate().not_after();
        let certificate_ends = signing.map_or(ends, |signing| signing.min(ends));
        self.board.update(|facts| {
            facts.profile = Some(Profile {
                account: AccountView { name, address: settings.mail.address, certificate_ends },
                password_rules: settings.container.password,
                remote_images: settings.viewing.remote_images.into(),
                smime: settings.smime,
                lock_after_seconds: settings.container.lock_after_seconds,
            });
        });
    }

    pub(crate) fn touch(&self) {
        self.touched.send_replace(Instant::now());
    }

    /// Takes over what the mail server's policy asks of the container.
    pub(crate) fn follow_policy(&self, demanded: Demanded) {
        self.policy.send_if_modified(|known| {
            let news = *known != demanded;
            *known = demanded;
            news
        });
    }

    /// The wrong password in a row that deletes the key: that of the settings, unless the policy has fewer.
    pub(crate) fn wrong_passwords(&self, settings: u8) -> u8 {
        self.policy.borrow().wrong_passwords.map_or(settings, |policy| policy.min(settings))
    }

    /// What a password has to be: by the settings, and by the policy.
    pub(crate) fn password_rules(&self, settings: &PasswordRules) -> PasswordRules {
        settings.and(&self.policy.borrow().password)
    }

    /// The seconds without use after which the container locks: those of the settings, unless the policy has fewer.
    pub(crate) fn lock_after(&self, settings: u32) -> u32 {
        let policy = self.policy.borrow().lock_after_seconds;

        policy.map_or(settings, |policy| policy.min(settings))
    }

    /// Does what IT says; returns where the device stands then.
    async fn obey(&self, open: &Open, device: &Device, status: &Status) -> Standing {
        match status.standing {
            ToldStanding::Active => {
                self.remember(open, Standing::Active, None);
                self.board.update(|facts| {
                    let leaving = self.is_leaving();
                    facts.standing = if leaving { Standing::Wiped } else { Standing::Active };
                    facts.block_reason = None;
                });
                // Asked for at every news: a person may have moved to a group with the same number.
                self.renew_settings(open, device).await;
                Standing::Active
            }
            ToldStanding::Blocked | ToldStanding::Retired => {
                self.remember(open, Standing::Blocked, status.reason.as_deref());
                self.board.update(|facts| {
                    facts.standing = Standing::Blocked;
                    facts.block_reason.clone_from(&status.reason);
                });
                Standing::Blocked
            }
            ToldStanding::Wiped => {
                self.wipe(device, status.wipe.unwrap_or(Wipe::Data)).await;
                Standing::Wiped
            }
        }
    }

    /// Wipes, then confirms; a wipe that is interrupted is finished at the next start.
    pub(crate) async fn wipe(&self, device: &Device, order: Wipe) {
        let done = match order {
            Wipe::Data => self.container.wipe_data(),
            Wipe::Key => self.container.wipe_key(vault::KeyWipe::Ordered),
        };
        self.board.close();
        self.board.update(|facts| facts.standing = Standing::Wiped);
        match done {
            Ok(()) => {
                if let Err(error) = device.portal.wiped(order).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "Could not confirm the wipe"
                    );
                }
            }
            Err(fault) => {
                let error = &fault as &dyn std::error::Error;
                tracing::error!(error, "A step of the wipe failed; the next start tries again");
            }
        }
    }

    /// Fetches the settings and puts them in force, if they are the portal's, for this device, and not older (P6).
    async fn renew_settings(&self, open: &Open, device: &Device) {
        let signed = match device.portal.settings().await {
            Ok(signed) => signed,
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "No settings came");
                return;
            }
        };
        let now = (self.clock)();
        let stored = device.record.authority().and_then(|authority| {
            let document = signed.verify(&authority, now)?;
            let current = device.settings.borrow().clone();
            let newer = document.group != current.group || document.revision >= current.revision;
            let fits = document.device == device.record.device && newer;
            if fits {
                let bytes = serde_json::to_vec(&signed).map_err(|_| RecordError::Form)?;
                open.documents().write(SETTINGS, &bytes)?;
            }
            Ok(fits.then_some(document))
        });
        match stored {
            Ok(Some(document)) => {
                let limit = self.wrong_passwords(document.settings.container.wrong_passwords);
                if let Err(error) = open.limit_wrong_passwords(limit) {
                    tracing::warn!(%error, "Could not change the limit of wrong passwords");
                }
                device.settings.send_replace(Arc::new(document));
                if self.board.facts().profile.is_some() {
                    self.show_profile(open, device);
                }
            }
            Ok(None) => {
                tracing::warn!("Settings for another device or of an older revision were refused")
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "Settings were refused");
            }
        }
    }

    fn remember(&self, open: &Open, standing: Standing, reason: Option<&str>) {
        let text = record::standing(standing, reason);
        if let Err(error) = open.documents().write(STANDING, text.as_bytes()) {
            tracing::debug!(%error, "Could not note the standing");
        }
    }

    /// What was told last stays in force while the server cannot be asked.
    fn remembered(&self, open: &Open) -> Standing {
        let Some(reason) = record::blocked(open.documents().read(STANDING)) else {
            return Standing::Active;
        };
        self.board.update(|facts| {
            facts.standing = Standing::Blocked;
            facts.block_reason = reason;
        });

        Standing::Blocked
    }

    /// What is left after a wipe.
    fn gone(&self) -> UnlockError {
        match self.container.presence() {
            Ok(Presence::KeyWiped) => UnlockError::KeyWiped,
            Ok(Presence::Absent | Presence::Locked | Presence::Wiped) | Err(_) => {
                UnlockError::Wiped
            }
        }
    }

    pub(crate) fn not_opened(&self, error: vault::OpenError) -> UnlockError {
        match error {
            vault::OpenError::Absent => UnlockError::Absent,
            vault::OpenError::Card(error) => CardError::from(error).into(),
            vault::OpenError::NeedsCard => UnlockError::CardNeeded,
            vault::OpenError::NeedsPassword => UnlockError::PasswordNeeded,
            // The card was chosen by its key.
            error @ vault::OpenError::OtherCard => {
                CardError::Unsuitable { reason: error.to_string() }.into()
            }
            vault::OpenError::Fault(vault::Fault::DeviceKeyUnavailable { reason }) => {
                UnlockError::DeviceKeyUnavailable { reason }
            }
            vault::OpenError::Fault(fault) => UnlockError::Damaged { reason: fault.to_string() },
            vault::OpenError::KeyDeleted => {
                self.board.update(|facts| facts.standing = Standing::Wiped);
                UnlockError::KeyWiped
            }
            vault::OpenError::WrongPassword { attempts_left } => {
                UnlockError::WrongPassword { attempts_left: Some(attempts_left) }
            }
        }
    }
}

/// The password of the mailbox, where one was given.
pub(crate) fn mail_password(open: &Open) -> Result<Option<SecretString>, AccessError> {
    let stored = open.documents().read(MAIL_PASSWORD);
    let stored = stored.map_err(|error| AccessError::Storage { reason: error.to_string() })?;
    let text = stored.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());

    Ok(text.map(SecretString::from))
}

/// A server that does not know the device is taken for one that blocks it.
fn unknown() -> Status {
    Status {
        standing: ToldStanding::Retired,
        reason: None,
        wipe: None,
        certificate_files: 0,
        sequence: 0,
    }
}

/// Asks for news for as long as the container is open, and does what they say within a second.
async fn follow(life: Arc<Life>, open: Open, device: Arc<Device>, mut sequence: Option<u64>) {
    let mut pause = PAUSES.0;
    loop {
        let status = match device.portal.status(sequence, HELD).await {
            Ok(status) => status,
            Err(PortalError::Unknown { .. }) => unknown(),
            Err(
                error @ (PortalError::Http(_)
                | PortalError::Refused { .. }
                | PortalError::Unreadable { .. }),
            ) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "No news of the device");
                sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
                continue;
            }
        };
        pause = PAUSES.0;
        if sequence == Some(status.sequence) {
            continue;
        }
        sequence = Some(status.sequence);
        life.show_waiting(status.certificate_files);
        match life.obey(&open, &device, &status).await {
            Standing::Active | Standing::Unregistered => {}
            Standing::Blocked | Standing::Wiped => {
                // Locking ends this very task, so another one does it.
                tokio::spawn(async move { life.lock().await });
                return;
            }
        }
    }
}

/// Locks the container when the user has not been seen for as long as the settings say (P5).
async fn watch_idleness(life: Arc<Life>, device: Arc<Device>) {
    let mut settings = device.settings.subscribe();
    let mut policy = life.policy.subscribe();
    loop {
        policy.mark_unchanged();
        let seconds = settings.borrow_and_update().settings.container.lock_after_seconds;
        let seconds = life.lock_after(seconds);
        let until = *life.touched.borrow() + Duration::from_secs(seconds.into());
        // What is left after an order to wipe is of use only while it is open.
        let until = if life.is_leaving() { Instant::now() + HELD } else { until };
        if Instant::now() >= until {
            tokio::spawn(async move { life.lock().await });
            return;
        }
        tokio::select! {
            () = sleep_until(until) => {}
            changed = settings.changed() => if changed.is_err() { return },
            changed = policy.changed() => if changed.is_err() { return },
        }
    }
}

/// Locks the container as soon as the card with its key is gone.
async fn watch_card(life: Arc<Life>, card: Found) {
    loop {
        let watched = card.clone();
        let gone = spawn_blocking(move || watched.wait_for_removal(WATCHED)).await;
        if gone.unwrap_or(true) {
            tokio::spawn(async move {
                life.lock().await;
                life.board.update(|facts| facts.card_removed = true);
            });
            return;
        }
    }
}

/// Takes the registration that waits for a better password.
pub(crate) fn take_granted(life: &Life) -> Option<Granted> {
    life.granted.lock().unwrap_or_else(PoisonError::into_inner).take()
}
