//! Mails found by the server, those that are not on this device among them.

use super::{ErrandError, search_id};
use crate::app::App;
use crate::error::AccessError;
use crate::session::with;
use crate::view::{FolderId, FoundMail, FoundPage, MessageId, Person, SearchScope};
use pim::{Errand, MailboxSearch, Reply, SearchQuery};
use time::UtcOffset;
use vault::Open;

impl App {
    /// Lists the messages that the server finds for a query as typed, those that are not here among them.
    ///
    /// What the query says of senders, subjects and marks is checked here on what the server found, as far as it tells it.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn search_server(
        &self,
        typed: &str,
        scope: SearchScope,
        offset: u32,
        limit: u32,
    ) -> Result<FoundPage, ErrandError> {
        let folder = match scope.folder {
            Some(folder) => Some(self.collection(folder).await?),
            None => None,
        };
        let search = MailboxSearch {
            query: SearchQuery::parse(typed),
            folder,
            zone: UtcOffset::from_whole_seconds(i32::from(scope.zone_minutes) * 60)
                .unwrap_or(UtcOffset::UTC),
            offset,
            limit,
            search_id: search_id(),
        };
        let Reply::Mails(page) = self.run(Errand::Mailbox(search)).await? else {
            return Err(ErrandError::Unsupported);
        };
        let (open, _) = self.life.open().await?;
        let found = with(&open, move |open| {
            let mails = page.mails.into_iter().map(|mail| placed(open, mail));
            Ok(FoundPage { total: page.total, items: mails.collect::<Result<_, _>>()? })
        });

        Ok(found.await.map_err(AccessError::from)?)
    }
}

/// Says where a mail is that the server found. A server that does not name it is told it by what it says of it.
fn placed(open: &Open, mail: pim::FoundMail) -> Result<FoundMail, vault::AccessError> {
    let store = open.mail();
    let folder = mail.folder.as_ref().map(|folder| store.folder(folder)).transpose()?.flatten();
    let message = match (&mail.item, folder, mail.received) {
        (Some(item), _, _) => store.find(item)?,
        (None, Some(folder), Some(received)) => store.alike(folder, received, &mail.subject)?,
        (None, _, _) => None,
    };

    Ok(FoundMail {
        message: message.map(|message| MessageId(message.0)),
        folder: folder.map(|folder| FolderId(folder.0)),
        from: mail.from.into(),
        to: mail.to.into_iter().map(Person::from).collect(),
        subject: mail.subject,
        date: mail.received,
        read: mail.read,
        flagged: mail.flagged,
        attachments: mail.attachments,
        importance: mail.importance,
        preview: mail.preview,
    })
}
