//! `cordon profile` as people at a shell see it, with `openssl cms` as the device.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::{Value, json};
use std::process::{Command, Output};
use tempfile::TempDir;

const PROFILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>org.example.passcode</string>
<key>PayloadUUID</key><string>4B2E8A0C-27A4-4C0C-9F0D-3B7B1C9C0001</string>
<key>PayloadDisplayName</key><string>Passcode</string><key>PayloadOrganization</key><string>Example</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.mobiledevice.passwordpolicy</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>org.example.passcode.1</string>
<key>PayloadUUID</key><string>4B2E8A0C-27A4-4C0C-9F0D-3B7B1C9C0002</string>
<key>forcePIN</key><true/><key>minLength</key><integer>6</integer>
</dict></array></dict></plist>
"#;

struct Folder(TempDir);

impl Folder {
    /// A folder with a profile, a company's key, and a device's.
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write("passcode.mobileconfig", PROFILE);
        for name in ["company", "device"] {
            folder.openssl(&format!(
                "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 30 -subj /CN={name}"
            ));
        }
        folder.openssl("pkcs12 -export -in company.pem -inkey company.key -passout pass:secret -out company.p12");

        folder
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn run(&self, program: &str, arguments: &str) -> Output {
        Command::new(program)
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .env_remove("CORDON_CONFIG")
            .env("CORDON_KEY_PASSWORD", "secret")
            .output()
            .unwrap()
    }

    #[track_caller]
    fn openssl(&self, arguments: &str) {
        let output = self.run("openssl", arguments);
        assert!(
            output.status.success(),
            "{arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    #[track_caller]
    fn profile(&self, arguments: &str, status: i32) -> Vec<u8> {
        let output = self.run(env!("CARGO_BIN_EXE_cordon"), &format!("profile {arguments}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");

        output.stdout
    }

    #[track_caller]
    fn json(&self, arguments: &str, status: i32) -> Value {
        serde_json::from_slice(&self.profile(&format!("--json {arguments}"), status)).unwrap()
    }
}

#[test]
fn a_signed_profile_is_verified_and_shown() {
    let folder = Folder::new();
    folder.write("signed", folder.profile("sign passcode.mobileconfig --key company.p12", 0));
    folder.openssl(
        "cms -verify -binary -inform DER -in signed -CAfile company.pem -purpose any -out content",
    );
    assert_eq!(folder.read("content"), PROFILE);

    let shown = folder.json("show signed", 0);
    assert_eq!(shown["signers"], json!([{ "subject": "CN=company", "good": true }]));
    assert_eq!(shown["profile"]["identifier"], "org.example.passcode");
    assert_eq!(shown["payloads"][0]["type"], "com.apple.mobiledevice.passwordpolicy");
    assert_eq!(folder.json("check signed", 0)["valid"], true);
    let text = String::from_utf8(folder.profile("show signed", 0)).unwrap();
    insta::assert_snapshot!(text, @"
    Passcode, Configuration, org.example.passcode, Example
      signed by CN=company (whether that is to be trusted was not checked)
    - com.apple.mobiledevice.passwordpolicy, org.example.passcode.1
    ");
    folder.profile("sign signed --key company.p12", 2);
    // Signed by others, as other programs do it.
    folder.openssl("cms -sign -binary -nodetach -in passcode.mobileconfig -signer company.pem -inkey company.key -outform DER -out theirs");
    assert_eq!(folder.json("show theirs", 0)["signers"][0]["good"], true);
}

#[test]
fn the_device_decrypts_the_payloads_and_nobody_else() {
    let folder = Folder::new();
    let arguments = "encrypt passcode.mobileconfig --to device.pem --key company.p12";
    folder.write("encrypted", folder.profile(arguments, 0));
    folder.openssl(
        "cms -verify -binary -inform DER -in encrypted -CAfile company.pem -purpose any -out outer",
    );
    let outer = folder.read("outer");
    assert!(outer.contains("<key>IsEncrypted</key>") && !outer.contains("forcePIN"), "{outer}");
    let (_, sealed) = outer.split_once("<data>").unwrap();
    let (sealed, _) = sealed.split_once("</data>").unwrap();
    let sealed: String = sealed.split_whitespace().collect();
    let sealed = data_encoding::BASE64.decode(sealed.as_bytes()).unwrap();
    folder.write("sealed", sealed);
    folder.openssl("cms -decrypt -binary -inform DER -in sealed -recip device.pem -inkey device.key -out payloads");
    let payloads = folder.read("payloads");
    assert!(payloads.contains("<array>") && payloads.contains("forcePIN"), "{payloads}");

    let shown = folder.json("show encrypted", 0);
    assert_eq!((&shown["encrypted"], &shown["payloads"]), (&true.into(), &json!([])));
    assert_eq!(folder.json("check encrypted", 0)["valid"], true);
    folder.profile("encrypt outer --to device.pem", 2);
    folder.profile("encrypt passcode.mobileconfig --to company.key", 2);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let folder = Folder::new();
    folder.write(
        "wrong",
        PROFILE.replace("<integer>6<", "<integer>60<").replace("forcePIN", "forcePin"),
    );
    let checked = folder.json("check wrong --ios 17.4", 1);
    assert_eq!(checked["valid"], false);
    let finding = &checked["findings"][1];
    assert_eq!(finding["place"], "PayloadContent[0].minLength");
    assert_eq!(finding["code"], "wrong_value");
    let text = String::from_utf8(folder.profile("check wrong", 1)).unwrap();
    insta::assert_snapshot!(text, @"
    warning: PayloadContent[0].forcePin: unknown: misspelt, or newer than iOS 18.1
    error: PayloadContent[0].minLength: 60 is not allowed; 0 to 16
    1 errors, 1 warnings
    ");

    folder.write("command", "<plist><dict><key>CommandUUID</key><string>1</string><key>Command</key><dict><key>RequestType</key><string>EnableLostMode</string></dict></dict></plist>");
    let command = folder.json("check command --ios 17.0", 1);
    assert_eq!(command["findings"][0]["code"], "only_supervised");
    assert_eq!(folder.json("check command --ios 17.0 --supervised", 0)["valid"], true);
    folder.write("declaration", r#"{"Type": "com.apple.configuration.passcode.settings", "Identifier": "a", "ServerToken": "1", "Payload": {}}"#);
    assert_eq!(folder.json("check declaration", 0)["valid"], true);

    folder.write("junk", "junk");
    folder.write("list", "<plist><array/></plist>");
    folder.write("other", "<plist><dict/></plist>");
    folder.write("message", [0x30, 0x03, 0x02, 0x01, 0x05]);
    for arguments in [
        "check junk",
        "check list",
        "check other",
        "check message",
        "check missing",
        "show junk",
        "check passcode.mobileconfig --ios seventeen",
    ] {
        assert_eq!(folder.profile(arguments, 2), b"", "{arguments}");
    }
}
