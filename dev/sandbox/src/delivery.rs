//! A mail on its way to somebody: into which folder it goes, and the automatic answer of who is away.

use activesync::messages::{FolderKind, OofBodyType};
use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;
use mail_parser::{Address, HeaderName, Message, MessageParser};

use crate::mailbox::{ItemId, Mailbox};
use crate::out_of_office::{Answer, Group};
use crate::render;
use crate::server::{Account, Server};

impl Server {
    /// Puts a message into the mailbox of who is to get it, and answers it if they are away.
    pub(crate) fn receive(&self, account: &Account, mime: &Bytes) -> ItemId {
        let conversation = render::conversation_id(mime);
        let folder = {
            let inside = account.inside();
            let wanted = inside.always_moved.get(conversation.as_slice()).copied();
            wanted.filter(|id| inside.mailbox.folder(*id).is_some()).unwrap_or(Mailbox::INBOX)
        };
        let id = account.deliver(folder, mime.clone(), self.now(), false);
        self.answer_for(account, mime);
        id
    }

    fn answer_for(&self, account: &Account, mime: &Bytes) {
        let Some(message) = MessageParser::default().parse_headers(mime.as_ref()) else { return };
        let Some(sender) =
            answerable(&message).filter(|sender| !sender.eq_ignore_ascii_case(&account.address))
        else {
            return;
        };
        let group = self.group(account, sender);
        let Some(answer) = account.inside().out_of_office.answer(sender, group, self.now()) else {
            return;
        };
        let mime = self.automatic_answer(account, sender, &message, &answer);
        account.inside().automatic.push(mime.clone());
        if let Some(recipient) = self.recipient(sender) {
            recipient.deliver(Mailbox::INBOX, mime, self.now(), false);
        }
    }

    fn group(&self, account: &Account, sender: &str) -> Group {
        let domain = sender.rsplit('@').next().unwrap_or_default();
        if domain.eq_ignore_ascii_case(&self.options.domain) {
            return Group::Internal;
        }
        let inside = account.inside();
        let sent = inside.mailbox.folders().iter().filter(|folder| folder.kind == FolderKind::Sent);
        let known = sent.flat_map(|folder| inside.mailbox.items_in(folder.id)).any(|(_, item)| {
            let mime = self.mime(&item.content);
            let message = MessageParser::default().parse_headers(mime.as_ref());
            message.is_some_and(|message| {
                let to = [message.to(), message.cc(), message.bcc()];
                let mut to = to.into_iter().flatten().flat_map(Address::iter);
                to.any(|to| to.address().is_some_and(|to| to.eq_ignore_ascii_case(sender)))
            })
        });
        if known { Group::Known } else { Group::Unknown }
    }

    fn automatic_answer(
        &self,
        account: &Account,
        sender: &str,
        message: &Message<'_>,
        answer: &Answer,
    ) -> Bytes {
        let now = self.now();
        let name = self.directory.by_address(&account.address).map(|person| person.display_name());
        let subject = format!("Automatic reply: {}", message.subject().unwrap_or_default());
        let mut reply = MessageBuilder::new()
            .date(now.unix_timestamp())
            .message_id(format!("{}.{}", now.unix_timestamp_nanos(), account.address))
            .from((name.unwrap_or_default(), account.address.clone()))
            .to(sender)
            .subject(subject)
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .header("X-Auto-Response-Suppress", Raw::new("All"));
        if let Some(id) = message.message_id() {
            reply = reply.in_reply_to(id).references(id);
        }
        reply = match answer.form {
            OofBodyType::Html => reply.html_body(answer.text.as_str()),
            OofBodyType::Text => reply.text_body(answer.text.as_str()),
        };
        Bytes::from(reply.write_to_vec().expect("writing to memory cannot fail"))
    }
}

/// Returns whom an automatic answer may go to: never a machine or a list (RFC 3834).
fn answerable<'a>(message: &'a Message<'_>) -> Option<&'a str> {
    let text = |name: &'static str| {
        message.header_raw(HeaderName::from(name)).map(|value| value.trim().to_ascii_lowercase())
    };
    let automatic = text("Auto-Submitted").is_some_and(|value| value != "no")
        || text("Precedence")
            .is_some_and(|value| ["bulk", "junk", "list"].contains(&value.as_str()))
        || text("List-Id").is_some()
        || text("Return-Path").is_some_and(|value| value == "<>");
    let sender = message.from()?.first()?.address()?;
    (!automatic).then_some(sender)
}
