mod record;

pub use record::{ConflictKind, ConflictRecord, Edit, EditRecord, EntryId};
