//! Groups of people, and the app settings they share.

use crate::{GroupId, Name, refusal};
use policy::{GroupSettings, Violation};
use time::OffsetDateTime;

/// A group of people whose devices have the same settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// The identifier.
    pub id: GroupId,
    /// What it is called.
    pub name: Name,
    /// What its devices are told.
    pub settings: GroupSettings,
    /// Counts the changes of the settings; 1 for the first ones.
    pub revision: u64,
    /// When the settings were changed last.
    pub changed_at: OffsetDateTime,
}

impl Group {
    /// Describes a group with its first settings.
    pub fn new(id: GroupId, name: Name, settings: GroupSettings, now: OffsetDateTime) -> Self {
        Self { id, name, settings, revision: 1, changed_at: now }
    }
}

/// Gives a group other settings. Whoever says which revision they are made of overwrites no other one.
///
/// # Errors
///
/// [`SettingsRefusal`] if nothing would change, another revision was saved meanwhile, or the settings cannot be
/// obeyed.
pub fn change_settings(
    group: Group,
    settings: GroupSettings,
    made_of: Option<u64>,
    now: OffsetDateTime,
) -> Result<Group, SettingsRefusal> {
    if made_of.is_some_and(|revision| revision != group.revision) {
        return Err(SettingsRefusal::Outdated { revision: group.revision });
    }
    check_settings(&settings)?;
    if group.settings == settings {
        return Err(SettingsRefusal::Unchanged);
    }

    Ok(Group { settings, revision: group.revision + 1, changed_at: now, ..group })
}

/// Checks the settings of a group.
///
/// # Errors
///
/// [`InvalidSettings`] names everything that an app could not obey.
pub fn check_settings(settings: &GroupSettings) -> Result<(), InvalidSettings> {
    settings.validate().map_err(|violations| InvalidSettings { violations })
}

/// Some of the settings cannot be obeyed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the settings were not taken: {}", listed(violations))]
pub struct InvalidSettings {
    /// What is wrong, each with its place.
    pub violations: Vec<Violation>,
}

refusal!(InvalidSettings {
    Self { .. } => Invalid "invalid_settings",
});

fn listed(violations: &[Violation]) -> String {
    let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();

    texts.join("; ")
}

/// Why the settings of a group were not changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsRefusal {
    /// An app could not obey them.
    #[error(transparent)]
    Invalid(#[from] InvalidSettings),
    /// Somebody else has changed them meanwhile.
    #[error(
        "the settings were not changed: somebody else saved revision {revision} meanwhile; look at it and change it again"
    )]
    Outdated {
        /// The last revision.
        revision: u64,
    },
    /// They are as they were.
    #[error("the settings were not changed: they are the same as before; nothing is left to do")]
    Unchanged,
}

refusal!(SettingsRefusal {
    Self::Invalid(_) => Invalid "invalid_settings",
    Self::Outdated { .. } => Conflict "settings_outdated",
    Self::Unchanged => Conflict "settings_unchanged",
});

/// Why a group was not made or renamed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SaveRefusal {
    /// An app could not obey its settings.
    #[error(transparent)]
    Invalid(#[from] InvalidSettings),
    /// Another group is called so.
    #[error("the group was not saved: another group has this name; choose another name")]
    NameTaken,
}

refusal!(SaveRefusal {
    Self::Invalid(_) => Invalid "invalid_settings",
    Self::NameTaken => Conflict "name_taken",
});

/// Allows a group with so many people in it to be removed.
///
/// # Errors
///
/// [`RemoveRefusal`] if there are any.
pub fn remove(users: u64) -> Result<(), RemoveRefusal> {
    if users > 0 {
        return Err(RemoveRefusal::HasPeople);
    }

    Ok(())
}

/// Why a group was not removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRefusal {
    /// People would be without settings.
    #[error("the group was not removed: people are in it; move them to another group first")]
    HasPeople,
}

refusal!(RemoveRefusal {
    Self::HasPeople => Conflict "has_people",
});

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;
    use uuid::Uuid;

    #[test]
    fn a_change_counts_and_has_a_date() {
        let other = GroupSettings { status_interval_seconds: 60, ..settings() };
        let changed = change_settings(group(), other.clone(), Some(1), LATER).unwrap();

        assert_eq!(changed, Group { settings: other, revision: 2, changed_at: LATER, ..group() });
    }

    #[test]
    fn the_same_again_is_no_change() {
        let same = change_settings(group(), settings(), None, LATER);

        assert_eq!(same, Err(SettingsRefusal::Unchanged));
    }

    #[test]
    fn another_revision_is_not_overwritten() {
        let other = GroupSettings { status_interval_seconds: 60, ..settings() };
        let late = change_settings(group(), other, Some(2), LATER);

        assert_eq!(late, Err(SettingsRefusal::Outdated { revision: 1 }));
    }

    #[test]
    fn settings_that_no_app_could_obey_are_not_taken() {
        let bad = GroupSettings { status_interval_seconds: 0, ..settings() };
        let refusal = change_settings(group(), bad, None, LATER).unwrap_err();

        insta::assert_snapshot!(refusal, @"the settings were not taken: status_interval_seconds: must be from 60 to 86400");
    }

    #[test]
    fn only_an_empty_group_is_removed() {
        assert_eq!(remove(0), Ok(()));
        assert_eq!(remove(1), Err(RemoveRefusal::HasPeople));
    }

    fn group() -> Group {
        let name = Name::parse("Sales").unwrap();

        Group::new(GroupId(Uuid::from_u128(1)), name, settings(), LATER - Duration::DAY)
    }

    fn settings() -> GroupSettings {
        GroupSettings::sensible("mail.example.com")
    }

    const LATER: OffsetDateTime = datetime!(2026-01-03 03:04:05 UTC);
}
