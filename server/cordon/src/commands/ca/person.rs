//! `cordon ca person`: a key and a certificate for somebody who has none.

use super::view::CertificateView;
use crate::cli::{CaPerson, NewKey};
use crate::commands::devices::owner;
use crate::commands::password;
use crate::commands::unfinished::Unfinished;
use crate::output::{Output, Refused, ended};
use ::audit::Actor;
use ::ca::{Issuer, Profile};
use ::pki::{AlternativeName, Certificate, Subject, make_request};
use anyhow::{Context as _, Result};
use fleet::user::User;
use fleet::{MailAddress, UserId};
use keys::SoftwareKey;
use keys::pkcs12::{self, Identity};
use operations::{CertificateOrder, Operations};
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

/// How often the password of the file is stretched: as long as a phone takes for it without being slow.
const ROUNDS: u32 = 600_000;

/// The fewest characters of a password that anybody may try at home who finds the file.
const SHORTEST: usize = 10;

/// Makes the key here and keeps nothing of it: it is in the file alone.
pub(super) async fn make(
    operations: &Operations,
    actor: &Actor,
    order: CaPerson,
    output: Output,
) -> Result<()> {
    let user = person(operations, owner(operations, &order.login).await?).await?;
    // What can be found out is found out before a certificate exists.
    let path = order.out.as_path();
    refuse_existing(path)?;
    let file = Unfinished::beside(path, 0o600)?;
    let password = password::of_file(order.password_file.as_deref())?;
    if password.expose_secret().chars().count() < SHORTEST {
        let text = format!(
            "the password has fewer than {SHORTEST} characters; whoever finds the file can try as many as they like, so take a longer one"
        );
        return Err(Refused::new("password_too_short", text).into());
    }

    let key = order.key.make()?;
    let request = make_request(&Subject::new(user.name.as_str()), &key)?;
    let addresses = user.addresses.iter().map(MailAddress::as_str).map(str::to_owned);
    let wanted = CertificateOrder {
        profile: Profile::Person,
        request: &request,
        name: Some(user.name.as_str()),
        names: addresses.map(AlternativeName::Email).collect(),
        user: Some(user.id),
    };
    let issued = ended(operations.issue_certificate(actor, wanted).await)?;
    let certificate = issued.der.clone().context("the certificate was not kept")?;
    let chain = operations.authority().issuer();
    let chain = std::iter::once(chain).chain(operations.authority().root());
    let chain = chain.map(Issuer::certificate).map(Certificate::as_der).map(<[u8]>::to_vec);
    let identity = Identity { key, certificate: certificate.clone(), chain: chain.collect() };
    let sealed = pkcs12::seal(&identity, password.expose_secret(), ROUNDS);
    let written = sealed.map_err(anyhow::Error::from).and_then(|sealed| {
        file.file().write_all(&sealed)?;
        file.finish_new(path)
    });
    written.with_context(|| {
        format!(
            "the certificate {serial} is issued, but its key is in no file and lost; run: cordon ca revoke {serial} --reason cessationOfOperation",
            serial = issued.serial
        )
    })?;
    if !order.no_deposit {
        ended(operations.deposit_certificate(actor, user.id, &certificate).await).with_context(
            || {
                format!(
                    "{} is written, but its certificate is not deposited; run: cordon user certificate {}",
                    path.display(),
                    order.login
                )
            },
        )?;
    }
    let view = CertificateView::new(&issued, operations.now())?;
    let page = format!("{}\n{}", view.page(), next(path, &order.login, !order.no_deposit));
    let value = json!({ "certificate": view, "file": path, "deposited": !order.no_deposit });

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

async fn person(operations: &Operations, id: UserId) -> Result<User> {
    let found = operations.user(id).await?.context("the person was removed meanwhile")?;

    Ok(found.user)
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

impl NewKey {
    fn make(self) -> Result<SoftwareKey> {
        let made = match self {
            Self::P256 => SoftwareKey::make_p256(),
            Self::P384 => SoftwareKey::make_p384(),
            Self::Rsa => SoftwareKey::make_rsa(3072),
        };

        made.context("cannot make a key")
    }
}
