//! Notes.

use super::body::{self, set, set_list, some, some_list};
use super::{Fields, Surroundings};
use crate::error::EntryError;
use activesync::messages::{Class, Item, Note};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Fields of a note. Empty texts and lists clear a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoteFields {
    /// What lists show; some servers take the first line of the text.
    pub title: Option<String>,
    /// The text, plain.
    pub text: Option<String>,
    /// Categories.
    pub categories: Option<Vec<String>>,
}

impl Fields for NoteFields {
    const CLASS: Class = Class::Notes;
    type View = Self;

    fn view(item: &Item, surroundings: &Surroundings) -> Self {
        Self::read(item, surroundings)
    }

    fn read(item: &Item, _: &Surroundings) -> Self {
        let Item::Note(note) = item else { return Self::default() };

        Self {
            title: some(&note.subject),
            text: body::read(note.body.as_ref()),
            categories: some_list(&note.categories),
        }
    }

    fn write(self, item: &mut Item, surroundings: &Surroundings) -> Result<(), EntryError> {
        let Item::Note(note) = item else { return Err(EntryError::Missing) };
        let note = note.as_mut();
        let was = note.clone();
        set(self.title, &mut note.subject);
        body::write(self.text, &mut note.body);
        set_list(self.categories, &mut note.categories);
        if note.subject.is_none() {
            note.subject = body::read(note.body.as_ref())
                .and_then(|text| text.lines().next().map(|line| line.trim().to_owned()))
                .filter(|line| !line.is_empty());
        }
        if note.subject.is_none() {
            return Err(EntryError::bad("title", "a note needs a title or a text"));
        }
        note.message_class.get_or_insert_with(|| Note::CLASS.to_owned());
        if *note != was {
            note.last_modified = Some(surroundings.now);
        }

        Ok(())
    }
}
