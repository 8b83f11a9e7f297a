//! Files with certificate and key that wait for a person's app.

use super::devices::owner;
use super::views::moment;
use crate::cli;
use crate::output::{Output, ended};
use ::audit::Actor;
use anyhow::{Context as _, Result};
use data_encoding::HEXLOWER;
use fleet::certificate_file::{CertificateFile, Source};
use fleet::{CertificateFileId, UserId};
use operations::Operations;
use serde::Serialize;

/// Runs a `user certificate-file` subcommand.
pub(super) async fn run(
    operations: &Operations,
    actor: &Actor,
    command: cli::CertificateFile,
    output: Output,
) -> Result<()> {
    match command {
        cli::CertificateFile::Add { login, file } => {
            let id = owner(operations, &login).await?;
            let content = std::fs::read(&file).with_context(|| file.display().to_string())?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let deposited = operations.deposit_certificate_file(actor, id, &name, &content).await;
            let view = FileView::new(&ended(deposited)?)?;
            output.print(&view, view.line())
        }
        cli::CertificateFile::List { login } => {
            list(operations, owner(operations, &login).await?, output).await
        }
        cli::CertificateFile::Remove { login, id } => {
            let user = owner(operations, &login).await?;
            let removed =
                operations.remove_certificate_file(actor, user, CertificateFileId(id)).await;
            ended(removed)?;
            list(operations, user, output).await
        }
    }
}

async fn list(operations: &Operations, user: UserId, output: Output) -> Result<()> {
    let files = operations.certificate_files(user).await?;
    let views = files.iter().map(FileView::new).collect::<Result<Vec<_>>>()?;
    let lines: Vec<_> = views.iter().map(FileView::line).collect();

    output.print(&views, lines.join("\n"))
}

#[derive(Debug, Serialize)]
struct FileView {
    id: String,
    name: String,
    sha256: String,
    size: u32,
    source: &'static str,
    sender: Option<String>,
    state: &'static str,
    deposited_at: String,
    handed_out_at: Option<String>,
    ended_at: Option<String>,
}

impl FileView {
    fn new(file: &CertificateFile) -> Result<Self> {
        let (source, sender) = match &file.source {
            Source::Administrator => ("administrator", None),
            Source::Mail { sender } => ("mail", Some(sender.clone())),
        };

        Ok(Self {
            id: file.id.to_string(),
            name: file.name.clone(),
            sha256: HEXLOWER.encode(&file.digest),
            size: file.size,
            source,
            sender,
            state: file.end.map_or("waiting", |(end, _)| end.name()),
            deposited_at: moment(file.deposited_at)?,
            handed_out_at: file.handed_out_at.map(moment).transpose()?,
            ended_at: file.end.map(|(_, at)| moment(at)).transpose()?,
        })
    }

    fn line(&self) -> String {
        let Self { id, name, source, sender, state, deposited_at, .. } = self;
        let from = sender.as_deref().unwrap_or(source);
        let since = self.ended_at.as_ref().unwrap_or(deposited_at);

        format!("{id}  {state} since {since}, from {from}  {name}")
    }
}
