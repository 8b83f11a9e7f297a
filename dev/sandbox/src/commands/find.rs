use activesync::messages::{
    Class, Email, FindAnswer, FindContent, FindCriterion, FindMail, FindRequest, FindResponse,
    FindResult,
};
use activesync::query::Version;
use activesync::status::Status;

use super::UNREADABLE;
use crate::directory::Pictures;
use crate::finding::{self, Wanted};
use crate::http::{Call, Reply};
use crate::mailbox::{Item, ItemId};
use crate::matching::{Terms, TooComplex};
use crate::render;

const INVALID: Status = Status(2);
const FOLDER_SYNC_NEEDED: Status = Status(3);
const RANGE_INVALID: Status = Status(4);
const NOT_IN_THIS_VERSION: Status = Status(138);
/// Results without a range in the request.
const USUAL: u64 = 100;
/// Characters of a preview.
const PREVIEW: usize = 255;

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    if call.version < Version::V16_1 {
        return Reply::Refused(NOT_IN_THIS_VERSION);
    }
    let Ok(request) = FindRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let response = find(call, &request).unwrap_or_else(|status| FindResponse {
        store: None,
        status,
        results: Vec::new(),
        range: None,
        total: None,
    });
    Reply::Wbxml(FindAnswer { status: Status::OK, response: Some(response) }.encode())
}

fn find(call: &Call<'_>, request: &FindRequest) -> Result<FindResponse, Status> {
    if !is_guid(&request.search_id) {
        return Err(INVALID);
    }
    let begins = request.range.is_none_or(|range| range.first == 0);
    {
        let mut inside = call.account.inside();
        let search = &mut inside.device(call.device_id()).search;
        if !begins && search.as_ref() != Some(&request.search_id) {
            return Err(RANGE_INVALID);
        }
        *search = Some(request.search_id.clone());
    }
    match &request.criterion {
        FindCriterion::Gal { query, picture } => {
            if query.trim().is_empty() {
                return Err(INVALID);
            }
            let mut pictures = Pictures::new(*picture);
            response("GAL", call.server.directory.find(query), request, |person| FindResult {
                class: None,
                server_id: None,
                collection_id: None,
                content: FindContent::Gal(Box::new(person.entry(pictures.of(person)))),
            })
        }
        FindCriterion::Mailbox { class, collection_id, free_text, deep_traversal } => {
            let class = class.as_deref().map(|name| Class::from_name(name).ok_or(INVALID));
            let terms = Terms::parse(free_text).map_err(|TooComplex| INVALID)?;
            if terms.is_empty() {
                return Err(INVALID);
            }
            let folders = {
                let inside = call.account.inside();
                let device = inside.devices.get(call.device_id());
                if device.is_none_or(|device| device.folders.is_none()) {
                    return Err(FOLDER_SYNC_NEEDED);
                }
                let names = collection_id.as_ref().map(std::slice::from_ref).unwrap_or_default();
                finding::folders(&inside.mailbox, names, *deep_traversal)
                    .ok_or(FOLDER_SYNC_NEEDED)?
            };
            let folders = collection_id.is_some().then_some(folders);
            let found = match class.transpose()? {
                None | Some(Class::Email) => {
                    finding::find(call, &Wanted { folders, terms, ..Wanted::default() })
                }
                Some(Class::Calendar | Class::Contacts | Class::Notes | Class::Tasks) => Vec::new(),
            };
            response("Mailbox", found, request, |(id, item)| mail(call, id, &item))
        }
    }
}

fn response<T>(
    store: &str,
    all: Vec<T>,
    request: &FindRequest,
    result: impl FnMut(T) -> FindResult,
) -> Result<FindResponse, Status> {
    let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let (results, range) = finding::page(all, request.range, USUAL).ok_or(RANGE_INVALID)?;
    Ok(FindResponse {
        store: Some(store.to_owned()),
        status: Status::OK,
        results: results.into_iter().map(result).collect(),
        range,
        total: Some(total),
    })
}

fn mail(call: &Call<'_>, id: ItemId, item: &Item) -> FindResult {
    let mime = call.server.mime(&item.content);
    let form = render::Wanted::default();
    let mail = render::properties(id, item, &mime, &form, call.version);
    let preview = render::preview_of(&mime, PREVIEW);
    FindResult {
        class: Some(Class::Email.name().to_owned()),
        server_id: Some(id.to_string()),
        collection_id: Some(item.folder.to_string()),
        content: FindContent::Mail(Box::new(summary(mail, preview))),
    }
}

fn summary(mail: Email, preview: String) -> FindMail {
    FindMail {
        has_attachments: Some(mail.attachments.is_some()),
        subject: mail.subject,
        date_received: mail.date_received,
        display_to: mail.display_to,
        display_cc: mail.cc,
        display_bcc: mail.bcc,
        importance: mail.importance,
        read: mail.read,
        is_draft: mail.is_draft,
        preview: Some(preview),
        from: mail.from,
        ..FindMail::default()
    }
}

/// The id of a search is a GUID, with or without braces.
fn is_guid(id: &str) -> bool {
    let bare = id.strip_prefix('{').and_then(|id| id.strip_suffix('}')).unwrap_or(id);
    let groups: Vec<_> = bare.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
