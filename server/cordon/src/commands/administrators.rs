use super::password;
use super::views::{AdministratorView, moment};
use crate::cli;
use crate::output::{Output, Refused, ended};
use ::audit::Actor;
use anyhow::Result;
use fleet::Login;
use fleet::administrator::Administrator;
use operations::Operations;
use serde_json::json;

/// Runs an `administrator` subcommand.
pub(super) async fn run(
    operations: &Operations,
    actor: &Actor,
    command: cli::Administrator,
    output: Output,
) -> Result<()> {
    match command {
        cli::Administrator::Add(account) => {
            let name = Login::parse(&account.name)?;
            let password = password::of_administrator(account.password_file.as_deref())?;
            let made = ended(operations.create_administrator(actor, name, &password).await)?;
            let view = AdministratorView::new(&made)?;
            output.print(&view, view.line())
        }
        cli::Administrator::List => {
            let found = operations.administrators().await?;
            let views = found.iter().map(AdministratorView::new).collect::<Result<Vec<_>>>()?;
            let lines: Vec<_> = views.iter().map(AdministratorView::line).collect();
            output.print(&views, lines.join("\n"))
        }
        cli::Administrator::Password(account) => {
            let found = named(operations, &account.name).await?;
            let password = password::of_administrator(account.password_file.as_deref())?;
            ended(operations.set_password(actor, found.id, &password).await)?;
            let text = format!("{} has another password, and is signed out everywhere", found.name);
            output.print(&AdministratorView::new(&found)?, text)
        }
        cli::Administrator::Remove { name } => {
            let found = named(operations, &name).await?;
            ended(operations.remove_administrator(actor, found.id).await)?;
            let removed_at = moment(operations.now())?;
            let value = json!({ "name": found.name.to_string(), "removed_at": removed_at });
            let text = format!("removed {}, who is signed out everywhere", found.name);
            output.print(&value, text)
        }
    }
}

async fn named(operations: &Operations, name: &str) -> Result<Administrator> {
    let wanted = Login::parse(name)?.key();
    let mut found = operations.administrators().await?.into_iter();
    let unknown = || {
        let text = format!(
            "there is no administrator with the name {name:?}; see: cordon administrator list"
        );
        Refused::new("unknown_administrator", text)
    };

    Ok(found.find(|account| account.name.key() == wanted).ok_or_else(unknown)?)
}
