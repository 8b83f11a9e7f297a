//! Who acts, and what is acted upon.

use std::fmt;
use uuid::Uuid;

/// Who did or tried something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Actor {
    /// A signed-in administrator, by name.
    Administrator(String),
    /// Somebody at the server's command line, by the name of their operating system account.
    CommandLine(String),
    /// A registered device, proven by its certificate.
    Device(Uuid),
    /// Whoever holds the code of an invitation.
    Invitation(Uuid),
    /// The server itself, unasked.
    Server,
    /// Somebody who has not proven who they are.
    Visitor,
}

impl Actor {
    /// Returns the stable name of the kind of actor.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Administrator(_) => "administrator",
            Self::CommandLine(_) => "command-line",
            Self::Device(_) => "device",
            Self::Invitation(_) => "invitation",
            Self::Server => "server",
            Self::Visitor => "visitor",
        }
    }

    /// Returns the name within the kind; empty where a kind has only one member.
    pub fn name(&self) -> String {
        match self {
            Self::Administrator(name) | Self::CommandLine(name) => name.clone(),
            Self::Device(id) | Self::Invitation(id) => id.to_string(),
            Self::Server | Self::Visitor => String::new(),
        }
    }

    /// Puts together what [`kind`](Self::kind) and [`name`](Self::name) took apart.
    pub fn parse(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "administrator" => Some(Self::Administrator(name.to_owned())),
            "command-line" => Some(Self::CommandLine(name.to_owned())),
            "device" => Uuid::parse_str(name).ok().map(Self::Device),
            "invitation" => Uuid::parse_str(name).ok().map(Self::Invitation),
            "server" => name.is_empty().then_some(Self::Server),
            "visitor" => name.is_empty().then_some(Self::Visitor),
            _ => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server | Self::Visitor => f.write_str(self.kind()),
            Self::Administrator(_)
            | Self::CommandLine(_)
            | Self::Device(_)
            | Self::Invitation(_) => {
                write!(f, "{} {}", self.kind(), self.name())
            }
        }
    }
}

/// What an action was done to, as it was called at that time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// Which one; nil where there is only one, or where a name led to nothing.
    pub id: Uuid,
    /// The name it had when the action was done; empty if it has none or is unknown.
    pub label: String,
}

impl Subject {
    /// Names a thing by its kind and identifier; its label may follow once it is known.
    pub fn new(kind: SubjectKind, id: impl Into<Uuid>) -> Self {
        Self { kind, id: id.into(), label: String::new() }
    }

    /// Names the server itself.
    pub fn server() -> Self {
        Self::new(SubjectKind::Server, Uuid::nil())
    }

    /// Adds the name that people know it by.
    #[must_use]
    pub fn labelled(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }
}

/// Which kind of thing was acted upon.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SubjectKind {
    /// An administrator account.
    Administrator,
    /// A certificate that this server's authority issued.
    Certificate,
    /// A device.
    Device,
    /// A group.
    Group,
    /// An invitation.
    Invitation,
    /// The server.
    Server,
    /// A user.
    User,
}

impl SubjectKind {
    /// Every kind, in alphabetical order.
    pub const ALL: &[Self] = &[
        Self::Administrator,
        Self::Certificate,
        Self::Device,
        Self::Group,
        Self::Invitation,
        Self::Server,
        Self::User,
    ];

    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Certificate => "certificate",
            Self::Device => "device",
            Self::Group => "group",
            Self::Invitation => "invitation",
            Self::Server => "server",
            Self::User => "user",
        }
    }

    /// Finds the kind with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_survives_being_taken_apart() {
        for actor in [
            Actor::Administrator("anna".into()),
            Actor::CommandLine("root".into()),
            Actor::Device(Uuid::from_u128(7)),
            Actor::Invitation(Uuid::from_u128(8)),
            Actor::Server,
            Actor::Visitor,
        ] {
            assert_eq!(Actor::parse(actor.kind(), &actor.name()), Some(actor));
        }
    }

    #[test]
    fn an_actor_that_nobody_writes_is_not_read() {
        for (kind, name) in [("device", "anna"), ("server", "anna"), ("robot", "")] {
            assert_eq!(Actor::parse(kind, name), None, "{kind} {name}");
        }
    }

    #[test]
    fn every_kind_of_subject_is_found_by_its_name() {
        for kind in SubjectKind::ALL {
            assert_eq!(SubjectKind::parse(kind.name()), Some(*kind));
        }
    }
}
