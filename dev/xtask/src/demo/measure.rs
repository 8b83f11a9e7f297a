//! Figures of the app and the server, from the outside: clocks and `/proc`.

use super::Mail;
use super::apps::{self, app as command};
use super::company::{Company, Load, cordon};
use super::ending::Folder;
use super::process::Process;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::time::{Duration, Instant};
use xshell::Shell;

/// One line of a table.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) what: &'static str,
    pub(crate) value: String,
    pub(crate) how: &'static str,
}

/// Start-up time and idle memory of the server.
pub(crate) fn server(sh: &Shell) -> Result<Vec<Measured>> {
    let folder = Folder::make("bench")?;
    let mut company = Company::set_up(sh, &folder.0, Mail::Sandbox)?;
    std::thread::sleep(Duration::from_secs(5));
    let idle = memory(company.server.id(), "VmRSS")?;
    company.server.stop();
    let start = Instant::now();
    let mut command = cordon(&folder.0);
    command.arg("serve");
    let mut again = Process::start("cordon-again", command, &folder.0)?;
    let address = company.gateway.trim_start_matches("https://localhost:").to_owned();
    let port: u16 = address.parse()?;
    again.wait("open port", Duration::from_secs(60), || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    })?;
    let started = start.elapsed();

    Ok(vec![
        Measured {
            what: "start-up",
            value: format!("{} ms", started.as_millis()),
            how: "exec to open gateway port, existing data folder",
        },
        Measured {
            what: "idle memory",
            value: format!("{} MiB", idle / 1024),
            how: "VmRSS five seconds after set-up",
        },
    ])
}

/// First sync, unlock, and a large folder.
pub(crate) fn app(sh: &Shell) -> Result<Vec<Measured>> {
    let mut figures = Vec::new();
    for (mails, what_sync, what_unlock, what_open) in [
        (
            10_000,
            "first sync of 10,000 mails",
            "unlock with 10,000 mails",
            "first page of a folder of 10,000",
        ),
        (
            100_000,
            "first sync of 100,000 mails",
            "unlock with 100,000 mails",
            "first page of a folder of 100,000",
        ),
    ] {
        let folder = Folder::make("bench")?;
        let load = Load { mails, events: 0 };
        let company = Company::set_up_with(sh, &folder.0, Mail::Sandbox, load)?;
        apps::register(&company, "alice")?;
        let door = apps::open_door(&company, "alice")?;
        command(&company, "alice", &["unlock"])?;
        let start = Instant::now();
        command(&company, "alice", &["sync", "--wait", "1800"])?;
        let took = start.elapsed();
        let peak = memory(door.id(), "VmHWM")?;
        let inbox = command(&company, "alice", &["mail", "list", "--limit", "1"])?;
        let total = inbox["total"].as_u64().context("a list has a total")?;
        ensure!(total >= u64::from(mails), "only {total} of {mails} mails have arrived");
        figures.push(Measured {
            what: what_sync,
            value: format!(
                "{:.0} mails/s, peak {} MiB",
                f64::from(mails) / took.as_secs_f64(),
                peak / 1024
            ),
            how: "through the gateway, from the sandbox, from unlock until the last mail is stored",
        });
        command(&company, "alice", &["lock"])?;
        let start = Instant::now();
        command(&company, "alice", &["unlock"])?;
        figures.push(Measured {
            what: what_unlock,
            value: millis(start),
            how: "command line to the running app",
        });
        let start = Instant::now();
        command(&company, "alice", &["mail", "list", "--limit", "50"])?;
        figures.push(Measured {
            what: what_open,
            value: millis(start),
            how: "command line to the running app, 50 rows",
        });
    }

    figures.extend(calendar(sh)?);

    Ok(figures)
}

/// First sync of a mailbox with a full calendar, and of one change after that.
fn calendar(sh: &Shell) -> Result<Vec<Measured>> {
    let load = Load { mails: 10_000, events: 5_000 };
    let folder = Folder::make("bench")?;
    let company = Company::set_up_with(sh, &folder.0, Mail::Sandbox, load)?;
    apps::register(&company, "alice")?;
    let door = apps::open_door(&company, "alice")?;
    command(&company, "alice", &["unlock"])?;
    let start = Instant::now();
    command(&company, "alice", &["sync", "--wait", "1800"])?;
    let took = start.elapsed();
    let peak = memory(door.id(), "VmHWM")?;
    let found = command(&company, "alice", &["event", "search", "Raum", "--limit", "1"])?;
    let events = found["total"].as_u64().context("what is found has a total")?;
    ensure!(events >= u64::from(load.events), "only {events} of {} events are here", load.events);
    command(&company, "alice", &["contact", "add", "--first-name", "Jo", "--last-name", "Adler"])?;
    let start = Instant::now();
    command(&company, "alice", &["sync", "--wait", "60"])?;
    let change = millis(start);
    let state = command(&company, "alice", &["contact", "search", "Adler"])?;
    ensure!(state["items"][0]["state"] == "synced", "the contact has not gone up: {state}");

    Ok(vec![
        Measured {
            what: "first sync of 10,000 mails and 5,000 events",
            value: format!("{:.1} s, peak {} MiB", took.as_secs_f64(), peak / 1024),
            how: "through the gateway, from the sandbox, from unlock until everything is stored",
        },
        Measured {
            what: "sync of one change",
            value: change,
            how: "a contact written here, command line to the running app, the look at every folder included",
        },
    ])
}

fn millis(start: Instant) -> String {
    format!("{} ms", start.elapsed().as_millis())
}

/// A figure of `/proc/PID/status`, in KiB.
fn memory(id: u32, field: &str) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let text = std::fs::read_to_string(Path::new(&path))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));

    line.and_then(|line| line.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("{path} has no {field}"))
}
