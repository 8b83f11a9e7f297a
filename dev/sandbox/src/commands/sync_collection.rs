use activesync::codepage::{Tag, calendar};
use activesync::messages::{
    self, Class, CollectionAnswer, CommandResult, Content, Element, Filter, ServerCommand,
    SyncCollection, SyncOptions, supported,
};
use activesync::query::Version;
use activesync::status::Status;
use bytes::Bytes;
use time::{Duration, OffsetDateTime, Time};

use super::sync_commands::{Outcome, Uploads};
use crate::device::{Collection, Device, Known, Uploaded};
use crate::faults::Fault;
use crate::http::Call;
use crate::itip::Letter;
use crate::mailbox::{FolderId, Item, Mailbox};
use crate::pim::{DONE, Ghosting, Purpose};
use crate::render::{self, Wanted};
use crate::server::Inside;
use crate::view::Step;

const KEY_INVALID: Status = Status(3);
const PROTOCOL_ERROR: Status = Status(4);
const TREE_CHANGED: Status = Status(12);
const WINDOW: usize = 512;
const USUAL_WINDOW: usize = 100;

/// The answer for one collection, without the items' properties, which are made after the mailbox is let go.
#[derive(Debug)]
pub(super) struct Prepared {
    collection_id: String,
    class: Option<String>,
    status: Status,
    sync_key: Option<String>,
    more: bool,
    steps: Vec<(Step, Option<Item>)>,
    results: Vec<Outcome>,
    wanted: Wanted,
    /// Mails that the server sends because of what the device did.
    pub(super) letters: Vec<Letter>,
    /// How many drafts were sent.
    pub(super) submitted: u64,
}

/// Carries out one collection of a request. `None` if there is nothing to answer and the key stays.
pub(super) fn prepare(
    call: &Call<'_>,
    inside: &mut Inside,
    request: &SyncCollection,
    window: usize,
) -> Option<Prepared> {
    let Inside { mailbox, devices, .. } = inside;
    let device = devices.entry(call.device_id().to_owned()).or_default();
    let folder = FolderId::parse(&request.collection_id).and_then(|id| mailbox.folder(id));
    let folder = folder.filter(|folder| folder.is_known_to(call.version));
    let Some((folder, class)) = folder.map(|folder| (folder.id, folder.class())) else {
        return Some(failed(request, TREE_CHANGED));
    };
    if !fits(request, class, call.version) {
        return Some(failed(request, PROTOCOL_ERROR));
    }
    if request.sync_key == "0" {
        return Some(prime(call, mailbox, device, folder, request));
    }
    let known =
        device.collections.get(&folder).and_then(|collection| collection.known(&request.sync_key));
    let Some(known) = known else { return Some(failed(request, KEY_INVALID)) };
    continue_with(call, mailbox, device, (folder, class), request, known, window)
}

/// Returns whether what a request says of classes is right for a folder of `class`. In 12.1 the collection names it, later its
/// options do where they must.
fn fits(request: &SyncCollection, class: Class, version: Version) -> bool {
    let is = |name: &str| Class::from_name(name) == Some(class);
    let named = request.options.iter().filter_map(|options| options.class.as_deref());
    let collection = match &request.class {
        Some(name) => version < Version::V14_0 && is(name),
        None => version >= Version::V14_0,
    };
    let filters = request.options.iter().filter_map(|options| options.filter);
    if request.sync_key == "0" && !supports_enough(request, class, version) {
        return false;
    }
    collection && named.into_iter().all(is) && filters.into_iter().all(|filter| filter.fits(class))
}

/// A list of what a device manages of a calendar must name what every calendar has.
fn supports_enough(request: &SyncCollection, class: Class, version: Version) -> bool {
    const OPTIONAL: [Tag; 6] = [
        calendar::ATTENDEES,
        calendar::ORGANIZER_NAME,
        calendar::ORGANIZER_EMAIL,
        calendar::MEETING_STATUS,
        calendar::RESPONSE_REQUESTED,
        calendar::DISALLOW_NEW_TIME_PROPOSAL,
    ];
    let Some(tags @ [_, ..]) = request.supported.as_deref() else { return true };
    let needed = supported(class, version).filter(|_| class == Class::Calendar).unwrap_or_default();
    needed.iter().all(|tag| OPTIONAL.contains(tag) || tags.contains(tag))
}

fn prime(
    call: &Call<'_>,
    mailbox: &Mailbox,
    device: &mut Device,
    folder: FolderId,
    request: &SyncCollection,
) -> Prepared {
    if request.get_changes == Some(true) || !request.commands.is_empty() {
        return failed(request, PROTOCOL_ERROR);
    }
    let key = new_key(call, device);
    let mut collection = Collection::new(key.clone(), mailbox);
    collection.options.clone_from(&request.options);
    collection.supported.clone_from(&request.supported);
    device.collections.insert(folder, collection);
    device.forgotten.remove(&folder);
    Prepared { sync_key: Some(key), ..failed(request, Status::OK) }
}

fn continue_with(
    call: &Call<'_>,
    mailbox: &mut Mailbox,
    device: &mut Device,
    (folder, class): (FolderId, Class),
    request: &SyncCollection,
    known: Known,
    window: usize,
) -> Option<Prepared> {
    let new_key = new_key(call, device);
    let collection = device.collections.get_mut(&folder)?;
    if !request.options.is_empty() {
        collection.options.clone_from(&request.options);
    }
    let options = own_options(&collection.options);
    let Some(cutoff) = cutoff(&options, class, call.server.now()) else {
        return Some(failed(request, PROTOCOL_ERROR));
    };

    let before = known.view.clone();
    let mut uploads = Uploads {
        call,
        mailbox,
        folder,
        class,
        as_moves: request.deletes_as_moves.unwrap_or(true),
        ghosting: Ghosting::of(class, collection.supported.as_deref(), call.version),
        client_wins: options.client_wins == Some(true),
        known,
        earlier: std::mem::take(&mut collection.uploaded),
        uploaded: Uploaded::default(),
        letters: Vec::new(),
        submitted: 0,
    };
    let results = uploads.carry_out(&request.commands);
    let Uploads { uploaded, known, letters, submitted, .. } = uploads;
    collection.uploaded = uploaded;
    let mut view = known.view;
    let window = wanted_window(request).min(window);
    let (steps, more) = if request.get_changes == Some(false) {
        (Vec::new(), false)
    } else {
        let plan = view.plan(mailbox, folder, cutoff, window);
        view = plan.after;
        (plan.steps, plan.more)
    };
    if steps.is_empty() && !more && request.commands.is_empty() {
        collection.settle(&request.sync_key, view);
        return None;
    }
    collection.advance(&request.sync_key, before, new_key.clone(), view);
    let steps = steps.into_iter().map(|step| (step, item_of(mailbox, step))).collect();
    let wanted = wanted(&options);
    Some(Prepared {
        sync_key: Some(new_key),
        more,
        steps,
        results,
        wanted,
        letters,
        submitted,
        ..failed(request, Status::OK)
    })
}

impl Prepared {
    pub(super) fn steps(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn render(self, call: &Call<'_>) -> CollectionAnswer {
        let whole = self.wanted.whole();
        let commands = self
            .steps
            .iter()
            .filter_map(|(step, item)| command(call, *step, item.as_ref(), &self.wanted));
        let responses = self.results.into_iter().map(|result| match result {
            Outcome::Done(result) => result,
            Outcome::Fetched(id, item) => CommandResult::Fetch {
                server_id: id.to_string(),
                status: Status::OK,
                item: Some(render::shown(
                    call.server,
                    id,
                    &item,
                    &whole,
                    call.version,
                    Purpose::Whole,
                )),
            },
        });
        let mut commands: Vec<_> = commands.collect();
        if call.fault == Some(Fault::BadItem) {
            spoil(&mut commands);
        }
        CollectionAnswer {
            class: self.class,
            sync_key: self.sync_key,
            collection_id: self.collection_id,
            status: self.status,
            more_available: self.more,
            commands,
            responses: responses.collect(),
        }
    }
}

/// Puts something that no version knows in the place of an item.
fn spoil(commands: &mut [ServerCommand]) {
    let added = commands.iter_mut().find_map(|command| match command {
        ServerCommand::Add { item, .. } | ServerCommand::Change { item, .. } => Some(item),
        ServerCommand::Delete { .. } | ServerCommand::SoftDelete { .. } => None,
    });
    if let Some(item) = added {
        let content = Content::Text(Bytes::from_static(b"?"));
        *item = messages::Item::Any(vec![Element { tag: Tag::new(24, 0x3F), content }]);
    }
}

fn command(
    call: &Call<'_>,
    step: Step,
    item: Option<&Item>,
    wanted: &Wanted,
) -> Option<ServerCommand> {
    let shown = |id, purpose| {
        item.map(|item| render::shown(call.server, id, item, wanted, call.version, purpose))
    };
    Some(match step {
        Step::Add(id) => {
            let item = shown(id, Purpose::Whole)?;
            ServerCommand::Add { server_id: id.to_string(), class: None, item }
        }
        Step::Change(id) => {
            let item = shown(id, Purpose::Change)?;
            ServerCommand::Change { server_id: id.to_string(), item }
        }
        Step::Delete(id) => ServerCommand::Delete { server_id: id.to_string() },
        Step::SoftDelete(id) => ServerCommand::SoftDelete { server_id: id.to_string() },
    })
}

/// Returns from when on items are wanted. It moves once a day, so that items do not leave one by one.
pub(super) fn cutoff(
    options: &SyncOptions,
    class: Class,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let filter = options.filter.unwrap_or(Filter::All);
    if !filter.fits(class) {
        return None;
    }
    if filter == Filter::OpenTasks {
        return Some(DONE + Duration::SECOND);
    }
    let days = filter.days().map(i64::from);
    Some(days.map_or(OffsetDateTime::UNIX_EPOCH, |days| {
        (now - Duration::days(days)).replace_time(Time::MIDNIGHT)
    }))
}

/// Returns the options for the folder's own class; those for SMS are passed over.
pub(super) fn own_options(options: &[SyncOptions]) -> SyncOptions {
    let own = |options: &&SyncOptions| options.class.as_deref() != Some("SMS");
    options.iter().find(own).cloned().unwrap_or_default()
}

fn wanted(options: &SyncOptions) -> Wanted {
    Wanted {
        preferences: options.body_preferences.clone(),
        mime_support: options.mime_support.unwrap_or_default(),
    }
}

fn wanted_window(request: &SyncCollection) -> usize {
    match request.window_size.map(usize::try_from) {
        None => USUAL_WINDOW,
        Some(Ok(size)) if (1..=WINDOW).contains(&size) => size,
        Some(_) => WINDOW,
    }
}

fn item_of(mailbox: &Mailbox, step: Step) -> Option<Item> {
    match step {
        Step::Add(id) | Step::Change(id) => mailbox.item(id).cloned(),
        Step::Delete(_) | Step::SoftDelete(_) => None,
    }
}

/// Keys hold the time of the start, so that keys of an earlier run are not taken for good ones.
fn new_key(call: &Call<'_>, device: &mut Device) -> String {
    format!("{{{}}}|{:x}", device.next_serial(), call.server.started.unix_timestamp())
}

fn failed(request: &SyncCollection, status: Status) -> Prepared {
    Prepared {
        collection_id: request.collection_id.clone(),
        class: request.class.clone(),
        status,
        sync_key: None,
        more: false,
        steps: Vec::new(),
        results: Vec::new(),
        wanted: Wanted::default(),
        letters: Vec::new(),
        submitted: 0,
    }
}
