use super::certificate_files;
use super::devices::owner;
use super::views::{GroupView, UserView, moment};
use crate::cli;
use crate::config::Config;
use crate::output::{Output, Refused, ended, write_private};
use ::audit::Actor;
use anyhow::{Context as _, Result};
use fleet::group::Group;
use fleet::invitation::{Validity, Warning};
use fleet::list::{Page, UserFilter, UserItem};
use fleet::user::{Addresses, UserFacts};
use fleet::{Login, MailAddress, Name, Reason, UserId};
use operations::Operations;
use policy::GroupSettings;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Runs a `user` subcommand.
pub(super) async fn user(
    operations: &Operations,
    actor: &Actor,
    command: cli::User,
    output: Output,
) -> Result<()> {
    match command {
        cli::User::Add(user) => add(operations, actor, user, output).await,
        cli::User::Certificate { login, file } => {
            let id = owner(operations, &login).await?;
            let certificate = std::fs::read(&file).with_context(|| file.display().to_string())?;
            ended(operations.deposit_certificate(actor, id, &certificate).await)?;
            show(operations, id, output).await
        }
        cli::User::CertificateFile(command) => {
            certificate_files::run(operations, actor, command, output).await
        }
        cli::User::Block { login, reason } => {
            let id = owner(operations, &login).await?;
            ended(operations.block_user(actor, id, Reason::parse(&reason)?).await)?;
            show(operations, id, output).await
        }
        cli::User::List { search } => list(operations, search, output).await,
        cli::User::Show { login } => {
            let id = owner(operations, &login).await?;
            show(operations, id, output).await
        }
        cli::User::Unblock { login } => {
            let id = owner(operations, &login).await?;
            ended(operations.unblock_user(actor, id).await)?;
            show(operations, id, output).await
        }
    }
}

/// Runs a `group` subcommand.
pub(super) async fn group(
    config: &Config,
    operations: &Operations,
    actor: &Actor,
    command: cli::Group,
    output: Output,
) -> Result<()> {
    match command {
        cli::Group::Add { name } => {
            let settings = GroupSettings::sensible(&config.gateway.address);
            let group = operations.create_group(actor, Name::parse(&name)?, settings).await;
            let group = ended(group)?;
            let value = json!({ "id": group.id.to_string(), "name": group.name.to_string() });
            output.print(&value, format!("added {}", group.name))
        }
        cli::Group::List => {
            let groups = operations.groups().await?;
            let views = groups.iter().map(GroupView::new).collect::<Result<Vec<_>>>()?;
            let lines: Vec<_> = views.iter().map(GroupView::line).collect();
            output.print(&views, lines.join("\n"))
        }
    }
}

/// Makes an invitation.
pub(super) async fn invite(
    operations: &Operations,
    actor: &Actor,
    invite: cli::Invite,
    output: Output,
) -> Result<()> {
    let id = owner(operations, &invite.login).await?;
    let validity = Validity::parse(time::Duration::days(invite.days.into()))?;
    let device = invite.device.as_deref().map(Name::parse).transpose()?;
    let invited = ended(operations.invite(actor, id, device, validity).await)?;
    let link = invited.link.expose_secret();
    if let Some(path) = &invite.qr {
        write_qr(path, link)?;
    }
    let expires_at = moment(invited.invitation.expires_at)?;
    let value = json!({
        "id": invited.invitation.id.to_string(),
        "device": invited.device.id.to_string(),
        "expires_at": expires_at,
        "link": link,
        "warning": invited.warning.map(|warning| {
            json!({ "code": warning.code(), "detail": warning.to_string() })
        }),
    });
    let mut text =
        format!("{link}\n\nGood until {expires_at}, for one device. It is shown only now.");
    if let Some(warning) = invited.warning {
        write!(text, "\n\nWarning: {warning}")?;
        match warning {
            Warning::CertificateExpired | Warning::CertificateMissing => {
                write!(text, ": cordon user certificate {} FILE", invite.login)?;
            }
            Warning::CertificateNotYetValid => {}
        }
    }

    output.print(&value, text)
}

/// Finds the group with this name.
pub(super) async fn group_named(operations: &Operations, name: &str) -> Result<Group> {
    let wanted = name.trim().to_lowercase();
    let groups = operations.groups().await?;
    let found = groups.iter().find(|item| item.group.name.key() == wanted);
    let unknown = || {
        let names: Vec<_> = groups.iter().map(|item| item.group.name.to_string()).collect();
        Refused::new(
            "unknown_group",
            format!("there is no group {name:?}; there are: {}", names.join(", ")),
        )
    };

    Ok(found.ok_or_else(unknown)?.group.clone())
}

async fn add(
    operations: &Operations,
    actor: &Actor,
    user: cli::UserAdd,
    output: Output,
) -> Result<()> {
    let addresses = user.mail.iter().map(|address| MailAddress::parse(address));
    let facts = UserFacts {
        login: Login::parse(&user.login)?,
        name: Name::parse(&user.name)?,
        addresses: Addresses::parse(addresses.collect::<Result<Vec<_>, _>>()?)?,
        group: group_named(operations, &user.group).await?.id,
    };
    let user = ended(operations.create_user(actor, facts).await)?;

    show(operations, user.id, output).await
}

async fn list(operations: &Operations, search: Option<String>, output: Output) -> Result<()> {
    let filter = UserFilter { search: search.unwrap_or_default(), group: None };
    let mut items: Vec<UserItem> = Vec::new();
    loop {
        let offset = u64::try_from(items.len())?;
        let page = operations.users(&filter, Page::new(offset, Page::LONGEST)).await?;
        let last = page.items.is_empty();
        items.extend(page.items);
        if last || u64::try_from(items.len())? >= page.total {
            break;
        }
    }
    let views = items.iter().map(UserView::new).collect::<Result<Vec<_>>>()?;
    let lines: Vec<_> = views.iter().map(UserView::line).collect();

    output.print(&views, lines.join("\n"))
}

async fn show(operations: &Operations, id: UserId, output: Output) -> Result<()> {
    let item = operations.user(id).await?.context("the person was removed meanwhile")?;
    let view = UserView::new(&item)?;

    output.print(&view, view.line())
}

fn write_qr(path: &Path, link: &str) -> Result<()> {
    let code = qrcode::QrCode::new(link.as_bytes())?;
    let image = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build();

    write_private(path, image.as_bytes()).with_context(|| path.display().to_string())
}
