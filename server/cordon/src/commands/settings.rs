use super::people::group_named;
use super::views::moment;
use crate::cli;
use crate::output::{Output, ended};
use ::audit::Actor;
use anyhow::{Context as _, Result, bail};
use fleet::group::Group;
use operations::Operations;
use policy::GroupSettings;
use serde_json::{Value, json};

/// Runs a `settings` subcommand.
pub(super) async fn run(
    operations: &Operations,
    actor: &Actor,
    command: cli::Settings,
    output: Output,
) -> Result<()> {
    match command {
        cli::Settings::Show { group } => show(&group_named(operations, &group).await?, output),
        cli::Settings::Set { group, changes } => {
            let group = group_named(operations, &group).await?;
            let settings = changed(&group.settings, &changes)?;
            let group = ended(
                operations.change_settings(actor, group.id, settings, Some(group.revision)).await,
            )?;
            show(&group, output)
        }
    }
}

fn show(group: &Group, output: Output) -> Result<()> {
    let settings = serde_json::to_value(&group.settings)?;
    let changed_at = moment(group.changed_at)?;
    let mut lines = vec![format!("{}, revision {} of {changed_at}", group.name, group.revision)];
    for (key, value) in flat("", &settings) {
        lines.push(format!("{key}={value}"));
    }
    let value = json!({
        "group": group.name.to_string(),
        "revision": group.revision,
        "changed_at": changed_at,
        "settings": settings,
    });

    output.print(&value, lines.join("\n"))
}

/// Applies `KEY=VALUE` texts to settings.
fn changed(settings: &GroupSettings, changes: &[String]) -> Result<GroupSettings> {
    let mut whole = serde_json::to_value(settings)?;
    for change in changes {
        let (key, text) =
            change.split_once('=').with_context(|| format!("{change:?} is not KEY=VALUE"))?;
        let pointer = format!("/{}", key.trim().replace('.', "/"));
        let Some(place) = whole.pointer_mut(&pointer).filter(|place| !place.is_object()) else {
            let keys: Vec<_> = flat("", &serde_json::to_value(settings)?)
                .into_iter()
                .map(|(key, _)| key)
                .collect();
            bail!("there is no setting {key:?}; there are: {}", keys.join(", "));
        };
        *place = match place {
            Value::String(_) => Value::String(text.trim().to_owned()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => serde_json::from_str(text.trim()).with_context(|| {
                format!("{key}: {text:?} is neither a number nor true or false")
            })?,
        };
        serde_json::from_value::<GroupSettings>(whole.clone()).with_context(|| key.to_owned())?;
    }

    Ok(serde_json::from_value(whole)?)
}

fn flat(prefix: &str, value: &Value) -> Vec<(String, String)> {
    let Value::Object(members) = value else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return vec![(prefix.to_owned(), text)];
    };

    members
        .iter()
        .flat_map(|(name, value)| {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            flat(&key, value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn several_settings_change_at_once() {
        let settings = GroupSettings::sensible("mail.example.org");
        let changed = change(&["container.lock_after_seconds=120", "viewing.remote_images=never"]);

        let changed = changed.unwrap();
        assert_eq!(changed.container.lock_after_seconds, 120);
        assert_eq!(changed.container.password, settings.container.password);
        assert_eq!(changed.viewing.remote_images, policy::RemoteImages::Never);
    }

    #[test]
    fn bad_changes_say_what_would_be_right() {
        assert_snapshot!(refused("container.lock_after"), @r#""container.lock_after" is not KEY=VALUE"#);
        assert_snapshot!(refused("container=1"), @r#"there is no setting "container"; there are: certificates.fetch_issuers, certificates.own, certificates.platform_roots, certificates.require_revocation, certificates.roots, container.lock_after_seconds, container.opened_by, container.password.days, container.password.digit, container.password.forbidden_words, container.password.history, container.password.kinds, container.password.letter, container.password.minimum_length, container.password.no_sequences, container.password.symbol, container.password.upper_and_lower, container.wrong_passwords, ldap.attributes, ldap.base, ldap.filter, ldap.server, ldap.without_tls, mail.days, mail.newest_version, mail.oauth.client_id, mail.oauth.issuer, mail.oauth.scopes, mail.server, mail.sign_in, smime.doubtful_certificates, smime.encrypt, smime.sha1_signatures, smime.sign, smime.triple_des, status_interval_seconds, viewing.attachment_limit_mib, viewing.remote_images"#);
        assert_snapshot!(refused("container.wrong_passwords=many"), @r#"container.wrong_passwords: "many" is neither a number nor true or false: expected value at line 1 column 1"#);
        assert_snapshot!(refused("viewing.remote_images=maybe"), @"viewing.remote_images: unknown variant `maybe`, expected `ask` or `never`");
        assert_snapshot!(refused("container.wrong_passwords=4000"), @"container.wrong_passwords: invalid value: integer `4000`, expected u8");
    }

    fn change(changes: &[&str]) -> Result<GroupSettings> {
        let changes: Vec<_> = changes.iter().map(|change| (*change).to_owned()).collect();

        changed(&GroupSettings::sensible("mail.example.org"), &changes)
    }

    fn refused(text: &str) -> String {
        format!("{:#}", change(&[text]).unwrap_err())
    }
}
