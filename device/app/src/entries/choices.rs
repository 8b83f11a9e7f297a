//! Choices among few, by stable names.

use activesync::messages::{
    AttendeeStatus, AttendeeType, BusyStatus, Importance, ResponseType, Sensitivity,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Declares a choice with the number or name that the protocol has for each.
macro_rules! choices {
    ($($(#[$doc:meta])* pub enum $name:ident: $wire:ident { $($(#[$variant_doc:meta])* $variant:ident = $other:ident,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
            #[serde(rename_all = "snake_case")]
            pub enum $name {
                $($(#[$variant_doc])* $variant,)*
            }

            impl From<$wire> for $name {
                fn from(wire: $wire) -> Self {
                    match wire {
                        $($wire::$other => Self::$variant,)*
                    }
                }
            }

            impl From<$name> for $wire {
                fn from(choice: $name) -> Self {
                    match choice {
                        $($name::$variant => Self::$other,)*
                    }
                }
            }
        )*
    };
}

choices! {
    /// How the time of an event counts for others.
    pub enum Busy: BusyStatus {
        /// Busy.
        Busy = Busy,
        /// Free.
        Free = Free,
        /// Out of office.
        OutOfOffice = OutOfOffice,
        /// Perhaps busy.
        Tentative = Tentative,
        /// Working elsewhere.
        WorkingElsewhere = WorkingElsewhere,
    }

    /// Who may see an entry.
    pub enum EventSensitivity: Sensitivity {
        /// Its owner, marked as confidential.
        Confidential = Confidential,
        /// Everybody with access to the folder.
        Normal = Normal,
        /// As normal, marked as personal.
        Personal = Personal,
        /// Its owner.
        Private = Private,
    }

    /// How an attendee is wanted.
    pub enum AttendeeKind: AttendeeType {
        /// A person who may come.
        Optional = Optional,
        /// A person whose presence is needed.
        Required = Required,
        /// A room or a thing.
        Resource = Resource,
    }

    /// How urgent a task is.
    pub enum ItemImportance: Importance {
        /// Urgent.
        High = High,
        /// Can wait.
        Low = Low,
        /// As usual.
        Normal = Normal,
    }
}

/// What somebody answered to an invitation.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Yes.
    Accepted,
    /// No.
    Declined,
    /// Nothing yet.
    None,
    /// It is who invites.
    Organizer,
    /// Perhaps.
    Tentative,
}

impl From<AttendeeStatus> for Reply {
    fn from(status: AttendeeStatus) -> Self {
        match status {
            AttendeeStatus::Accepted => Self::Accepted,
            AttendeeStatus::Declined => Self::Declined,
            AttendeeStatus::NotResponded | AttendeeStatus::Unknown => Self::None,
            AttendeeStatus::Tentative => Self::Tentative,
        }
    }
}

impl From<ResponseType> for Reply {
    fn from(response: ResponseType) -> Self {
        match response {
            ResponseType::Accepted => Self::Accepted,
            ResponseType::Declined => Self::Declined,
            ResponseType::None | ResponseType::NotResponded => Self::None,
            ResponseType::Organizer => Self::Organizer,
            ResponseType::Tentative => Self::Tentative,
        }
    }
}

/// How often something happens again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Frequency {
    Daily,
    Monthly,
    Weekly,
    Yearly,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All days, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
}

impl From<Weekday> for time::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}
