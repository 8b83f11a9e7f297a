//! The app of each person: its container, its commands, its page.

use super::company::{
    CONTAINER_PASSWORD, Company, MAIL_PASSWORD, TRANSPORT_PASSWORD, program, run as run_program,
};
use super::process::Process;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Registers the app of `person` in a container of its own.
pub(super) fn register(company: &Company, person: &str) -> Result<()> {
    let link = company.invite(person)?;
    let p12 = company.pkcs12(person);
    let transport = company.password_file("transport", TRANSPORT_PASSWORD)?;
    let mailbox = company.password_file("mail", MAIL_PASSWORD)?;
    let mut command = command(company, person)?;
    command.args(["register", &link, "--keep-p12", "--p12"]).arg(p12);
    command.arg("--p12-password-file").arg(transport);
    command.arg("--mail-password-file").arg(mailbox);
    run_program(&mut command)?;

    device(company, person).map(drop)
}

/// The id of the device that `person` has registered.
pub(super) fn device(company: &Company, person: &str) -> Result<String> {
    let devices =
        company.cordon(&["device", "list", "--state", "registered", "--search", person])?;
    let device = list(&devices)?.first();
    let device = device.with_context(|| format!("{person} has no device on the server"))?;

    Ok(device["id"].as_str().context("a device has an id")?.to_owned())
}

/// Starts the app of `person` with its page behind the local door; it is locked.
pub(super) fn open_door(company: &Company, person: &str) -> Result<Process> {
    let mut command = command(company, person)?;
    // The files that lead to the page go with the company.
    command.arg("--no-browser").env("TMPDIR", &company.folder).env_remove("XDG_RUNTIME_DIR");
    let mut door = Process::start(&format!("app-{person}"), command, &company.folder)?;
    // It owns the container by then. A command that came earlier would become the owner itself and turn it away.
    door.wait_for_output(|line| line.contains("\"page\"").then_some(()))?;

    Ok(door)
}

/// The address of the page of an open door, with a ticket that is good for half a minute.
pub(super) fn page(company: &Company, person: &str) -> Result<String> {
    let answer = app(company, person, &["--no-browser"])?;
    let file = answer["page"].as_str().context("the app names no page")?;
    let text = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
    let url = text.split("url=").nth(1).and_then(|rest| rest.split('"').next());

    Ok(url.with_context(|| format!("{file} leads to no page"))?.to_owned())
}

/// What a person types to open the page of the app.
pub(super) fn open_command(company: &Company, person: &str) -> String {
    let data = container(company, person);
    let keys = data.with_extension("keys");

    format!(
        "{} --data {} --key-files {}",
        program("cordon-pim").display(),
        data.display(),
        keys.display()
    )
}

/// The app's folder.
pub(super) fn container(company: &Company, person: &str) -> PathBuf {
    company.folder.join("apps").join(person)
}

/// Runs a command of the app, and returns what it printed.
pub(super) fn app(company: &Company, person: &str, arguments: &[&str]) -> Result<Value> {
    let text = run_program(command(company, person)?.args(arguments))?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }

    serde_json::from_str(&text).with_context(|| format!("cordon-pim {arguments:?}: {text}"))
}

/// Runs a command of the app that may fail.
pub(super) fn app_output(company: &Company, person: &str, arguments: &[&str]) -> Result<Output> {
    Ok(command(company, person)?.args(arguments).output()?)
}

/// The items of a list as the programs print it.
pub(super) fn list(value: &Value) -> Result<&Vec<Value>> {
    let items = value.get("items").unwrap_or(value);

    items.as_array().with_context(|| format!("not a list: {value}"))
}

/// Fails if anything is left of the container of `person` that opens or holds mail, or of its device-bound keys.
pub(super) fn nothing_left(company: &Company, person: &str) -> Result<()> {
    let data = container(company, person);
    let left = [files(&data)?, files(&data.with_extension("keys"))?].concat();
    let secrets: Vec<_> = left
        .iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            ["identity", "session-key", "container.db", "layer-key"]
                .iter()
                .any(|part| name.starts_with(part))
                || path.components().any(|part| part.as_os_str() == "files")
        })
        .collect();
    ensure!(secrets.is_empty(), "there is still {secrets:?}");

    Ok(())
}

fn command(company: &Company, person: &str) -> Result<Command> {
    let password = company.password_file("container", CONTAINER_PASSWORD)?;
    let data = container(company, person);
    std::fs::create_dir_all(data.parent().context("the container lies in a folder")?)?;
    let mut command = Command::new(program("cordon-pim"));
    // The desktop's key store is the user's; a demo keeps its keys in files of its own.
    let keys = data.with_extension("keys");
    command.arg("--json").arg("--data").arg(data).arg("--key-files").arg(keys);
    command.arg("--password-file").arg(password);

    Ok(command)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(found) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }

    Ok(found)
}
