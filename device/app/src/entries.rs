//! Contacts, events, tasks and notes: what screens ask, and what people change.
//!
//! ```text
//!   fields as typed ──change──► item ──changes_since──► Wish::EditEntry ──► pim: edit ──► stored, shown, uploaded
//!   screens ◄──view── item as it is stored
//! ```
//!
//! The values here are the shapes of the local API, where the same fields are read and written: an absent one stays as it is, an
//! empty one is cleared.

mod answering;
mod body;
mod choices;
mod contact;
mod event;
mod invitation;
mod moment;
mod note;
mod occurrence;
mod recurrence;
mod task;

pub use answering::{Answer, Proposal, Told};
pub use choices::{
    AttendeeKind, Busy, EventSensitivity, Frequency, ItemImportance, Reply, Weekday,
};
pub use contact::{Address, AddressKind, ContactFields, ContactView, Phone, PhoneKind};
pub use event::{Attendee, EventFields, EventView, ExceptionView, Organizer};
pub use invitation::{MeetingMail, MeetingView};
pub use note::NoteFields;
pub use occurrence::OccurrenceView;
pub use recurrence::RecurrenceFields;
pub use task::{TaskFields, TaskView};

use crate::app::App;
use crate::error::{AccessError, EntryError};
use crate::send::random_name;
use crate::session::{Rewrite, Wish, with};
use activesync::messages::{Class, Item};
use activesync::query::Version;
use activesync::zone::{NamedZone, Zone};
use pim::{ConflictKind, EntryId, SearchQuery};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use vault::Open;
use vault::entries::{EntryState, Listed};
use vault::mail::FolderId;

/// What a screen shows of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EntryView<V, F> {
    /// Its id in this container.
    pub id: i64,
    /// The folder it lies in.
    pub folder: i64,
    /// Whether the server knows it so.
    pub state: EntryStanding,
    /// A short stable code of why the server will not take it.
    pub reason: Option<String>,
    /// What was kept of two changes that met, until the person has decided.
    pub conflict: Option<ConflictView<F>>,
    /// Its properties.
    #[serde(flatten)]
    pub entry: V,
}

/// Whether the server knows an entry as it is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryStanding {
    /// The server will not take it; it stays here as it is until it is changed.
    Refused,
    /// The server has it so.
    Synced,
    /// It waits to be told to the server.
    Waiting,
}

/// What was kept of two changes that met.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConflictView<F> {
    /// What happened.
    pub kind: ConflictCause,
    /// The properties as the person wanted them, where that did not come to be.
    pub mine: F,
}

/// In which way two changes of an entry met.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictCause {
    /// Both changed the same property: the server's stands.
    Changed,
    /// It was changed on the server and deleted here: it stays.
    DeletedHere,
    /// It was deleted on the server and changed here: it is made anew.
    DeletedThere,
}

/// Whose change is to stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The person's.
    Mine,
    /// The server's.
    Theirs,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EntryPage<T> {
    /// How many there are.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<T>,
}

/// What is listed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EntryQuery {
    /// Only what these words, as typed, are found in.
    pub words: Option<String>,
    /// Only what lies in this folder; of a search all count.
    pub folder: Option<i64>,
    /// Only tasks that are done, or that are not; of a search all count.
    pub done: Option<bool>,
    /// How many to leave out.
    pub offset: u64,
    /// How many to return.
    pub limit: u32,
    /// The IANA name of the zone of the person; universal time if absent.
    pub zone: Option<String>,
}

/// A folder of entries.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct EntryFolder {
    /// Its id in this container.
    pub id: i64,
    /// The name the server gave it.
    pub name: String,
    /// New entries go here if nothing else is said.
    pub default: bool,
    /// Entries held here.
    pub total: u64,
    /// The first round of this folder is complete.
    pub synced: bool,
}

/// Fields of a class of entries, as they are read and written.
pub trait Fields: Clone + Sized + Send + 'static {
    /// The class.
    const CLASS: Class;
    /// What a screen shows.
    type View: Send + 'static;

    /// Reads what a screen shows.
    fn view(item: &Item, surroundings: &Surroundings) -> Self::View;

    /// Reads the fields that are there.
    fn read(item: &Item, surroundings: &Surroundings) -> Self;

    /// Writes the fields that are there into an item of the class.
    ///
    /// # Errors
    ///
    /// A value that the field cannot have, or that does not fit to the others.
    fn write(self, item: &mut Item, surroundings: &Surroundings) -> Result<(), EntryError>;
}

/// What the meaning of a value depends on besides itself.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The zone of the person.
    pub(crate) zone: Zone,
    pub(crate) now: OffsetDateTime,
    /// The server knows days without a zone, as since 16.0.
    pub(crate) has_plain_days: bool,
    /// A random name for what is new.
    pub(crate) name: String,
}

impl App {
    /// Lists entries: contacts and notes by their names, tasks by when they are due with those that are done at the end.
    ///
    /// # Errors
    ///
    /// [`EntryError::Locked`] unless the container is open.
    pub async fn entries<F: Fields>(
        &self,
        query: EntryQuery,
    ) -> Result<EntryPage<EntryView<F::View, F>>, EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, query.zone.as_deref()).await?;
        let page = with(&open, move |open| {
            let (entries, offset, limit) = (open.entries(), query.offset, query.limit);
            match &query.words {
                Some(words) => {
                    entries.search(&SearchQuery::parse(words), Some(F::CLASS), offset, limit)
                }
                None => {
                    let folder = query.folder.map(FolderId);
                    let listed = Listed { class: F::CLASS, folder, complete: query.done };
                    entries.list(listed, offset, limit)
                }
            }
        });
        let page = page.await.map_err(AccessError::from)?;
        let items = page.items.into_iter().map(|entry| shown(entry, &surroundings)).collect();

        Ok(EntryPage { total: page.total, items })
    }

    /// Shows an entry. Times are those of `zone`, an IANA name, where the entry has none of its own.
    ///
    /// # Errors
    ///
    /// [`EntryError::Missing`] if there is no such entry of this class.
    pub async fn entry<F: Fields>(
        &self,
        id: i64,
        zone: Option<&str>,
    ) -> Result<EntryView<F::View, F>, EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, zone).await?;
        let entry = stored::<F>(&open, id).await?;

        Ok(shown(entry, &surroundings))
    }

    /// Adds an entry, durable on return, and has the server told; in the default folder if none is named.
    ///
    /// # Errors
    ///
    /// [`EntryError`] says which field cannot be, or what is missing.
    pub async fn add_entry<F: Fields>(
        &self,
        folder: Option<i64>,
        fields: F,
        zone: Option<&str>,
    ) -> Result<i64, EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, zone).await?;
        let folder = target::<F>(&open, folder).await?;
        let mut item = Item::empty(F::CLASS);
        fields.write(&mut item, &surroundings)?;
        let client_id = surroundings.name;
        let wish = |done| Wish::AddEntry { folder, client_id, item: Box::new(item), done };
        let added = self.life.session().await?.ask(wish).await?;

        added.map(|entry| entry.0).ok_or(EntryError::Missing)
    }

    /// Changes the fields that are there, durable on return, and has the server told.
    ///
    /// # Errors
    ///
    /// [`EntryError`] says which field cannot be, or what is missing.
    pub async fn change_entry<F: Fields>(
        &self,
        id: i64,
        fields: F,
        zone: Option<&str>,
    ) -> Result<(), EntryError> {
        let (open, _) = self.life.open().await?;
        let surroundings = self.surroundings(&open, zone).await?;
        stored::<F>(&open, id).await?;

        self.rewrite(id, move |item| fields.write(item, &surroundings)).await
    }

    /// Removes an entry, durable on return, and has the server told.
    ///
    /// # Errors
    ///
    /// [`EntryError::Missing`] if there is no such entry of this class.
    pub async fn remove_entry<F: Fields>(&self, id: i64) -> Result<(), EntryError> {
        let (open, _) = self.life.open().await?;
        stored::<F>(&open, id).await?;

        self.edit(id, Rewrite::Delete).await
    }

    /// Returns the picture of a contact, in JPEG as a rule.
    ///
    /// # Errors
    ///
    /// [`EntryError::Missing`] if there is no such contact, or no picture.
    pub async fn contact_photo(&self, id: i64) -> Result<Vec<u8>, EntryError> {
        let (open, _) = self.life.open().await?;
        let entry = stored::<ContactFields>(&open, id).await?;

        contact::photo(&entry.item).ok_or(EntryError::Missing)
    }

    /// Lists the folders of a class of entries.
    ///
    /// # Errors
    ///
    /// [`EntryError::Locked`] unless the container is open.
    pub async fn entry_folders<F: Fields>(&self) -> Result<Vec<EntryFolder>, EntryError> {
        let (open, _) = self.life.open().await?;
        let listed = with(&open, |open| {
            Ok((open.entries().folders(F::CLASS)?, open.entries().default_folder(F::CLASS)?))
        });
        let (folders, default) = listed.await.map_err(AccessError::from)?;
        let view = |folder: vault::mail::FolderView| EntryFolder {
            id: folder.id.0,
            name: folder.name,
            default: Some(folder.id) == default,
            total: folder.total,
            synced: folder.synced,
        };

        Ok(folders.into_iter().map(view).collect())
    }

    /// Decides between two changes that met.
    ///
    /// # Errors
    ///
    /// [`EntryError::Missing`] if there is no such entry, or nothing to decide.
    pub async fn settle_conflict(&self, id: i64, take: Take) -> Result<(), EntryError> {
        let (open, _) = self.life.open().await?;
        let entry = EntryId(id);
        let found = with(&open, move |open| open.entries().get(entry)).await;
        let found = found.map_err(AccessError::from)?.ok_or(EntryError::Missing)?;
        let conflict = found.conflict.ok_or(EntryError::Missing)?;
        match (conflict.kind, take) {
            (ConflictKind::Changed, Take::Mine) => {
                let mine = conflict.mine;
                self.rewrite(id, move |item| {
                    item.apply(mine);
                    Ok(())
                })
                .await?;
            }
            (ConflictKind::DeletedHere, Take::Mine)
            | (ConflictKind::DeletedThere, Take::Theirs) => {
                return self.edit(id, Rewrite::Delete).await;
            }
            (ConflictKind::Changed | ConflictKind::DeletedHere, Take::Theirs)
            | (ConflictKind::DeletedThere, Take::Mine) => {}
        }
        with(&open, move |open| open.entries().settle_conflict(entry))
            .await
            .map_err(AccessError::from)?;
        self.life.board.changed(crate::Topic::Entries);

        Ok(())
    }

    /// Has an entry written anew by what it is at that moment.
    pub(crate) async fn rewrite(
        &self,
        id: i64,
        write: impl FnOnce(&mut Item) -> Result<(), EntryError> + Send + 'static,
    ) -> Result<(), EntryError> {
        self.edit(id, Rewrite::Change(Box::new(write))).await
    }

    async fn edit(&self, id: i64, rewrite: Rewrite) -> Result<(), EntryError> {
        let (entry, client_id) = (EntryId(id), random_name().map_err(no_name)?);
        let wish = |done| Wish::EditEntry { entry, client_id, rewrite, done };

        self.life.session().await?.ask(wish).await?
    }

    pub(crate) async fn surroundings(
        &self,
        open: &Open,
        zone: Option<&str>,
    ) -> Result<Surroundings, EntryError> {
        let version = with(open, |open| open.mail().version()).await.map_err(AccessError::from)?;

        Ok(Surroundings {
            zone: zone.map_or(Ok(Zone::Utc), |name| named_zone("zone", name))?,
            now: self.life.now(),
            has_plain_days: version.is_some_and(|version| version >= Version::V16_0),
            name: random_name().map_err(no_name)?,
        })
    }
}

/// Finds a zone by its IANA name.
pub(crate) fn named_zone(field: &'static str, name: &str) -> Result<Zone, EntryError> {
    let unknown =
        || EntryError::bad(field, format!("{name:?} is no time zone, such as Europe/Berlin"));

    NamedZone::find(name).map(Zone::Named).ok_or_else(unknown)
}

/// Loads an entry of a class.
async fn stored<F: Fields>(open: &Open, id: i64) -> Result<vault::entries::EntryView, EntryError> {
    let entry = with(open, move |open| open.entries().get(EntryId(id))).await;
    let entry = entry.map_err(AccessError::from)?;

    entry.filter(|entry| entry.class == F::CLASS).ok_or(EntryError::Missing)
}

/// Finds the folder for a new entry.
async fn target<F: Fields>(open: &Open, folder: Option<i64>) -> Result<FolderId, EntryError> {
    let found = with(open, move |open| {
        let entries = open.entries();
        let Some(wanted) = folder else { return entries.default_folder(F::CLASS) };
        let folders = entries.folders(F::CLASS)?;
        Ok(folders.into_iter().map(|folder| folder.id).find(|known| known.0 == wanted))
    });
    let found = found.await.map_err(AccessError::from)?;
    let none = || match folder {
        Some(wanted) => EntryError::bad("folder", format!("there is no folder {wanted} for this")),
        None => EntryError::NoFolder,
    };

    found.ok_or_else(none)
}

fn shown<F: Fields>(
    entry: vault::entries::EntryView,
    surroundings: &Surroundings,
) -> EntryView<F::View, F> {
    let (state, reason) = match entry.state {
        EntryState::Refused(code) => (EntryStanding::Refused, Some(code)),
        EntryState::Synced => (EntryStanding::Synced, None),
        EntryState::Waiting => (EntryStanding::Waiting, None),
    };
    let conflict = entry.conflict.map(|conflict| ConflictView {
        kind: match conflict.kind {
            ConflictKind::Changed => ConflictCause::Changed,
            ConflictKind::DeletedHere => ConflictCause::DeletedHere,
            ConflictKind::DeletedThere => ConflictCause::DeletedThere,
        },
        mine: F::read(&conflict.mine, surroundings),
    });

    EntryView {
        id: entry.id.0,
        folder: entry.folder.0,
        state,
        reason,
        conflict,
        entry: F::view(&entry.item, surroundings),
    }
}

fn no_name(error: crate::SendError) -> EntryError {
    EntryError::Storage { reason: error.to_string() }
}

/// The surroundings of tests: a person in Berlin.
#[cfg(test)]
fn surroundings(has_plain_days: bool) -> Surroundings {
    Surroundings {
        zone: NamedZone::find("Europe/Berlin").map_or(Zone::Utc, Zone::Named),
        now: time::macros::datetime!(2026-11-22 10:00 UTC),
        has_plain_days,
        name: "1".repeat(32),
    }
}
