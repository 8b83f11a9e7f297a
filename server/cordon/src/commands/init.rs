use super::{Keys, password};
use crate::cli;
use crate::config::Config;
use crate::identity;
use crate::output::{Output, ended};
use ::audit::Actor;
use anyhow::Result;
use fleet::Login;
use serde_json::json;

/// Sets up what `serve` needs, and the first administrator.
pub(super) async fn run(config: &Config, init: cli::Init, output: Output) -> Result<()> {
    let name = Login::parse(&init.administrator)?;
    let password = password::of_administrator(init.password_file.as_deref())?;
    let (operations, secrets) = super::open(config, Keys::Made).await?;
    let tls = identity::tls(config, &secrets, operations.authority(), super::now())?;
    let actor = Actor::CommandLine(super::operating_system_user());
    ended(operations.create_administrator(&actor, name.clone(), &password).await)?;
    operations.record_set_up(&actor).await?;
    super::record_own_certificates(&operations, &tls, &actor).await?;
    let authority = operations.authority().root().certificate();
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
