//! What synchronisation starts from after unlocking: everything but the mails.

use crate::AccessError;
use crate::mail::column::{Count, Moment};
use crate::mail::{
    MailStore, UnfetchedPlace, change::run, drafts, folders, messages, outbox, wanted,
};
use activesync::messages::{Filter, WipeOrder};
use activesync::query::Version;
use pim::{AccountRecord, Demand, ItemRef, Limits, Saved, ServerId};
use policy::PasswordRules;
use rusqlite::{Connection, OptionalExtension, Row, params};

impl MailStore<'_> {
    /// Returns the state of synchronisation with the edits of entries, and with at most `unfetched` mails whose text is to be fetched.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn saved(&self, unfetched: u32) -> Result<Saved, AccessError> {
        let database = self.0.database()?;
        Ok(Saved {
            account: account(&database)?.unwrap_or_default(),
            folders: folders::records(&database)?,
            uploads: wanted::records(&database)?,
            edits: crate::entries::records(&database)?,
            drafts: drafts::records(&database)?,
            outbox: outbox::records(&database)?,
            candidates: candidates(&database)?,
            unfetched: messages::unfetched(&database, UnfetchedPlace::START, unfetched)?.0,
        })
    }

    /// Returns the protocol version that was agreed on; `None` before.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn version(&self) -> Result<Option<Version>, AccessError> {
        let database = self.0.database()?;
        Ok(account(&database)?.and_then(|account| account.version))
    }

    /// Returns what the mail server's policy asks of the container's password.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn password_rules(&self) -> Result<PasswordRules, AccessError> {
        let database = self.0.database()?;
        Ok(account(&database)?.unwrap_or_default().password_rules())
    }

    /// Returns at most `most` mails after a place whose text is to be fetched, the newest first, and the place after them.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn unfetched(
        &self,
        after: UnfetchedPlace,
        most: u32,
    ) -> Result<(Vec<ItemRef>, UnfetchedPlace), AccessError> {
        Ok(messages::unfetched(&*self.0.database()?, after, most)?)
    }
}

/// Says whether the server keeps drafts.
pub(super) fn keeps_drafts(connection: &Connection) -> rusqlite::Result<bool> {
    let version = account(connection)?.and_then(|account| account.version);
    Ok(version.is_some_and(|version| version >= Version::V16_0))
}

pub(super) fn put_account(
    connection: &Connection,
    account: &AccountRecord,
) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT OR REPLACE INTO account (id, version, asked_at, provisioned, policy_key, attachments_allowed,
             largest_attachment, oldest, html_allowed, tree_key, heartbeat, longest_heartbeat, most_watched,
             last_success, wipe_ordered, demands, wipe_until)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            account.version.map(Version::code),
            account.asked_at.map(Moment),
            account.provisioned,
            account.policy_key,
            account.limits.attachments,
            account.limits.largest_attachment.map(Count),
            account.limits.oldest.code(),
            account.limits.html,
            account.tree_key,
            account.heartbeat,
            account.longest_heartbeat,
            account.most_watched,
            account.last_success.map(Moment),
            account.wipe_ordered.map(order_name),
            write_demands(&account.demands),
            account.wipe_until.map(Moment),
        ],
    )
}

pub(super) fn account(connection: &Connection) -> rusqlite::Result<Option<AccountRecord>> {
    connection
        .prepare_cached(
            "SELECT version, asked_at, provisioned, policy_key, attachments_allowed, largest_attachment, oldest,
                 html_allowed, tree_key, heartbeat, longest_heartbeat, most_watched, last_success, wipe_ordered,
                 demands, wipe_until
             FROM account WHERE id = 1",
        )?
        .query_row([], read_account)
        .optional()
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<AccountRecord> {
    let moment = |column| {
        row.get::<usize, Option<Moment>>(column).map(|moment| moment.map(|Moment(moment)| moment))
    };
    Ok(AccountRecord {
        version: row.get::<_, Option<u8>>(0)?.and_then(Version::from_code),
        asked_at: moment(1)?,
        provisioned: row.get(2)?,
        policy_key: row.get(3)?,
        limits: Limits {
            attachments: row.get(4)?,
            largest_attachment: row.get::<_, Option<Count>>(5)?.map(|Count(bytes)| bytes),
            oldest: Filter::from_code(row.get(6)?).unwrap_or(Filter::All),
            html: row.get(7)?,
        },
        tree_key: row.get(8)?,
        heartbeat: row.get(9)?,
        longest_heartbeat: row.get(10)?,
        most_watched: row.get(11)?,
        last_success: moment(12)?,
        wipe_ordered: row.get::<_, Option<String>>(13)?.map(|name| order_from(&name)),
        demands: read_demands(&row.get::<_, String>(14)?),
        wipe_until: moment(15)?,
    })
}

fn write_demands(demands: &[Demand]) -> String {
    let pairs: Vec<(&str, &str)> =
        demands.iter().map(|demand| (demand.setting.as_str(), demand.value.as_str())).collect();
    serde_json::to_string(&pairs).expect("texts can be written as JSON")
}

/// Settings that cannot be read are those of the next policy.
fn read_demands(text: &str) -> Vec<Demand> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
    pairs.into_iter().map(|(setting, value)| Demand { setting, value }).collect()
}

fn order_name(order: WipeOrder) -> &'static str {
    match order {
        WipeOrder::Account => "account",
        WipeOrder::Device => "device",
    }
}

/// An order that cannot be read is the greater one.
fn order_from(name: &str) -> WipeOrder {
    if name == "account" { WipeOrder::Account } else { WipeOrder::Device }
}

fn candidates(connection: &Connection) -> rusqlite::Result<Vec<ServerId>> {
    connection
        .prepare_cached("SELECT server_id FROM candidate ORDER BY server_id")?
        .query_map([], |row| row.get(0).map(ServerId))?
        .collect()
}
