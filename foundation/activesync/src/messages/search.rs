mod answer;

pub use answer::{SearchAnswer, SearchContent, SearchResult};

use bytes::Bytes;
use time::OffsetDateTime;

use super::body::BodyPreference;
use super::decode::{self, DecodeError, Values, keep};
use super::directory::{PictureWish, SEARCH_PICTURE};
use super::item_operations::{ByteRange, Credentials};
use super::sync_options::MimeSupport;
use crate::codepage::{
    Tag, air_sync, air_sync_base, document_library, email, rights_management, search as page,
};
use crate::date;
use crate::wbxml::{Reader, Writer};

/// Searches on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRequest {
    /// Where, and for what.
    pub query: SearchQuery,
    /// How the results are wanted.
    pub options: SearchOptions,
}

/// Where is searched, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchQuery {
    /// In a document library, for what is at this address.
    DocumentLibrary(String),
    /// In the directory, for people whose properties begin with this.
    Gal(String),
    /// In the mailbox.
    Mailbox(MailboxQuery),
}

/// What is searched in the mailbox; all of it must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailboxQuery {
    /// Class of the items.
    pub class: Option<String>,
    /// Folders; none means all.
    pub collection_ids: Vec<String>,
    /// Words.
    pub free_text: Option<String>,
    /// A conversation; since 14.0.
    pub conversation_id: Option<Bytes>,
    /// The mail came after this.
    pub received_after: Option<OffsetDateTime>,
    /// The mail came before this.
    pub received_before: Option<OffsetDateTime>,
}

/// How results of a search are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchOptions {
    /// Which results, from 0 to at most 999.
    pub range: Option<ByteRange>,
    /// Whether the server searches anew instead of giving more of what it found; mailbox only.
    pub rebuild_results: bool,
    /// Whether folders below count too; mailbox only.
    pub deep_traversal: bool,
    /// Forms of the body; mailbox only.
    pub body_preferences: Vec<BodyPreference>,
    /// How much is wanted of the part that is new in its conversation; mailbox only, since 14.1.
    pub body_part_preference: Option<BodyPreference>,
    /// Which mails may come as MIME; mailbox only.
    pub mime_support: Option<MimeSupport>,
    /// Whether protected mail is wanted in the clear; mailbox only, since 14.1.
    pub rights_management: Option<bool>,
    /// Which photos are wanted; directory only, since 14.1.
    pub picture: Option<PictureWish>,
    /// Sign-in of the document library.
    pub credentials: Option<Credentials>,
}

impl SearchRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::SEARCH)?;
        let mut request = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::STORE => request = Some(Self::read_store(&mut reader)?),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        request.ok_or(DecodeError::Missing(page::STORE))
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SEARCH, |root| {
            root.container(page::STORE, |store| {
                store.text(page::NAME, self.query.store());
                self.query.write(store);
                self.options.write(store);
            });
        })
    }

    fn read_store(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut name, mut query) = (None, None);
        let mut options = SearchOptions::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::NAME => name = Some(reader.string()?),
                page::QUERY => query = Some(QueryParts::read(reader)?),
                page::OPTIONS => options = SearchOptions::read(reader)?,
                _ => reader.skip()?,
            }
        }
        let name = name.ok_or(DecodeError::Missing(page::NAME))?;
        let query = query.ok_or(DecodeError::Missing(page::QUERY))?;
        let compact: String = name.chars().filter(|character| *character != ' ').collect();
        let query = match compact.to_ascii_lowercase().as_str() {
            "gal" => SearchQuery::Gal(query.text),
            "mailbox" => SearchQuery::Mailbox(query.mailbox),
            "documentlibrary" => {
                let link = query.link.ok_or(DecodeError::Missing(document_library::LINK_ID))?;
                SearchQuery::DocumentLibrary(link)
            }
            _ => return Err(DecodeError::Invalid { tag: page::NAME, offset: reader.offset() }),
        };
        Ok(Self { query, options })
    }
}

impl SearchQuery {
    fn store(&self) -> &'static str {
        match self {
            Self::DocumentLibrary(_) => "Document Library",
            Self::Gal(_) => "GAL",
            Self::Mailbox(_) => "Mailbox",
        }
    }

    fn write(&self, store: &mut Writer) {
        match self {
            Self::DocumentLibrary(link) => store.container(page::QUERY, |query| {
                query.container(page::EQUAL_TO, |equal| {
                    equal.empty(document_library::LINK_ID);
                    equal.text(page::VALUE, link);
                });
            }),
            Self::Gal(text) => store.text(page::QUERY, text),
            Self::Mailbox(mailbox) => {
                store.container(page::QUERY, |query| {
                    query.container(page::AND, |and| mailbox.write(and));
                });
            }
        }
    }
}

impl MailboxQuery {
    fn write(&self, and: &mut Writer) {
        if let Some(class) = &self.class {
            and.text(air_sync::CLASS, class);
        }
        self.collection_ids.iter().for_each(|id| and.text(air_sync::COLLECTION_ID, id));
        if let Some(text) = &self.free_text {
            and.text(page::FREE_TEXT, text);
        }
        if let Some(id) = &self.conversation_id {
            and.opaque(page::CONVERSATION_ID, id);
        }
        for (tag, moment) in
            [(page::GREATER_THAN, self.received_after), (page::LESS_THAN, self.received_before)]
        {
            if let Some(moment) = moment {
                and.container(tag, |than| {
                    than.empty(email::DATE_RECEIVED);
                    than.text(page::VALUE, &date::long(moment));
                });
            }
        }
    }
}

#[derive(Default)]
struct QueryParts {
    text: String,
    link: Option<String>,
    mailbox: MailboxQuery,
}

impl QueryParts {
    /// Reads the entered query of any store; `And` and `Or` are looked through.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut parts = Self::default();
        let mut open = 1_u32;
        while open > 0 {
            match reader.event()? {
                Some(crate::wbxml::Event::Start { tag, .. }) => match tag {
                    page::AND | page::OR => open += 1,
                    _ => parts.read_part(reader, tag)?,
                },
                Some(crate::wbxml::Event::Text(text) | crate::wbxml::Event::Opaque(text)) => {
                    parts.text.push_str(&String::from_utf8_lossy(text));
                }
                Some(crate::wbxml::Event::End) => open -= 1,
                None => break,
            }
        }
        Ok(parts)
    }

    fn read_part(&mut self, reader: &mut Reader<'_>, tag: Tag) -> Result<(), DecodeError> {
        let mailbox = &mut self.mailbox;
        match tag {
            air_sync::CLASS => mailbox.class = Some(reader.string()?),
            air_sync::COLLECTION_ID => keep(&mut mailbox.collection_ids, reader.string()?, reader)?,
            page::FREE_TEXT => mailbox.free_text = Some(reader.string()?),
            page::CONVERSATION_ID => {
                mailbox.conversation_id = Some(Bytes::copy_from_slice(&reader.bytes()?));
            }
            page::GREATER_THAN => mailbox.received_after = date::parse(&read_value(reader)?),
            page::LESS_THAN => mailbox.received_before = date::parse(&read_value(reader)?),
            page::EQUAL_TO => self.link = Some(read_value(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    }
}

fn read_value(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let mut value = String::new();
    while let Some(tag) = reader.child()? {
        match tag {
            page::VALUE => value = reader.string()?,
            _ => reader.skip()?,
        }
    }
    Ok(value)
}

impl SearchOptions {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut options = Self::default();
        let mut credentials = Credentials::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::RANGE => options.range = ByteRange::parse(&reader.text()?),
                page::REBUILD_RESULTS => options.rebuild_results = reader.boolean()?,
                page::DEEP_TRAVERSAL => options.deep_traversal = reader.boolean()?,
                air_sync_base::BODY_PREFERENCE => {
                    keep(&mut options.body_preferences, BodyPreference::read(reader)?, reader)?;
                }
                air_sync_base::BODY_PART_PREFERENCE => {
                    options.body_part_preference = BodyPreference::read(reader)?;
                }
                air_sync::MIME_SUPPORT => {
                    options.mime_support = reader.number_if_any()?.and_then(MimeSupport::from_code);
                }
                rights_management::RIGHTS_MANAGEMENT_SUPPORT => {
                    options.rights_management = Some(reader.boolean()?);
                }
                page::PICTURE => {
                    options.picture = Some(PictureWish::read(reader, &SEARCH_PICTURE)?)
                }
                page::USER_NAME => credentials.user_name = reader.string()?,
                page::PASSWORD => credentials.password = reader.string()?,
                _ => reader.skip()?,
            }
        }
        options.credentials = Some(credentials).filter(|known| *known != Credentials::default());
        Ok(options)
    }

    fn write(&self, store: &mut Writer) {
        if *self == Self::default() {
            return;
        }
        store.container(page::OPTIONS, |options| {
            if let Some(support) = self.mime_support {
                options.number(air_sync::MIME_SUPPORT, support as u8);
            }
            self.body_preferences.iter().for_each(|preference| preference.write(options));
            if let Some(preference) = &self.body_part_preference {
                preference.write_as(options, air_sync_base::BODY_PART_PREFERENCE);
            }
            if let Some(support) = self.rights_management {
                options.boolean(rights_management::RIGHTS_MANAGEMENT_SUPPORT, support);
            }
            if let Some(range) = self.range {
                options.text(page::RANGE, &range.to_string());
            }
            for (tag, wanted) in [
                (page::REBUILD_RESULTS, self.rebuild_results),
                (page::DEEP_TRAVERSAL, self.deep_traversal),
            ] {
                if wanted {
                    options.empty(tag);
                }
            }
            if let Some(credentials) = &self.credentials {
                options.text(page::USER_NAME, &credentials.user_name);
                options.text(page::PASSWORD, &credentials.password);
            }
            if let Some(picture) = self.picture {
                picture.write(options, &SEARCH_PICTURE);
            }
        });
    }
}
