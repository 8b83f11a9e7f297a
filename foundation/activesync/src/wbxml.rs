//! WBXML as ActiveSync uses it: a streaming reader over borrowed bytes and a writer.
//!
//! Both are without recursion. The reader bounds depth, size and number of elements, and its errors carry the offset of the
//! byte that caused them. Attributes, entities, literals and processing instructions are refused: ActiveSync has none.

mod reader;
mod writer;

pub use reader::{Event, Limits, ReadError, ReadErrorKind, Reader};
pub use writer::Writer;

/// Header of every document that is written: WBXML 1.3, public id 1, UTF-8, no string table.
pub const HEADER: [u8; 4] = [0x03, 0x01, 0x6A, 0x00];

const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const STRING: u8 = 0x03;
const STRING_REFERENCE: u8 = 0x83;
const OPAQUE: u8 = 0xC3;
const CONTENT: u8 = 0x40;
const ATTRIBUTES: u8 = 0x80;
const FIRST_TAG: u8 = 0x05;
const TOKEN_MASK: u8 = 0x3F;
