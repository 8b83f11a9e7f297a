use super::views::DeviceView;
use crate::cli;
use crate::output::{Output, Refused, ended};
use ::audit::Actor;
use anyhow::{Context as _, Result};
use fleet::device::{OpenWipe, StateKind, WipeOrder};
use fleet::list::{DeviceFilter, DeviceItem, Page};
use fleet::{DeviceId, EasId, Login, Name, Reason, UserId};
use operations::Operations;

/// Runs a `device` subcommand.
pub(super) async fn run(
    operations: &Operations,
    actor: &Actor,
    command: cli::Device,
    output: Output,
) -> Result<()> {
    match command {
        cli::Device::List { state, search } => list(operations, state, search, output).await,
        cli::Device::Show(which) => {
            let view = DeviceView::new(&find(operations, &which).await?)?;
            output.print(&view, view.page())
        }
        cli::Device::Add(device) => add(operations, actor, device, output).await,
        cli::Device::Retire(retire) => {
            let item = find(operations, &retire.which).await?;
            let open_wipe = if retire.give_up { OpenWipe::GiveUp } else { OpenWipe::Keep };
            ended(operations.retire(actor, item.device.id, open_wipe).await)?;
            show(operations, item.device.id, output).await
        }
    }
}

/// Blocks a device.
pub(super) async fn block(
    operations: &Operations,
    actor: &Actor,
    block: cli::Block,
    output: Output,
) -> Result<()> {
    let item = find(operations, &block.which).await?;
    ended(operations.block(actor, item.device.id, Reason::parse(&block.reason)?).await)?;

    show(operations, item.device.id, output).await
}

/// Takes a block back.
pub(super) async fn unblock(
    operations: &Operations,
    actor: &Actor,
    which: cli::Which,
    output: Output,
) -> Result<()> {
    let item = find(operations, &which).await?;
    ended(operations.unblock(actor, item.device.id).await)?;

    show(operations, item.device.id, output).await
}

/// Orders a wipe.
pub(super) async fn wipe(
    operations: &Operations,
    actor: &Actor,
    wipe: cli::Wipe,
    output: Output,
) -> Result<()> {
    let item = find(operations, &wipe.which).await?;
    let order = match wipe.what {
        cli::What::Data => WipeOrder::Data,
        cli::What::Key => WipeOrder::Key,
    };
    ended(operations.wipe(actor, item.device.id, order).await)?;

    show(operations, item.device.id, output).await
}

async fn list(
    operations: &Operations,
    state: Option<cli::State>,
    search: Option<String>,
    output: Output,
) -> Result<()> {
    let filter = DeviceFilter {
        search: search.unwrap_or_default(),
        states: state.map(kind).into_iter().collect(),
        ..DeviceFilter::default()
    };
    let items = all(operations, &filter).await?;
    let views = items.iter().map(DeviceView::new).collect::<Result<Vec<_>>>()?;
    let lines: Vec<_> = views.iter().map(DeviceView::line).collect();

    output.print(&views, lines.join("\n"))
}

async fn add(
    operations: &Operations,
    actor: &Actor,
    device: cli::DeviceAdd,
    output: Output,
) -> Result<()> {
    let user = owner(operations, &device.user).await?;
    let (name, eas_id) = (Name::parse(&device.name)?, EasId::parse(&device.eas_id)?);
    let device = ended(operations.add_native_device(actor, user, name, eas_id).await)?;

    show(operations, device.id, output).await
}

/// Finds the person with this login name.
pub(super) async fn owner(operations: &Operations, login: &str) -> Result<UserId> {
    let user = operations.user_by_login(&Login::parse(login)?).await?;
    let unknown = || {
        Refused::new("unknown_user", format!("there is no person with the login name {login:?}"))
    };

    Ok(user.ok_or_else(unknown)?.id)
}

async fn show(operations: &Operations, id: DeviceId, output: Output) -> Result<()> {
    let item = operations.device(id).await?.context("the device was removed meanwhile")?;
    let view = DeviceView::new(&item)?;

    output.print(&view, view.page())
}

/// Finds the one device that is meant.
async fn find(operations: &Operations, which: &cli::Which) -> Result<DeviceItem> {
    let text = which.device.trim();
    let mut found = operations.devices_called(text).await?;
    if found.len() > 1 {
        let ids: Vec<_> = found.iter().map(|item| item.device.id.to_string()).collect();
        let text =
            format!("several devices are called {text:?}; name one by its id: {}", ids.join(", "));
        return Err(Refused::new("ambiguous_device", text).into());
    }
    let unknown = || {
        let text = format!(
            "there is no device with the id, ActiveSync id or name {text:?}; see: cordon device list"
        );
        Refused::new("unknown_device", text)
    };

    Ok(found.pop().ok_or_else(unknown)?)
}

async fn all(operations: &Operations, filter: &DeviceFilter) -> Result<Vec<DeviceItem>> {
    let mut items = Vec::new();
    loop {
        let offset = u64::try_from(items.len())?;
        let page = operations.devices(filter, Page::new(offset, Page::LONGEST)).await?;
        let last = page.items.is_empty();
        items.extend(page.items);
        if last || u64::try_from(items.len())? >= page.total {
            return Ok(items);
        }
    }
}

fn kind(state: cli::State) -> StateKind {
    match state {
        cli::State::Invited => StateKind::Invited,
        cli::State::Registered => StateKind::Registered,
        cli::State::Blocked => StateKind::Blocked,
        cli::State::Wiped => StateKind::Wiped,
        cli::State::Retired => StateKind::Retired,
    }
}
