//! Writing mails: new ones, answers, and mails that are sent on.

mod quote;

use crate::app::App;
use crate::error::{AccessError, FetchError, SendError};
use crate::lifecycle::Device;
use crate::protection::{Protection, Readable, protect};
use crate::session::{Wish, with};
use crate::view::{
    AttachmentId, Draft, DraftAttachment, Importance, MessageId, OutboxId, Response, ResponseKind,
};
use data_encoding::HEXLOWER;
use mail::Mailbox;
use mail::compose::{
    self, Calendar, File, Outgoing, Thread, compose, forward_subject, reply_subject,
};
use pim::{Fetched, MeetingLetter, Text, Want};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use vault::Open;
use vault::mail::{DraftId, MessageView, NewMail, Original};

/// The largest mail that is taken into the outbox; mail servers seldom take more.
const LARGEST_MAIL_MIB: u16 = 40;

/// What a person wrote, ready to be put into the outbox.
#[derive(Clone, Default)]
pub(crate) struct Letter {
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    bcc: Vec<Mailbox>,
    subject: String,
    text: String,
    importance: Importance,
    /// The meeting that it is about.
    calendar: Option<Calendar>,
    thread: Thread,
    files: Vec<DraftAttachment>,
    /// What the server adds.
    original: Option<Original>,
    /// How it is signed and encrypted.
    protection: Protection,
}

impl Letter {
    /// Makes a letter about a meeting.
    pub(crate) fn about(calendar: Calendar, to: Mailbox, subject: String, text: String) -> Self {
        Self { to: vec![to], subject, text, calendar: Some(calendar), ..Self::default() }
    }

    /// Makes the mails of it: who is hidden from the others gets one of their own if it is encrypted, since it names all who can
    /// read it.
    fn apart(self) -> Vec<Self> {
        if !self.protection.encrypt || self.bcc.is_empty() {
            return vec![self];
        }
        let open = Self { bcc: Vec::new(), ..self.clone() };
        let hidden = self.bcc.iter().map(|one| Self {
            to: Vec::new(),
            cc: Vec::new(),
            bcc: vec![one.clone()],
            ..self.clone()
        });
        let is_to_anybody = !open.to.is_empty() || !open.cc.is_empty();
        let open = is_to_anybody.then_some(open);

        open.into_iter().chain(hidden).collect()
    }

    /// All who get it, each once, in lower case.
    fn addresses(&self) -> Vec<String> {
        let people = self.to.iter().chain(&self.cc).chain(&self.bcc);
        let addresses: BTreeSet<String> = people.map(|one| one.address.to_lowercase()).collect();

        addresses.into_iter().collect()
    }

    /// Writes the letter as it will be sent.
    pub(crate) fn seal(self, from: Mailbox, created: OffsetDateTime) -> Result<Sealed, SendError> {
        if self.to.is_empty() && self.cc.is_empty() && self.bcc.is_empty() {
            return Err(SendError::NoRecipient);
        }
        let domain = from.address.rsplit('@').next().unwrap_or("localhost");
        let outgoing = Outgoing {
            message_id: format!("{}@{domain}", random_name()?),
            date: created,
            from,
            to: self.to,
            cc: self.cc,
            bcc: self.bcc,
            subject: self.subject,
            importance: called(self.importance),
            thread: self.thread,
            text: self.text,
            html: None,
            calendar: self.calendar,
            files: self.files.into_iter().map(File::from).collect(),
        };
        let bytes = compose(&outgoing);
        if bytes.len() > usize::from(LARGEST_MAIL_MIB) * 1024 * 1024 {
            return Err(SendError::TooLarge { limit_mib: LARGEST_MAIL_MIB });
        }

        Ok(Sealed {
            client_id: random_name()?,
            message_id: outgoing.message_id,
            created,
            people: [outgoing.to, outgoing.cc, outgoing.bcc].concat(),
            subject: outgoing.subject,
            bytes,
            original: self.original,
        })
    }
}

impl From<MeetingLetter> for Letter {
    fn from(letter: MeetingLetter) -> Self {
        let MeetingLetter { to, subject, text, calendar } = letter;

        Self { to, subject, text, calendar: Some(calendar), ..Self::default() }
    }
}

/// A letter as it will be sent.
pub(crate) struct Sealed {
    client_id: String,
    message_id: String,
    created: OffsetDateTime,
    people: Vec<Mailbox>,
    subject: String,
    bytes: Vec<u8>,
    original: Option<Original>,
}

impl Sealed {
    pub(crate) fn for_outbox(&self) -> NewMail<'_> {
        NewMail {
            client_id: &self.client_id,
            message_id: &self.message_id,
            created: self.created,
            to: &self.people,
            subject: &self.subject,
            bytes: &self.bytes,
            original: self.original,
            draft: None,
        }
    }
}

/// The person as the author of mails.
pub(crate) fn sender(open: &Open, device: &Device) -> Mailbox {
    Mailbox {
        name: open.certificate().common_name().unwrap_or_default(),
        address: device.settings.borrow().settings.mail.address.clone(),
    }
}

impl App {
    /// Takes a mail into the outbox; it is on disk when this returns and is sent once the server can be reached.
    ///
    /// # Errors
    ///
    /// [`SendError`] says what the user has to correct.
    pub async fn send(&self, draft: Draft) -> Result<OutboxId, SendError> {
        let (open, device) = self.life.open().await?;
        let letter = self.letter(&open, &device, draft).await?;

        self.post(&open, &device, letter, None).await
    }

    /// Answers a message or sends it on. Where the mail server can, it adds the original by itself, so that nothing of it has to
    /// be on this device; elsewhere it is quoted, and its files are sent again.
    ///
    /// # Errors
    ///
    /// [`SendError`] says what the user has to correct.
    pub async fn respond(
        &self,
        message: MessageId,
        kind: ResponseKind,
        response: Response,
    ) -> Result<OutboxId, SendError> {
        let (open, device) = self.life.open().await?;
        let letter = self.response(&open, &device, (message, kind), response, true).await?;

        self.post(&open, &device, letter, None).await
    }

    /// Makes a letter of a new mail.
    pub(crate) async fn letter(
        &self,
        open: &Open,
        device: &Device,
        draft: Draft,
    ) -> Result<Letter, SendError> {
        let secret = match draft.in_reply_to {
            Some(answered) => self.is_secret(open, device, answered).await?,
            None => false,
        };
        let settings = device.settings.borrow().settings.smime;

        Ok(Letter {
            to: recipients(&draft.to)?,
            cc: recipients(&draft.cc)?,
            bcc: recipients(&draft.bcc)?,
            subject: draft.subject,
            text: draft.text,
            importance: draft.importance,
            thread: self.thread(open, draft.in_reply_to).await?,
            files: draft.attachments,
            calendar: None,
            original: None,
            protection: Protection::decide(draft.protect, settings, secret)?,
        })
    }

    /// Makes a letter of an answer, `by_itself` also to those whom the original names.
    pub(crate) async fn response(
        &self,
        open: &Open,
        device: &Device,
        (message, kind): (MessageId, ResponseKind),
        response: Response,
        by_itself: bool,
    ) -> Result<Letter, SendError> {
        let id = message;
        let original = with(open, move |open| open.mail().message(id)).await;
        let original = original.map_err(AccessError::from)?.ok_or(SendError::OriginalMissing)?;
        let secret = self.is_secret(open, device, message).await?;
        let settings = device.settings.borrow().settings.smime;
        let protection = Protection::decide(response.protect, settings, secret)?;
        let composes = !original.is_protected() && !protection.is_any();
        let forward = kind == ResponseKind::Forward;
        let own = device.settings.borrow().settings.mail.address.clone();
        let (mut to, mut cc) = match kind {
            ResponseKind::Reply if by_itself => (authors(&original, &own), Vec::new()),
            ResponseKind::ReplyAll if by_itself => everybody(&original, &own),
            ResponseKind::Forward | ResponseKind::Reply | ResponseKind::ReplyAll => {
                (Vec::new(), Vec::new())
            }
        };
        to.extend(recipients(&response.to)?);
        cc.extend(recipients(&response.cc)?);
        let subject = match response.subject {
            Some(subject) => subject,
            None if forward => forward_subject(&original.item.subject),
            None => reply_subject(&original.item.subject),
        };
        let letter = Letter {
            to,
            cc,
            bcc: recipients(&response.bcc)?,
            subject,
            text: response.text,
            importance: response.importance,
            thread: self.thread(open, Some(message)).await?,
            files: response.attachments,
            calendar: None,
            original: Some(Original { message: id, forward }),
            protection,
        };
        let composes = composes && self.life.session().await?.ask(Wish::Composes).await?;
        if composes {
            return Ok(letter);
        }

        self.complete(open, device, (message, forward), letter).await
    }

    /// Tells whether a message came encrypted.
    async fn is_secret(
        &self,
        open: &Open,
        device: &Device,
        message: MessageId,
    ) -> Result<bool, SendError> {
        let security = match self.readable(open, device, message).await {
            // What it was is not known any more.
            Err(AccessError::Missing) => None,
            readable => readable?.security,
        };

        Ok(security.is_some_and(|security| security.encrypted))
    }

    /// Adds the original to a letter, for a server that does not.
    async fn complete(
        &self,
        open: &Open,
        device: &Device,
        (message, forward): (MessageId, bool),
        letter: Letter,
    ) -> Result<Letter, SendError> {
        let Readable { mail: mut original, security } =
            self.readable(open, device, message).await?;
        let secret = security.is_some_and(|security| security.encrypted);
        if secret && !letter.protection.encrypt {
            // What came encrypted does not go out in the clear.
            original = MessageView { text: Text::None, attachments: Vec::new(), ..original };
        }
        let mut files = letter.files;
        let sent_on = original.attachments.iter().filter(|part| forward && !part.inline);
        for part in sent_on {
            let content = match self.attachment(AttachmentId(part.id.0)).await {
                Ok(content) => content,
                Err(FetchError::Locked) => return Err(SendError::Locked),
                Err(FetchError::Storage { reason }) => return Err(SendError::Storage { reason }),
                Err(
                    FetchError::Missing
                    | FetchError::Offline
                    | FetchError::Refused { .. }
                    | FetchError::TooLarge { .. },
                ) => return Err(SendError::AttachmentMissing { name: part.name.clone() }),
            };
            let (name, media_type, bytes) = (content.name, content.media_type, content.bytes);
            files.push(DraftAttachment { name, media_type, bytes });
        }
        let text = quote::add(&letter.text, &original, forward);

        Ok(Letter { text, files, original: None, ..letter })
    }

    /// Puts a letter into the outbox; the draft that it was goes in the same step.
    pub(crate) async fn post(
        &self,
        open: &Open,
        device: &Device,
        letter: Letter,
        draft: Option<DraftId>,
    ) -> Result<OutboxId, SendError> {
        let mails = self.sealed(open, device, letter).await?;
        let queued = with(open, move |open| {
            let mut mails: Vec<NewMail<'_>> = mails.iter().map(Sealed::for_outbox).collect();
            if let Some(first) = mails.first_mut() {
                first.draft = draft;
            }
            open.mail().queue_all(&mails)
        });
        let records = queued.await.map_err(AccessError::from)?;
        let first = records.first().map(|record| OutboxId(record.id.0));
        let session = self.life.session().await?;
        for record in records {
            session.wish(Wish::Submit(record)).await?;
        }

        first.ok_or(SendError::NoRecipient)
    }

    /// Writes the mails of a letter as they will be sent, signed and encrypted.
    async fn sealed(
        &self,
        open: &Open,
        device: &Device,
        letter: Letter,
    ) -> Result<Vec<Sealed>, SendError> {
        let (author, now, protection) =
            (sender(open, device), self.life.now(), letter.protection.clone());
        let readers = match protection.encrypt {
            true => {
                // The author reads everything, by the key of this container.
                let mut others = letter.addresses();
                others.retain(|address| !address.eq_ignore_ascii_case(&author.address));
                self.readers(open, device, &others, &protection).await?
            }
            false => Vec::new(),
        };
        let mut mails = Vec::new();
        for letter in letter.apart() {
            let addresses = letter.addresses();
            let sealed = letter.seal(author.clone(), now)?;
            if !protection.is_any() {
                mails.push(sealed);
                continue;
            }
            let its = readers.iter().filter(|one| addresses.contains(&one.address));
            let its: Vec<_> = its.cloned().collect();
            let bytes = protect(open, device, sealed.bytes, (&protection, &its), now).await?;
            mails.push(Sealed { bytes, ..sealed });
        }

        Ok(mails)
    }

    /// The place of an answer in its conversation.
    async fn thread(
        &self,
        open: &Open,
        answered: Option<MessageId>,
    ) -> Result<Thread, AccessError> {
        let Some(id) = answered else { return Ok(Thread::default()) };
        let message = with(open, move |open| open.mail().message(id)).await?;
        let message = message.ok_or(AccessError::Missing)?;
        let mut known = message.message_id;
        if known.is_none()
            && let Some(item) = with(open, move |open| open.mail().item(id)).await?
            && let Ok(Fetched::Head(head)) = self.fetch(Want::Head(item)).await
        {
            known = head;
        }

        Ok(known.map(|id| Thread::answering(&id, &[])).unwrap_or_default())
    }
}

/// To whom an answer goes: where the author wants it, or to whom one wrote oneself.
fn authors(original: &MessageView, own: &str) -> Vec<Mailbox> {
    if !original.reply_to.is_empty() {
        original.reply_to.clone()
    } else if original.item.from.address.eq_ignore_ascii_case(own) {
        original.item.to.clone()
    } else {
        vec![original.item.from.clone()]
    }
}

/// To whom an answer to all goes, and who gets a copy: everybody once, but oneself.
fn everybody(original: &MessageView, own: &str) -> (Vec<Mailbox>, Vec<Mailbox>) {
    let mut seen = vec![own.to_lowercase()];
    let mut fresh = |people: Vec<Mailbox>| -> Vec<Mailbox> {
        let is_new = |one: &Mailbox| {
            let address = one.address.to_lowercase();
            let is_new = !address.is_empty() && !seen.contains(&address);
            seen.push(address);
            is_new
        };
        people.into_iter().filter(is_new).collect()
    };
    let mut to = fresh(authors(original, own));
    to.extend(fresh(original.item.to.clone()));

    (to, fresh(original.cc.clone()))
}

fn recipients(typed: &[String]) -> Result<Vec<Mailbox>, SendError> {
    let read = |typed: &String| {
        Mailbox::recipient(typed).ok_or_else(|| SendError::BadAddress { address: typed.clone() })
    };

    typed.iter().map(read).collect()
}

/// How urgent a letter is, as it says itself.
fn called(importance: Importance) -> compose::Importance {
    match importance {
        Importance::Low => compose::Importance::Low,
        Importance::Normal => compose::Importance::Normal,
        Importance::High => compose::Importance::High,
    }
}

/// 128 random bits, as digits and letters.
pub(crate) fn random_name() -> Result<String, SendError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| SendError::Storage { reason: error.to_string() })?;

    Ok(HEXLOWER.encode(&bytes))
}

impl From<AccessError> for SendError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::OriginalMissing,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pim::{BodyState, FollowUp};
    use time::macros::datetime;
    use vault::mail::{FolderId, MessageItem};

    #[test]
    fn an_answer_goes_to_the_author_or_where_the_author_wants_it() {
        assert_eq!(addresses(&authors(&original(), "me@x.test")), ["bob@x.test"]);
        assert_eq!(addresses(&authors(&original(), "BOB@x.test")), ["me@x.test", "carol@x.test"]);
        let list = MessageView { reply_to: vec![person("list@x.test")], ..original() };
        assert_eq!(addresses(&authors(&list, "me@x.test")), ["list@x.test"]);
    }

    #[test]
    fn an_answer_to_all_goes_to_everybody_once_and_not_to_oneself() {
        let (to, cc) = everybody(&original(), "Me@x.test");
        assert_eq!(addresses(&to), ["bob@x.test", "carol@x.test"]);
        assert_eq!(addresses(&cc), ["dora@x.test"]);
    }

    #[test]
    fn an_original_is_quoted_or_sent_on_whole() {
        insta::assert_snapshot!(quote::add("Gern.", &original(), false), @r"
        Gern.

        bob@x.test, Sun, 22 Nov 2026 10:00:00 +0000:
        > Kommst du?
        > Bob
        ");
        insta::assert_snapshot!(quote::add("Zur Kenntnis", &original(), true), @r"
        Zur Kenntnis

        -----
        From: bob@x.test
        Date: Sun, 22 Nov 2026 10:00:00 +0000
        To: me@x.test, carol@x.test
        Subject: Treffen

        Kommst du?
        Bob
        ");
    }

    fn addresses(people: &[Mailbox]) -> Vec<&str> {
        people.iter().map(|one| one.address.as_str()).collect()
    }

    fn person(address: &str) -> Mailbox {
        Mailbox { name: String::new(), address: address.to_owned() }
    }

    /// A mail from Bob to me and Carol, with copies to Dora and once more to Carol.
    fn original() -> MessageView {
        MessageView {
            item: MessageItem {
                id: MessageId(1),
                folder: FolderId(1),
                from: person("bob@x.test"),
                to: vec![person("me@x.test"), person("carol@x.test")],
                subject: "Treffen".to_owned(),
                received: datetime!(2026-11-22 10:00 UTC),
                read: true,
                flag: FollowUp::default(),
                categories: Vec::new(),
                importance: Importance::Normal,
                preview: String::new(),
                attachments: 0,
                refused: None,
                conversation: None,
                topic: String::new(),
            },
            cc: vec![person("dora@x.test"), person("CAROL@x.test")],
            bcc: Vec::new(),
            reply_to: Vec::new(),
            class: "IPM.Note".to_owned(),
            message_id: None,
            has_source: false,
            body_state: BodyState::Whole,
            text: Text::Plain("Kommst du?\nBob".to_owned()),
            attachments: Vec::new(),
            meeting: None,
        }
    }
}
