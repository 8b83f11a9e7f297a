//! The server of one's own.

use std::process::Command;
use testkit::postgres::{Server, program};

#[test]
fn a_server_answers_while_it_lives() {
    let server = Server::start().unwrap();
    assert_eq!(ask(&server.url).unwrap(), "1\n");

    let url = server.url.clone();
    drop(server);
    assert_eq!(ask(&url), None);
}

#[test]
fn two_servers_do_not_meet() {
    let [one, other] = [Server::start().unwrap(), Server::start().unwrap()];

    assert_ne!(one.url, other.url);
}

#[expect(clippy::unwrap_used, reason = "a test that panics has failed")]
fn ask(url: &str) -> Option<String> {
    let output = Command::new(program("psql").unwrap())
        .args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", "SELECT 1", "--dbname"])
        .arg(format!("{url}/postgres"))
        .output()
        .unwrap();

    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}
