//! Measures reading and writing of a Sync answer of 1 MB: as events, as the typed message, as XML and back.
//!
//! usage: `bench_wbxml FILE SECONDS`: writes the answer to FILE for a peer, then prints MB of WBXML for each second of processor time, a line for each way.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing figures is what it is for"
)]

use activesync::codepage::{air_sync, air_sync_base, email};
use activesync::messages::SyncAnswer;
use activesync::wbxml::{Reader, Writer};
use activesync::xml::{from_body, to_body};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const SIZE: usize = 1_000_000;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    let [_, file, seconds] = arguments.as_slice() else {
        eprintln!("usage: bench_wbxml FILE SECONDS");
        return ExitCode::from(2);
    };
    let rounds = Duration::from_secs_f64(seconds.parse().unwrap_or(1.0));
    let answer = answer();
    if let Err(error) = std::fs::write(file, &answer) {
        eprintln!("{file}: {error}");
        return ExitCode::FAILURE;
    }
    let (Ok(xml), Ok(Some(typed))) = (from_body(&answer), SyncAnswer::decode(&answer)) else {
        eprintln!("the answer is unreadable");
        return ExitCode::FAILURE;
    };
    let size = answer.len() as f64 / 1e6;
    print("decode", size, rounds, || from_body(black_box(&answer)).is_ok());
    print("encode", size, rounds, || to_body(black_box(&xml)).is_ok());
    print("events", size, rounds, || {
        let Ok(mut reader) = Reader::new(black_box(&answer)) else { return false };
        while let Ok(Some(event)) = reader.event() {
            black_box(event);
        }
        reader.depth() == 0
    });
    print("typed-decode", size, rounds, || SyncAnswer::decode(black_box(&answer)).is_ok());
    print("typed-encode", size, rounds, || black_box(&typed).encode().len() > SIZE / 2);

    ExitCode::SUCCESS
}

fn print(name: &str, megabytes: f64, rounds: Duration, mut work: impl FnMut() -> bool) {
    let (start, start_of_work) = (Instant::now(), processor_seconds());
    let mut done = 0_u32;
    while start.elapsed() < rounds {
        if !work() {
            println!("{name} failed");
            return;
        }
        done += 1;
    }
    println!("{name} {:.1}", f64::from(done) * megabytes / (processor_seconds() - start_of_work));
}

/// What this process has used of a processor, so that other work on the machine does not count.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse::<f64>().ok());

    nanoseconds.unwrap_or_default() / 1e9
}

/// Mails as a server sends them with a body preference of 1 KB, until the answer has its size.
fn answer() -> Vec<u8> {
    let line =
        "Dear colleagues, the figures of the last quarter are attached & have been checked.\n";
    let body = line.repeat(12);
    let mut writer = Writer::new();
    for tag in [air_sync::SYNC, air_sync::COLLECTIONS, air_sync::COLLECTION] {
        writer.start(tag);
    }
    writer.text(air_sync::SYNC_KEY, "{b3c1d2}17");
    writer.text(air_sync::COLLECTION_ID, "5");
    writer.number(air_sync::STATUS, 1);
    writer.start(air_sync::COMMANDS);
    let mut size = 0;
    for number in 0_u32.. {
        if size >= SIZE {
            break;
        }
        size += 1_360;
        writer.container(air_sync::ADD, |writer| {
            writer.text(air_sync::SERVER_ID, &format!("5:{number}"));
            writer.container(air_sync::APPLICATION_DATA, |writer| {
                writer.text(email::TO, "\"Alice Example\" <alice@example.org>");
                writer.text(email::FROM, "\"Bob Müller\" <bob@example.org>");
                writer.text(email::SUBJECT, &format!("Figures of the quarter, part {number}"));
                writer.text(email::DATE_RECEIVED, "2026-03-01T08:15:00.000Z");
                writer.text(email::DISPLAY_TO, "Alice Example");
                writer.text(email::THREAD_TOPIC, "Figures of the quarter");
                writer.number(email::IMPORTANCE, 1);
                writer.number(email::READ, 0);
                writer.container(air_sync_base::BODY, |writer| {
                    writer.number(air_sync_base::TYPE, 1);
                    writer.number(air_sync_base::ESTIMATED_DATA_SIZE, 1008);
                    writer.text(air_sync_base::DATA, &body);
                });
                writer.text(email::MESSAGE_CLASS, "IPM.Note");
                writer.text(email::INTERNET_CPID, "65001");
                writer.container(email::FLAG, |_| {});
                writer.text(email::CONTENT_CLASS, "urn:content-classes:message");
                writer.number(air_sync_base::NATIVE_BODY_TYPE, 1);
            });
        });
    }
    for _ in 0..4 {
        writer.end();
    }

    writer.finish()
}
