//! One line per request, and what it never contains.

use std::io;
use std::sync::{Arc, Mutex};

use activesync::query::{Command, Version};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{
    BOBS, NOW, PHONE, Reaction, Rig, blocked, command, phone, request, with_standing,
};

#[tokio::test]
async fn each_request_leaves_one_line() {
    let log = Log::default();
    let _guard = log.listen(Level::INFO);
    let rig = Rig::start().await;
    rig.ask(&command("Sync", PHONE)).await;
    rig.ask(&command("Ping", BOBS)).await;
    rig.ask("POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: a\r\n\r\n").await;
    rig.ask("GET /join HTTP/1.1\r\nHost: a\r\n\r\n").await;
    rig.ask("POST /x HTTP/1.0\r\nHost: a\r\n\r\n").await;
    insta::assert_snapshot!(log.lines(), @r#"
    INFO gateway::request: passed device=00000000-0000-0000-0000-000000000001 eas_id="device1" command="Sync" version="16.1" status=200 rule="managed-device" fact="standing: managed" bytes_in=4 bytes_out=2
    INFO gateway::request: refused device=00000000-0000-0000-0000-000000000003 eas_id="device3" command="Ping" version="16.1" status=200 eas_status=126 rule="user-of-another-device" fact="query user: not a name of the device's owner" bytes_in=0 bytes_out=0
    INFO gateway::request: refused status=404 rule="closed-path" fact="path: /EWS" bytes_in=0 bytes_out=0
    INFO gateway::request: passed status=200 rule="face" fact="path: /join" bytes_in=0 bytes_out=4
    INFO gateway::request: refused status=505 rule="malformed-request" fact="request: HTTP version" bytes_in=0 bytes_out=0
    "#);
}

#[tokio::test]
async fn names_are_told_at_debug_level_and_secrets_at_none() {
    let log = Log::default();
    let _guard = log.listen(Level::INFO);
    let rig = Rig::start().await;
    rig.ask(&command("Sync", PHONE)).await;
    rig.ask(&command("Sync", BOBS)).await;
    assert!(!log.lines().contains("alice"));
    drop(_guard);

    let _guard = log.listen(Level::TRACE);
    let rig = Rig::start().await;
    rig.ask(&command("Sync", PHONE)).await;
    let lines = log.lines();
    assert!(lines.contains("alice"));
    for secret in ["secret", "YWxpY2U6c2VjcmV0", "body"] {
        assert!(!lines.contains(secret), "{lines}");
    }
}

#[tokio::test]
async fn only_the_latest_refusals_are_remembered() {
    let rig = Rig::with(|_| Reaction::ok(), |config| config.remembered_refusals = 2).await;
    for device in 10..15 {
        rig.ask(&command("Sync", device)).await;
    }
    let refusals = rig.gateway.recent_refusals();
    assert_eq!(
        refusals.iter().map(|refusal| refusal.eas_id.as_deref()).collect::<Vec<_>>(),
        [Some("device13"), Some("device14")]
    );
    let first = refusals.first().unwrap();
    assert_eq!((first.at, first.status, first.eas_status), (NOW, 200, Some(129)));
    assert_eq!((first.command, first.version), (Some(Command::Sync), Some(Version::V16_1)));
    assert_eq!((first.device, first.rule), (None, "unknown-device"));
}

#[tokio::test]
async fn whoever_knocks_at_closed_doors_does_not_push_out_refusals_of_devices() {
    let mut rig = Rig::with(|_| Reaction::ok(), |config| config.remembered_refusals = 16).await;
    rig.put(with_standing(phone(), blocked())).await;
    rig.ask(&command("Sync", PHONE)).await;
    rig.ask(&command("Sync", 9)).await;
    let mut client = rig.connect().await;
    for _ in 0..30 {
        client.send("GET /owa/ HTTP/1.1\r\nHost: a\r\n\r\n").await;
        client.answer().await;
        rig.ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n").await;
    }
    for device in 100..130 {
        client.send(&command("Ping", device)).await;
        client.answer().await;
    }

    let refusals = rig.gateway.recent_refusals();
    assert_eq!(refusals.len(), 16);
    let first = refusals.first().unwrap();
    assert_eq!((first.eas_id.as_deref(), first.rule), (Some("device1"), "device-blocked"));
    let nobodys = refusals.iter().filter(|refusal| refusal.eas_id.is_none()).count();
    assert_eq!(nobodys, 2, "they keep their share as well");
}

#[tokio::test]
async fn what_a_client_makes_up_is_cut_before_it_is_logged() {
    let log = Log::default();
    let _guard = log.listen(Level::DEBUG);
    let rig = Rig::start().await;
    let long = "x".repeat(9_000);
    let query = |name: &str| format!("?Cmd=Sync&User=alice&DeviceId=device1&DeviceType=T&{name}");
    for text in [
        request("POST", &query(&format!("A%0A%E2%80%AE{long}=1&A%0A%E2%80%AE{long}=1")), "", ""),
        request("POST", &format!("?Cmd={long}&User=alice&DeviceId=device1&DeviceType=T"), "", ""),
        request("POST", &query("a=b"), &format!("User-Agent: {long}\r\n"), ""),
        request("POST", &query("a=b").replacen("alice", &long, 1), "", ""),
        command("Sync", PHONE).replacen("16.1", &long, 1),
        format!("GET /app/{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
    ] {
        rig.ask(&text).await;
    }
    let lines = log.lines();
    let longest = lines.lines().max_by_key(|line| line.len()).unwrap();
    assert!(longest.len() < 600, "{longest}");
    assert!(lines.is_ascii(), "{lines}");
    assert!(rig.gateway.recent_refusals().iter().all(|refusal| refusal.fact.value.len() < 200));
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self, level: Level) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(self.clone())
            .with_ansi(false)
            .without_time()
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// Returns the lines of requests, with the durations taken out.
    fn lines(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains("gateway::request"));
        let without_duration = lines.map(|line| {
            let (before, after) = line.split_once("duration_ms=").unwrap_or((line, ""));
            format!(
                "{}{}\n",
                before.trim_end(),
                after.trim_start_matches(|digit: char| digit.is_ascii_digit())
            )
        });
        without_duration.collect()
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
