//! The main job, step by step, each with a line that says whether it held.

use super::Mail;
use super::apps::{app, app_output, device, list, nothing_left, open_door, register};
use super::company::{ADMINISTRATOR, ADMINISTRATOR_PASSWORD, Company, MAIL_PASSWORD, mail_address};
use super::pages::{self, Browser};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
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
    let mut alice = open_door(&company, "alice")?;
    let id = device(&company, "alice")?;
    steps.step("alice's app is up to date and waits for news through the gateway", || {
        wait_for_news(&company)
    })?;
    let console = Console::sign_in(sh, &company)?;
    steps.step(
        "blocked from the console while the Ping is held: refused everywhere within a second",
        || block(&mut company, &console, &id),
    )?;
    alice.stop();
    steps.step("the blocked device gets no mail", || blocked_gets_nothing(&company))?;
    steps.step("unblocked: it works again without a new registration", || {
        console.post(&format!("devices/{id}/unblock"), "{}")?;
        app(&company, "alice", &["sync"]).map(drop)
    })?;
    steps.step("wiped: key and data are gone from the disk, and gone after a restart", || {
        wipe(&company, &console, &id)
    })?;
    steps.step("the audit log has every act, in order", || audit(&company))?;
    if let Some(browser) = browser {
        steps.step("the same in Chromium: console and app, from invitation to wipe", || {
            pages::drive(&company, browser)
        })?;
    }
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
    // The line follows the answer.
    let start = Instant::now();
    let line = loop {
        let mut lines = log_lines(company).into_iter();
        let of_stranger = |line: &Value| {
            field(line, "eas_id").is_some_and(|id| id.eq_ignore_ascii_case("STRANGER1"))
        };
        if let Some(line) = lines.find(of_stranger) {
            break line;
        }
        ensure!(start.elapsed() < SECOND, "the log has no line for the refused device");
        std::thread::sleep(Duration::from_millis(10));
    };
    ensure!(
        field(&line, "rule").is_some_and(|rule| rule == "unknown-device")
            && field(&line, "fact").is_some(),
        "the log does not say rule and fact: {line}"
    );

    Ok(())
}

fn wait_for_news(company: &Company) -> Result<()> {
    app(company, "alice", &["unlock"])?;
    app(company, "alice", &["sync"])?;
    // What it has asked for when nothing comes to an end any more is held. The next step shows that it was.
    let start = Instant::now();
    let mut ended = log_lines(company).len();
    let mut quiet = Instant::now();
    while quiet.elapsed() < 2 * SECOND {
        ensure!(start.elapsed() < 60 * SECOND, "the app does not come to rest");
        std::thread::sleep(Duration::from_millis(100));
        let now = log_lines(company).len();
        if now != ended {
            (ended, quiet) = (now, Instant::now());
        }
    }

    Ok(())
}

fn block(company: &mut Company, console: &Console<'_>, device: &str) -> Result<()> {
    let before = log_lines(company).len();
    console.post(&format!("devices/{device}/block"), r#"{"reason":"Reported as lost"}"#)?;
    let start = Instant::now();
    // One that had begun before the block, not one that was turned away after it.
    let ended = |company: &Company| {
        let since = start.elapsed().as_millis();
        log_lines(company).into_iter().skip(before).any(|line| {
            let ping = field(&line, "command") == Some("Ping");
            let blocked = field(&line, "rule") == Some("device-blocked");
            let duration = line["fields"]["duration_ms"].as_u64().unwrap_or_default();
            ping && blocked && u128::from(duration) > since
        })
    };
    while !ended(company) {
        ensure!(start.elapsed() < SECOND, "no held Ping has ended within {SECOND:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
    let ping = start.elapsed();
    while app(company, "alice", &["status"])?["standing"] != "blocked" {
        ensure!(start.elapsed() < SECOND, "the app does not know that it is blocked");
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
        nothing_left(company, "alice").context(round)?;
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
