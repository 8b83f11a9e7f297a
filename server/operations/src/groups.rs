//! Groups and their settings.

mod change_settings;
mod create;
mod remove;
mod rename;
mod views;

use crate::failure::Failure;
use crate::work::Work;
use audit::{Subject, SubjectKind};
use fleet::GroupId;
use fleet::group::{Group, SaveRefusal};
use store::InsertError;

fn subject(id: GroupId) -> Subject {
    Subject::new(SubjectKind::Group, id)
}

async fn load<R>(work: &mut Work, id: GroupId) -> Result<Group, Failure<R>> {
    let Some(group) = work.unit.group(id).await? else {
        return Err(Failure::Unknown(SubjectKind::Group));
    };
    work.label(&group.name);

    Ok(group)
}

fn not_saved(error: InsertError) -> Failure<SaveRefusal> {
    match error {
        InsertError::Store(error) => error.into(),
        InsertError::Taken => Failure::Refused(SaveRefusal::NameTaken),
    }
}
