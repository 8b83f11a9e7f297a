//! Apple's schema, as `schema.json` holds it: entries, and keys that are numbered so that they can hold each other.

use crate::Version;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static APPLE: LazyLock<Schema> = LazyLock::new(|| {
    let file: File = serde_json::from_str(include_str!("../schema.json"))
        .expect("the schema that is built in can be read");
    let mut by_type: BTreeMap<_, Vec<Entry>> = BTreeMap::new();
    for entry in file.entries {
        by_type.entry((entry.kind, entry.name.clone())).or_default().push(entry);
    }

    Schema { by_type, keys: file.keys }
});

/// The keys of payloads, commands and declarations, and what is right for them.
#[derive(Debug)]
pub(crate) struct Schema {
    by_type: BTreeMap<(Kind, String), Vec<Entry>>,
    keys: Vec<Key>,
}

impl Schema {
    /// Apple's own, for iOS and iPadOS 18.1.
    pub(crate) fn apple() -> &'static Self {
        &APPLE
    }

    /// All files about one type; a few have several, of which one must fit.
    pub(crate) fn entries(&self, kind: Kind, name: &str) -> &[Entry] {
        self.by_type.get(&(kind, name.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn keys(&self, numbers: &[usize]) -> impl Iterator<Item = &Key> {
        numbers.iter().filter_map(|number| self.keys.get(*number))
    }
}

#[derive(Debug, Deserialize)]
struct File {
    entries: Vec<Entry>,
    keys: Vec<Key>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Command,
    Declaration,
    Payload,
}

/// A payload, a command or a declaration.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    kind: Kind,
    #[serde(rename = "type")]
    name: String,
    pub(crate) system: System,
    pub(crate) keys: Vec<usize>,
}

/// A key of a dictionary, or the values of an array.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    #[serde(rename = "key")]
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: ValueKind,
    #[serde(default)]
    pub(crate) required: bool,
    /// The only values that are right.
    #[serde(default)]
    pub(crate) values: Vec<Value>,
    /// The least and the greatest number.
    #[serde(default)]
    pub(crate) range: Option<(Option<f64>, Option<f64>)>,
    /// How many values an array has, at least and at most.
    #[serde(default)]
    pub(crate) count: Option<(Option<usize>, Option<usize>)>,
    /// What a string looks like, as a regular expression.
    #[serde(default)]
    pub(crate) format: Option<String>,
    #[serde(default)]
    pub(crate) system: System,
    #[serde(default)]
    pub(crate) keys: Vec<usize>,
}

impl Key {
    /// Stands for keys of any name.
    pub(crate) fn is_any(&self) -> bool {
        self.name.starts_with("ANY")
    }
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ValueKind {
    Any,
    Array,
    Boolean,
    Data,
    Date,
    Dictionary,
    Integer,
    Real,
    String,
}

/// On which devices something is known. What is not said is as for what it is in.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct System {
    introduced: Option<String>,
    deprecated: Option<String>,
    removed: Option<String>,
    pub(crate) supervised: Option<bool>,
    pub(crate) multiple: Option<bool>,
    pub(crate) user_enrolment: Option<Mode>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    Allowed,
    Forbidden,
    Ignored,
    Required,
}

impl System {
    /// The first version; an error if iOS does not know it at all.
    pub(crate) fn introduced(&self) -> Result<Option<Version>, Never> {
        match self.introduced.as_deref() {
            Some("n/a") => Err(Never),
            other => Ok(other.and_then(|version| version.parse().ok())),
        }
    }

    pub(crate) fn deprecated(&self) -> Option<Version> {
        self.deprecated.as_ref().and_then(|version| version.parse().ok())
    }

    pub(crate) fn removed(&self) -> Option<Version> {
        self.removed.as_ref().and_then(|version| version.parse().ok())
    }
}

/// iOS does not know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Never;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_whole() {
        let schema = Schema::apple();
        let own = |(kind, name): &&(Kind, String)| {
            *kind == Kind::Payload && name.starts_with("com.apple.")
        };
        assert_eq!(schema.by_type.keys().filter(own).count(), 48);
        let mut seen = 0;
        for entry in schema.by_type.values().flatten() {
            assert_eq!(schema.keys(&entry.keys).count(), entry.keys.len());
            seen += 1;
        }
        assert_eq!((seen, schema.keys.len()), (160, 1784));
        for key in &schema.keys {
            assert_eq!(schema.keys(&key.keys).count(), key.keys.len(), "{}", key.name);
        }
    }

    #[test]
    fn every_version_is_one() {
        let schema = Schema::apple();
        let systems = schema.keys.iter().map(|key| &key.system);
        for system in systems.chain(schema.by_type.values().flatten().map(|entry| &entry.system)) {
            for version in [&system.introduced, &system.deprecated, &system.removed] {
                let known = |it: &String| it == "n/a" || it.parse::<Version>().is_ok();
                assert!(version.as_ref().is_none_or(known), "{system:?}");
            }
        }
    }
}
