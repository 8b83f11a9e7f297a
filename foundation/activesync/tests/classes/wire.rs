use activesync::codepage::Tag;
use activesync::messages::*;
use activesync::wbxml::{Event as Piece, Reader};
use activesync::zone::{NamedZone, ZoneRules};
use time::macros::datetime;

pub(crate) fn berlin() -> ZoneRules {
    NamedZone::find("Europe/Berlin").unwrap().rules_at(datetime!(2026-01-01 00:00 UTC))
}

/// Sends an item as the client's Add and takes it out again.
pub(crate) fn sent(item: impl Into<Item>) -> Item {
    let command =
        ClientCommand::Add { client_id: "1".into(), class: None, item: item.into(), send: false };
    let collection = SyncCollection {
        sync_key: "1".into(),
        collection_id: "2".into(),
        commands: vec![command],
        ..SyncCollection::default()
    };
    let request = SyncRequest { collections: vec![collection], ..SyncRequest::default() };
    let mut again = SyncRequest::decode(&request.encode()).unwrap().unwrap();
    match again.collections.remove(0).commands.remove(0) {
        ClientCommand::Add { item, .. } => item,
        other @ (ClientCommand::Change { .. }
        | ClientCommand::Delete { .. }
        | ClientCommand::Fetch { .. }) => panic!("{other:?}"),
    }
}

/// Lists the elements of a document in their order, with their texts.
pub(crate) fn elements(bytes: &[u8]) -> Vec<(Tag, String)> {
    let mut reader = Reader::new(bytes).unwrap();
    let mut list: Vec<(Tag, String)> = Vec::new();
    while let Some(piece) = reader.event().unwrap() {
        match piece {
            Piece::Start { tag, .. } => list.push((tag, String::new())),
            Piece::Text(text) | Piece::Opaque(text) => {
                list.last_mut().unwrap().1.push_str(&String::from_utf8_lossy(text));
            }
            Piece::End => {}
        }
    }
    list
}
