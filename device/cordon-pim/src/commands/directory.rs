use super::mail::{one_line, read};
use super::moment;
use crate::arguments::{Availability, Directory, FindCertificates, FindPeople};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use anyhow::Context as _;
use data_encoding::BASE64;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

pub(super) async fn execute(
    command: &Directory,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Directory::Search(query) => find(query, client, output).await,
        Directory::Certificates(query) => show_certificates(query, client, output).await,
        Directory::Availability(query) => show_free_time(query, client, output).await,
    }
}

async fn find(query: &FindPeople, client: &Client, output: Output) -> Result<(), Failure> {
    let words = encoded(&query.query.join(" "));
    let path = format!(
        "/api/directory?query={words}&offset={}&limit={}&photos={}",
        query.offset, query.limit, query.photos
    );
    let page = client.get(&path).await?;
    output.answer(&page, &people_text(&page))
}

async fn show_certificates(
    query: &FindCertificates,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let request = json!({ "names": query.names });
    let mut found = client.post("/api/directory/certificates", request).await?;
    if query.check {
        let chain = query.chain.iter().map(|path| Ok(BASE64.encode(&read(path)?)));
        let chain = chain.collect::<Result<Vec<_>, Failure>>()?;
        judge(&mut found, &chain, query.revocation, client).await?;
    }
    output.answer(&found, &certificates_text(&found))
}

/// Puts beside each certificate what the mail server thinks of it.
async fn judge(
    found: &mut Value,
    chain: &[String],
    revocation: bool,
    client: &Client,
) -> Result<(), Failure> {
    let certificates: Vec<Value> =
        each_certificate(found).filter_map(|certificate| certificate.get("der").cloned()).collect();
    if certificates.is_empty() {
        return Ok(());
    }
    let request = json!({ "certificates": certificates, "chain": chain, "revocation": revocation });
    let verdicts = client.post("/api/directory/check", request).await?;
    let mut verdicts = verdicts.as_array().cloned().unwrap_or_default().into_iter();
    for certificate in each_certificate(found) {
        certificate.insert("verdict".to_owned(), verdicts.next().unwrap_or(Value::Null));
    }
    Ok(())
}

fn each_certificate(
    found: &mut Value,
) -> impl Iterator<Item = &mut serde_json::Map<String, Value>> {
    let names = found.as_array_mut().into_iter().flatten();
    names
        .filter_map(|named| named.get_mut("people")?.as_array_mut())
        .flatten()
        .filter_map(|person| person.get_mut("certificates")?.as_array_mut())
        .flatten()
        .filter_map(Value::as_object_mut)
}

async fn show_free_time(
    query: &Availability,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let written = |typed: &str| -> Result<String, Failure> {
        Ok(moment::read(typed)?.format(&Rfc3339).context("the moment cannot be written")?)
    };
    let request = json!({
        "names": query.names, "start": written(&query.from)?, "end": written(&query.until)?,
    });
    let found = client.post("/api/directory/availability", request).await?;
    output.answer(&found, &free_time_text(&found))
}

/// Writes text into an address (RFC 3986 §2.1).
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn people_text(page: &Value) -> String {
    let people = page.get("people").and_then(Value::as_array).into_iter().flatten();
    let line = |person: &Value| {
        let text =
            |name: &str| one_line(person.get(name).and_then(Value::as_str).unwrap_or_default());
        let details = ["title", "office", "phone", "mobile_phone"].map(text);
        let details: Vec<String> = details.into_iter().filter(|text| !text.is_empty()).collect();
        format!("{:<28}  {:<36}  {}", text("name"), text("address"), details.join(", "))
    };
    let mut lines: Vec<String> = people.map(|person| line(person).trim_end().to_owned()).collect();
    lines.push(match page.get("total").and_then(Value::as_u64).unwrap_or_default() {
        0 => "Nobody found.".to_owned(),
        1 => "One person found.".to_owned(),
        total => format!("{total} people found."),
    });
    lines.join("\n")
}

fn certificates_text(found: &Value) -> String {
    each_person(found, |person, lines| {
        let certificates = person.get("certificates").and_then(Value::as_array);
        for certificate in certificates.into_iter().flatten() {
            let text = |name: &str| {
                one_line(certificate.get(name).and_then(Value::as_str).unwrap_or_default())
            };
            lines.push(format!(
                "    {}, by {}, until {}",
                text("subject"),
                text("issuer"),
                moment::short(&text("not_after"))
            ));
            lines.push(format!("    SHA-256 {}", text("fingerprint")));
            if !text("verdict").is_empty() {
                lines.push(format!("    the mail server says: {}", text("verdict")));
            }
        }
        match person.get("found").and_then(Value::as_str) {
            Some("none") => lines.push("    no certificate".to_owned()),
            Some("some") => lines.push("    not for all members of the list".to_owned()),
            Some(_) | None => {}
        }
    })
}

fn free_time_text(found: &Value) -> String {
    each_person(found, |person, lines| {
        for period in person.get("periods").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| period.get(name).and_then(Value::as_str).unwrap_or_default();
            let (start, end) = (moment::short(text("start")), moment::short(text("end")));
            lines.push(format!("    {start} – {end}  {}", text("state").replace('_', " ")));
        }
        match person.get("known").and_then(Value::as_str) {
            Some("yes") | None => {}
            Some("list_too_large") => lines.push("    a list with too many members".to_owned()),
            Some("not_now") => lines.push("    not known at the moment: try later".to_owned()),
            Some(_) => lines.push("    not known".to_owned()),
        }
    })
}

/// Writes each name, below it who could be meant, and below them what is known of them.
fn each_person(found: &Value, details: impl Fn(&Value, &mut Vec<String>)) -> String {
    let mut lines = Vec::new();
    for named in found.as_array().into_iter().flatten() {
        let text = |value: &Value, name: &str| {
            one_line(value.get(name).and_then(Value::as_str).unwrap_or_default())
        };
        let meant = match text(named, "meant").as_str() {
            "nobody" => ": nobody is known by this name",
            "several" => ": several could be meant",
            "several_and_more" => ": several could be meant, and more than these",
            _ => "",
        };
        lines.push(format!("{}{meant}", text(named, "name")));
        for person in named.get("people").and_then(Value::as_array).into_iter().flatten() {
            lines.push(format!("  {} <{}>", text(person, "name"), text(person, "address")));
            details(person, &mut lines);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_listed_with_what_is_known_of_them() {
        let page = json!({ "total": 12, "people": [
            { "name": "Bob Marsh", "address": "bob@example.com", "title": "Purchasing", "office": "", "phone": "+49 1\u{7}" },
            { "name": "", "address": "x@example.com" },
        ]});

        insta::assert_snapshot!(people_text(&page), @r#"
        Bob Marsh                     bob@example.com                       Purchasing, +49 1
                                      x@example.com
        12 people found.
        "#);
        assert_eq!(people_text(&json!({ "total": 0, "people": [] })), "Nobody found.");
    }

    #[test]
    fn certificates_and_verdicts_stand_below_their_person() {
        let found = json!([
            { "name": "bob", "meant": "one", "people": [{
                "name": "Bob", "address": "bob@example.com", "found": "all", "certificates": [{
                    "subject": "CN=Bob", "issuer": "CN=Root", "not_after": "2027-01-01T00:00:00Z",
                    "fingerprint": "ab12", "verdict": "untrusted",
                }],
            }]},
            { "name": "sales", "meant": "one", "people": [
                { "name": "Sales", "address": "sales@example.com", "found": "some", "certificates": [] },
            ]},
            { "name": "zzz", "meant": "nobody", "people": [] },
        ]);

        insta::assert_snapshot!(certificates_text(&found), @r#"
        bob
          Bob <bob@example.com>
            CN=Bob, by CN=Root, until 2027-01-01 00:00
            SHA-256 ab12
            the mail server says: untrusted
        sales
          Sales <sales@example.com>
            not for all members of the list
        zzz: nobody is known by this name
        "#);
    }

    #[test]
    fn free_time_goes_by_the_clock_that_was_asked_for() {
        let found = json!([{ "name": "bo", "meant": "several", "people": [
            { "name": "Bob", "address": "bob@example.com", "known": "yes", "periods": [
                { "start": "2026-11-25T09:00:00+01:00", "end": "2026-11-25T10:30:00+01:00", "state": "out_of_office" },
            ]},
            { "name": "Bodo", "address": "bodo@example.com", "known": "no", "periods": [] },
        ]}]);

        insta::assert_snapshot!(free_time_text(&found), @r#"
        bo: several could be meant
          Bob <bob@example.com>
            2026-11-25 09:00 – 2026-11-25 10:30  out of office
          Bodo <bodo@example.com>
            not known
        "#);
    }

    #[test]
    fn words_of_any_script_fit_into_an_address() {
        assert_eq!(encoded("Bergstr. 7 & ü"), "Bergstr.%207%20%26%20%C3%BC");
    }
}
