//! The mailbox that people send their certificate files to.

use crate::config::Config;
use crate::output::Output;
use ::mailbox::{Looked, MailboxConfig};
use anyhow::{Context as _, Result, ensure};
use operations::Operations;
use secrecy::SecretString;
use serde_json::json;
use std::fs;
use std::time::Duration;
use zeroize::Zeroizing;

/// Looks at the mailbox once.
pub(super) async fn look(config: &Config, operations: &Operations, output: Output) -> Result<()> {
    let mailbox = read(config)?.context("mailbox.server is not set; see docs/operating.md")?;
    let Looked { taken, refused, others } = ::mailbox::look(&mailbox, operations).await?;
    let value = json!({ "taken": taken, "refused": refused, "others": others });

    output.print(
        &value,
        format!(
            "{taken} certificate files taken, {refused} refused, {others} other mails; the log says why, and what was refused is still in the mailbox"
        ),
    )
}

/// Reads how the mailbox is reached; `None` if there is none.
pub(super) fn read(config: &Config) -> Result<Option<MailboxConfig>> {
    let given = &config.mailbox;
    let Some(server) = &given.server else { return Ok(None) };
    let anchors =
        super::serve::anchors(given.authorities.as_deref()).context("mailbox.authorities")?;
    let path = given.password_file.as_ref().context("mailbox.password_file is not set")?;
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.with_context(|| format!("mailbox.password_file: {}", path.display()))?;
    let password = text.lines().next().unwrap_or_default();
    ensure!(!password.is_empty(), "{} has no password on its first line", path.display());
    let password = SecretString::from(password);
    let mut mailbox = MailboxConfig::parse(server, anchors, given.user.clone(), password)
        .context("mailbox.server")?;
    mailbox.folder.clone_from(&given.folder);
    mailbox.every = Duration::from_secs(given.every_seconds.into());
    mailbox.authentication_results.clone_from(&given.authentication_results);

    Ok(Some(mailbox))
}
