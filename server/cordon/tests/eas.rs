//! `cordon eas` as people at a shell see it: bytes and text in, XML, bytes and JSON out, and where bad input is bad.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// An empty Sync answer of a folder.
const ANSWER: &[u8] = b"\x03\x01\x6a\x00\x45\x5c\x4f\x4b\x037\x00\x01\x14\x01\x01\x01";

const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Sync xmlns="AirSync">
  <Collections>
    <Collection>
      <SyncKey>7</SyncKey>
      <MoreAvailable/>
    </Collection>
  </Collections>
</Sync>
"#;

fn eas(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cordon"))
        .arg("eas")
        .args(arguments)
        .env_remove("CORDON_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn done(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = eas(arguments, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn refused(arguments: &[&str], input: &[u8]) -> String {
    let output = eas(arguments, input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn wbxml_becomes_xml_and_xml_becomes_wbxml() {
    assert_eq!(String::from_utf8(done(&["decode"], ANSWER)).unwrap(), XML);
    assert_eq!(done(&["encode"], XML.as_bytes()), ANSWER);
    assert_eq!(done(&["encode", "-"], XML.as_bytes()), ANSWER);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(ANSWER).unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(String::from_utf8(done(&["decode", path], b"")).unwrap(), XML);
}

#[test]
fn queries_of_both_forms_are_explained() {
    let explained =
        |query: &str| -> Value { serde_json::from_slice(&done(&["query", query], b"")).unwrap() };
    assert_eq!(
        explained("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l"),
        json!({
            "form": "base64",
            "command": "Sync",
            "user": null,
            "device_id": "v140Device",
            "device_type": "SmartPhone",
            "protocol_version": "14.0",
            "policy_key": null,
            "locale": 0x0409,
            "parameters": {},
        })
    );
    assert_eq!(
        explained(
            "/Microsoft-Server-ActiveSync?Cmd=SmartReply&User=EXAMPLE%5Calice&DeviceId=A1\
             &DeviceType=Cordon&CollectionId=5&ItemId=5%3A7&SaveInSent=T&x=1"
        ),
        json!({
            "form": "plain",
            "command": "SmartReply",
            "user": "EXAMPLE\\alice",
            "device_id": "A1",
            "device_type": "Cordon",
            "protocol_version": null,
            "policy_key": null,
            "locale": null,
            "parameters": { "collection_id": "5", "item_id": "5:7", "save_in_sent": true, "x": "1" },
        })
    );
}

#[test]
fn bad_input_is_refused_with_its_place() {
    for (arguments, input, expected) in [
        (&["decode"][..], &ANSWER[..12], "cordon: standard input: byte 12: document ends early\n"),
        (
            &["encode"],
            b"<Sync xmlns='AirSync'><Nope/></Sync>",
            "cordon: standard input: byte 22: code page AirSync has no element Nope\n",
        ),
        (
            &["encode"],
            b"<Sync xmlns='AirSync'>\xff</Sync>",
            "cordon: standard input is not UTF-8: invalid utf-8 sequence of 1 bytes from index 22\n",
        ),
        (
            &["query", "Cmd=Sync&DeviceId=a-b&DeviceType=c"],
            b"",
            "cordon: the query cannot be read: byte 9: the device id is not 1 to 32 letters and digits\n",
        ),
        (&["query", "jQU"], b"", "cordon: the query cannot be read: byte 1: unknown command 5\n"),
    ] {
        assert_eq!(refused(arguments, input), expected);
    }
    let missing = refused(&["decode", "/nonexistent"], b"");
    assert!(missing.starts_with("cordon: cannot read /nonexistent: No such file"), "{missing}");
}
