//! Administrators and their sessions.

mod change_password;
mod create;
mod password;
mod remove;
mod session;
mod set_password;
mod sign_in;
mod token;
mod views;

pub use sign_in::SignedIn;

use crate::failure::Failure;
use crate::work::Work;
use audit::{Subject, SubjectKind};
use fleet::AdministratorId;
use fleet::administrator::Administrator;
use store::PasswordHash;

fn subject(id: AdministratorId) -> Subject {
    Subject::new(SubjectKind::Administrator, id)
}

async fn load<R>(
    work: &mut Work,
    id: AdministratorId,
) -> Result<(Administrator, PasswordHash), Failure<R>> {
    let Some((administrator, password)) = work.unit.administrator(id).await? else {
        return Err(Failure::Unknown(SubjectKind::Administrator));
    };
    work.label(&administrator.name);

    Ok((administrator, password))
}
