//! Mails on the same matter.

use crate::AccessError;
use crate::mail::list::{self, item_columns};
use crate::mail::{MailStore, MessageId, MessageItem};
use rusqlite::{Connection, OptionalExtension, params};

/// The most mails of one conversation that are listed.
const MOST: u32 = 500;

const BY_CONVERSATION: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM message WHERE conversation = ?1 AND shown IS NOT NULL ORDER BY received DESC, id DESC LIMIT ?2"
);

/// Only among mails that the server puts into no conversation: others may have the same subject by chance.
const BY_TOPIC: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM message WHERE topic = ?1 AND topic <> '' AND conversation IS NULL AND shown IS NOT NULL
     ORDER BY received DESC, id DESC LIMIT ?2"
);

const ALONE: &str = concat!("SELECT ", item_columns!(), " FROM message WHERE id = ?1 LIMIT ?2");

impl MailStore<'_> {
    /// Returns the mails of a mail's conversation in all folders, itself among them, newest first and at most 500; or `None` if
    /// there is no such mail.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn conversation(&self, mail: MessageId) -> Result<Option<Vec<MessageItem>>, AccessError> {
        Ok(conversation(&*self.0.database()?, mail)?)
    }
}

fn conversation(
    connection: &Connection,
    mail: MessageId,
) -> rusqlite::Result<Option<Vec<MessageItem>>> {
    let place: Option<(Option<Vec<u8>>, String)> = connection
        .prepare_cached(
            "SELECT conversation, topic FROM message WHERE id = ?1 AND shown IS NOT NULL",
        )?
        .query_row([mail.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some(place) = place else { return Ok(None) };
    let read = |sql, key: &dyn rusqlite::ToSql| -> rusqlite::Result<Vec<MessageItem>> {
        connection.prepare_cached(sql)?.query_map(params![key, MOST], list::item)?.collect()
    };
    let mails = match place {
        (Some(conversation), _) => read(BY_CONVERSATION, &conversation)?,
        (None, topic) if !topic.is_empty() => read(BY_TOPIC, &topic)?,
        (None, _) => read(ALONE, &mail.0)?,
    };
    Ok(Some(mails))
}
