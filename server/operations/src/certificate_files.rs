//! Files with a person's certificate and key, on their way to the person's app (`docs/certificate-files.md`).

mod deposit;
mod end;
mod hand_out;
mod views;

pub use deposit::MailedFile;
pub use hand_out::{Fetcher, HandedOut};

use crate::failure::{Failure, Fault};
use crate::work::Work;
use audit::{Subject, SubjectKind};
use data_encoding::HEXLOWER;
use fleet::UserId;
use fleet::certificate_file::{CertificateFile, Source};
use fleet::user::User;

fn subject(user: UserId) -> Subject {
    Subject::new(SubjectKind::User, user)
}

async fn load<R>(work: &mut Work, id: UserId) -> Result<User, Failure<R>> {
    let Some(user) = work.unit.user(id).await? else {
        return Err(Failure::Unknown(SubjectKind::User));
    };
    work.label(&user.login);

    Ok(user)
}

/// Notes which file it is.
fn note(work: &mut Work, name: &str, digest: &[u8; 32], source: &Source) {
    work.note("file", name);
    work.note("sha256", HEXLOWER.encode(digest));
    match source {
        Source::Administrator => work.note("source", "administrator"),
        Source::Mail { sender } => {
            work.note("source", "mail");
            work.note("sender", sender);
        }
    }
}

/// What the content of a file is sealed under.
fn seal_name(file: &CertificateFile) -> String {
    format!("certificate file {}", file.id)
}

fn damaged(file: &CertificateFile, what: &'static str) -> Fault {
    let row = file.id.to_string();

    store::StoreError::Damaged { table: "certificate_files", row, what }.into()
}
