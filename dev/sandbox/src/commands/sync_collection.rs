use activesync::messages::{
    BodyPreference, CollectionAnswer, CommandResult, Email, Filter, ServerCommand, SyncCollection,
    SyncOptions,
};
use activesync::status::Status;
use time::{Duration, OffsetDateTime, Time};

use super::sync_commands::{self, Outcome};
use crate::device::{Collection, Device, Known};
use crate::http::Call;
use crate::mailbox::{FolderId, Item, ItemId, Mailbox};
use crate::render::{self, Wanted};
use crate::server::Inside;
use crate::view::{Step, View};

const KEY_INVALID: Status = Status(3);
const PROTOCOL_ERROR: Status = Status(4);
const TREE_CHANGED: Status = Status(12);
const WINDOW: usize = 512;
const USUAL_WINDOW: usize = 100;

/// The answer for one collection, without the mails' properties, which are made after the mailbox is let go.
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
    let folder = FolderId::parse(&request.collection_id).filter(|id| mailbox.folder(*id).is_some());
    let Some(folder) = folder else { return Some(failed(request, TREE_CHANGED)) };
    if request.sync_key == "0" {
        return Some(prime(call, mailbox, device, folder, request));
    }
    let known =
        device.collections.get(&folder).and_then(|collection| collection.known(&request.sync_key));
    let Some(known) = known else { return Some(failed(request, KEY_INVALID)) };
    continue_with(call, mailbox, device, folder, request, known, window)
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
    device.collections.insert(folder, collection);
    Prepared { sync_key: Some(key), ..failed(request, Status::OK) }
}

fn continue_with(
    call: &Call<'_>,
    mailbox: &mut Mailbox,
    device: &mut Device,
    folder: FolderId,
    request: &SyncCollection,
    known: Known,
    window: usize,
) -> Option<Prepared> {
    let new_key = new_key(call, device);
    let collection = device.collections.get_mut(&folder)?;
    if !request.options.is_empty() {
        collection.options.clone_from(&request.options);
    }
    let options = mail_options(&collection.options);
    let Some(cutoff) = cutoff(&options, call.server.now()) else {
        return Some(failed(request, PROTOCOL_ERROR));
    };

    let before = known.view.clone();
    let (mut view, results) = carry_out_commands(mailbox, folder, request, known);
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
        ..failed(request, Status::OK)
    })
}

fn carry_out_commands(
    mailbox: &mut Mailbox,
    folder: FolderId,
    request: &SyncCollection,
    known: Known,
) -> (View, Vec<Outcome>) {
    let mut view = known.view;
    let mut results = Vec::new();
    for command in &request.commands {
        let (result, change) =
            sync_commands::carry_out(mailbox, folder, request, command, known.repeated);
        results.extend(result);
        change.into_iter().for_each(|change| view.note_own(change));
    }
    (view, results)
}

impl Prepared {
    pub(super) fn steps(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn render(self, call: &Call<'_>) -> CollectionAnswer {
        let preferences =
            self.wanted.preferences.iter().map(|preference| BodyPreference::whole(preference.kind));
        let whole =
            Wanted { preferences: preferences.collect(), mime_support: self.wanted.mime_support };
        let commands = self
            .steps
            .iter()
            .filter_map(|(step, item)| command(call, *step, item.as_ref(), &self.wanted));
        let responses = self.results.into_iter().map(|result| match result {
            Outcome::Failed(result) => result,
            Outcome::Fetched(id, item) => CommandResult::Fetch {
                server_id: id.to_string(),
                status: Status::OK,
                item: Some(mail(call, id, &item, &whole).into()),
            },
        });
        CollectionAnswer {
            class: self.class,
            sync_key: self.sync_key,
            collection_id: self.collection_id,
            status: self.status,
            more_available: self.more,
            commands: commands.collect(),
            responses: responses.collect(),
        }
    }
}

fn command(
    call: &Call<'_>,
    step: Step,
    item: Option<&Item>,
    wanted: &Wanted,
) -> Option<ServerCommand> {
    Some(match step {
        Step::Add(id) => {
            let item = mail(call, id, item?, wanted).into();
            ServerCommand::Add { server_id: id.to_string(), class: None, item }
        }
        Step::Change(id) => ServerCommand::Change {
            server_id: id.to_string(),
            item: render::changed_properties(item?).into(),
        },
        Step::Delete(id) => ServerCommand::Delete { server_id: id.to_string() },
        Step::SoftDelete(id) => ServerCommand::SoftDelete { server_id: id.to_string() },
    })
}

fn mail(call: &Call<'_>, id: ItemId, item: &Item, wanted: &Wanted) -> Box<Email> {
    let mime = call.server.mime(&item.content);
    Box::new(render::properties(id, item, &mime, wanted, call.version))
}

/// Returns when the oldest mail may have come. It moves once a day, so that mails do not leave one by one.
pub(super) fn cutoff(options: &SyncOptions, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let filter = options.filter.unwrap_or(Filter::All);
    if filter > Filter::OneMonth {
        return None;
    }
    let days = filter.days().map(i64::from);
    Some(days.map_or(OffsetDateTime::UNIX_EPOCH, |days| {
        (now - Duration::days(days)).replace_time(Time::MIDNIGHT)
    }))
}

/// Returns the options for mail; those for SMS are passed over.
pub(super) fn mail_options(options: &[SyncOptions]) -> SyncOptions {
    let of_mail =
        |options: &&SyncOptions| options.class.as_deref().is_none_or(|class| class == "Email");
    options.iter().find(of_mail).cloned().unwrap_or_default()
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
    }
}
