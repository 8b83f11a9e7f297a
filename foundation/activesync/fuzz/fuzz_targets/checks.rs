//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use activesync::autodiscover::{self, Answer, is_https, json_answer};
use activesync::messages::multipart::{self, Parts};
use activesync::messages::*;
use activesync::query::{Command, Query};
use activesync::recurrence::between;
use activesync::wbxml::Reader;
use activesync::xml::{from_body, to_body};
use activesync::zone::{NamedZone, Zone, ZoneRules};
use time::{Duration, OffsetDateTime};

macro_rules! decode {
    ($bytes:ident: $($message:ident)*) => { $( drop($message::decode($bytes)); )* };
}

/// WBXML: any bytes, as events, as every typed message, and as XML.
///
/// A document that is readable must survive the way over XML: what comes back reads the same.
pub(crate) fn decoder(bytes: &[u8]) {
    if let Ok(mut reader) = Reader::new(bytes) {
        while let Ok(Some(_)) = reader.event() {}
        assert!(reader.offset() <= bytes.len());
    }
    decode! { bytes:
        EstimateAnswer EstimateRequest FindAnswer FindRequest FolderSyncAnswer FolderSyncRequest ItemOperationsRequest
        MeetingResponseAnswer MeetingResponseRequest MoveItemsAnswer MoveItemsRequest PingAnswer PingRequest ProvisionAnswer
        ProvisionRequest ResolveRecipientsAnswer ResolveRecipientsRequest SearchRequest SendMailAnswer SendMailRequest
        SettingsAnswer SettingsRequest SmartMailAnswer SmartMailRequest SyncRequest ValidateCertAnswer ValidateCertRequest
    }
    for command in [Command::FolderCreate, Command::FolderDelete, Command::FolderUpdate] {
        drop(FolderChangeRequest::decode(command, bytes));
        drop(FolderChangeAnswer::decode(command, bytes));
    }
    items(bytes).into_iter().filter_map(Item::into_event).for_each(|event| takes_place(&event));
    let Some(xml) = from_body(bytes).ok().filter(|_| matches!(bytes, [0x02 | 0x03, 0x01, ..]))
    else {
        return;
    };
    let body = to_body(&xml).expect("our XML is XML");
    let again = from_body(&body).expect("our document is a document");
    assert_eq!(to_body(&again).expect("our XML is XML"), body);
}

/// The items of all answers that hold any.
fn items(bytes: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    if let Ok(Some(answer)) = SyncAnswer::decode(bytes) {
        for collection in answer.collections {
            items.extend(collection.commands.into_iter().filter_map(|command| match command {
                ServerCommand::Add { item, .. } | ServerCommand::Change { item, .. } => Some(item),
                ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. } => None,
            }));
            items.extend(collection.responses.into_iter().filter_map(|result| match result {
                CommandResult::Add { item, .. }
                | CommandResult::Change { item, .. }
                | CommandResult::Fetch { item, .. } => item,
                CommandResult::Delete { .. } => None,
            }));
        }
    }
    if let Ok(answer) = SearchAnswer::decode(bytes) {
        items.extend(answer.results.into_iter().filter_map(|result| match result.content {
            SearchContent::Item(item) => Some(item),
            SearchContent::Document(_) | SearchContent::Gal(_) => None,
        }));
    }
    drop(ItemOperationsAnswer::decode(bytes));
    items
}

/// When an event takes place within ten years. The work is bounded, so the fuzzer sees one that takes long.
fn takes_place(event: &Event) {
    if let Some(rules) = &event.timezone {
        assert_eq!(ZoneRules::from_bytes(&rules.to_bytes()).as_ref(), Some(rules));
    }
    let Some(start) = event.start else { return };
    let zone = Zone::of_event(event.timezone.as_ref(), start, &Zone::Utc);
    let window = start..start.saturating_add(Duration::days(3653));
    if let Ok(instances) = between(event, &zone, window) {
        assert!(instances.len() <= 10_000, "{} instances", instances.len());
        assert!(instances.is_sorted_by_key(|instance| instance.start));
    }
}

/// What is found while a server is looked for: answers and requests in XML, answers in JSON, and the zone of an event.
///
/// What is read must mean the same when it is written again, and an address is never one without protection.
pub(crate) fn autodiscover(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    if let Ok(request) = autodiscover::Request::parse(text) {
        assert_eq!(autodiscover::Request::parse(&request.to_xml()), Ok(request));
    }
    for answer in [Answer::parse(text), json_answer(text)].into_iter().flatten() {
        assert!(answer.active_sync_url().is_none_or(is_https));
        drop(answer.to_xml());
    }
    if let Some(rules) = ZoneRules::parse(text) {
        assert_eq!(ZoneRules::parse(&rules.to_base64()), Some(rules.clone()));
        let moment = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        drop(NamedZone::matching(&rules, moment, None));
    }
}

/// The table of a multipart answer: lengths and offsets that lie.
///
/// Every part must lie behind the table, and what is written again must hold the same parts.
pub(crate) fn multipart(body: &[u8]) {
    let Ok(parts) = Parts::parse(body) else { return };
    let mut list = vec![parts.wbxml()];
    list.extend((1..).map_while(|number| parts.part(number)));
    // Parts may overlap, so a small body can stand for a large one.
    if list.iter().map(|part| part.len()).sum::<usize>() < 1 << 20 {
        let again = multipart::encode(&list).expect("parts of a body fit a body");
        let again = Parts::parse(&again).expect("what is written can be read");
        assert_eq!(again.wbxml(), parts.wbxml());
        for (number, part) in (1..).zip(list.iter().skip(1)) {
            assert_eq!(again.part(number), Some(*part));
        }
    }
    if let Ok(xml) = from_body(body) {
        drop(to_body(&xml));
    }
}

/// The query of a request line, and headers beside it, one line each: query, version, policy key, multipart.
///
/// What is accepted must mean the same when it is written again in the plain form: a gateway that decides on one reading while the
/// mail server carries out another would be no gateway.
pub(crate) fn query(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else { return };
    let mut lines = input.split('\n');
    let Ok(query) = Query::parse(lines.next().unwrap_or_default()) else { return };
    let again = Query::parse(&query.to_plain()).expect("what was read can be written");
    assert_eq!(again.command, query.command);
    assert_eq!(again.user, query.user);
    assert_eq!(again.device_id, query.device_id);
    assert_eq!(again.device_type, query.device_type);
    assert_eq!(again.parameters.collection_id, query.parameters.collection_id);
    assert_eq!(again.parameters.item_id, query.parameters.item_id);
    assert_eq!(again.parameters.attachment_name, query.parameters.attachment_name);
    drop(query.with_headers(lines.next(), lines.next(), lines.next()));
}
