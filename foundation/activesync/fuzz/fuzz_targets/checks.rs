//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use activesync::messages::multipart::{self, Parts};
use activesync::messages::*;
use activesync::query::Query;
use activesync::wbxml::Reader;
use activesync::xml::{from_body, to_body};

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
        EstimateAnswer EstimateRequest FolderSyncAnswer FolderSyncRequest ItemOperationsAnswer ItemOperationsRequest
        MoveItemsAnswer MoveItemsRequest PingAnswer PingRequest ProvisionAnswer ProvisionRequest SendMailAnswer
        SendMailRequest SettingsAnswer SettingsRequest SyncAnswer SyncRequest
    }
    let Some(xml) = from_body(bytes).ok().filter(|_| matches!(bytes, [0x02 | 0x03, 0x01, ..]))
    else {
        return;
    };
    let body = to_body(&xml).expect("our XML is XML");
    let again = from_body(&body).expect("our document is a document");
    assert_eq!(to_body(&again).expect("our XML is XML"), body);
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
