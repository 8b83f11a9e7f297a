//! What both sides have of a mail, to be compared.

use activesync::messages::FlagState;
use time::Date;

/// Folder and id, whether it is read, flag, categories, subject and text.
pub(crate) type Line =
    ((String, String), bool, (FlagState, Option<Date>), String, (String, String));

pub(crate) fn line(
    (folder, id): (&str, &str),
    read: bool,
    flag: (FlagState, Option<Date>),
    categories: &[String],
    (subject, text): (&str, &str),
) -> Line {
    let own = |text: &str| text.to_owned();
    ((own(folder), own(id)), read, flag, categories.join(","), (own(subject), own(text)))
}
