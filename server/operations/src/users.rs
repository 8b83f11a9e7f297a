//! People.

mod block;
mod change;
mod create;
mod deposit;
mod remove;
mod unblock;
mod views;

use crate::failure::{Failure, Fault};
use crate::work::Work;
use audit::{Subject, SubjectKind};
use fleet::user::{SaveRefusal, User, UserFacts};
use fleet::{MailAddress, UserId};
use store::SaveUserError;

fn subject(id: UserId) -> Subject {
    Subject::new(SubjectKind::User, id)
}

async fn load<R>(work: &mut Work, id: UserId) -> Result<User, Failure<R>> {
    let Some(user) = work.unit.user(id).await? else {
        return Err(Failure::Unknown(SubjectKind::User));
    };
    work.label(&user.login);

    Ok(user)
}

/// Saves a person whose names have not changed; their devices hear of it.
async fn save<R>(work: &mut Work, user: User) -> Result<User, Failure<R>> {
    match work.unit.save_user(&user).await {
        Ok(()) => Ok(user),
        Err(SaveUserError::Store(error)) => Err(error.into()),
        Err(error @ (SaveUserError::AddressTaken | SaveUserError::LoginTaken)) => {
            Err(Fault::broken("saving a person's own names", error).into())
        }
    }
}

/// Locks the group that a person is to be in, and notes what the person is to be.
async fn check_facts(work: &mut Work, facts: &UserFacts) -> Result<(), Failure<SaveRefusal>> {
    let addresses: Vec<_> = facts.addresses.iter().map(MailAddress::as_str).collect();
    work.note("login", &facts.login);
    work.note("name", &facts.name);
    work.note("addresses", addresses.join(" "));
    let Some(group) = work.unit.group(facts.group).await? else {
        return Err(Failure::Refused(SaveRefusal::UnknownGroup));
    };
    work.note("group", &group.name);

    Ok(())
}

fn not_saved(error: SaveUserError) -> Failure<SaveRefusal> {
    match error {
        SaveUserError::AddressTaken => Failure::Refused(SaveRefusal::AddressTaken),
        SaveUserError::LoginTaken => Failure::Refused(SaveRefusal::LoginTaken),
        SaveUserError::Store(error) => error.into(),
    }
}
