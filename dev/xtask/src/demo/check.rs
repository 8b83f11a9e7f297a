//! The main job, step by step, each with a line that says whether it held.

use super::company::{
    ADMINISTRATOR, ADMINISTRATOR_PASSWORD, CONTAINER_PASSWORD, Company, MAIL_PASSWORD,
    TRANSPORT_PASSWORD, mail_address, program, run as run_program,
};
use super::process::Process;
use super::{Browser, Mail};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use xshell::{Shell, cmd};

/// Within this time a block has to have reached everything.
const SECOND: Duration = Duration::from_secs(1);
/// Mail servers deliver when they like.
const DELIVERY: Duration = Duration::from_secs(90);

/// Walks through the main job.
pub(super) fn run(sh: &Shell, folder: &Path, mail: Mail, browser: Option<&Browser>) -> Result<()> {
    let mut steps = Steps { number: 0 };
    let mut company = steps
        .step(&format!("a company is set up, with {mail} behind the gateway"), || {
            Company::set_up(sh, folder, mail)
        })?;
    for person in ["alice", "bob"] {
        steps.step(
            &format!("{person} is invited and registers: certificate imported, challenge answered"),
            || register(&company, person),
        )?;
    }
    steps.step("alice synchronises and reads a mail with an attachment", || read_mail(&company))?;
    steps.step("alice sends a mail, and bob receives it", || send_mail(&company))?;
    steps.step("an unmanaged device is refused, with rule and fact in the log", || {
        unmanaged_device_is_refused(sh, &company)
    })?;
    let mut alice = open_door(&company, "alice", true)?;
    let device = device_of(&company, "alice")?;
    steps.step("alice's app is up to date and waits for news through the gateway", || {
        wait_until_held(&company, &mut alice)
    })?;
    let console = Console::sign_in(sh, &company)?;
    steps.step(
        "blocked from the console while the Ping is held: refused everywhere within a second",
        || block(&mut company, &console, &device),
    )?;
    alice.stop();
    steps.step("the blocked device gets no mail", || blocked_gets_nothing(&company))?;
    steps.step("unblocked: it works again without a new registration", || {
        console.post(&format!("devices/{device}/unblock"), "{}")?;
        app(&company, "alice", &["sync"]).map(drop)
    })?;
    if let Some(browser) = browser {
        steps
            .step("the same in Chromium, console and app", || drive_pages(sh, &company, browser))?;
    }
    steps.step("wiped: key and data are gone from the disk, and gone after a restart", || {
        wipe(&company, &console, &device)
    })?;
    steps.step("the audit log has every act, in order", || audit(&company))?;
    println!("all {} steps held, with {mail}", steps.number);

    Ok(())
}

struct Steps {
    number: usize,
}

impl Steps {
    fn step<T>(&mut self, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.number += 1;
        let start = Instant::now();
        let done = work();
        let seconds = start.elapsed().as_secs_f32();
        let word = if done.is_ok() { "ok    " } else { "FAILED" };
        println!("{:>2} {word} {what} ({seconds:.1} s)", self.number);

        done.with_context(|| format!("step {}: {what}", self.number))
    }
}

/// Registers the app of `person` in a container of its own.
pub(super) fn register(company: &Company, person: &str) -> Result<()> {
    let link = company.invite(person)?;
    let p12 = company.pkcs12(person);
    let transport = company.password_file("transport", TRANSPORT_PASSWORD)?;
    let mailbox = company.password_file("mail", MAIL_PASSWORD)?;
    let mut command = app_command(company, person)?;
    command.args(["register", &link, "--keep-p12", "--p12"]).arg(p12);
    command.arg("--p12-password-file").arg(transport);
    command.arg("--mail-password-file").arg(mailbox);
    run_program(&mut command)?;
    let devices =
        company.cordon(&["device", "list", "--state", "registered", "--search", person])?;
    ensure!(!list(&devices)?.is_empty(), "the device does not appear on the server: {devices}");

    Ok(())
}

/// Starts the app of `person` with its page behind the local door.
pub(super) fn open_door(company: &Company, person: &str, unlock: bool) -> Result<Process> {
    let mut command = app_command(company, person)?;
    command.arg("--no-browser");
    let mut door = Process::start(&format!("app-{person}"), command, &company.folder)?;
    let status = || app(company, person, &["status"]).ok();
    door.wait("open door", Duration::from_secs(30), status)?;
    if unlock {
        app(company, person, &["unlock"])?;
    }

    Ok(door)
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

fn container(company: &Company, person: &str) -> PathBuf {
    company.folder.join("apps").join(person)
}

fn app_command(company: &Company, person: &str) -> Result<Command> {
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

pub(super) fn app(company: &Company, person: &str, arguments: &[&str]) -> Result<Value> {
    let text = run_program(app_command(company, person)?.args(arguments))?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }

    serde_json::from_str(&text).with_context(|| format!("cordon-pim {arguments:?}: {text}"))
}

fn app_output(company: &Company, person: &str, arguments: &[&str]) -> Result<Output> {
    Ok(app_command(company, person)?.args(arguments).output()?)
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    let items = value.get("items").unwrap_or(value);

    items.as_array().with_context(|| format!("not a list: {value}"))
}

fn read_mail(company: &Company) -> Result<()> {
    app(company, "alice", &["sync"])?;
    let mails = app(company, "alice", &["mail", "list", "--limit", "200"])?;
    let mails = list(&mails)?;
    ensure!(mails.len() >= 20, "only {} mails in the inbox", mails.len());
    let attached = mails.iter().find(|mail| mail["attachments"].as_u64().unwrap_or_default() > 0);
    let id = attached.context("no mail has an attachment")?["id"].clone();
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let mail = app(company, "alice", &["mail", "show", &id])?;
    let attachment = &mail["attachments"][0];
    let name = attachment["name"].as_str().context("an attachment has a name")?;
    let attachment = &attachment["id"];
    let attachment = attachment.as_str().map_or_else(|| attachment.to_string(), str::to_owned);
    let output = app_output(company, "alice", &["mail", "show", &id, "--attachment", &attachment])?;
    ensure!(
        output.status.success() && !output.stdout.is_empty(),
        "{name} did not open: {output:?}"
    );

    Ok(())
}

fn send_mail(company: &Company) -> Result<()> {
    let subject = format!("Sent by the demo {}", std::process::id());
    let to = mail_address("bob");
    let text = company.password_file("text", "It arrived.\n")?;
    let text = text.to_str().context("paths are text")?;
    app(
        company,
        "alice",
        &["mail", "send", "--to", &to, "--subject", &subject, "--text-file", text],
    )?;
    app(company, "alice", &["sync"])?;
    let start = Instant::now();
    loop {
        app(company, "bob", &["sync"])?;
        let mails = app(company, "bob", &["mail", "list", "--limit", "200"])?;
        let received =
            list(&mails)?.iter().filter(|mail| mail["subject"] == subject.as_str()).count();
        match received {
            0 if start.elapsed() > DELIVERY => bail!("bob has not received it after {DELIVERY:?}"),
            0 => std::thread::sleep(Duration::from_millis(500)),
            1 => return Ok(()),
            more => bail!("bob has received it {more} times"),
        }
    }
}

fn unmanaged_device_is_refused(sh: &Shell, company: &Company) -> Result<()> {
    let url = format!(
        "{}/Microsoft-Server-ActiveSync?Cmd=FolderSync&User=alice&DeviceId=STRANGER1&DeviceType=Phone",
        company.gateway
    );
    let credentials = format!("alice:{MAIL_PASSWORD}");
    let head = "MS-ASProtocolVersion: 14.1";
    let kind = "Content-Type: application/vnd.ms-sync.wbxml";
    // FolderSync with key 0, as any client begins.
    let body = company.folder.join("foldersync.wbxml");
    std::fs::write(&body, [3, 1, 0x6a, 0, 0, 7, 0x56, 0x52, 3, b'0', 0, 1, 1])?;
    let answer =
        cmd!(sh, "curl -sk -u {credentials} -H {head} -H {kind} --data-binary @{body} {url}")
            .output()?;
    ensure!(
        answer.stdout.windows(3).any(|window| window == b"129"),
        "the answer is not status 129: {:?}",
        answer.stdout
    );
    let line = log_lines(company)
        .into_iter()
        .find(|line| field(line, "eas_id").is_some_and(|id| id.eq_ignore_ascii_case("STRANGER1")))
        .context("the log has no line for the refused device")?;
    ensure!(
        field(&line, "rule").is_some_and(|rule| rule == "unknown-device")
            && field(&line, "fact").is_some(),
        "the log does not say rule and fact: {line}"
    );

    Ok(())
}

fn wait_until_held(company: &Company, alice: &mut Process) -> Result<()> {
    alice.wait("mailbox that is up to date", Duration::from_secs(120), || {
        let state = app(company, "alice", &["status"]).ok()?;
        (state["sync"]["state"] == "idle" && !state["sync"]["last_success"].is_null()).then_some(())
    })?;
    // The app sends its Ping at once when nothing else is left to do; the next step shows that it was held.
    std::thread::sleep(2 * SECOND);

    Ok(())
}

fn block(company: &mut Company, console: &Console<'_>, device: &str) -> Result<()> {
    let before = log_lines(company).len();
    console.post(&format!("devices/{device}/block"), r#"{"reason":"Reported as lost"}"#)?;
    let start = Instant::now();
    let ended = |company: &Company| {
        log_lines(company).into_iter().skip(before).any(|line| {
            field(&line, "command").is_some_and(|command| command == "Ping")
                && field(&line, "rule").is_some_and(|rule| rule == "device-blocked")
        })
    };
    while !ended(company) {
        ensure!(start.elapsed() < SECOND, "the held Ping has not ended after {SECOND:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
    let ping = start.elapsed();
    while app(company, "alice", &["status"])?["standing"] != "blocked" {
        ensure!(start.elapsed() < 3 * SECOND, "the app does not know that it is blocked");
        std::thread::sleep(Duration::from_millis(10));
    }
    println!("          Ping ended after {ping:.0?}, the app knew after {:.0?}", start.elapsed());

    Ok(())
}

fn blocked_gets_nothing(company: &Company) -> Result<()> {
    let output = app_output(company, "alice", &["sync"])?;
    ensure!(output.status.code() == Some(1), "a blocked device must be refused: {output:?}");

    Ok(())
}

fn wipe(company: &Company, console: &Console<'_>, device: &str) -> Result<()> {
    let name = company.cordon(&["device", "show", device])?;
    let name = name["name"].as_str().context("a device has a name")?;
    console.post(
        &format!("devices/{device}/wipe"),
        &format!(r#"{{"kind":"data","confirmation":"{name}"}}"#),
    )?;
    // The app learns of it at its next contact, whatever that was meant for.
    let contact = app_output(company, "alice", &["sync"])?;
    ensure!(!contact.status.success(), "a wiped device must be refused");
    for round in ["after the wipe", "after a restart"] {
        let left = files(&container(company, "alice"))?;
        let secrets: Vec<_> = left
            .iter()
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                ["identity", "session-key", "container.db"]
                    .iter()
                    .any(|part| name.starts_with(part))
                    || path.parent().is_some_and(|folder| folder.ends_with("files"))
            })
            .collect();
        ensure!(secrets.is_empty(), "{round} there is still {secrets:?}");
        let state = app(company, "alice", &["status"])?;
        ensure!(state["standing"] == "wiped", "{round} the app says {state}");
    }
    let shown = company.cordon(&["device", "show", device])?;
    ensure!(shown["state"] == "wiped", "the server says {shown}");
    ensure!(!shown["wipe_confirmed_at"].is_null(), "the wipe is not confirmed: {shown}");

    Ok(())
}

fn audit(company: &Company) -> Result<()> {
    let events = company.cordon(&["audit", "--limit", "200"])?;
    let names: Vec<_> =
        list(&events)?.iter().rev().filter_map(|event| event["action"].as_str()).collect();
    let mut rest = names.iter();
    for wanted in [
        "administrator.create",
        "server.initialise",
        "group.create",
        "user.create",
        "user.certificate",
        "invitation.create",
        "registration.finish",
        "device.block",
        "device.unblock",
        "device.wipe",
        "device.confirm-wipe",
    ] {
        ensure!(
            rest.any(|name| *name == wanted),
            "{wanted} is missing or out of order in {names:?}"
        );
    }

    Ok(())
}

/// The console's and the app's own end-to-end suites, on this company.
fn drive_pages(sh: &Shell, company: &Company, browser: &Browser) -> Result<()> {
    let e2e = crate::root().join("web/e2e");
    let pictures =
        browser.screenshots.clone().unwrap_or_else(|| company.folder.join("screenshots"));
    let (console, portal) = (&company.console, e2e.join("portal.mjs"));
    let shots = pictures.join("console");
    cmd!(sh, "node {portal} {console} {ADMINISTRATOR} {ADMINISTRATOR_PASSWORD} --shots {shots}")
        .run()?;
    let mut door = open_door(company, "alice", false)?;
    let page = door.wait_for_output(|line| {
        line.split(['"', ' ']).find(|word| word.ends_with(".html")).map(PathBuf::from)
    })?;
    let text = std::fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    let url = text.split("url=").nth(1).and_then(|rest| rest.split('"').next());
    let url = url.context("the file leads to no page")?;
    let _password = sh.push_env("APP_PASSWORD", CONTAINER_PASSWORD);
    let _pictures = sh.push_env("SCREENSHOTS", pictures.join("app"));
    let pim = e2e.join("pim.mjs");

    Ok(cmd!(sh, "node {pim} {url}").run()?)
}

fn device_of(company: &Company, person: &str) -> Result<String> {
    let devices =
        company.cordon(&["device", "list", "--state", "registered", "--search", person])?;
    let device = list(&devices)?.first().context("the person has a device")?;

    Ok(device["id"].as_str().context("a device has an id")?.to_owned())
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

fn log_lines(company: &Company) -> Vec<Value> {
    company.server.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn field<'a>(line: &'a Value, name: &str) -> Option<&'a str> {
    line["fields"][name].as_str()
}

/// A session at the console's API, as its pages have one.
struct Console<'a> {
    sh: &'a Shell,
    url: String,
    jar: PathBuf,
}

impl<'a> Console<'a> {
    fn sign_in(sh: &'a Shell, company: &Company) -> Result<Self> {
        let console =
            Self { sh, url: company.console.clone(), jar: company.folder.join("cookies") };
        console.post(
            "session",
            &format!(r#"{{"name":"{ADMINISTRATOR}","password":"{ADMINISTRATOR_PASSWORD}"}}"#),
        )?;

        Ok(console)
    }

    fn post(&self, path: &str, body: &str) -> Result<String> {
        let (jar, url, origin) =
            (&self.jar, format!("{}/api/v1/{path}", self.url), format!("Origin: {}", self.url));
        let sh = self.sh;
        let (kind, csrf) = ("Content-Type: application/json", "X-Cordon-Console: 1");

        cmd!(sh, "curl -sk --fail-with-body -b {jar} -c {jar} -H {origin} -H {kind} -H {csrf} --data {body} {url}")
            .read()
            .with_context(|| format!("POST {path}"))
    }
}
