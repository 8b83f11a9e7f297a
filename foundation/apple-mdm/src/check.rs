//! Holds profiles and commands against the schema, before a device sees them.

mod profile;
mod value;

use crate::schema::Schema;
use crate::schema::{Kind, Mode, System};
use crate::{Enrolment, Target, Version};
use plist::Dictionary;
use std::fmt;

/// Checks a profile for a device, or for any if none is named. The answer is in the order of the profile; empty if all
/// is well.
pub fn check(profile: &Dictionary, target: Option<&Target>) -> Vec<Finding> {
    let mut checking = Checking { schema: Schema::apple(), target, found: Vec::new() };
    checking.profile(profile);

    checking.found
}

/// Checks a command to a device: its `RequestType` and what belongs to that.
pub fn check_command(command: &Dictionary, target: Option<&Target>) -> Vec<Finding> {
    let mut checking = Checking { schema: Schema::apple(), target, found: Vec::new() };
    checking.command(command);

    checking.found
}

/// Checks a declaration (Apple, Declarative Management): its `Type` and the `Payload` that belongs to that.
pub fn check_declaration(declaration: &Dictionary, target: Option<&Target>) -> Vec<Finding> {
    let mut checking = Checking { schema: Schema::apple(), target, found: Vec::new() };
    checking.declaration(declaration);

    checking.found
}

/// Something about a value that whoever made it should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Where, for example `PayloadContent[2].maxFailedAttempts`.
    pub place: String,
    /// What.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// The device refuses it, or does something else than meant.
    Error,
    /// The device takes it, and it may not be what is meant.
    Warning,
}

/// What is wrong with a value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The profile refers to a payload that it does not have.
    #[error("there is no payload with the UUID {0} in the profile")]
    Dangling(String),
    /// Apple advises against it.
    #[error("deprecated since {0}")]
    Deprecated(Version),
    /// Two payloads say that they are the same.
    #[error("{0} is in the profile twice")]
    Duplicate(String),
    /// The identity that it refers to is none.
    #[error("{0} is no payload with an identity (SCEP, ACME, PKCS#12)")]
    NoIdentity(String),
    /// A device enrolled by its user ignores it.
    #[error("ignored where the user enrols a private device")]
    IgnoredByUserEnrolment,
    /// It must be there.
    #[error("missing")]
    Missing,
    /// The device's system does not know it yet.
    #[error("known from {0} on")]
    NotYet(Version),
    /// iOS does not know it at all.
    #[error("not known to iOS")]
    NotOnIos,
    /// It is only for devices that are enrolled by their users.
    #[error("only where the user enrols a private device")]
    OnlyUserEnrolment,
    /// Only supervised devices take it.
    #[error("only for supervised devices")]
    OnlySupervised,
    /// The device's system knows it no more.
    #[error("removed in {0}")]
    Removed(Version),
    /// More than one payload of a type that must be alone.
    #[error("a profile has one payload of the type {0} at most")]
    Several(String),
    /// A device that is enrolled by its user refuses it.
    #[error("refused where the user enrols a private device")]
    RefusedByUserEnrolment,
    /// Nobody here knows it; the device may.
    #[error("unknown: misspelt, or newer than iOS 18.1")]
    Unknown,
    /// The type is not known here, so nothing in it was checked.
    #[error("the type {0} is not known here and was not checked")]
    UnknownType(String),
    /// It looks otherwise.
    #[error("{found} does not look like {wanted}")]
    WrongFormat {
        /// What is there.
        found: String,
        /// The regular expression.
        wanted: String,
    },
    /// An array has too few or too many values.
    #[error("{found} values; {wanted}")]
    WrongNumber {
        /// How many are there.
        found: usize,
        /// How many may be, in words.
        wanted: String,
    },
    /// Another type of value.
    #[error("should be of the type {wanted}, not {found}")]
    WrongType {
        /// The right one.
        wanted: &'static str,
        /// That which is there.
        found: &'static str,
    },
    /// Another value than those that may be.
    #[error("{found} is not allowed; {wanted}")]
    WrongValue {
        /// What is there.
        found: String,
        /// What may be, in words.
        wanted: String,
    },
    /// The device would make a key of 1024 bits, which nobody should trust.
    #[error("RSA keys need 2048 bits; without Keysize devices make one of 1024")]
    WeakKey,
}

impl Problem {
    /// Tells how bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Deprecated(_)
            | Self::IgnoredByUserEnrolment
            | Self::Unknown
            | Self::UnknownType(_) => Severity::Warning,
            Self::Dangling(_)
            | Self::Duplicate(_)
            | Self::NoIdentity(_)
            | Self::Missing
            | Self::NotYet(_)
            | Self::NotOnIos
            | Self::OnlyUserEnrolment
            | Self::OnlySupervised
            | Self::Removed(_)
            | Self::Several(_)
            | Self::RefusedByUserEnrolment
            | Self::WrongFormat { .. }
            | Self::WrongNumber { .. }
            | Self::WrongType { .. }
            | Self::WrongValue { .. }
            | Self::WeakKey => Severity::Error,
        }
    }

    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Dangling(_) => "dangling",
            Self::Deprecated(_) => "deprecated",
            Self::Duplicate(_) => "duplicate",
            Self::NoIdentity(_) => "no_identity",
            Self::IgnoredByUserEnrolment => "ignored_by_user_enrolment",
            Self::Missing => "missing",
            Self::NotYet(_) => "not_yet",
            Self::NotOnIos => "not_on_ios",
            Self::OnlyUserEnrolment => "only_user_enrolment",
            Self::OnlySupervised => "only_supervised",
            Self::Removed(_) => "removed",
            Self::Several(_) => "several",
            Self::RefusedByUserEnrolment => "refused_by_user_enrolment",
            Self::Unknown => "unknown",
            Self::UnknownType(_) => "unknown_type",
            Self::WrongFormat { .. } => "wrong_format",
            Self::WrongNumber { .. } => "wrong_number",
            Self::WrongType { .. } => "wrong_type",
            Self::WrongValue { .. } => "wrong_value",
            Self::WeakKey => "weak_key",
        }
    }
}

struct Checking<'a> {
    schema: &'static Schema,
    target: Option<&'a Target>,
    found: Vec<Finding>,
}

impl Checking<'_> {
    fn report(&mut self, place: &str, problem: Problem) {
        self.found.push(Finding { place: place.to_owned(), problem });
    }

    fn command(&mut self, command: &Dictionary) {
        let Some(name) = command.get("RequestType").and_then(plist::Value::as_string) else {
            return self.report("RequestType", Problem::Missing);
        };
        let Some(entry) = self.schema.entries(Kind::Command, name).first() else {
            return self.report("RequestType", Problem::UnknownType(name.to_owned()));
        };
        self.system("RequestType", &entry.system);
        // What every command may have, whatever its type (`mdm/commands` says it in prose).
        let common = ["RequestType", "RequestRequiresNetworkTether"];
        let keys: Vec<_> = self.schema.keys(&entry.keys).collect();
        self.dictionary("", command, &keys, &common);
    }

    fn declaration(&mut self, declaration: &Dictionary) {
        for name in ["Identifier", "ServerToken"] {
            if declaration.get(name).and_then(plist::Value::as_string).is_none() {
                self.report(name, Problem::Missing);
            }
        }
        for name in declaration.keys() {
            if !["Identifier", "ServerToken", "Type", "Payload"].contains(&name.as_str()) {
                self.report(name, Problem::Unknown);
            }
        }
        let Some(name) = declaration.get("Type").and_then(plist::Value::as_string) else {
            return self.report("Type", Problem::Missing);
        };
        let Some(entry) = self.schema.entries(Kind::Declaration, name).first() else {
            return self.report("Type", Problem::UnknownType(name.to_owned()));
        };
        self.system("Type", &entry.system);
        let keys: Vec<_> = self.schema.keys(&entry.keys).collect();
        match declaration.get("Payload") {
            Some(plist::Value::Dictionary(payload)) => {
                self.dictionary("Payload", payload, &keys, &[]);
            }
            Some(_) => {
                let problem = Problem::WrongType { wanted: "dictionary", found: "something else" };
                self.report("Payload", problem);
            }
            None => self.report("Payload", Problem::Missing),
        }
    }

    /// Reports where something is not known, or not wanted.
    fn system(&mut self, place: &str, system: &System) {
        let Ok(introduced) = system.introduced() else {
            return self.report(place, Problem::NotOnIos);
        };
        let version = self.target.and_then(|target| target.version);
        let since = |other: Version| version.is_some_and(|version| version >= other);
        if let Some(introduced) = introduced
            && version.is_some_and(|version| version < introduced)
        {
            self.report(place, Problem::NotYet(introduced));
        }
        match (system.removed(), system.deprecated()) {
            (Some(removed), _) if since(removed) => self.report(place, Problem::Removed(removed)),
            (_, Some(deprecated)) if version.is_none() || since(deprecated) => {
                self.report(place, Problem::Deprecated(deprecated));
            }
            _ => {}
        }
        let Some(target) = self.target else { return };
        if system.supervised == Some(true) && !target.supervised {
            self.report(place, Problem::OnlySupervised);
        }
        match (system.user_enrolment, target.enrolment) {
            (Some(Mode::Forbidden), Enrolment::User) => {
                self.report(place, Problem::RefusedByUserEnrolment);
            }
            (Some(Mode::Ignored), Enrolment::User) => {
                self.report(place, Problem::IgnoredByUserEnrolment);
            }
            (Some(Mode::Required), Enrolment::Device) => {
                self.report(place, Problem::OnlyUserEnrolment);
            }
            _ => {}
        }
    }
}

/// The place of a key below another place.
fn below(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") }
}
