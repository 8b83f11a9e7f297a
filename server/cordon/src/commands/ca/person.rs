//! `cordon ca person`: a key and a certificate for somebody who has none.

use super::view::CertificateView;
use crate::cli::{CaPerson, KeyKind};
use crate::commands::devices::owner;
use crate::commands::password;
use crate::commands::unfinished::Unfinished;
use crate::output::{Output, Refused, ended};
use ::audit::Actor;
use anyhow::{Context as _, Result};
use operations::{KeyFileOrder, NewKey, Operations};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// Makes the key here and keeps nothing of it: it is in the file alone.
pub(super) async fn make(
    operations: &Operations,
    actor: &Actor,
    order: CaPerson,
    output: Output,
) -> Result<()> {
    let CaPerson { login, out, key, password_file, no_deposit } = order;
    let user = owner(operations, &login).await?;
    // What can be found out is found out before a certificate exists.
    refuse_existing(&out)?;
    let file = Unfinished::beside(&out, 0o600)?;
    let password = password::of_file(password_file.as_deref())?;

    let wanted = KeyFileOrder { user, key: key.into(), password };
    let made = ended(operations.make_key_file(actor, wanted).await)?;
    let written = file.file().write_all(&made.pkcs12).map_err(anyhow::Error::from);
    written.and_then(|()| file.finish_new(&out)).with_context(|| {
        let serial = &made.issued.serial;
        format!(
            "the certificate {serial} is issued, but its key is in no file and lost; run: cordon ca revoke {serial} --reason cessationOfOperation"
        )
    })?;
    if !no_deposit {
        let deposited = operations.deposit_certificate(actor, user, &made.certificate).await;
        ended(deposited).with_context(|| {
            let path = out.display();
            format!(
                "{path} is written, but its certificate is not deposited; run: cordon user certificate {login}"
            )
        })?;
    }
    let view = CertificateView::new(&made.issued, operations.now())?;
    let page = format!("{}\n{}", view.page(), next(&out, &login, !no_deposit));
    let value = json!({ "certificate": view, "file": out, "deposited": !no_deposit });

    output.print(&value, page)
}

fn next(path: &Path, login: &str, deposited: bool) -> String {
    let path = path.display();
    let deposited = if deposited {
        format!(
            "It is deposited: invitations of {login} are encrypted for it (cordon invite {login})."
        )
    } else {
        format!("It is not deposited; for registrations: cordon user certificate {login}.")
    };

    format!(
        "\nThe key is in {path} alone. Give {login} the file, and the password by another way.\n{deposited}"
    )
}

fn refuse_existing(path: &Path) -> Result<()> {
    if path.try_exists().with_context(|| path.display().to_string())? {
        let text = format!(
            "{} is there already, and might be the only place of a key; name another file, or move that one away",
            path.display()
        );
        return Err(Refused::new("file_exists", text).into());
    }

    Ok(())
}

impl From<KeyKind> for NewKey {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::P256 => Self::P256,
            KeyKind::P384 => Self::P384,
            KeyKind::Rsa => Self::Rsa,
        }
    }
}
