use activesync::messages::{Contact, Item, Note};
use activesync::query::Version;
use activesync::recurrence::Pattern;

const MOST_CATEGORIES: usize = 300;

/// Returns whether a whole item, in the form that is kept, is one that a server takes.
pub(crate) fn is_sound(item: &Item) -> bool {
    let few =
        |list: &Option<Vec<String>>| list.as_ref().is_none_or(|list| list.len() <= MOST_CATEGORIES);
    match item {
        Item::Any(_) | Item::Email(_) => false,
        Item::Contact(contact) => {
            let small = |picture: &bytes::Bytes| picture.len() <= Contact::MOST_PICTURE;
            contact.picture.as_ref().is_none_or(small)
                && few(&contact.categories)
                && few(&contact.children)
        }
        Item::Event(event) => {
            event.start.is_some() && event.end.is_some() && event.check(Version::V14_1).is_ok()
        }
        Item::Note(note) => {
            let class = note.message_class.as_deref();
            class.is_some_and(|class| class.starts_with(Note::CLASS)) && few(&note.categories)
        }
        Item::Task(task) => {
            let recurs = task.recurrence.as_ref();
            task.check().is_ok()
                && recurs.is_none_or(|recurs| Pattern::check(&recurs.recurrence).is_ok())
                && few(&task.categories)
        }
    }
}
