//! Mails found by the server, those that are not here among them.

use activesync::{
    messages::{
        BodyPreference, BodyType, Email, FindAnswer, FindContent, FindCriterion, FindMail,
        FindRequest, Importance, MailboxQuery, SearchAnswer, SearchContent, SearchOptions,
        SearchQuery as WireQuery, SearchRequest,
    },
    query::Command,
};
use mail::{Mailbox, text};
use time::{OffsetDateTime, UtcOffset};

use super::{ErrandFailure, Refusal, Terms, finding};
use crate::{CollectionId, ItemRef, MailPart, MailPatch, SearchQuery, ServerId, Term};

/// Which mails are wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MailboxSearch {
    /// The conditions, of which at least one has to be a word.
    pub query: SearchQuery,
    /// The folder; all of them if absent.
    pub folder: Option<CollectionId>,
    /// By which clock the days of the conditions go.
    pub zone: UtcOffset,
    /// How many of the first to leave out.
    pub offset: u32,
    /// How many are wanted.
    pub limit: u32,
    /// A GUID of this search.
    pub search_id: String,
}

/// A page of what the server found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MailboxPage {
    /// Mails found in all, as the server counts them.
    pub total: u32,
    /// Those of this page that satisfy the conditions.
    pub mails: Vec<FoundMail>,
}

/// A mail that the server found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundMail {
    /// What the server calls it, where it says so.
    pub item: Option<ItemRef>,
    /// The folder it lies in.
    pub folder: Option<CollectionId>,
    /// What the server hands it out for. Opaque.
    pub long_id: Option<String>,
    /// The author.
    pub from: Mailbox,
    /// The recipients; of some servers only their names.
    pub to: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// When it was received.
    pub received: Option<OffsetDateTime>,
    /// The user has read it, where the server says so.
    pub read: Option<bool>,
    /// The user has flagged it, where the server says so.
    pub flagged: Option<bool>,
    /// It has attachments, where the server says so.
    pub attachments: Option<bool>,
    /// How urgent the author calls it.
    pub importance: Importance,
    /// The first words.
    pub preview: String,
}

const CLASS: &str = "Email";
/// Enough for the first words.
const BEGINNING: u32 = 1024;
const PREVIEW: usize = 200;
/// Words that the keyword query language obeys.
const OPERATORS: [&str; 4] = ["and", "near", "not", "or"];

impl MailboxSearch {
    pub(super) fn check(&self) -> Result<(), ErrandFailure> {
        // Servers search for words alone.
        if self.query.terms.is_empty() {
            Err(ErrandFailure::Impossible("no_words"))
        } else {
            Ok(())
        }
    }

    pub(super) fn request(&self, terms: Terms<'_>) -> (Command, Vec<u8>) {
        let folder = self.folder.as_ref().map(|folder| folder.0.clone());
        if terms.find {
            let criterion = FindCriterion::Mailbox {
                class: Some(CLASS.to_owned()),
                collection_id: folder,
                free_text: self.keywords(),
                deep_traversal: true,
            };
            // A search begins with its first result, and this one does not go on from an earlier request.
            let range = finding::range(0, self.offset.saturating_add(self.limit));
            let request = FindRequest { search_id: self.search_id.clone(), criterion, range };
            return (Command::Find, request.encode());
        }
        let midnight = |day: time::Date| day.midnight().assume_offset(self.zone);
        let query = MailboxQuery {
            class: Some(CLASS.to_owned()),
            collection_ids: folder.into_iter().collect(),
            free_text: Some(self.words()),
            received_after: self.query.after.map(|day| midnight(day) - time::Duration::SECOND),
            received_before: self.query.before.map(midnight),
            ..MailboxQuery::default()
        };
        let beginning = BodyPreference {
            kind: BodyType::Text,
            truncation_size: Some(BEGINNING),
            all_or_none: false,
            preview: None,
        };
        let options = SearchOptions {
            range: finding::range(self.offset, self.limit),
            rebuild_results: self.offset == 0,
            deep_traversal: true,
            body_preferences: vec![beginning],
            ..SearchOptions::default()
        };
        (Command::Search, SearchRequest { query: WireQuery::Mailbox(query), options }.encode())
    }

    pub(crate) fn read(&self, command: Command, body: &[u8]) -> Result<MailboxPage, Refusal> {
        let skipped = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let (found, range, total) = if command == Command::Find {
            let Some(found) = finding::found(FindAnswer::decode(body))? else {
                return Ok(MailboxPage::default());
            };
            let mails = found.results.into_iter().filter_map(|result| {
                let FindContent::Mail(mail) = result.content else { return None };
                (!mail.is_empty())
                    .then(|| FoundMail::told(*mail, result.collection_id, result.server_id))
            });
            (mails.skip(skipped).collect::<Vec<_>>(), found.range, found.total)
        } else {
            let Some(found) = finding::searched(SearchAnswer::decode(body))? else {
                return Ok(MailboxPage::default());
            };
            let mails = found.results.into_iter().filter_map(|result| {
                let SearchContent::Item(item) = result.content else { return None };
                let mail = item.into_email()?;
                Some(FoundMail::of(&mail, result.collection_id, result.long_id))
            });
            (mails.collect::<Vec<_>>(), found.range, found.total)
        };
        let total = finding::total(total, range, self.offset, found.len());
        let mails = found.into_iter().filter(|mail| mail.satisfies(&self.query)).collect();
        Ok(MailboxPage { total, mails })
    }

    /// The words one by one, which every server understands. It may find more than was meant.
    fn words(&self) -> String {
        let text = self.query.terms.iter().map(|term| term.text.to_lowercase());
        let text = text.collect::<Vec<_>>().join(" ").replace([':', '"'], " ");
        let word = |word: &str| word.trim_matches(|edge: char| !edge.is_alphanumeric()).to_owned();
        let words: Vec<String> =
            text.split_whitespace().map(word).filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }

    /// The conditions in the keyword query language, which knows the parts of a mail.
    fn keywords(&self) -> String {
        let term = |term: &Term| match term.part {
            None => quoted(term),
            Some(MailPart::Recipients) => format!("to:{}", quoted(term)),
            Some(MailPart::Sender) => format!("from:{}", quoted(term)),
            Some(MailPart::Subject) => format!("subject:{}", quoted(term)),
        };
        let mut keywords: Vec<String> = self.query.terms.iter().map(term).collect();
        let day = |date: time::Date| {
            format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
        };
        keywords.extend(self.query.after.map(|date| format!("received>={}", day(date))));
        keywords.extend(self.query.before.map(|date| format!("received<{}", day(date))));
        keywords.join(" ")
    }
}

impl FoundMail {
    fn of(email: &Email, folder: Option<String>, long_id: Option<String>) -> Self {
        let preview = email.body.as_ref().map(|body| crate::Body::of(body).preview);
        let attachments = email.attachments.as_ref();
        let patch = MailPatch::of(email);
        Self {
            item: None,
            folder: folder.map(CollectionId),
            long_id,
            from: patch.from.unwrap_or_default(),
            to: patch.to.unwrap_or_default(),
            subject: patch.subject.unwrap_or_default(),
            received: patch.received,
            read: patch.read,
            flagged: patch.flagged,
            attachments: attachments
                .map(|all| all.list.iter().any(|attachment| !attachment.inline)),
            importance: patch.importance.unwrap_or(Importance::Normal),
            preview: preview.unwrap_or_default(),
        }
    }

    fn told(mail: FindMail, folder: Option<String>, server_id: Option<String>) -> Self {
        let folder = folder.map(CollectionId);
        let item = folder.clone().zip(server_id.map(ServerId));
        let from = mail.from.as_deref().map(Mailbox::list).unwrap_or_default();
        let names = mail.display_to.as_deref().unwrap_or_default().split(';');
        let name = |name: &str| Mailbox { name: text::line(name), address: String::new() };
        Self {
            item: item.map(|(collection, item)| ItemRef { collection, item }),
            folder,
            long_id: None,
            from: from.into_iter().next().unwrap_or_default(),
            to: names.filter(|part| !part.trim().is_empty()).map(name).collect(),
            subject: text::line(&mail.subject.unwrap_or_default()),
            received: mail.date_received,
            read: mail.read,
            flagged: None,
            attachments: mail.has_attachments,
            importance: mail.importance.unwrap_or(Importance::Normal),
            preview: text::preview(&mail.preview.unwrap_or_default(), PREVIEW),
        }
    }

    /// Says whether what the server tells of the mail satisfies the conditions that not every server knows; what it does not tell
    /// is taken to.
    fn satisfies(&self, query: &SearchQuery) -> bool {
        let told = |told: Option<bool>, wanted: bool| told.is_none_or(|told| told == wanted);
        let holds = |term: &Term| {
            let wanted = term.text.to_lowercase();
            let in_person = |person: &Mailbox| {
                person.name.to_lowercase().contains(&wanted)
                    || person.address.to_lowercase().contains(&wanted)
            };
            match term.part {
                // Copies are not among what every server tells.
                None | Some(MailPart::Recipients) => true,
                Some(MailPart::Sender) => in_person(&self.from),
                Some(MailPart::Subject) => self.subject.to_lowercase().contains(&wanted),
            }
        };
        query.terms.iter().all(holds)
            && query.read.is_none_or(|wanted| told(self.read, wanted))
            && (!query.flagged || told(self.flagged, true))
            && (!query.attachment || told(self.attachments, true))
    }
}

/// Writes a condition so that its words stay together and none is an operator.
fn quoted(term: &Term) -> String {
    let words = term.text.to_lowercase().replace('"', " ");
    let words = words.trim();
    if !words.chars().all(char::is_alphanumeric) || OPERATORS.contains(&words) {
        return format!("\"{words}\"");
    }
    format!("{words}{}", if term.prefix { "*" } else { "" })
}
