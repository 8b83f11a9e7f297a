use super::directory::encoded;
use super::mail::{one_line, read};
use crate::arguments::Certificates;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

pub(super) async fn execute(
    command: &Certificates,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Certificates::List { address } => {
            let path = match address {
                Some(address) => format!("/api/certificates?address={}", encoded(address)),
                None => "/api/certificates".to_owned(),
            };
            let known = client.get(&path).await?;
            output.answer(&known, &list_text(&known))
        }
        Certificates::Show { id } => {
            let certificate = client.get(&format!("/api/certificates/{id}")).await?;
            output.answer(&certificate, &certificate_text(&certificate))
        }
        Certificates::Import { files } => import(files, client, output).await,
        Certificates::Remove { id } => {
            client.delete(&format!("/api/certificates/{id}")).await?;
            output.answer(&json!({ "id": id }), "The certificate is removed.")
        }
    }
}

async fn import(files: &[PathBuf], client: &Client, output: Output) -> Result<(), Failure> {
    let (mut addresses, mut nameless) = (Vec::new(), Vec::new());
    for file in files {
        let request = json!({ "data": BASE64.encode(&read(file)?) });
        let imported = client.post("/api/certificates", request).await?;
        let list = |name: &str| imported.get(name).and_then(Value::as_array).cloned();
        addresses.extend(list("addresses").unwrap_or_default());
        nameless.extend(list("nameless").unwrap_or_default());
    }
    let imported = json!({ "addresses": addresses, "nameless": nameless });
    output.answer(&imported, &imported_text(&imported))
}

fn list_text(known: &Value) -> String {
    let line = |one: &Value| {
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = one.get("id").and_then(Value::as_i64).unwrap_or_default();
        let until: String = text("not_after").chars().take(10).collect();
        let mark =
            if one.get("problem").is_some_and(|problem| !problem.is_null()) { "!" } else { " " };
        let (address, source) = (one_line(text("address")), text("source"));
        format!("{number:>6} {mark} {address:<36}  until {until}  {source}")
    };
    known.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

fn certificate_text(certificate: &Value) -> String {
    let text = |name: &str| certificate.get(name).and_then(Value::as_str).unwrap_or_default();
    let facts = [
        ("Address", "address"),
        ("Subject", "subject"),
        ("Issuer", "issuer"),
        ("Valid from", "not_before"),
        ("Valid until", "not_after"),
        ("SHA-256", "fingerprint"),
        ("Source", "source"),
        ("Learnt", "learnt"),
    ];
    let mut lines: Vec<String> =
        facts.iter().map(|(title, name)| format!("{title}: {}", one_line(text(name)))).collect();
    let problem = certificate.pointer("/problem/en/0").and_then(Value::as_str);
    lines.extend(problem.map(|problem| format!("Problem: {}", one_line(problem))));
    lines.push(text("pem").trim_end().to_owned());
    lines.join("\n")
}

fn imported_text(imported: &Value) -> String {
    let list = |name: &str| imported.get(name).and_then(Value::as_array).into_iter().flatten();
    let count = list("addresses").count();
    let mut text = match count {
        1 => "One certificate is kept.".to_owned(),
        count => format!("{count} certificates are kept."),
    };
    for subject in list("nameless").filter_map(Value::as_str) {
        let _ = write!(text, "\nWithout an address, left out: {}", one_line(subject));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_has_a_line_with_a_mark_for_a_problem() {
        let known = json!([
            { "id": 1, "address": "bob@example.com", "not_after": "2027-01-02T00:00:00Z", "source": "signed_mail", "problem": null },
            { "id": 12, "address": "carol@example.com", "not_after": "2020-01-02T00:00:00Z", "source": "import",
              "problem": { "en": ["expired"], "de": ["abgelaufen"] } },
        ]);

        insta::assert_snapshot!(list_text(&known), @r"
             1   bob@example.com                       until 2027-01-02  signed_mail
            12 ! carol@example.com                     until 2020-01-02  import
        ");
    }

    #[test]
    fn what_was_left_out_of_an_import_is_named() {
        let imported = json!({ "addresses": ["a@x.test", "b@x.test"], "nameless": ["CN=Root"] });

        assert_eq!(
            imported_text(&imported),
            "2 certificates are kept.\nWithout an address, left out: CN=Root"
        );
    }
}
