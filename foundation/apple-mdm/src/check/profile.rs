//! A profile as a whole: its payloads, and how they hang together.

#![expect(clippy::wildcard_enum_match_arm, reason = "property lists may get other kinds of value")]

use super::{Checking, Problem, below};
use crate::schema::Kind;
use plist::{Dictionary, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Payloads that bring a key with its certificate.
const IDENTITIES: [&str; 3] =
    ["com.apple.security.acme", "com.apple.security.pkcs12", "com.apple.security.scep"];

/// What the profile service may ask a device for (Apple, Over-the-Air Profile Delivery, table 2-1).
const ATTRIBUTES: [&str; 10] = [
    "DEVICE_ID",
    "DEVICE_NAME",
    "ICCID",
    "IMEI",
    "MAC_ADDRESS_EN0",
    "MEID",
    "PRODUCT",
    "SERIAL",
    "UDID",
    "VERSION",
];

impl Checking<'_> {
    pub(super) fn profile(&mut self, profile: &Dictionary) {
        if text(profile, "PayloadType") == Some("Profile Service") {
            return self.profile_service(profile);
        }
        let Some(entry) = self.schema.entries(Kind::Payload, "TopLevel").first() else { return };
        let encrypted = profile.contains_key("EncryptedPayloadContent");
        let keys: Vec<_> = self.schema.keys(&entry.keys).collect();
        let top: Vec<_> = keys.into_iter().filter(|key| key.name != "PayloadContent").collect();
        self.dictionary("", profile, &top, &["PayloadContent"]);
        match profile.get("PayloadContent") {
            Some(Value::Array(payloads)) => self.payloads(payloads),
            Some(_) => {
                let problem = Problem::WrongType { wanted: "array", found: "something else" };
                self.report("PayloadContent", problem);
            }
            None if encrypted => {}
            None => self.report("PayloadContent", Problem::Missing),
        }
    }

    /// The first profile of an enrolment over the air, which asks the device for what it is.
    fn profile_service(&mut self, profile: &Dictionary) {
        for name in ["PayloadIdentifier", "PayloadUUID", "PayloadVersion"] {
            if !profile.contains_key(name) {
                self.report(name, Problem::Missing);
            }
        }
        let Some(content) = profile.get("PayloadContent").and_then(Value::as_dictionary) else {
            return self.report("PayloadContent", Problem::Missing);
        };
        match text(content, "URL") {
            Some(url) if url.starts_with("https://") => {}
            Some(url) => {
                let (found, wanted) = (format!("{url:?}"), "^https://.*$".to_owned());
                self.report("PayloadContent.URL", Problem::WrongFormat { found, wanted });
            }
            None => self.report("PayloadContent.URL", Problem::Missing),
        }
        let asked = content.get("DeviceAttributes").and_then(Value::as_array);
        for (number, attribute) in asked.into_iter().flatten().enumerate() {
            let found = attribute.as_string().unwrap_or("this");
            if !ATTRIBUTES.contains(&found) {
                let wanted = format!("one of {}", ATTRIBUTES.join(", "));
                let problem = Problem::WrongValue { found: found.to_owned(), wanted };
                self.report(&format!("PayloadContent.DeviceAttributes[{number}]"), problem);
            }
        }
    }

    fn payloads(&mut self, payloads: &[Value]) {
        for (number, payload) in payloads.iter().enumerate() {
            let place = format!("PayloadContent[{number}]");
            match payload {
                Value::Dictionary(payload) => self.payload(&place, payload),
                _ => {
                    let problem =
                        Problem::WrongType { wanted: "dictionary", found: "something else" };
                    self.report(&place, problem);
                }
            }
        }
        self.together(payloads);
    }

    fn payload(&mut self, place: &str, payload: &Dictionary) {
        let common = self.schema.entries(Kind::Payload, "CommonPayloadKeys");
        let common: Vec<_> = common.iter().flat_map(|it| self.schema.keys(&it.keys)).collect();
        let Some(kind) = text(payload, "PayloadType") else {
            return self.report(&below(place, "PayloadType"), Problem::Missing);
        };
        let entries = self.schema.entries(Kind::Payload, kind);
        if entries.is_empty() {
            let problem = Problem::UnknownType(kind.to_owned());
            self.report(&below(place, "PayloadType"), problem);
            // What all payloads have is right or wrong all the same.
            let only_common: Dictionary = payload
                .iter()
                .filter(|(name, _)| common.iter().any(|key| key.name == **name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            return self.dictionary(place, &only_common, &common, &[]);
        }
        // A type with several files is right if it is as one of them says.
        let tried = entries.iter().map(|entry| {
            let mut trying =
                Checking { schema: self.schema, target: self.target, found: Vec::new() };
            trying.system(&below(place, "PayloadType"), &entry.system);
            let own = self.schema.keys(&entry.keys);
            let keys: Vec<_> = common.iter().copied().chain(own).collect();
            trying.dictionary(place, payload, &keys, &[]);
            trying.found
        });
        let best = tried.min_by_key(Vec::len).unwrap_or_default();
        self.found.extend(best);
        self.beyond_the_schema(place, kind, payload);
    }

    fn beyond_the_schema(&mut self, place: &str, kind: &str, payload: &Dictionary) {
        let content = payload.get("PayloadContent").and_then(Value::as_dictionary);
        if kind == "com.apple.security.scep"
            && let Some(content) = content
            && content.get("Keysize").and_then(Value::as_signed_integer).unwrap_or(1024) < 2048
        {
            let place = below(&below(place, "PayloadContent"), "Keysize");
            self.report(&place, Problem::WeakKey);
        }
    }

    /// What concerns more than one payload: names that are there twice, and references.
    fn together(&mut self, payloads: &[Value]) {
        let payloads: Vec<_> = payloads
            .iter()
            .enumerate()
            .filter_map(|(number, it)| Some((number, it.as_dictionary()?)))
            .collect();
        for name in ["PayloadUUID", "PayloadIdentifier"] {
            let mut seen = BTreeSet::new();
            for (number, payload) in &payloads {
                if let Some(value) = text(payload, name)
                    && !seen.insert(value.to_lowercase())
                {
                    let place = format!("PayloadContent[{number}].{name}");
                    self.report(&place, Problem::Duplicate(value.to_owned()));
                }
            }
        }
        let mut types: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, payload) in &payloads {
            let Some(kind) = text(payload, "PayloadType") else { continue };
            let before = types.entry(kind).or_default();
            *before += 1;
            let entries = self.schema.entries(Kind::Payload, kind);
            let alone = entries.first().is_some_and(|entry| entry.system.multiple == Some(false));
            if alone && *before > 1 {
                let place = format!("PayloadContent[{number}].PayloadType");
                self.report(&place, Problem::Several(kind.to_owned()));
            }
        }
        let known: BTreeMap<_, _> = payloads
            .iter()
            .filter_map(|(_, it)| Some((text(it, "PayloadUUID")?, text(it, "PayloadType")?)))
            .collect();
        for (number, payload) in &payloads {
            for (name, value) in *payload {
                self.references(&format!("PayloadContent[{number}]"), name, value, &known);
            }
        }
    }

    /// Follows what names a certificate of the profile, however deep it is.
    fn references(&mut self, place: &str, name: &str, value: &Value, known: &BTreeMap<&str, &str>) {
        let place = below(place, name);
        match value {
            Value::Dictionary(inner) => {
                for (name, value) in inner {
                    self.references(&place, name, value, known);
                }
            }
            Value::Array(values) => {
                for (number, value) in values.iter().enumerate() {
                    if let Value::Dictionary(inner) = value {
                        for (name, value) in inner {
                            self.references(&format!("{place}[{number}]"), name, value, known);
                        }
                    } else if names_certificate(name) {
                        self.reference(&format!("{place}[{number}]"), name, value, known);
                    }
                }
            }
            _ if names_certificate(name) => self.reference(&place, name, value, known),
            _ => {}
        }
    }

    fn reference(&mut self, place: &str, name: &str, value: &Value, known: &BTreeMap<&str, &str>) {
        let Some(uuid) = value.as_string() else { return };
        match known.get(uuid) {
            None => self.report(place, Problem::Dangling(uuid.to_owned())),
            Some(kind) if name.starts_with("Identity") && !IDENTITIES.contains(kind) => {
                self.report(place, Problem::NoIdentity(uuid.to_owned()));
            }
            Some(_) => {}
        }
    }
}

fn names_certificate(name: &str) -> bool {
    let name = name.strip_suffix('s').unwrap_or(name);

    name.contains("Certificate") && name.ends_with("UUID")
}

fn text<'a>(dictionary: &'a Dictionary, name: &str) -> Option<&'a str> {
    dictionary.get(name).and_then(Value::as_string)
}
