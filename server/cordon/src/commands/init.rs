use crate::cli;
use crate::config::Config;
use crate::identity;
use crate::output::{Output, ended};
use ::audit::Actor;
use anyhow::{Context as _, Result, bail, ensure};
use fleet::Login;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use std::path::Path;
use zeroize::Zeroizing;

/// Sets up what `serve` needs, and the first administrator.
pub(super) async fn run(config: &Config, init: cli::Init, output: Output) -> Result<()> {
    let name = Login::parse(&init.administrator)?;
    let password = password(init.password_file.as_deref())?;
    let (operations, secrets) = super::open(config).await?;
    let identity = identity::load(config, &secrets, super::now())?;
    let actor = Actor::CommandLine(super::operating_system_user());
    ended(operations.create_administrator(&actor, name.clone(), &password).await)?;
    operations.record_set_up(&actor).await?;
    let authority = identity.authority.root().certificate();
    let value = json!({
        "data": config.server.data,
        "administrator": name.to_string(),
        "authority": authority.fingerprint().to_string(),
    });
    let text = format!(
        "Set up in {}. Administrator {name}.\nAuthority {} (SHA-256)\nNext: cordon serve, then open https://{}/",
        config.server.data.display(),
        authority.fingerprint(),
        config.portal.listen,
    );

    output.print(&value, text)
}

/// A password from a file's first line, or typed twice.
fn password(file: Option<&Path>) -> Result<SecretString> {
    let Some(path) = file else {
        let first = SecretString::from(rpassword::prompt_password("Administrator's password: ")?);
        let second = SecretString::from(rpassword::prompt_password("Once more: ")?);
        if first.expose_secret() != second.expose_secret() {
            bail!("the two passwords differ");
        }
        return Ok(first);
    };
    let text =
        Zeroizing::new(std::fs::read_to_string(path).with_context(|| path.display().to_string())?);
    let line = text.lines().next().unwrap_or_default();
    ensure!(!line.is_empty(), "{} is empty", path.display());

    Ok(SecretString::from(line.to_owned()))
}
