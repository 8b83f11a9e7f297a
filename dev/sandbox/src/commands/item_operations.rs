use activesync::messages::{
    self, Body, ByteRange, Fetch, FetchAnswer, FetchContent, FetchSource, ItemOperationsAnswer,
    ItemOperationsRequest, multipart,
};
use activesync::status::Status;
use bytes::Bytes;

use super::{UNREADABLE, folder_operations, search};
use crate::http::{Call, Reply};
use crate::mailbox::{FolderId, Item, ItemId};
use crate::pim::Purpose;
use crate::render::{self, Wanted};

const NOT_FOUND: Status = Status(6);
const RANGE_INVALID: Status = Status(8);
const STORE_UNKNOWN: Status = Status(9);
const ATTACHMENT_INVALID: Status = Status(15);
const SERVER_ERROR: Status = Status(3);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = ItemOperationsRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let mut parts = call.query.parameters.accept_multipart.then(Vec::new);
    let fetches = request.fetches.iter().map(|fetch| {
        fetched(call, fetch, &mut parts)
            .unwrap_or_else(|status| FetchAnswer::new(status, fetch.source.clone()))
    });
    let answer = ItemOperationsAnswer {
        fetches: fetches.collect(),
        empties: request
            .empties
            .iter()
            .map(|empty| folder_operations::empty(call, empty))
            .collect(),
        moves: request.moves.iter().map(|moved| folder_operations::shift(call, moved)).collect(),
        ..ItemOperationsAnswer::new(Status::OK)
    }
    .encode();
    let Some(parts) = parts else { return Reply::Wbxml(answer) };
    let all: Vec<&[u8]> =
        std::iter::once(answer.as_slice()).chain(parts.iter().map(Bytes::as_ref)).collect();
    multipart::encode(&all).map_or(Reply::Refused(SERVER_ERROR), Reply::Multipart)
}

fn fetched(
    call: &Call<'_>,
    fetch: &Fetch,
    parts: &mut Option<Vec<Bytes>>,
) -> Result<FetchAnswer, Status> {
    match &fetch.source {
        FetchSource::Attachment(reference) => attachment(call, fetch, reference, parts),
        FetchSource::Item { collection_id, server_id } => {
            whole(call, fetch, collection_id, server_id, parts)
        }
        FetchSource::SearchResult(id) => {
            let (folder, item) = search::parse_long_id(id).ok_or(NOT_FOUND)?;
            whole(call, fetch, &folder.to_string(), &item.to_string(), parts)
        }
        FetchSource::Document(_) => Err(STORE_UNKNOWN),
    }
}

fn attachment(
    call: &Call<'_>,
    fetch: &Fetch,
    reference: &str,
    parts: &mut Option<Vec<Bytes>>,
) -> Result<FetchAnswer, Status> {
    let (id, index) = render::parse_file_reference(reference).ok_or(ATTACHMENT_INVALID)?;
    let item = item(call, id, None).ok_or(ATTACHMENT_INVALID)?;
    let file = render::file(&call.server.mime(&item.content), index).ok_or(ATTACHMENT_INVALID)?;
    let total = file.data.len();
    let (range, data) = match fetch.range {
        Some(range) => cut(range, &file.data)?,
        None => (ByteRange { first: 0, last: (total as u64).saturating_sub(1) }, file.data),
    };
    Ok(FetchAnswer {
        range: Some(range),
        total: Some(total as u64),
        content_type: Some(file.content_type),
        content: Some(match add_part(parts, &data) {
            Some(part) => FetchContent::Part(part),
            None => FetchContent::Inline(data),
        }),
        ..FetchAnswer::new(Status::OK, fetch.source.clone())
    })
}

fn whole(
    call: &Call<'_>,
    fetch: &Fetch,
    collection_id: &str,
    server_id: &str,
    parts: &mut Option<Vec<Bytes>>,
) -> Result<FetchAnswer, Status> {
    let folder = FolderId::parse(collection_id).ok_or(NOT_FOUND)?;
    let id = ItemId::parse(server_id).ok_or(NOT_FOUND)?;
    let item = item(call, id, Some(folder)).ok_or(NOT_FOUND)?;
    let wanted = Wanted {
        preferences: fetch.body_preferences.clone(),
        mime_support: fetch.mime_support.unwrap_or_default(),
    };
    let mut shown = render::shown(call.server, id, &item, &wanted, call.version, Purpose::Whole);
    if let Some(body) = body_of(&mut shown)
        && let Some(data) = body.data.take()
    {
        body.part = add_part(parts, &data);
        body.data = body.part.is_none().then_some(data);
    }
    Ok(FetchAnswer { item: shown, ..FetchAnswer::new(Status::OK, fetch.source.clone()) })
}

fn body_of(item: &mut messages::Item) -> Option<&mut Body> {
    match item {
        messages::Item::Any(_) => None,
        messages::Item::Contact(item) => item.body.as_mut(),
        messages::Item::Email(item) => item.body.as_mut(),
        messages::Item::Event(item) => item.body.as_mut(),
        messages::Item::Note(item) => item.body.as_mut(),
        messages::Item::Task(item) => item.body.as_mut(),
    }
}

fn item(call: &Call<'_>, id: ItemId, folder: Option<FolderId>) -> Option<Item> {
    let inside = call.account.inside();
    inside
        .mailbox
        .item(id)
        .filter(|item| folder.is_none_or(|folder| item.folder == folder))
        .cloned()
}

/// Puts data into a part of its own if the answer has parts, and returns the number of the part.
fn add_part(parts: &mut Option<Vec<Bytes>>, data: &Bytes) -> Option<u32> {
    let parts = parts.as_mut()?;
    parts.push(data.clone());
    u32::try_from(parts.len()).ok()
}

fn cut(range: ByteRange, data: &Bytes) -> Result<(ByteRange, Bytes), Status> {
    let first = usize::try_from(range.first).map_err(|_| RANGE_INVALID)?;
    if range.last < range.first || first >= data.len() {
        return Err(RANGE_INVALID);
    }
    let end = usize::try_from(range.last).unwrap_or(usize::MAX).saturating_add(1).min(data.len());
    Ok((ByteRange { first: range.first, last: end as u64 - 1 }, data.slice(first..end)))
}
