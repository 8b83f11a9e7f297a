//! Waiting for news with Ping.

use activesync::{
    messages::{Class, PingAnswer, PingFolder, PingRequest},
    status::PingStatus,
};
use time::{Duration, OffsetDateTime};

use crate::{
    AccountRecord, CollectionId,
    pace::{self, Trouble},
};

/// The state of push.
#[derive(Clone, Debug, Default)]
pub(crate) struct Push {
    watched: Vec<CollectionId>,
    rest_until: Option<OffsetDateTime>,
    failures: u32,
    /// News that turned out to be none, in a row.
    false_alarms: u32,
    alarmed: bool,
    found_since_alarm: bool,
    /// Until then the folders are asked by turns, because the server does not push.
    unavailable_until: Option<OffsetDateTime>,
    /// How often that was so in a row.
    given_up: u32,
}

/// What push has found out.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct News {
    /// Folders with changes.
    pub(crate) folders: Vec<CollectionId>,
    /// Something changed, and the server does not say where.
    pub(crate) anywhere: bool,
    /// The folder tree changed.
    pub(crate) tree: bool,
    /// The account's record is to be stored.
    pub(crate) learnt: bool,
}

/// The limits of every server that is known.
const SHORTEST: u32 = 60;
const LONGEST: u32 = 3540;
const STEP: u32 = 180;
const MOST_WATCHED: usize = 200;
const FALSE_ALARMS: u32 = 2;
const WITHOUT_PUSH: Duration = Duration::minutes(5);
const AFTER_BAD_REQUEST: Duration = Duration::minutes(30);
const LONGEST_WITHOUT_PUSH: Duration = Duration::days(1);
/// A connection that held so long was cut by somebody in between, not by a bad network.
const CUT: Duration = Duration::seconds(30);

/// Takes intervals for what they are at most, whatever was stored.
pub(crate) fn within_limits(record: AccountRecord) -> AccountRecord {
    AccountRecord {
        heartbeat: record.heartbeat.clamp(SHORTEST, LONGEST),
        longest_heartbeat: record.longest_heartbeat.clamp(SHORTEST, LONGEST),
        ..record
    }
}

impl Push {
    pub(crate) fn is_ready(&self, now: OffsetDateTime) -> bool {
        self.rest_until.is_none_or(|until| until <= now)
    }

    pub(crate) fn rest_until(&self) -> Option<OffsetDateTime> {
        self.rest_until
    }

    pub(crate) fn user_asks(&mut self) {
        self.rest_until = None;
        self.unavailable_until = None;
    }

    /// Says whether the folders are worth asking by turns, because the server does not push. True once in a while.
    pub(crate) fn polls(&mut self, now: OffsetDateTime) -> bool {
        if !self.is_unavailable(now) || !self.is_ready(now) {
            return false;
        }
        self.rest_until = Some(now + WITHOUT_PUSH);
        true
    }

    pub(crate) fn is_unavailable(&self, now: OffsetDateTime) -> bool {
        self.unavailable_until.is_some_and(|until| until > now)
    }

    /// Something was found, or sent up, since the last alarm.
    pub(crate) fn found(&mut self) {
        self.found_since_alarm = true;
    }

    pub(crate) fn most_watched(record: &AccountRecord) -> usize {
        record
            .most_watched
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(MOST_WATCHED)
            .clamp(1, MOST_WATCHED)
    }

    /// Says whether the server watches other folders than it should.
    pub(crate) fn is_stale(&self, wanted: &[CollectionId]) -> bool {
        self.watched != wanted
    }

    /// Asks the server to watch folders; nothing if alarms were false lately and a rest is due.
    pub(crate) fn request(
        &mut self,
        watched: Vec<(Class, CollectionId)>,
        record: &AccountRecord,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Option<PingRequest> {
        if std::mem::take(&mut self.alarmed) {
            self.false_alarms = if self.found_since_alarm { 0 } else { self.false_alarms + 1 };
            if let Some(beyond) = self.false_alarms.checked_sub(FALSE_ALARMS) {
                self.rest_until = Some(now + pace::pause(beyond, pace::WHILE_BROKEN, jitter));
                return None;
            }
        }
        // Some servers watch no folder that is named with another class than its own.
        let folder = |(class, id): &(Class, CollectionId)| PingFolder {
            id: id.0.clone(),
            class: class.name().to_owned(),
        };
        let folders = watched.iter().map(folder).collect();
        self.watched = watched.into_iter().map(|(_, id)| id).collect();
        Some(PingRequest { heartbeat_interval: Some(record.heartbeat), folders })
    }

    /// Handles an answer.
    pub(crate) fn settle(
        &mut self,
        body: &[u8],
        record: &mut AccountRecord,
        elapsed: Duration,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Result<News, Trouble> {
        let answer = PingAnswer::decode(body)
            .map_err(|_| Trouble::ServerError("unreadable_answer".to_owned()))?;
        let mut news = News::default();
        match answer.status.ping() {
            PingStatus::Expired => news.learnt = self.lengthen(record),
            PingStatus::Changes => {
                self.alarmed = true;
                self.found_since_alarm = false;
                news.anywhere = answer.folders.is_empty();
                news.folders = answer.folders.into_iter().map(CollectionId).collect();
            }
            PingStatus::FoldersChanged => news.tree = true,
            PingStatus::IntervalOutOfRange => {
                news.learnt = self.limited(answer.heartbeat_interval, record);
                if !news.learnt && elapsed < CUT {
                    self.rest(now, jitter);
                }
            }
            PingStatus::TooManyFolders => {
                let fewer = u32::try_from(self.watched.len() / 2).unwrap_or_default().max(1);
                record.most_watched =
                    Some(answer.max_folders.unwrap_or(fewer).min(fewer.saturating_mul(2)).max(1));
                news.learnt = true;
            }
            PingStatus::Incomplete | PingStatus::ServerError => self.rest(now, jitter),
            PingStatus::ProtocolError => self.give_up(now),
            PingStatus::Common(common) => return Err(pace::common(answer.status, common)),
            PingStatus::Undocumented(_) => return Err(pace::undocumented(answer.status)),
        }
        if matches!(answer.status.ping(), PingStatus::Expired | PingStatus::Changes) {
            self.failures = 0;
            self.given_up = 0;
        }
        Ok(news)
    }

    /// Handles the end of a connection without an answer; says whether the account's record is to be stored.
    pub(crate) fn cut(
        &mut self,
        record: &mut AccountRecord,
        elapsed: Duration,
        now: OffsetDateTime,
        jitter: u16,
    ) -> bool {
        if elapsed < CUT {
            self.rest(now, jitter);
            return false;
        }
        record.heartbeat = (record.heartbeat / 2).max(SHORTEST);
        true
    }

    /// Stops pushing for a while, longer each time; the folders are asked by turns.
    pub(crate) fn give_up(&mut self, now: OffsetDateTime) {
        let doubled = AFTER_BAD_REQUEST * 2_i32.saturating_pow(self.given_up.min(10));
        self.unavailable_until = Some(now + doubled.min(LONGEST_WITHOUT_PUSH));
        self.rest_until = Some(now + WITHOUT_PUSH);
        self.given_up = self.given_up.saturating_add(1);
    }

    fn rest(&mut self, now: OffsetDateTime, jitter: u16) {
        self.rest_until = Some(now + pace::pause(self.failures, pace::WHILE_BROKEN, jitter));
        self.failures = self.failures.saturating_add(1);
    }

    fn lengthen(&mut self, record: &mut AccountRecord) -> bool {
        self.false_alarms = 0;
        let longer = record.heartbeat.saturating_add(STEP).min(record.longest_heartbeat);
        std::mem::replace(&mut record.heartbeat, longer) != longer
    }

    /// One server waits its own longest time and then says that the interval was too long, every time: the same limit again is
    /// the end of an interval like any other.
    fn limited(&mut self, limit: Option<u32>, record: &mut AccountRecord) -> bool {
        let limit = limit.unwrap_or(record.heartbeat / 2).clamp(SHORTEST, LONGEST);
        if limit < record.heartbeat {
            record.longest_heartbeat = limit;
        }
        std::mem::replace(&mut record.heartbeat, limit) != limit
    }
}
