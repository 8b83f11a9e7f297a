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
mod fulfil;
mod incoming;
mod meetings;
mod outgoing;
mod place;
mod preferences;
mod screens;
mod wire;
mod wish;

pub(crate) use change::MailChange;
pub(crate) use wire::empty_bearer;
pub(crate) use wish::{Rewrite, Session, Wish};

use crate::http::Response;
use crate::lifecycle::{Device, Life, mail_password};
use crate::record::RecordError;
use crate::sign_in::{NoAnswer, Tokens};
use crate::view::{SyncState, Topic};
use activesync::messages::WipeOrder;
use activesync::query::DeviceId;
use cookies::Cookies;
use pim::{Account, Change, ErrandId, FetchFailure, Fetched, Ticket, Want};
use place::{Place, Unreached};
use policy::OauthSettings;
use preferences::preferences;
use screens::topics;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};
use tokio::time::sleep;
use vault::Open;
use vault::mail::UnfetchedPlace;
use wire::SignIn;

/// How many mails whose text is missing are looked up at once for the background.
const UNFETCHED: u32 = if cfg!(test) { 3 } else { 500 };
/// The pause after the container's database failed.
const AFTER_FAULT: Duration = Duration::from_secs(30);
/// The longest time between two looks at the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

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
            Ended::Wiped(order) => {
                tokio::spawn(async move { life.wipe_for_mail_server(order).await });
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
    /// The mail server ordered a wipe, and knows that it was obeyed, or cannot be told.
    Wiped(WipeOrder),
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
    /// Where the mailbox is as far as is known, while the server of the registration is asked in its stead.
    other_place: Option<Place>,
    unreached: Unreached,
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
    /// Others may have to be told of meetings.
    may_owe_news: bool,
    /// The wrong password in a row that deletes the key, as it was last set from here.
    tries: Option<u8>,
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
            other_place: None,
            unreached: Unreached::default(),
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
            may_owe_news: true,
            tries: None,
        };
        if let Some((order, until)) = driver.account.wipe_ordered() {
            driver.leave(order, until)?;
        }
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
            if let Err(ended) = self.limit_tries().await {
                return ended;
            }
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
        if let Some(order) = self.account.wipe_due((self.life.clock)()) {
            tracing::warn!(
                ?order,
                "The mail server could not be told that its order to wipe was obeyed"
            );
            return Err(Ended::Wiped(order));
        }
        self.look_for_unfetched().await?;
        self.tell_meeting_news().await?;
        self.leave_errands();
        if let Some(request) = self.account.next_command((self.life.clock)()) {
            self.send(request).await?;
        }
        if let Some(request) = self.account.next_push((self.life.clock)(), jitter()) {
            self.send(request).await?;
        }

        Ok(())
    }

    /// Lets the stricter of settings and policy say how often the password may be wrong.
    async fn limit_tries(&mut self) -> Result<(), Ended> {
        let settings = self.device.settings.borrow().settings.container.wrong_passwords;
        let limit = self.life.wrong_passwords(settings);
        if self.tries != Some(limit) {
            with(&self.open, move |open| open.limit_wrong_passwords(limit)).await?;
            self.tries = Some(limit);
        }

        Ok(())
    }

    /// The mail server has ordered a wipe, and what it gave is gone: nothing is shown any more.
    fn leave(&self, order: WipeOrder, until: OffsetDateTime) -> Result<(), Ended> {
        tracing::warn!(?order, "The mail server has ordered a wipe");

        self.life.leave(until).map_err(Ended::Fault)
    }

    /// Stores changes in one transaction, then tells screens.
    async fn store(&mut self, changes: Vec<Change>) -> Result<(), Ended> {
        if changes.is_empty() {
            return Ok(());
        }
        let topics: BTreeSet<_> = changes.iter().flat_map(topics).copied().collect();
        let now = (self.life.clock)();
        with(&self.open, move |open| open.mail().store(&changes, now)).await?;
        if topics.contains(&Topic::Outbox) {
            self.count_outbox().await?;
        }
        self.may_owe_news |= topics.contains(&Topic::Entries);
        for topic in topics {
            self.life.board.changed(topic);
        }

        Ok(())
    }

    fn until_wake(&self) -> Duration {
        let now = (self.life.clock)();
        let pause = self.account.wake_at(now).map(|moment| moment - now);
        let pause = pause.map(|pause| Duration::try_from(pause).unwrap_or_default());

        pause.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP)
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

fn answer<T>(done: oneshot::Sender<T>, value: T) {
    // Whoever asked may have gone away; the wish is fulfilled all the same.
    drop(done.send(value));
}

/// Keeps many apps from asking at the same moment; without it nothing is wrong but the timing.
fn jitter() -> u16 {
    let mut bytes = [0; 2];
    if getrandom::fill(&mut bytes).is_err() {
        return 0;
    }

    u16::from_le_bytes(bytes)
}
