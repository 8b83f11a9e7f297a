//! Files inside of a protected mail: they are in no row, so their ids say where they are.

use crate::view::MessageId;
use mail::Attachment;
use vault::mail::{AttachmentId, AttachmentView};

/// Ids from here on are of files inside; those of rows are far below, and a page reads both exactly (2^53).
const FIRST: i64 = 1_000_000_000_000;
/// The most files of a mail that have ids.
const MOST: i64 = 1000;

/// Lists the files of a mail that was opened.
pub(super) fn views(message: MessageId, files: &[Attachment]) -> Vec<AttachmentView> {
    let named = (0..MOST).zip(files).filter_map(|(place, file)| Some((id(message, place)?, file)));
    let view = |(id, file): (AttachmentId, &Attachment)| {
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        AttachmentView {
            id,
            message,
            reference: String::new(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size,
            content_id: file.content_id.clone(),
            inline: file.inline,
            local: true,
            arrived: size,
        }
    };

    named.map(view).collect()
}

/// Tells in which mail a file is, and at which place; none if it is no file inside.
pub(crate) fn inside(file: i64) -> Option<(MessageId, usize)> {
    let number = file.checked_sub(FIRST).filter(|number| *number >= 0)?;

    Some((MessageId(number / MOST), usize::try_from(number % MOST).ok()?))
}

fn id(message: MessageId, place: i64) -> Option<AttachmentId> {
    let number = message.0.checked_mul(MOST)?.checked_add(place)?.checked_add(FIRST)?;

    Some(AttachmentId(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_where_the_file_is() {
        for (message, place) in [(1, 0), (1, 999), (2, 0), (4_000_000, 17)] {
            let id = id(MessageId(message), place).unwrap();
            let place = usize::try_from(place).unwrap();
            assert_eq!(inside(id.0), Some((MessageId(message), place)));
        }
    }

    #[test]
    fn ids_of_rows_are_none_of_files_inside() {
        for file in [i64::MIN, -1, 0, 1, FIRST - 1] {
            assert_eq!(inside(file), None, "{file}");
        }
        assert_eq!(id(MessageId(i64::MAX), 0), None);
    }
}
