//! `cordon eas`: what goes over the wire, for people who look for the fault.

use crate::cli::Eas;
use crate::output::{Output, line};
use activesync::query::{Form, Misread, Parameters, Query};
use activesync::xml;
use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};
use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Runs one of the commands.
pub(crate) fn run(command: Eas, output: Output) -> Result<()> {
    match command {
        Eas::Decode { file } => {
            let document = xml::from_body(&read(file.as_deref())?).with_context(|| name(&file))?;
            output.print(&json!({ "document": document }), document.trim_end())
        }
        Eas::Encode { file } => {
            let text = String::from_utf8(read(file.as_deref())?)
                .map_err(|error| error.utf8_error())
                .with_context(|| format!("{} is not UTF-8", name(&file)))?;
            let body = xml::to_body(&text).with_context(|| name(&file))?;
            let mut out = io::stdout();
            if out.is_terminal() {
                bail!("standard output is a terminal, and WBXML is bytes: add > FILE");
            }
            out.write_all(&body)?;

            Ok(out.flush()?)
        }
        Eas::Query { query } => {
            // Whoever copies a line from a log may have the path with it.
            let query = query.split_once('?').map_or(query.as_str(), |(_, query)| query);
            let explained = explain(query).context("the query cannot be read")?;
            line(&serde_json::to_string_pretty(&explained)?);

            Ok(())
        }
    }
}

fn explain(text: &str) -> Result<Value, Misread> {
    let query = Query::locate(text)?;
    let form = match query.form {
        Form::Base64 => "base64",
        Form::Plain => "plain",
    };

    Ok(json!({
        "form": form,
        "command": query.command.name(),
        "user": query.user,
        "device_id": query.device_id.as_str(),
        "device_type": query.device_type,
        "protocol_version": query.version.map(|version| version.to_string()),
        "policy_key": query.policy_key,
        "locale": query.locale,
        "parameters": parameters(query.parameters),
    }))
}

fn parameters(parameters: Parameters) -> Map<String, Value> {
    let texts = [
        ("attachment_name", parameters.attachment_name),
        ("collection_id", parameters.collection_id),
        ("item_id", parameters.item_id),
        ("long_id", parameters.long_id),
        ("occurrence", parameters.occurrence),
    ];
    let flags = [
        ("save_in_sent", parameters.save_in_sent),
        ("accept_multipart", parameters.accept_multipart),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    let flags = flags.into_iter().filter(|(_, set)| *set);
    let flags = flags.map(|(name, set)| (name.to_owned(), set.into()));
    let unknown = parameters.unknown.into_iter().map(|(name, text)| (name, text.into()));

    unknown.chain(texts).chain(flags).collect()
}

fn read(file: Option<&Path>) -> Result<Vec<u8>> {
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => fs::read(file).with_context(|| format!("cannot read {}", file.display())),
        None => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;

            Ok(bytes)
        }
    }
}

fn name(file: &Option<PathBuf>) -> String {
    match file {
        Some(file) if file != Path::new("-") => file.display().to_string(),
        _ => "standard input".to_owned(),
    }
}
