//! Documents as XML, for people who look at what went over the wire or want to send something of their own.
//!
//! Each element's namespace is the name of its code page. What XML cannot say by itself, attributes say:
//!
//! | attribute | content of the element |
//! |---|---|
//! | `encoding="opaque-base64"` | opaque bytes, in base64 |
//! | `encoding="string-base64"` | text that is not UTF-8 or has control characters, in base64 |
//! | `part="2"` | besides: these bytes travel as part 2 of a multipart answer, and the document holds only the number |
//!
//! `<Read/>` is an element without content, `<Read></Read>` one whose content is empty. An element without a name is called
//! `Token-3F`, a code page without a name `Page-254`. Text between elements that is only white space is there for the eye.
//!
//! Some bodies say the same in more than one way, and come back in one of them: strings that follow one another in an element are one
//! string then, text beside opaque bytes is part of these, and an empty string is no content. What our own writer writes comes back byte
//! for byte.

mod reading;
mod scope;
mod text;
mod writing;

pub use reading::{XmlError, XmlErrorKind, to_body};
pub use writing::{BodyError, from_body};

const ENCODING: &str = "encoding";
const OPAQUE: &str = "opaque-base64";
const PART: &str = "part";
const STRING: &str = "string-base64";
const UNNAMED_PAGE: &str = "Page-";
const UNNAMED_TOKEN: &str = "Token-";
