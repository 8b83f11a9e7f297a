//! The session with the mail server: drives `pim` for as long as the container is open.
//!
//! ```text
//!   wishes of the user ─┐
//!   ends of requests ───┼──► Account ──► changes, stored in one transaction ──► events, screens
//!   time, settings ─────┘       └──────► next request, after what must be stored first
//! ```

mod change;
mod cookies;
mod drafts;
mod errands;
mod place;
mod wire;

pub(crate) use change::MailChange;

use crate::error::{AccessError, ChangeError, EntryError};
use crate::http::Response;
use crate::lifecycle::{Device, Life, mail_password};
use crate::portal::AGENT;
use crate::record::{MAIL_PLACE, RecordError};
use crate::sign_in::{NoAnswer, Tokens};
use crate::view::{PolicyVerdict, PolicyView, SyncState, SyncView, Topic};
use activesync::messages::{
    DeviceInformation, Item, SendMailRequest, SmartMailRequest, SmartSource,
};
use activesync::query::{DeviceId, Version};
use bytes::Bytes;
use cookies::Cookies;
use http::header::{AUTHORIZATION, COOKIE};
use pim::{
    Account, Change, Composition, ContainerRules, Content, Demand, Effects, EntryEdit, EntryId,
    Errand, ErrandId, Event, FetchFailure, Fetched, ItemRef, Lane, OutboxId, OutboxRecord, Outcome,
    Phase, Preferences, Progress, Request, Shown, Ticket, Verdict, Want,
};
use place::Place;
use policy::{NewestVersion, OauthSettings};
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};
use tokio::time::sleep;
use vault::Open;
use vault::mail::{DraftId, FolderId, MessageId, UnfetchedPlace};
use wire::SignIn;
pub(crate) use wire::empty_bearer;
use zeroize::Zeroizing;

/// How many wishes may wait; who has more waits.
const WISHES: usize = 64;
/// How many mails whose text is missing are looked up at once for the background.
const UNFETCHED: u32 = if cfg!(test) { 3 } else { 500 };
/// The pause after the container's database failed.
const AFTER_FAULT: Duration = Duration::from_secs(30);
/// The longest time between two looks at the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// What the user wants of the session.
#[derive(Debug)]
pub(crate) enum Wish {
    AddEntry {
        folder: FolderId,
        client_id: String,
        item: Box<Item>,
        done: oneshot::Sender<Option<EntryId>>,
    },
    Change(MessageId, MailChange, oneshot::Sender<Result<(), ChangeError>>),
    Composes(oneshot::Sender<bool>),
    Discard {
        mail: OutboxId,
        done: oneshot::Sender<bool>,
    },
    /// What is stored of a draft was changed.
    DraftChanged(DraftId),
    EditEntry {
        entry: EntryId,
        client_id: String,
        rewrite: Rewrite,
        done: oneshot::Sender<Result<(), EntryError>>,
    },
    Fetch {
        want: Want,
        done: oneshot::Sender<Result<Fetched, FetchFailure>>,
    },
    PasswordGiven(SecretString),
    Run {
        errand: Errand,
        done: errands::Done,
    },
    SignedIn,
    SignedOut,
    Submit(OutboxRecord),
    SyncNow,
}

/// Makes of an entry what is wanted, or says why that cannot be.
type Rewriting = dyn FnOnce(&mut Item) -> Result<(), EntryError> + Send;

/// What is to become of an entry.
pub(crate) enum Rewrite {
    /// What this makes of it, as it is when its turn comes.
    Change(Box<Rewriting>),
    /// It is to go.
    Delete,
}

impl std::fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Change(_) => "Change",
            Self::Delete => "Delete",
        })
    }
}

/// Takes wishes to the session.
#[derive(Clone, Debug)]
pub(crate) struct Session(mpsc::Sender<Wish>);

impl Session {
    /// Prepares a session; nothing happens before [`run`].
    pub(crate) fn new() -> (Self, mpsc::Receiver<Wish>) {
        let (sender, receiver) = mpsc::channel(WISHES);

        (Self(sender), receiver)
    }

    /// Hands over a wish.
    pub(crate) async fn wish(&self, wish: Wish) -> Result<(), AccessError> {
        self.0.send(wish).await.map_err(|_| AccessError::Locked)
    }

    /// Hands over a wish and waits for what comes of it.
    pub(crate) async fn ask<T>(
        &self,
        wish: impl FnOnce(oneshot::Sender<T>) -> Wish,
    ) -> Result<T, AccessError> {
        let (done, answer) = oneshot::channel();
        self.wish(wish(done)).await?;

        answer.await.map_err(|_| AccessError::Locked)
    }
}

/// Synchronises until the container is locked.
pub(crate) async fn run(
    life: Arc<Life>,
    open: Open,
    device: Arc<Device>,
    tokens: Tokens,
    mut wishes: mpsc::Receiver<Wish>,
) {
    loop {
        let ended = match Driver::restore(&life, &open, &device, &tokens).await {
            Ok(mut driver) => driver.drive(&mut wishes).await,
            Err(ended) => ended,
        };
        match ended {
            Ended::Fault(fault) => {
                tracing::error!(%fault, "The container's database failed");
                life.board.update(|facts| {
                    facts.sync.state = SyncState::Error;
                    facts.sync.detail = Some("storage".to_owned());
                });
                sleep(AFTER_FAULT).await;
            }
            Ended::Locked => return,
            Ended::Wiped => {
                tokio::spawn(async move { life.wipe_for_mail_server().await });
                return;
            }
        }
    }
}

/// Why the session ended.
enum Ended {
    /// The database failed; what is stored is whole, so the session starts again from it.
    Fault(vault::Fault),
    /// The container was locked.
    Locked,
    /// The mail server ordered a wipe, and has the confirmation.
    Wiped,
}

impl From<vault::AccessError> for Ended {
    fn from(error: vault::AccessError) -> Self {
        match error {
            vault::AccessError::Fault(fault) => Self::Fault(fault),
            vault::AccessError::Locked => Self::Locked,
        }
    }
}

/// A request on its way.
type Ending = (Ticket, Result<Response, NoAnswer>);

struct Driver {
    life: Arc<Life>,
    open: Open,
    device: Arc<Device>,
    account: Account,
    place: Place,
    sign_in: SignIn,
    tokens: Tokens,
    /// How the settings want people to sign in.
    way_in: (policy::SignIn, OauthSettings),
    cookies: Cookies,
    requests: JoinSet<Ending>,
    push: Option<(Ticket, AbortHandle)>,
    fetching: Vec<(Want, oneshot::Sender<Result<Fetched, FetchFailure>>)>,
    errands: Vec<(ErrandId, errands::Done)>,
    /// How far the mails were looked up whose text is missing; absent once there are no more.
    unfetched: Option<UnfetchedPlace>,
}

impl Driver {
    async fn restore(
        life: &Arc<Life>,
        open: &Open,
        device: &Arc<Device>,
        tokens: &Tokens,
    ) -> Result<Self, Ended> {
        // What a crash left of removed mails goes first.
        with(open, |open| open.mail().sweep()).await?;
        let saved = with(open, |open| open.mail().saved(0)).await?;
        let password = mail_password(open).map_err(|_| Ended::Locked)?;
        let mail = device.settings.borrow().settings.mail.clone();
        let (user_name, way_in) = (mail.user_name, (mail.sign_in, mail.oauth));
        let eas_id = DeviceId::new(device.record.eas_id.clone()).ok_or(Ended::Locked)?;
        let account = Account::restore(saved, preferences(device), (life.clock)());
        let place = match Place::remembered(open, device) {
            Ok(place) => place,
            Err(RecordError::Vault(error)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "The place of the mailbox is forgotten"
                );
                Place::home(device)
            }
        };
        let driver = Self {
            place,
            sign_in: SignIn { eas_id, user_name, password },
            tokens: tokens.clone(),
            way_in,
            cookies: Cookies::default(),
            life: Arc::clone(life),
            open: open.clone(),
            device: Arc::clone(device),
            account,
            requests: JoinSet::new(),
            push: None,
            fetching: Vec::new(),
            errands: Vec::new(),
            unfetched: Some(UnfetchedPlace::START),
        };
        driver.count_outbox().await?;

        Ok(driver)
    }

    async fn drive(&mut self, wishes: &mut mpsc::Receiver<Wish>) -> Ended {
        let mut settings = self.device.settings.subscribe();
        loop {
            if let Err(ended) = self.send_what_is_due().await {
                return ended;
            }
            self.show();
            let pause = self.until_wake();
            let step = tokio::select! {
                wish = wishes.recv() => match wish {
                    Some(wish) => self.fulfil(wish).await,
                    None => return Ended::Locked,
                },
                Some(ending) = self.requests.join_next() => match ending {
                    Ok((ticket, ended)) => self.ended(ticket, ended).await,
                    // Cancelled by us, and told to the account when that happened.
                    Err(_) => Ok(()),
                },
                changed = settings.changed() => match changed {
                    Ok(()) => self.follow_settings(),
                    Err(_) => return Ended::Locked,
                },
                () = sleep(pause) => Ok(()),
            };
            if let Err(ended) = step {
                return ended;
            }
        }
    }

    /// Tells the account of more mails whose text is missing, once it has fetched those it knew of.
    ///
    /// What came in meanwhile it was told by the answers themselves; what the server would not hand out is left alone
    /// until the next start.
    async fn look_for_unfetched(&mut self) -> Result<(), Ended> {
        let Some(after) = self.unfetched.filter(|_| self.account.wants_texts()) else {
            return Ok(());
        };
        let (items, place) =
            with(&self.open, move |open| open.mail().unfetched(after, UNFETCHED)).await?;
        self.unfetched = (!items.is_empty()).then_some(place);
        self.account.fetch_later(items);

        Ok(())
    }

    async fn send_what_is_due(&mut self) -> Result<(), Ended> {
        self.look_for_unfetched().await?;
        self.leave_errands();
        if let Some(request) = self.account.next_command((self.life.clock)()) {
            self.send(request).await?;
        }
        if let Some(request) = self.account.next_push((self.life.clock)(), jitter()) {
            self.send(request).await?;
        }

        Ok(())
    }

    async fn send(&mut self, request: Request) -> Result<(), Ended> {
        let (ticket, lane) = (request.ticket, request.lane);
        self.store(request.store_first.clone()).await?;
        let Some(body) = self.body(&request.content).await? else {
            return self.handle(ticket, Outcome::Unreadable).await;
        };
        let mut sent = wire::request(&request, body, &self.place.path, &self.sign_in);
        if self.signs_in_by_token() {
            sent.headers.remove(AUTHORIZATION);
        }
        if let Some(cookies) = self.cookies.header((self.life.clock)()) {
            sent.headers.insert(COOKIE, cookies);
        }
        let client = self.place.client.clone();
        let tokens = self.signs_in_by_token().then(|| self.tokens.clone());
        let task = self.requests.spawn(async move {
            let ended = match tokens {
                Some(tokens) => tokens.send(&client, sent).await,
                None => client.send(sent).await.map_err(NoAnswer::Http),
            };
            (ticket, ended)
        });
        if lane == Lane::Push {
            self.push = Some((ticket, task));
        }

        Ok(())
    }

    /// The bytes of a body; `None` if the mail that it is made of is gone.
    async fn body(&self, content: &Content) -> Result<Option<Vec<u8>>, Ended> {
        match content {
            Content::Empty => Ok(Some(Vec::new())),
            Content::Sync(request) => {
                Ok(Some(self.with_files((**request).clone()).await?.encode()))
            }
            Content::Wbxml(bytes) => Ok(Some(bytes.clone())),
            Content::Mime(mail) => Ok(self.outbox_bytes(*mail).await?.map(|bytes| bytes.to_vec())),
            Content::Mail { mail, client_id, original } => {
                let Some(bytes) = self.outbox_bytes(*mail).await? else { return Ok(None) };
                let mime = Bytes::from(bytes.to_vec());
                let body = match original {
                    None => send(client_id, mime).encode(),
                    Some((item, composition)) => {
                        respond(client_id, mime, item, *composition).encode()
                    }
                };
                Ok(Some(body))
            }
        }
    }

    async fn outbox_bytes(&self, mail: OutboxId) -> Result<Option<Zeroizing<Vec<u8>>>, Ended> {
        Ok(with(&self.open, move |open| open.mail().outbox_bytes(mail)).await?)
    }

    async fn ended(
        &mut self,
        ticket: Ticket,
        ended: Result<Response, NoAnswer>,
    ) -> Result<(), Ended> {
        if let Err(error) = &ended {
            tracing::debug!(error = error as &dyn std::error::Error, "A request got no answer");
        }
        if self.push.as_ref().is_some_and(|(push, _)| *push == ticket) {
            self.push = None;
        }
        let now = (self.life.clock)();
        if let Ok(response) = &ended {
            self.cookies.take(&response.headers, now);
        }
        let outcome = wire::outcome(ended, now);
        if self.place.is_elsewhere && is_nowhere(&outcome) {
            // The server of the registration knows where it is now.
            self.place = Place::home(&self.device);
            with(&self.open, |open| open.documents().remove(MAIL_PLACE)).await?;
        }

        self.handle(ticket, outcome).await
    }

    async fn handle(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), Ended> {
        let mut outcomes = vec![(ticket, outcome)];
        while let Some((ticket, outcome)) = outcomes.pop() {
            let Effects { changes, events } =
                self.account.handle(ticket, outcome, (self.life.clock)(), jitter());
            self.store(changes).await?;
            for event in events {
                match event {
                    Event::ErrandEnded { errand, result } => self.errand_ended(errand, result),
                    Event::Fetched { want, result } => self.fetched(&want, &result),
                    Event::Moved(location) => self.follow_mailbox(&location).await?,
                    Event::StopPush => {
                        if let Some((ticket, task)) = self.push.take() {
                            task.abort();
                            outcomes.push((ticket, Outcome::Cancelled));
                        }
                    }
                    Event::Wipe => return Err(Ended::Wiped),
                }
            }
        }

        Ok(())
    }

    /// Goes where the mail server says that the mailbox is, if that is no stranger's.
    async fn follow_mailbox(&mut self, location: &str) -> Result<(), Ended> {
        match Place::at(location, &self.device) {
            Ok(Ok(place)) => {
                let stored = Place::to_bytes(location, &self.device);
                with(&self.open, move |open| open.documents().write(MAIL_PLACE, &stored)).await?;
                self.place = place;
                self.cookies = Cookies::default();
            }
            Ok(Err(error)) => {
                tracing::warn!(location, %error, "The mailbox moved, and its new server cannot be asked");
                self.account.stay((self.life.clock)());
            }
            Err(error) => {
                tracing::warn!(location, %error, "The mail server sends elsewhere; the app does not follow");
                self.account.stay((self.life.clock)());
            }
        }

        Ok(())
    }

    async fn fulfil(&mut self, wish: Wish) -> Result<(), Ended> {
        match wish {
            Wish::AddEntry { folder, client_id, item, done } => {
                let work = move |open: &Open| open.entries().add(folder, &client_id, &item);
                let record = with(&self.open, work).await?;
                let entry = record.as_ref().map(|record| record.entry);
                if let Some(record) = record {
                    self.account.take_edit(record);
                    self.life.board.changed(Topic::Entries);
                }
                answer(done, entry);
            }
            Wish::DraftChanged(draft) => self.draft_changed(draft).await?,
            Wish::EditEntry { entry, client_id, rewrite, done } => {
                let edited = self.edit(entry, client_id, rewrite).await?;
                answer(done, edited);
            }
            Wish::Change(message, change, done) => {
                let changed = self.change(message, change).await?;
                answer(done, changed);
            }
            Wish::Composes(done) => answer(done, self.account.composes()),
            Wish::Discard { mail, done } => {
                let changes = self.account.discard(mail);
                let discarded = changes.is_some();
                self.store(changes.unwrap_or_default()).await?;
                answer(done, discarded);
            }
            Wish::Fetch { want, done } => {
                match self.account.fetch(want.clone(), (self.life.clock)()) {
                    Ok(()) => self.fetching.push((want, done)),
                    Err(failure) => answer(done, Err(failure)),
                }
            }
            Wish::PasswordGiven(password) => {
                self.sign_in.password = Some(password);
                self.account.password_given();
            }
            Wish::Run { errand, done } => self.run_errand(errand, done),
            Wish::SignedIn => self.account.password_given(),
            Wish::SignedOut => {
                if let Some((ticket, task)) = self.push.take() {
                    task.abort();
                    self.handle(ticket, Outcome::Cancelled).await?;
                }
                self.account.sync_now();
            }
            Wish::Submit(record) => {
                self.account.submit(record);
                self.count_outbox().await?;
            }
            Wish::SyncNow => self.account.sync_now(),
        }

        Ok(())
    }

    fn fetched(&mut self, want: &Want, result: &Result<Fetched, FetchFailure>) {
        let (told, waiting) =
            std::mem::take(&mut self.fetching).into_iter().partition(|(wish, _)| wish == want);
        self.fetching = waiting;
        let told: Vec<(Want, oneshot::Sender<Result<Fetched, FetchFailure>>)> = told;
        for (_, done) in told {
            answer(done, result.clone());
        }
    }

    /// Changes or deletes an entry, from what it is now.
    async fn edit(
        &mut self,
        entry: EntryId,
        client_id: String,
        rewrite: Rewrite,
    ) -> Result<Result<(), EntryError>, Ended> {
        let place = with(&self.open, move |open| open.entries().place(entry)).await?;
        let Some(place) = place else { return Ok(Err(EntryError::Missing)) };
        let edit = match rewrite {
            Rewrite::Change(write) => {
                let mut item = place.item.clone();
                if let Err(error) = write(&mut item) {
                    return Ok(Err(error));
                }
                EntryEdit::Change(Box::new(item.changes_since(&place.item)))
            }
            Rewrite::Delete => EntryEdit::Delete,
        };
        let shown = Shown {
            entry,
            collection: place.collection,
            server_id: place.server_id,
            item: place.item,
            client_id,
        };
        let changes = self.account.edit(shown, edit);
        self.store(changes).await?;

        Ok(Ok(()))
    }

    fn follow_settings(&mut self) -> Result<(), Ended> {
        self.account.prefer(preferences(&self.device));
        let mail = self.device.settings.borrow().settings.mail.clone();
        self.sign_in.user_name.clone_from(&mail.user_name);
        if (mail.sign_in, &mail.oauth) != (self.way_in.0, &self.way_in.1) {
            self.way_in = (mail.sign_in, mail.oauth);
            self.account.password_given();
        }

        Ok(())
    }

    fn signs_in_by_token(&self) -> bool {
        self.way_in.0 == policy::SignIn::Oauth
    }

    /// Stores changes in one transaction, then tells screens.
    async fn store(&self, changes: Vec<Change>) -> Result<(), Ended> {
        if changes.is_empty() {
            return Ok(());
        }
        let topics: BTreeSet<_> = changes.iter().flat_map(topics).copied().collect();
        let now = (self.life.clock)();
        with(&self.open, move |open| open.mail().store(&changes, now)).await?;
        if topics.contains(&Topic::Outbox) {
            self.count_outbox().await?;
        }
        for topic in topics {
            self.life.board.changed(topic);
        }

        Ok(())
    }

    async fn count_outbox(&self) -> Result<(), Ended> {
        let mails = with(&self.open, |open| open.mail().outbox()).await?;
        let count = u64::try_from(mails.len()).unwrap_or(u64::MAX);
        if self.life.board.facts().outbox != count {
            self.life.board.update(|facts| facts.outbox = count);
        }

        Ok(())
    }

    fn show(&self) {
        let progress = self.account.progress((self.life.clock)());
        let (needs_password, needs_sign_in) = if self.signs_in_by_token() {
            (false, progress.needs_password)
        } else {
            (progress.needs_password, false)
        };
        let sync = sync_view(progress);
        let policy: Vec<PolicyView> = self.account.policy().into_iter().map(policy_view).collect();
        self.life.follow_policy(self.account.lock_after_seconds());
        let facts = self.life.board.facts();
        if facts.sync != sync
            || facts.needs_mail_password != needs_password
            || facts.needs_sign_in != needs_sign_in
            || facts.policy != policy
        {
            self.life.board.update(|facts| {
                facts.sync = sync;
                facts.needs_mail_password = needs_password;
                facts.needs_sign_in = needs_sign_in;
                facts.policy = policy;
            });
        }
    }

    fn until_wake(&self) -> Duration {
        let now = (self.life.clock)();
        let pause = self.account.wake_at(now).map(|moment| moment - now);
        let pause = pause.map(|pause| Duration::try_from(pause).unwrap_or_default());

        pause.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
    }
}

/// Tells whether there is no mail server at all where it was asked.
fn is_nowhere(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answered(answer) => answer.status == 404,
        Outcome::Unsent | Outcome::Untrusted => true,
        Outcome::Cancelled | Outcome::Lost | Outcome::NoCredentials | Outcome::Unreadable => false,
    }
}

/// Works on the container where blocking is allowed.
pub(crate) async fn with<T: Send + 'static>(
    open: &Open,
    work: impl FnOnce(&Open) -> Result<T, vault::AccessError> + Send + 'static,
) -> Result<T, vault::AccessError> {
    let open = open.clone();

    match spawn_blocking(move || work(&open)).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and the container with it.
            Err(_) => Err(vault::AccessError::Locked),
        },
    }
}

fn send(client_id: &str, mime: Bytes) -> SendMailRequest {
    SendMailRequest {
        client_id: client_id.to_owned(),
        account_id: None,
        save_in_sent_items: true,
        mime,
        template_id: None,
    }
}

/// Leaves it to the server to add the original.
fn respond(
    client_id: &str,
    mime: Bytes,
    original: &ItemRef,
    composition: Composition,
) -> SmartMailRequest {
    SmartMailRequest {
        forward: composition == Composition::Forward,
        client_id: client_id.to_owned(),
        account_id: None,
        save_in_sent_items: true,
        replace_mime: false,
        source: SmartSource::Item {
            folder_id: original.collection.0.clone(),
            item_id: original.item.0.clone(),
        },
        instance: None,
        mime: Some(mime),
        template_id: None,
        forwardees: Vec::new(),
        body: None,
    }
}

fn answer<T>(done: oneshot::Sender<T>, value: T) {
    // Whoever asked may have gone away; the wish is fulfilled all the same.
    drop(done.send(value));
}

fn preferences(device: &Device) -> Preferences {
    let settings = &device.settings.borrow().settings;
    let device = DeviceInformation {
        model: Some("Cordon PIM".to_owned()),
        os: Some(std::env::consts::OS.to_owned()),
        user_agent: Some(AGENT.to_owned()),
        ..DeviceInformation::default()
    };

    Preferences {
        device,
        newest_version: newest_version(settings.mail.newest_version),
        days: settings.mail.days,
        largest_attachment: u64::from(settings.viewing.attachment_limit_mib) * 1024 * 1024,
        container: ContainerRules {
            minimum_length: settings.container.password.minimum_length,
            digit: settings.container.password.digit,
            upper_and_lower: settings.container.password.upper_and_lower,
            symbol: settings.container.password.symbol,
            wrong_passwords: settings.container.wrong_passwords,
        },
    }
}

fn newest_version(setting: NewestVersion) -> Option<Version> {
    match setting {
        NewestVersion::Any => None,
        NewestVersion::V12_1 => Some(Version::V12_1),
        NewestVersion::V14_0 => Some(Version::V14_0),
        NewestVersion::V14_1 => Some(Version::V14_1),
        NewestVersion::V16_0 => Some(Version::V16_0),
        NewestVersion::V16_1 => Some(Version::V16_1),
    }
}

fn sync_view(progress: Progress) -> SyncView {
    let state = match progress.phase {
        Phase::Error => SyncState::Error,
        Phase::Idle => SyncState::Idle,
        Phase::Offline => SyncState::Offline,
        Phase::Refused => SyncState::Refused,
        Phase::Syncing => SyncState::Syncing,
    };

    SyncView {
        state,
        last_success: progress.last_success,
        detail: progress.detail,
        done: progress.done,
        total: None,
    }
}

fn policy_view((demand, verdict): (&Demand, Verdict)) -> PolicyView {
    PolicyView {
        setting: demand.setting.clone(),
        value: demand.value.clone(),
        verdict: match verdict {
            Verdict::Beyond => PolicyVerdict::Beyond,
            Verdict::Enforced => PolicyVerdict::Enforced,
            Verdict::Unmet => PolicyVerdict::Unmet,
        },
    }
}

/// What screens have to look at again after a change.
fn topics(change: &Change) -> &'static [Topic] {
    match change {
        Change::BeginRound(_) | Change::PutFolder(_) => &[Topic::Folders],
        Change::EndRound(_) | Change::RemoveFolder(_) => {
            &[Topic::Folders, Topic::Messages, Topic::Drafts, Topic::Entries]
        }
        Change::DropEntry(_)
        | Change::PatchEntry { .. }
        | Change::PutConflict(_)
        | Change::PutEdit(_)
        | Change::PutEntry { .. }
        | Change::RemoveEdit { .. }
        | Change::RemoveEntry(_) => &[Topic::Entries],
        Change::MoveMail { .. }
        | Change::PatchMail { .. }
        | Change::PutMail { .. }
        | Change::RemoveMail(_)
        | Change::ShowMail { .. } => &[Topic::Folders, Topic::Messages, Topic::Drafts],
        Change::DropDraft(_) | Change::PutDraft(_) => &[Topic::Drafts],
        Change::PutBody { .. } => &[Topic::Messages, Topic::Drafts],
        Change::RefuseMail { .. } => &[Topic::Messages],
        Change::PutOutbox(_) | Change::RemoveOutbox(_) => &[Topic::Outbox],
        Change::AddCandidate(_)
        | Change::PutAccount(_)
        | Change::PutMessageId { .. }
        | Change::PutUpload(_)
        | Change::RemoveCandidate(_)
        | Change::RemoveUpload(_) => &[],
    }
}

/// Keeps many apps from asking at the same moment; without it nothing is wrong but the timing.
fn jitter() -> u16 {
    let mut bytes = [0; 2];
    if getrandom::fill(&mut bytes).is_err() {
        return 0;
    }

    u16::from_le_bytes(bytes)
}
