use activesync::messages::{
    Class, MailboxQuery, SearchAnswer, SearchContent, SearchOptions, SearchQuery, SearchRequest,
    SearchResult,
};
use activesync::query::Version;
use activesync::status::Status;

use super::UNREADABLE;
use crate::directory::Pictures;
use crate::finding::{self, Wanted};
use crate::http::{Call, Reply};
use crate::mailbox::{FolderId, Item, ItemId};
use crate::matching::{Terms, TooComplex};
use crate::render;

const INVALID: Status = Status(2);
const TOO_COMPLEX: Status = Status(8);
const FOLDER_SYNC_NEEDED: Status = Status(11);
const PAST_THE_LAST: Status = Status(12);
/// There is no document library, and nothing is asked of others on behalf of a device.
const BLOCKED: Status = Status(13);
/// Results without a range in the request.
const USUAL: u64 = 100;

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = SearchRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let found = match &request.query {
        SearchQuery::DocumentLibrary(_) => Err(BLOCKED),
        SearchQuery::Gal(text) => gal(call, text, &request.options),
        SearchQuery::Mailbox(query) => mailbox(call, query, &request.options),
    };
    let answer = found.unwrap_or_else(|status| SearchAnswer {
        store_status: Some(status),
        ..SearchAnswer::new(Status::OK)
    });
    Reply::Wbxml(answer.encode())
}

fn gal(call: &Call<'_>, text: &str, options: &SearchOptions) -> Result<SearchAnswer, Status> {
    if text.trim().is_empty() {
        return Err(INVALID);
    }
    let wish = options.picture.filter(|_| call.version >= Version::V14_1);
    let mut pictures = Pictures::new(wish);
    answer(call.server.directory.find(text), options, |person| SearchResult {
        class: None,
        long_id: None,
        collection_id: None,
        content: SearchContent::Gal(Box::new(person.entry(pictures.of(person)))),
    })
}

fn mailbox(
    call: &Call<'_>,
    query: &MailboxQuery,
    options: &SearchOptions,
) -> Result<SearchAnswer, Status> {
    if *query == MailboxQuery::default()
        || query.conversation_id.is_some() && call.version < Version::V14_0
    {
        return Err(INVALID);
    }
    let class = query.class.as_deref().map(|name| Class::from_name(name).ok_or(INVALID));
    let terms = Terms::parse(query.free_text.as_deref().unwrap_or_default());
    let terms = terms.map_err(|TooComplex| TOO_COMPLEX)?;
    let folders = {
        let inside = call.account.inside();
        let device = inside.devices.get(call.device_id());
        if device.is_none_or(|device| device.folders.is_none()) {
            return Err(FOLDER_SYNC_NEEDED);
        }
        let ids = &query.collection_ids;
        let folders = finding::folders(&inside.mailbox, ids, options.deep_traversal);
        folders.ok_or(FOLDER_SYNC_NEEDED)?
    };
    let wanted = Wanted {
        folders: (!folders.is_empty()).then_some(folders),
        terms,
        conversation: query.conversation_id.clone(),
        after: query.received_after,
        before: query.received_before,
    };
    let found = match class.transpose()? {
        None | Some(Class::Email) => finding::find(call, &wanted),
        Some(Class::Calendar | Class::Contacts | Class::Notes | Class::Tasks) => Vec::new(),
    };
    answer(found, options, |(id, item)| mail(call, options, id, &item))
}

fn mail(call: &Call<'_>, options: &SearchOptions, id: ItemId, item: &Item) -> SearchResult {
    let form = render::Wanted {
        preferences: options.body_preferences.clone(),
        mime_support: options.mime_support.unwrap_or_default(),
    };
    let mime = call.server.mime(&item.content);
    SearchResult {
        class: Some(Class::Email.name().to_owned()),
        long_id: Some(long_id(item.folder, id)),
        collection_id: Some(item.folder.to_string()),
        content: SearchContent::Item(
            render::properties(id, item, &mime, &form, call.version).into(),
        ),
    }
}

fn answer<T>(
    all: Vec<T>,
    options: &SearchOptions,
    result: impl FnMut(T) -> SearchResult,
) -> Result<SearchAnswer, Status> {
    let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let (results, range) = finding::page(all, options.range, USUAL).ok_or(PAST_THE_LAST)?;
    Ok(SearchAnswer {
        store_status: Some(Status::OK),
        results: results.into_iter().map(result).collect(),
        range,
        total: Some(total),
        ..SearchAnswer::new(Status::OK)
    })
}

/// Makes the address of a mail in the results of a search, with characters that clients must carry about unchanged.
fn long_id(folder: FolderId, id: ItemId) -> String {
    format!("L|{folder}|{id}")
}

/// Reads the address of a mail in the results of a search.
pub(super) fn parse_long_id(id: &str) -> Option<(FolderId, ItemId)> {
    let (folder, item) = id.strip_prefix("L|")?.split_once('|')?;
    Some((FolderId::parse(folder)?, ItemId::parse(item)?))
}
