//! Searching the mails of an account.

use activesync::messages::ByteRange;
use bytes::Bytes;
use mail_parser::{Address, MessageParser, MimeHeaders};
use time::OffsetDateTime;

use crate::http::Call;
use crate::mailbox::{FolderId, Item, ItemId, Mailbox};
use crate::matching::{Searchable, Terms};
use crate::render;

/// Which mails are wanted; all of it must fit.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// None means all.
    pub(crate) folders: Option<Vec<FolderId>>,
    pub(crate) terms: Terms,
    pub(crate) conversation: Option<Bytes>,
    pub(crate) after: Option<OffsetDateTime>,
    pub(crate) before: Option<OffsetDateTime>,
}

/// Returns the mails that fit, newest first.
pub(crate) fn find(call: &Call<'_>, wanted: &Wanted) -> Vec<(ItemId, Item)> {
    let mut candidates: Vec<(ItemId, Item)> = {
        let inside = call.account.inside();
        let folders = inside.mailbox.folders().iter().map(|folder| folder.id);
        let folders =
            folders.filter(|id| wanted.folders.as_ref().is_none_or(|list| list.contains(id)));
        let items = folders.flat_map(|folder| inside.mailbox.items_in(folder));
        let items = items.filter(|(_, item)| {
            wanted.after.is_none_or(|after| item.received > after)
                && wanted.before.is_none_or(|before| item.received < before)
        });
        items.map(|(id, item)| (id, item.clone())).collect()
    };
    candidates.retain(|(_, item)| fits(call, item, wanted));
    candidates.sort_by_key(|(id, item)| std::cmp::Reverse((item.received, *id)));
    candidates
}

/// Returns the folders of a search: the named ones, and with `deep` those in them. `None` if one is unknown.
pub(crate) fn folders(mailbox: &Mailbox, names: &[String], deep: bool) -> Option<Vec<FolderId>> {
    let mut folders = Vec::new();
    for name in names {
        let id = FolderId::parse(name).filter(|id| mailbox.folder(*id).is_some())?;
        folders.push(id);
        if deep {
            folders.extend(mailbox.folders_below(id));
        }
    }
    Some(folders)
}

/// Takes the wanted results out of all, and says which they are. `None` if there are none so far on.
pub(crate) fn page<T>(
    all: Vec<T>,
    range: Option<ByteRange>,
    usual: u64,
) -> Option<(Vec<T>, Option<ByteRange>)> {
    const MOST: u64 = 1000;
    let wanted = range.unwrap_or(ByteRange { first: 0, last: usual.saturating_sub(1) });
    if wanted.last < wanted.first || wanted.first >= MOST {
        return None;
    }
    if all.is_empty() && wanted.first == 0 {
        return Some((all, None));
    }
    let first = usize::try_from(wanted.first).ok().filter(|first| *first < all.len())?;
    let count = usize::try_from(wanted.last.min(MOST - 1) - wanted.first + 1).ok()?;
    let results: Vec<_> = all.into_iter().skip(first).take(count).collect();
    let last = wanted.first + (results.len() as u64).saturating_sub(1);
    Some((results, Some(ByteRange { first: wanted.first, last })))
}

fn fits(call: &Call<'_>, item: &Item, wanted: &Wanted) -> bool {
    if wanted.terms.is_empty() && wanted.conversation.is_none() {
        return true;
    }
    let mime = call.server.mime(&item.content);
    wanted.conversation.as_ref().is_none_or(|id| render::conversation_id(&mime) == **id)
        && (wanted.terms.is_empty()
            || searchable(item, &mime).is_some_and(|mail| wanted.terms.fit(&mail)))
}

fn searchable(item: &Item, mime: &[u8]) -> Option<Searchable> {
    let message = MessageParser::default().parse(mime)?;
    let people = |list: Option<&Address<'_>>| {
        let list = list.into_iter().flat_map(Address::iter);
        let texts = list.flat_map(|entry| [entry.name(), entry.address()]).flatten();
        texts.collect::<Vec<_>>().join(" ").to_lowercase()
    };
    let files: Vec<_> = message.attachments().filter_map(|part| part.attachment_name()).collect();
    Some(Searchable {
        from: people(message.from()),
        to: people(message.to()),
        cc: people(message.cc()),
        bcc: people(message.bcc()),
        subject: message.subject().unwrap_or_default().to_lowercase(),
        body: message.body_text(0).unwrap_or_default().to_lowercase(),
        files: files.join(" ").to_lowercase(),
        has_files: message.attachment_count() > 0,
        importance: Some(render::importance(&message)),
        read: item.read,
        received: Some(item.received),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_pages_and_not_beyond_the_last() {
        let page = |count: usize, range: Option<(u64, u64)>| {
            let range = range.map(|(first, last)| ByteRange { first, last });
            page((0..count).collect(), range, 3)
                .map(|(results, range)| (results, range.map(|range| range.to_string())))
        };
        let found =
            |results: &[usize], range: &str| Some((results.to_vec(), Some(range.to_owned())));
        assert_eq!(page(5, None), found(&[0, 1, 2], "0-2"));
        assert_eq!(page(5, Some((3, 9))), found(&[3, 4], "3-4"));
        assert_eq!(page(1, Some((0, 9))), found(&[0], "0-0"));
        assert_eq!(page(0, Some((0, 9))), Some((vec![], None)));
        for range in [(5, 9), (2, 1), (1000, 1001)] {
            assert_eq!(page(5, Some(range)), None, "{range:?}");
        }
        let (results, range) = page(2000, Some((990, 1500))).unwrap();
        assert_eq!((results.len(), range.as_deref()), (10, Some("990-999")));
    }
}
