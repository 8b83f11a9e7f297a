use activesync::codepage::{Tag, air_sync};
use activesync::query::Version;
use activesync::wbxml::{ReadError, Reader};

const TO_12_1: [Tag; 9] = [
    air_sync::CLASS,
    air_sync::SYNC_KEY,
    air_sync::COLLECTION_ID,
    air_sync::SUPPORTED,
    air_sync::DELETES_AS_MOVES,
    air_sync::GET_CHANGES,
    air_sync::WINDOW_SIZE,
    air_sync::OPTIONS,
    air_sync::COMMANDS,
];
const SINCE_14_0: [Tag; 9] = [
    air_sync::SYNC_KEY,
    air_sync::COLLECTION_ID,
    air_sync::SUPPORTED,
    air_sync::DELETES_AS_MOVES,
    air_sync::GET_CHANGES,
    air_sync::WINDOW_SIZE,
    air_sync::CONVERSATION_MODE,
    air_sync::OPTIONS,
    air_sync::COMMANDS,
];

/// Returns whether the elements of all collections in a Sync request stand in the order that servers insist on, and whether the
/// version has them at all. A body that cannot be read is judged elsewhere.
pub(super) fn is_right(body: &[u8], version: Version) -> bool {
    let order = if version < Version::V14_0 { &TO_12_1 } else { &SINCE_14_0 };
    body.is_empty() || check(body, order).unwrap_or(true)
}

fn check(body: &[u8], order: &[Tag]) -> Result<bool, ReadError> {
    let mut reader = Reader::new(body)?;
    reader.child()?;
    while let Some(tag) = reader.child()? {
        if tag != air_sync::COLLECTIONS {
            reader.skip()?;
            continue;
        }
        while reader.child()?.is_some() {
            if !is_collection_right(&mut reader, order)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn is_collection_right(reader: &mut Reader<'_>, order: &[Tag]) -> Result<bool, ReadError> {
    let mut place = 0;
    while let Some(tag) = reader.child()? {
        reader.skip()?;
        match order.iter().position(|known| *known == tag) {
            Some(found) if found >= place => place = found,
            Some(_) | None => return Ok(false),
        }
    }
    Ok(true)
}
