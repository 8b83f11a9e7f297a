//! Profiles, commands and declarations that are right and wrong, and what is said of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use apple_mdm::{Enrolment, Target, check, check_command, check_declaration};
use plist::{Dictionary, Value};

/// Checks a profile with the given payloads for any device.
#[track_caller]
fn payloads(xml: &str, expected: &[&str]) {
    payloads_for(xml, None, expected);
}

#[track_caller]
fn payloads_for(xml: &str, target: Option<&Target>, expected: &[&str]) {
    let profile = format!(
        "<dict><key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>\
         <key>PayloadIdentifier</key><string>org.example</string>\
         <key>PayloadUUID</key><string>5B9F3A0E-0000-4000-8000-000000000000</string>\
         <key>PayloadContent</key><array>{xml}</array></dict>"
    );
    let found: Vec<_> =
        check(&dictionary(&profile), target).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

/// A payload of a type with a number in its names.
fn payload(kind: &str, number: u8, rest: &str) -> String {
    format!(
        "<dict><key>PayloadType</key><string>{kind}</string><key>PayloadVersion</key><integer>1</integer>\
         <key>PayloadIdentifier</key><string>org.example.{number}</string>\
         <key>PayloadUUID</key><string>5B9F3A0E-0000-4000-8000-00000000000{number}</string>{rest}</dict>"
    )
}

fn dictionary(xml: &str) -> Dictionary {
    let document = format!("<plist version=\"1.0\">{xml}</plist>");

    Value::from_reader_xml(document.as_bytes()).unwrap().into_dictionary().unwrap()
}

fn passcode(rest: &str) -> String {
    payload("com.apple.mobiledevice.passwordpolicy", 1, rest)
}

fn scep(rest: &str) -> String {
    let content = format!(
        "<key>PayloadContent</key><dict><key>URL</key><string>https://ca.example.org/scep</string>{rest}</dict>"
    );

    payload("com.apple.security.scep", 2, &content)
}

const KEYSIZE: &str = "<key>Keysize</key><integer>2048</integer>";

fn mdm(identity: &str) -> String {
    let rest = format!(
        "<key>IdentityCertificateUUID</key><string>5B9F3A0E-0000-4000-8000-00000000000{identity}</string>\
         <key>ServerURL</key><string>https://mdm.example.org</string>\
         <key>Topic</key><string>com.apple.mgmt.External.1</string><key>AccessRights</key><integer>8191</integer>"
    );

    payload("com.apple.mdm", 3, &rest)
}

const ANY: Target = Target { version: None, supervised: false, enrolment: Enrolment::Device };

#[test]
fn a_profile_that_is_right_passes() {
    let right = [
        passcode("<key>forcePIN</key><true/><key>minLength</key><integer>6</integer>"),
        scep(KEYSIZE),
        mdm("2"),
    ];
    payloads(&right.concat(), &[]);
    let target = Target { version: Some("18.0".parse().unwrap()), ..ANY };
    payloads_for(&right.concat(), Some(&target), &[]);
}

#[test]
fn values_must_be_as_apple_wants_them() {
    payloads(
        &passcode(
            "<key>minLength</key><integer>99</integer><key>forcePIN</key><string>yes</string>\
             <key>alowSimple</key><false/>",
        ),
        &[
            "PayloadContent[0].minLength: 99 is not allowed; 0 to 16",
            "PayloadContent[0].forcePIN: should be of the type boolean, not string",
            "PayloadContent[0].alowSimple: unknown: misspelt, or newer than iOS 18.1",
        ],
    );
    payloads(
        &scep("<key>Keysize</key><integer>3072</integer>"),
        &["PayloadContent[0].PayloadContent.Keysize: 3072 is not allowed; one of 1024, 2048, 4096"],
    );
    payloads(
        &scep(""),
        &[
            "PayloadContent[0].PayloadContent.Keysize: RSA keys need 2048 bits; without Keysize devices make one of 1024",
        ],
    );
    let pair = "<key>Subject</key><array><array><array><string>CN</string></array></array></array>";
    payloads(
        &scep(&format!("{KEYSIZE}{pair}")),
        &["PayloadContent[0].PayloadContent.Subject[0][0]: 1 values; 2 is right"],
    );
    payloads(
        &payload(
            "com.apple.webClip.managed",
            4,
            "<key>URL</key><string>https://a.example</string>",
        ),
        &["PayloadContent[0].Label: missing"],
    );
    payloads("<dict/>", &["PayloadContent[0].PayloadType: missing"]);
    payloads(
        &payload("com.example.own", 5, "<key>Anything</key><true/>"),
        &[
            "PayloadContent[0].PayloadType: the type com.example.own is not known here and was not checked",
        ],
    );
}

#[test]
fn payloads_must_fit_together() {
    payloads(
        &[mdm("9"), scep(KEYSIZE)].concat(),
        &[
            "PayloadContent[0].IdentityCertificateUUID: there is no payload with the UUID 5B9F3A0E-0000-4000-8000-000000000009 in the profile",
        ],
    );
    payloads(
        &[passcode(""), mdm("1")].concat(),
        &[
            "PayloadContent[1].IdentityCertificateUUID: 5B9F3A0E-0000-4000-8000-000000000001 is no payload with an identity (SCEP, ACME, PKCS#12)",
        ],
    );
    payloads(
        &[passcode(""), passcode("")].concat(),
        &[
            "PayloadContent[1].PayloadUUID: 5B9F3A0E-0000-4000-8000-000000000001 is in the profile twice",
            "PayloadContent[1].PayloadIdentifier: org.example.1 is in the profile twice",
        ],
    );
    payloads(
        &[
            scep(KEYSIZE),
            mdm("2"),
            mdm("2").replace("000003", "000007").replace("example.3", "example.7"),
        ]
        .concat(),
        &[
            "PayloadContent[2].PayloadType: a profile has one payload of the type com.apple.mdm at most",
        ],
    );
}

#[test]
fn the_device_must_know_it_and_take_it() {
    let lock = payload(
        "com.apple.app.lock",
        6,
        "<key>App</key><dict><key>Identifier</key><string>org.example.app</string></dict>",
    );
    payloads_for(
        &lock,
        Some(&ANY),
        &["PayloadContent[0].PayloadType: only for supervised devices"],
    );
    payloads_for(&lock, Some(&Target { supervised: true, ..ANY }), &[]);
    payloads(&lock, &[]);
    let old = Target { version: Some("13.0".parse().unwrap()), ..ANY };
    let dns = payload(
        "com.apple.dnsSettings.managed",
        7,
        "<key>DNSSettings</key><dict><key>DNSProtocol</key><string>TLS</string><key>ServerName</key><string>a</string></dict>",
    );
    payloads_for(&dns, Some(&old), &["PayloadContent[0].PayloadType: known from 14.0 on"]);
    let private = Target { enrolment: Enrolment::User, ..ANY };
    payloads_for(
        &passcode("<key>allowSimple</key><false/>"),
        Some(&private),
        &["PayloadContent[0].allowSimple: ignored where the user enrols a private device"],
    );
}

#[test]
fn a_profile_service_asks_for_what_devices_tell() {
    let service = |url: &str, asked: &str| {
        let profile = dictionary(&format!(
            "<dict><key>PayloadType</key><string>Profile Service</string><key>PayloadVersion</key><integer>1</integer>\
             <key>PayloadIdentifier</key><string>org.example</string><key>PayloadUUID</key><string>a</string>\
             <key>PayloadContent</key><dict><key>URL</key><string>{url}</string>\
             <key>DeviceAttributes</key><array><string>{asked}</string></array></dict></dict>"
        ));
        check(&profile, None).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(service("https://mdm.example.org/ota", "UDID"), Vec::<String>::new());
    assert_eq!(
        service("http://mdm.example.org/ota", "COLOUR"),
        [
            "PayloadContent.URL: \"http://mdm.example.org/ota\" does not look like ^https://.*$",
            "PayloadContent.DeviceAttributes[0]: COLOUR is not allowed; one of DEVICE_ID, DEVICE_NAME, ICCID, IMEI, MAC_ADDRESS_EN0, MEID, PRODUCT, SERIAL, UDID, VERSION",
        ]
    );
}

#[test]
fn commands_are_checked_for_the_device() {
    let said = |xml: &str, target: &Target| {
        let found = check_command(&dictionary(&format!("<dict>{xml}</dict>")), Some(target));
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let lost = "<key>RequestType</key><string>EnableLostMode</string><key>Message</key><string>Lost</string>";
    assert_eq!(said(lost, &ANY), ["RequestType: only for supervised devices"]);
    assert_eq!(said(lost, &Target { supervised: true, ..ANY }), Vec::<String>::new());
    let pin =
        "<key>RequestType</key><string>DeviceLock</string><key>PIN</key><string>123456</string>";
    assert_eq!(said(pin, &ANY), ["PIN: not known to iOS"]);
    let settings = "<key>RequestType</key><string>Settings</string><key>Settings</key><array><dict>\
        <key>Item</key><string>Bluetooth</string><key>Enabled</key><string>yes</string></dict></array>";
    assert_eq!(
        said(settings, &Target { supervised: true, ..ANY }),
        ["Settings[0].Enabled: should be of the type boolean, not string"]
    );
    assert_eq!(
        said("<key>RequestType</key><string>Explode</string>", &ANY),
        ["RequestType: the type Explode is not known here and was not checked"]
    );
}

#[test]
fn declarations_are_checked_by_their_payload() {
    let said = |json: &str| {
        let declaration: Value = serde_json::from_str(json).unwrap();
        let found = check_declaration(&declaration.into_dictionary().unwrap(), None);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        said(
            r#"{"Type": "com.apple.configuration.passcode.settings", "Identifier": "a", "ServerToken": "1", "Payload": {"MinimumLength": 8}}"#
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        said(
            r#"{"Type": "com.apple.configuration.passcode.settings", "Identifier": "a", "Payload": {"MinimumLength": 99, "Colour": 1}}"#
        ),
        [
            "ServerToken: missing",
            "Payload.MinimumLength: 99 is not allowed; 0 to 16",
            "Payload.Colour: unknown: misspelt, or newer than iOS 18.1",
        ]
    );
}

/// Whatever is deep, or refers to itself in Apple's files, ends.
#[test]
fn folders_in_folders_end() {
    let folder = |inner: &str| {
        format!(
            "<dict><key>Type</key><string>Folder</string><key>DisplayName</key><string>a</string>\
             <key>Pages</key><array><array>{inner}</array></array></dict>"
        )
    };
    let deep = (0..60).fold(String::new(), |inner, _| folder(&inner));
    let layout =
        format!("<key>Dock</key><array/><key>Pages</key><array><array>{deep}</array></array>");
    let profile = payload("com.apple.homescreenlayout", 8, &layout);
    payloads(&profile, &[]);
}
