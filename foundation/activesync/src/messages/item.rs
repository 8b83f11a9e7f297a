mod merge;

use super::calendar::Event;
use super::contact::Contact;
use super::decode::{DecodeError, boxed, keep};
use super::element::Element;
use super::email::Email;
use super::note::Note;
use super::task::Task;
use crate::codepage::{Tag, air_sync_base};
use crate::wbxml::{Reader, Writer};

/// What kind of items a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Class {
    Calendar,
    Contacts,
    Email,
    Notes,
    Tasks,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 5] =
        [Self::Calendar, Self::Contacts, Self::Email, Self::Notes, Self::Tasks];

    /// Returns the class as requests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calendar => "Calendar",
            Self::Contacts => "Contacts",
            Self::Email => "Email",
            Self::Notes => "Notes",
            Self::Tasks => "Tasks",
        }
    }

    /// Reads the class as requests write it. Text messages (`SMS`) are mails.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "SMS" {
            return Some(Self::Email);
        }
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Returns the class whose items have the property `tag`, or `None` for those that all have.
    pub fn of_property(tag: Tag) -> Option<Self> {
        match tag.page {
            1 | 12 => Some(Self::Contacts),
            2 | 22 => Some(Self::Email),
            4 => Some(Self::Calendar),
            9 => Some(Self::Tasks),
            23 => Some(Self::Notes),
            // Only events have a place.
            _ if tag == air_sync_base::LOCATION => Some(Self::Calendar),
            _ => None,
        }
    }
}

/// An item, or what changed in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Properties that items of every class have: a change of only the body does not say what it belongs to.
    Any(Vec<Element>),
    /// A contact.
    Contact(Box<Contact>),
    /// A mail.
    Email(Box<Email>),
    /// An appointment or a meeting.
    Event(Box<Event>),
    /// A note.
    Note(Box<Note>),
    /// A task.
    Task(Box<Task>),
}

impl Default for Item {
    fn default() -> Self {
        Self::Any(Vec::new())
    }
}

macro_rules! conversions {
    ($($variant:ident $type:ident $into:ident $what:literal;)*) => {
        $(
            impl From<$type> for Item {
                fn from(item: $type) -> Self {
                    Self::$variant(Box::new(item))
                }
            }

            impl From<Box<$type>> for Item {
                fn from(item: Box<$type>) -> Self {
                    Self::$variant(item)
                }
            }
        )*

        impl Item {
            $(
                #[doc = concat!("Takes the item as ", $what, "; `None` if it is something else.")]
                pub fn $into(self) -> Option<Box<$type>> {
                    match self {
                        Self::$variant(item) => Some(item),
                        Self::Any(elements) => {
                            let bytes = document(&elements);
                            let mut reader = Reader::new(&bytes).ok()?;
                            reader.child().ok()?;
                            $type::read(&mut reader).ok().map(Box::new)
                        }
                        _ => None,
                    }
                }
            )*
        }
    };
}

conversions! {
    Contact Contact into_contact "a contact";
    Email Email into_email "a mail";
    Event Event into_event "an event";
    Note Note into_note "a note";
    Task Task into_task "a task";
}

impl Item {
    /// Makes an item without properties.
    pub fn empty(class: Class) -> Self {
        match class {
            Class::Calendar => Self::Event(Box::default()),
            Class::Contacts => Self::Contact(Box::default()),
            Class::Email => Self::Email(Box::default()),
            Class::Notes => Self::Note(Box::default()),
            Class::Tasks => Self::Task(Box::default()),
        }
    }

    /// Returns the class, if the properties tell it.
    pub fn class(&self) -> Option<Class> {
        match self {
            Self::Any(_) => None,
            Self::Contact(_) => Some(Class::Contacts),
            Self::Email(_) => Some(Class::Email),
            Self::Event(_) => Some(Class::Calendar),
            Self::Note(_) => Some(Class::Notes),
            Self::Task(_) => Some(Class::Tasks),
        }
    }

    /// Reads the entered element as a property. The first one that only one class has decides.
    pub(super) fn read_property(
        &mut self,
        reader: &mut Reader<'_>,
        tag: Tag,
    ) -> Result<(), DecodeError> {
        if let (Self::Any(elements), Some(class)) = (&*self, Class::of_property(tag)) {
            *self = Self::of(class, elements, reader)?;
        }
        match self {
            Self::Any(elements) => keep(elements, Element::read(reader, tag)?, reader)?,
            Self::Contact(contact) => contact.read_property(reader, tag)?,
            Self::Email(email) => email.read_property(reader, tag)?,
            Self::Event(event) => event.read_property(reader, tag)?,
            Self::Note(note) => note.read_property(reader, tag)?,
            Self::Task(task) => task.read_property(reader, tag)?,
        }
        Ok(())
    }

    /// Reads the properties in the entered element.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut item = Self::default();
        while let Some(tag) = reader.child()? {
            item.read_property(reader, tag)?;
        }
        Ok(item)
    }

    /// Writes the properties into the element that is open.
    pub(super) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Any(elements) => elements.iter().for_each(|element| element.write(writer)),
            Self::Contact(contact) => contact.write(writer),
            Self::Email(email) => email.write(writer),
            Self::Event(event) => event.write(writer),
            Self::Note(note) => note.write(writer),
            Self::Task(task) => task.write(writer),
        }
    }

    /// Makes an item of what was kept until its class was known.
    fn of(
        class: Class,
        elements: &[Element],
        reader: &mut Reader<'_>,
    ) -> Result<Self, DecodeError> {
        let bytes = document(elements);
        let mut again = reader.inner(&bytes)?;
        again.child()?;
        let item = match class {
            Class::Calendar => Self::Event(fill(&mut again, Event::read_property)?),
            Class::Contacts => Self::Contact(fill(&mut again, Contact::read_property)?),
            Class::Email => Self::Email(fill(&mut again, Email::read_property)?),
            Class::Notes => Self::Note(fill(&mut again, Note::read_property)?),
            Class::Tasks => Self::Task(fill(&mut again, Task::read_property)?),
        };
        reader.take_room(reader.room().saturating_sub(again.room()))?;
        Ok(item)
    }
}

/// Reads the properties in the entered element into a new value on the heap.
fn fill<T: Default>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut T, &mut Reader<'_>, Tag) -> Result<(), DecodeError>,
) -> Result<Box<T>, DecodeError> {
    let mut value = boxed::<T>(reader)?;
    while let Some(tag) = reader.child()? {
        read(&mut value, reader, tag)?;
    }
    Ok(value)
}

/// Writes kept elements, to be read again as the properties that they turn out to be.
fn document(elements: &[Element]) -> Vec<u8> {
    Writer::document(crate::codepage::air_sync::APPLICATION_DATA, |data| {
        elements.iter().for_each(|element| element.write(data));
    })
}
