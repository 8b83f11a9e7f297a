//! What is typed of contacts, events, tasks and notes, as the interface takes it.

use crate::arguments::{ContactInput, EventInput, NoteInput, Recurrence, TaskInput};
use crate::failure::Failure;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

/// The fields that are lists, and those that are cleared by saying so.
const LISTS: &[&str] =
    &["addresses", "attendees", "categories", "children", "emails", "messengers", "phones"];
const NULLED: &[&str] = &["recurrence"];

pub(super) fn contact(input: &ContactInput) -> Result<Map<String, Value>, Failure> {
    let mut fields = texts([
        ("file_as", &input.file_as),
        ("title", &input.title),
        ("first_name", &input.first_name),
        ("middle_name", &input.middle_name),
        ("last_name", &input.last_name),
        ("suffix", &input.suffix),
        ("nickname", &input.nickname),
        ("company", &input.company),
        ("department", &input.department),
        ("job_title", &input.job_title),
        ("office", &input.office),
        ("manager", &input.manager),
        ("assistant", &input.assistant),
        ("spouse", &input.spouse),
        ("web_page", &input.web_page),
        ("birthday", &input.birthday),
        ("anniversary", &input.anniversary),
        ("notes", &input.notes),
    ]);
    list(&mut fields, "emails", &input.emails);
    list(&mut fields, "messengers", &input.messengers);
    list(&mut fields, "categories", &input.categories);
    if !input.phones.is_empty() {
        let phones = input.phones.iter().map(|phone| {
            let (kind, number) = pair("--phone", phone)?;
            Ok(json!({ "kind": kind, "number": number }))
        });
        fields.insert("phones".to_owned(), phones.collect::<Result<Value, Failure>>()?);
    }
    if !input.addresses.is_empty() {
        let addresses = input.addresses.iter().map(|address| self::address(address));
        fields.insert("addresses".to_owned(), addresses.collect::<Result<Value, Failure>>()?);
    }
    if let Some(path) = &input.photo {
        let photo = std::fs::read(path).map_err(|error| {
            Failure::unusable(format!("cannot read {}: {error}", path.display()))
        })?;
        fields.insert("photo".to_owned(), BASE64.encode(&photo).into());
    }
    Ok(fields)
}

pub(super) fn event(input: &EventInput) -> Map<String, Value> {
    let mut fields = texts([
        ("subject", &input.subject),
        ("location", &input.location),
        ("start", &input.start),
        ("end", &input.end),
        ("zone", &input.zone),
        ("text", &input.text),
        ("busy", &input.busy),
        ("sensitivity", &input.sensitivity),
    ]);
    if let Some(all_day) = input.all_day {
        fields.insert("all_day".to_owned(), all_day.into());
    }
    if let Some(reminder) = input.reminder {
        fields.insert("reminder".to_owned(), reminder.into());
    }
    list(&mut fields, "categories", &input.categories);
    if !input.attendees.is_empty() {
        let attendees = input.attendees.iter().map(|address| json!({ "address": address }));
        fields.insert("attendees".to_owned(), attendees.collect());
    }
    recurrence(&mut fields, &input.recurrence);
    fields
}

pub(super) fn task(input: &TaskInput) -> Map<String, Value> {
    let mut fields = texts([
        ("subject", &input.subject),
        ("text", &input.text),
        ("start", &input.start),
        ("due", &input.due),
        ("importance", &input.importance),
        ("sensitivity", &input.sensitivity),
        ("reminder", &input.reminder),
    ]);
    if let Some(complete) = input.complete {
        fields.insert("complete".to_owned(), complete.into());
    }
    list(&mut fields, "categories", &input.categories);
    recurrence(&mut fields, &input.recurrence);
    fields
}

pub(super) fn note(input: &NoteInput) -> Map<String, Value> {
    let mut fields = texts([("title", &input.title), ("text", &input.text)]);
    list(&mut fields, "categories", &input.categories);
    fields
}

/// Adds the fields that are to be cleared.
pub(super) fn clear(fields: &mut Map<String, Value>, cleared: &[String]) {
    for field in cleared {
        // Of events it is a number, which `null` takes away; of tasks a text.
        let is_nulled = NULLED.contains(&field.as_str());
        let value = match LISTS.contains(&field.as_str()) {
            true => json!([]),
            false if is_nulled => Value::Null,
            false => json!(""),
        };
        fields.insert(field.clone(), value);
    }
}

fn recurrence(fields: &mut Map<String, Value>, input: &Recurrence) {
    let Some(frequency) = &input.frequency else { return };
    let mut recurrence = json!({ "frequency": frequency, "weekdays": input.weekdays });
    let parts = [
        ("interval", input.interval.map(Value::from)),
        ("week", input.week.map(Value::from)),
        ("day", input.day.map(Value::from)),
        ("month", input.month.map(Value::from)),
        ("count", input.count.map(Value::from)),
        ("until", input.until.clone().map(Value::from)),
    ];
    if let Some(recurrence) = recurrence.as_object_mut() {
        let parts = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?)));
        recurrence.extend(parts);
    }
    fields.insert("recurrence".to_owned(), recurrence);
}

fn texts<const N: usize>(texts: [(&str, &Option<String>); N]) -> Map<String, Value> {
    let given = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    given.map(|(name, text)| (name.to_owned(), Value::from(text.as_str()))).collect()
}

fn list(fields: &mut Map<String, Value>, name: &str, texts: &[String]) {
    if !texts.is_empty() {
        fields.insert(name.to_owned(), json!(texts));
    }
}

fn pair<'a>(option: &str, text: &'a str) -> Result<(&'a str, &'a str), Failure> {
    let none = || Failure::unusable(format!("{option} {text:?} is not of the form KIND=…"));
    text.split_once('=').map(|(kind, rest)| (kind.trim(), rest.trim())).ok_or_else(none)
}

fn address(text: &str) -> Result<Value, Failure> {
    let (kind, parts) = pair("--address", text)?;
    let mut address = json!({ "kind": kind });
    let names = ["street", "postal_code", "city", "state", "country"];
    let mut parts = parts.split(';').map(str::trim);
    if let Some(address) = address.as_object_mut() {
        for name in names {
            address.insert(name.to_owned(), parts.next().unwrap_or_default().into());
        }
    }
    match parts.next() {
        None => Ok(address),
        Some(more) => Err(Failure::unusable(format!(
            "--address has street, postal code, city, state and country, and not {more:?} too"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_of_a_contact_is_all_that_is_sent() {
        let input = ContactInput {
            last_name: Some("Ärmel".to_owned()),
            company: Some(String::new()),
            phones: vec!["mobile=+49 170".to_owned()],
            addresses: vec!["home=Weg 1; 12345; Ort".to_owned()],
            ..ContactInput::default()
        };

        let mut fields = contact(&input).unwrap();
        clear(&mut fields, &["emails".to_owned(), "notes".to_owned(), "recurrence".to_owned()]);

        insta::assert_snapshot!(Value::from(fields), @r#"{"addresses":[{"city":"Ort","country":"","kind":"home","postal_code":"12345","state":"","street":"Weg 1"}],"company":"","emails":[],"last_name":"Ärmel","notes":"","phones":[{"kind":"mobile","number":"+49 170"}],"recurrence":null}"#);
    }

    #[test]
    fn a_series_is_typed_by_its_parts() {
        let input = EventInput {
            subject: Some("Jour fixe".to_owned()),
            reminder: Some(10),
            attendees: vec!["carla@example.org".to_owned()],
            recurrence: Recurrence {
                frequency: Some("weekly".to_owned()),
                weekdays: vec!["monday".to_owned()],
                count: Some(5),
                ..Recurrence::default()
            },
            ..EventInput::default()
        };

        insta::assert_snapshot!(Value::from(event(&input)), @r#"{"attendees":[{"address":"carla@example.org"}],"recurrence":{"count":5,"frequency":"weekly","weekdays":["monday"]},"reminder":10,"subject":"Jour fixe"}"#);
    }

    #[test]
    fn parts_that_cannot_be_told_apart_are_refused() {
        let phone = ContactInput { phones: vec!["+49 170".to_owned()], ..Default::default() };
        let message = contact(&phone).unwrap_err().to_string();
        assert_eq!(message, "--phone \"+49 170\" is not of the form KIND=…");
        let address =
            ContactInput { addresses: vec!["home=1;2;3;4;5;6".to_owned()], ..Default::default() };
        assert!(contact(&address).unwrap_err().to_string().contains("not \"6\" too"));
    }
}
