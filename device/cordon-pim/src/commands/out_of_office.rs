use super::mail::{printable, read};
use super::moment;
use crate::arguments::{On, OutOfOffice, Outside};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use anyhow::Context as _;
use mail::text::from_html;
use serde_json::{Value, json};
use std::path::Path;
use time::format_description::well_known::Rfc3339;

const PATH: &str = "/api/out-of-office";

pub(super) async fn execute(
    command: &OutOfOffice,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    match command {
        OutOfOffice::Show(show) => {
            let answers = client.get(&format!("{PATH}?html={}", show.html)).await?;
            output.answer(&answers, &answers_text(&answers))
        }
        OutOfOffice::On(on) => {
            let request = request(on)?;
            let state = request.get("state").cloned().unwrap_or_default();
            client.post(PATH, request).await?;
            let text = match state.as_str() {
                Some("scheduled") => "Answers will be sent in that time.",
                Some(_) | None => "Answers are sent from here on.",
            };
            output.answer(&json!({ "state": state }), text)
        }
        OutOfOffice::Off => {
            client.post(PATH, json!({ "state": "off" })).await?;
            output.answer(&json!({ "state": "off" }), "No answers are sent.")
        }
    }
}

fn request(on: &On) -> Result<Value, Failure> {
    let text = |path: Option<&Path>| -> Result<Option<String>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let text = String::from_utf8(read(path)?);
        text.map(Some)
            .map_err(|_| Failure::unusable(format!("{} is not UTF-8 text", path.display())))
    };
    let reply = |sent: bool, text: Option<&String>| match text {
        Some(text) => {
            json!({ "sent": sent, "form": if on.html { "html" } else { "text" }, "text": text })
        }
        None => json!({ "sent": sent, "form": "none" }),
    };
    let written = |typed: Option<&String>| -> Result<Value, Failure> {
        let Some(typed) = typed else { return Ok(Value::Null) };
        Ok(moment::read(typed)?.format(&Rfc3339).context("the moment cannot be written")?.into())
    };
    let internal = text(on.text_file.as_deref())?;
    let outside = text(on.outside_text_file.as_deref())?;
    let (known, unknown) = match on.outside {
        None => (Value::Null, Value::Null),
        Some(Outside::All) => (reply(true, outside.as_ref()), reply(true, outside.as_ref())),
        Some(Outside::Known) => (reply(true, outside.as_ref()), reply(false, None)),
        Some(Outside::None) => (reply(false, outside.as_ref()), reply(false, None)),
    };
    Ok(json!({
        "state": if on.from.is_some() { "scheduled" } else { "on" },
        "start": written(on.from.as_ref())?, "end": written(on.until.as_ref())?,
        "internal": reply(true, internal.as_ref()), "known": known, "unknown": unknown,
    }))
}

fn answers_text(answers: &Value) -> String {
    let text = |pointer: &str| answers.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut lines = vec![match text("/state") {
        "on" => "Answers are sent.".to_owned(),
        "scheduled" => {
            let (start, end) = (moment::short(text("/start")), moment::short(text("/end")));
            format!("Answers are sent from {start} to {end} UTC.")
        }
        _ => "No answers are sent.".to_owned(),
    }];
    for (group, title) in [
        ("internal", "To people of the organisation"),
        ("known", "To people outside whom you know"),
        ("unknown", "To everybody else outside"),
    ] {
        let sent = answers.pointer(&format!("/{group}/sent")) == Some(&Value::Bool(true));
        lines.push(format!("{title}: {}", if sent { "yes" } else { "no" }));
        let written = text(&format!("/{group}/text"));
        let written = match text(&format!("/{group}/form")) {
            "html" => from_html(written),
            _ => written.to_owned(),
        };
        lines.extend(printable(&written).lines().map(|line| format!("    {line}")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_written_by_group() {
        let answers = json!({
            "state": "scheduled", "start": "2026-12-24T00:00:00Z", "end": "2026-12-31T00:00:00Z",
            "internal": { "sent": true, "form": "text", "text": "Away\u{7}\nuntil January" },
            "known": { "sent": true, "form": "html", "text": "<p>I am <b>away</b></p>" },
            "unknown": { "sent": false, "form": "none", "text": "" },
        });

        insta::assert_snapshot!(answers_text(&answers), @r#"
        Answers are sent from 2026-12-24 00:00 to 2026-12-31 00:00 UTC.
        To people of the organisation: yes
            Away
            until January
        To people outside whom you know: yes
            I am away
        To everybody else outside: no
        "#);
        let off = json!({ "state": "off" });
        assert!(answers_text(&off).starts_with("No answers are sent.\n"));
    }

    #[test]
    fn who_is_not_named_keeps_what_they_get() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("away.txt");
        std::fs::write(&file, "Away").unwrap();
        let on = On {
            from: None,
            until: None,
            text_file: None,
            outside_text_file: None,
            outside: None,
            html: false,
        };
        let with_all = On {
            from: Some("2026-12-24T00:00:00Z".to_owned()),
            until: Some("2026-12-31T00:00:00Z".to_owned()),
            text_file: Some(file.clone()),
            outside_text_file: Some(file),
            outside: Some(Outside::Known),
            html: true,
        };

        insta::assert_json_snapshot!(request(&on).unwrap(), @r#"
        {
          "end": null,
          "internal": {
            "form": "none",
            "sent": true
          },
          "known": null,
          "start": null,
          "state": "on",
          "unknown": null
        }
        "#);
        insta::assert_json_snapshot!(request(&with_all).unwrap(), @r#"
        {
          "end": "2026-12-31T00:00:00Z",
          "internal": {
            "form": "html",
            "sent": true,
            "text": "Away"
          },
          "known": {
            "form": "html",
            "sent": true,
            "text": "Away"
          },
          "start": "2026-12-24T00:00:00Z",
          "state": "scheduled",
          "unknown": {
            "form": "none",
            "sent": false
          }
        }
        "#);
    }
}
