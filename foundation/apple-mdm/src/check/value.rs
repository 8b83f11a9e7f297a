//! Values against the keys of the schema.

#![expect(clippy::wildcard_enum_match_arm, reason = "property lists may get other kinds of value")]

use super::{Checking, Problem, below};
use crate::schema::{Key, ValueKind};
use plist::{Dictionary, Value};

/// Deeper values are not looked at; those of real profiles nest some eight deep.
const MAX_DEPTH: usize = 32;

impl Checking<'_> {
    /// Checks a dictionary that has `keys`, and besides may have those that are `known` to be right.
    pub(super) fn dictionary(
        &mut self,
        place: &str,
        dictionary: &Dictionary,
        keys: &[&Key],
        known: &[&str],
    ) {
        for key in keys.iter().filter(|key| key.required && !key.is_any()) {
            if !dictionary.contains_key(&key.name) {
                self.report(&below(place, &key.name), Problem::Missing);
            }
        }
        let free = keys.iter().find(|key| key.is_any());
        for (name, value) in dictionary {
            let place = below(place, name);
            match keys.iter().find(|key| key.name == *name).or(free) {
                Some(key) => self.value(&place, value, key),
                None if known.contains(&name.as_str()) => {}
                None => self.report(&place, Problem::Unknown),
            }
        }
    }

    pub(super) fn value(&mut self, place: &str, value: &Value, key: &Key) {
        self.system(place, &key.system);
        let Some(found) = kind(value) else { return };
        // Whole numbers are numbers.
        let whole = key.kind == ValueKind::Real && found == ValueKind::Integer;
        if key.kind == ValueKind::Any {
            return;
        }
        if key.kind != found && !whole {
            let (wanted, found) = (name(key.kind), name(found));
            return self.report(place, Problem::WrongType { wanted, found });
        }
        self.among(place, value, key);
        self.in_range(place, value, key);
        self.format(place, value, key);
        let depth = place.matches(['.', '[']).count();
        if key.keys.is_empty() || depth > MAX_DEPTH {
            return;
        }
        let inner: Vec<_> = self.schema.keys(&key.keys).collect();
        match value {
            Value::Dictionary(dictionary) => self.dictionary(place, dictionary, &inner, &[]),
            Value::Array(values) => self.array(place, values, &inner),
            _ => {}
        }
    }

    /// Checks the values of an array, each of which is one of `kinds`.
    fn array(&mut self, place: &str, values: &[Value], kinds: &[&Key]) {
        if let [only] = kinds
            && let Some((least, most)) = only.count
            && (least.is_some_and(|least| values.len() < least)
                || most.is_some_and(|most| values.len() > most))
        {
            let wanted = bounds(least, most);
            self.report(place, Problem::WrongNumber { found: values.len(), wanted });
        }
        for (number, value) in values.iter().enumerate() {
            let place = format!("{place}[{number}]");
            let best = kinds.iter().map(|kind| {
                let mut trying =
                    Checking { schema: self.schema, target: self.target, found: Vec::new() };
                trying.value(&place, value, kind);
                trying.found
            });
            self.found.extend(best.min_by_key(Vec::len).unwrap_or_default());
        }
    }

    fn among(&mut self, place: &str, value: &Value, key: &Key) {
        let is = |allowed: &serde_json::Value| match value {
            Value::String(text) => allowed.as_str() == Some(text.as_str()),
            Value::Integer(number) => allowed.as_i64() == number.as_signed(),
            Value::Real(number) => allowed.as_f64() == Some(*number),
            Value::Boolean(truth) => allowed.as_bool() == Some(*truth),
            _ => true,
        };
        if !key.values.is_empty() && !key.values.iter().any(is) {
            let allowed: Vec<_> = key.values.iter().map(ToString::to_string).collect();
            let wanted = format!("one of {}", allowed.join(", "));
            self.report(place, Problem::WrongValue { found: shown(value), wanted });
        }
    }

    fn in_range(&mut self, place: &str, value: &Value, key: &Key) {
        let Some((least, most)) = key.range else { return };
        let number = match value {
            #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
            Value::Integer(number) => number.as_signed().map(|number| number as f64),
            Value::Real(number) => Some(*number),
            _ => None,
        };
        let Some(number) = number else { return };
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            let wanted = bounds(least, most);
            self.report(place, Problem::WrongValue { found: shown(value), wanted });
        }
    }

    fn format(&mut self, place: &str, value: &Value, key: &Key) {
        let (Some(wanted), Value::String(found)) = (&key.format, value) else { return };
        if !matches(wanted, found) {
            let (found, wanted) = (format!("{found:?}"), wanted.clone());
            self.report(place, Problem::WrongFormat { found, wanted });
        }
    }
}

/// The schema has three expressions; a test makes sure that there is no fourth.
fn matches(expression: &str, text: &str) -> bool {
    match expression {
        "^https://.*$" => text.starts_with("https://"),
        "^[0-9]{6}$" => text.len() == 6 && text.bytes().all(|octet| octet.is_ascii_digit()),
        UUID => is_uuid(text),
        _ => true,
    }
}

const UUID: &str = "^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$";

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);

    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|it| it == b'-' || it.is_ascii_alphanumeric())
}

fn bounds(least: Option<impl ToString>, most: Option<impl ToString>) -> String {
    match (least.map(|it| it.to_string()), most.map(|it| it.to_string())) {
        (Some(least), Some(most)) if least == most => format!("{least} is right"),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("{most} at most"),
        (None, None) => "any".to_owned(),
    }
}

fn kind(value: &Value) -> Option<ValueKind> {
    Some(match value {
        Value::Array(_) => ValueKind::Array,
        Value::Dictionary(_) => ValueKind::Dictionary,
        Value::Boolean(_) => ValueKind::Boolean,
        Value::Data(_) => ValueKind::Data,
        Value::Date(_) => ValueKind::Date,
        Value::Integer(_) => ValueKind::Integer,
        Value::Real(_) => ValueKind::Real,
        Value::String(_) => ValueKind::String,
        _ => return None,
    })
}

fn name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Any => "any",
        ValueKind::Array => "array",
        ValueKind::Boolean => "boolean",
        ValueKind::Data => "data",
        ValueKind::Date => "date",
        ValueKind::Dictionary => "dictionary",
        ValueKind::Integer => "integer",
        ValueKind::Real => "real",
        ValueKind::String => "string",
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        _ => "this".to_owned(),
    }
}
