use data_encoding::{BASE64, BASE64_NOPAD};
use proptest::prelude::*;

use super::*;

#[test]
fn the_plain_form_is_read() {
    let query = Query::parse(
        "user=EXAMPLE%5Calice&DeviceType=Cordon&cmd=sendmail&DeviceId=CordonA1&SaveInSent=T&ItemId=5%3a1&x=1+2",
    )
    .unwrap();
    assert_eq!(query.command, Command::SendMail);
    assert_eq!(query.user.as_deref(), Some(r"EXAMPLE\alice"));
    assert_eq!(query.device_id.as_str(), "CordonA1");
    assert_eq!(query.device_type, "Cordon");
    assert_eq!((query.version, query.policy_key, query.form), (None, None, Form::Plain));
    assert!(query.parameters.save_in_sent);
    assert_eq!(query.parameters.item_id.as_deref(), Some("5:1"));
    assert_eq!(query.parameters.unknown, [("x".to_owned(), "1 2".to_owned())]);
}

#[test]
fn the_documented_base64_example_is_read() {
    let query = Query::parse("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l").unwrap();
    assert_eq!(query.version, Some(Version::V14_0));
    assert_eq!(query.command, Command::Sync);
    assert_eq!(query.locale, Some(0x0409));
    assert_eq!(query.device_id.as_str(), "v140Device");
    assert_eq!(query.policy_key, None);
    assert_eq!(query.device_type, "SmartPhone");
    assert_eq!(query.form, Form::Base64);
}

#[test]
fn every_part_of_the_base64_form_is_read() {
    let mut bytes = vec![161, 19, 0x07, 0x04, 16];
    bytes.extend(0xf0..=0xff_u8);
    bytes.extend([4, 0x78, 0x56, 0x34, 0x12, 2, b'W', b'P']);
    for (tag, value) in [(0, "a/b"), (1, "c"), (3, "i"), (4, "l"), (6, "o"), (8, "älice")] {
        bytes.extend([tag, value.len() as u8]);
        bytes.extend(value.as_bytes());
    }
    bytes.extend([7, 1, 0x03]);
    let query =
        Query::parse(&BASE64.encode(&bytes).replace('=', "%3D").replace('+', "%2b")).unwrap();
    assert_eq!(query.command, Command::ItemOperations);
    assert_eq!(query.device_id.as_str(), "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    assert_eq!(query.policy_key, Some(0x1234_5678));
    assert_eq!(query.user.as_deref(), Some("älice"));
    assert_eq!(
        query.parameters,
        Parameters {
            attachment_name: Some("a/b".into()),
            collection_id: Some("c".into()),
            item_id: Some("i".into()),
            long_id: Some("l".into()),
            occurrence: Some("o".into()),
            save_in_sent: true,
            accept_multipart: true,
            unknown: vec![],
        }
    );
}

#[test]
fn bad_plain_forms_are_refused() {
    fn check(query: &str, expected: QueryError) {
        assert_eq!(Query::parse(query), Err(expected), "{query}");
    }
    let unreadable = |what: &str| QueryError::Unreadable(what.to_owned());
    check("Cmd=Sync&DeviceId=a", QueryError::Missing("DeviceType"));
    check("Cmd=Sync&DeviceType=a", QueryError::Missing("DeviceId"));
    check("Cmd=Sync&cmd=Ping&DeviceId=a&DeviceType=b", QueryError::Repeated("cmd".into()));
    check("Cmd=Sync&%43md=Ping&DeviceId=a&DeviceType=b", QueryError::Repeated("Cmd".into()));
    check("Cmd=Sync&DeviceId=a&DeviceType=b&DeviceId=c", QueryError::Repeated("DeviceId".into()));
    check("Cmd=Sync&DeviceId=a&DeviceType=b&x", unreadable("x"));
    check("Cmd=Sync&DeviceId=a&DeviceType=b&", unreadable(""));
    check("Cmd=Sync&DeviceId=a&DeviceType=%4", unreadable("DeviceType"));
    check("Cmd=Sync&DeviceId=a&DeviceType=%zz", unreadable("DeviceType"));
    check("Cmd=Sync&DeviceId=a&DeviceType=%ff", unreadable("DeviceType"));
    check("Cmd=Sync&DeviceId=a&DeviceType=b%0d%0ax", unreadable("DeviceType"));
    check("Cmd=Sync&DeviceId=a-b&DeviceType=b", QueryError::DeviceId);
    check("Cmd=Sync&DeviceId=&DeviceType=b", QueryError::DeviceId);
    check("Cmd=Sync&DeviceId=012345678901234567890123456789012&DeviceType=b", QueryError::DeviceId);
    check(
        "Cmd=GetHierarchy&DeviceId=a&DeviceType=b",
        QueryError::UnknownCommand("GetHierarchy".into()),
    );
}

#[test]
fn bad_base64_forms_are_refused() {
    fn check(bytes: &[u8], expected: QueryError) {
        assert_eq!(Query::parse(&BASE64_NOPAD.encode(bytes)), Err(expected), "{bytes:?}");
    }
    check(&[], QueryError::Length("the protocol version"));
    check(&[25], QueryError::UnknownVersion("25".into()));
    check(&[141], QueryError::Length("the command"));
    check(&[141, 5], QueryError::UnknownCommand("5".into()));
    check(&[141, 0, 9], QueryError::Length("the locale"));
    check(&[141, 0, 9, 4, 0, 0, 0], QueryError::DeviceId);
    check(&[141, 0, 9, 4, 2, b'a'], QueryError::Length("the device id"));
    check(&[141, 0, 9, 4, 1, 0xff, 0, 0], QueryError::DeviceId);
    check(&[141, 0, 9, 4, 1, b'a', 3, 1, 2, 3, 0], QueryError::Length("the policy key"));
    check(&[141, 0, 9, 4, 1, b'a', 4, 1, 2, 3], QueryError::Length("the policy key"));
    check(&[141, 0, 9, 4, 1, b'a', 0], QueryError::Length("the device type"));
    check(&[141, 0, 9, 4, 1, b'a', 0, 0, 7], QueryError::Length("a parameter"));
    check(&[141, 0, 9, 4, 1, b'a', 0, 0, 8, 2, b'a'], QueryError::Length("a parameter"));
    check(&[141, 0, 9, 4, 1, b'a', 0, 0, 7, 2, 0, 0], QueryError::Length("Options"));
    check(&[141, 0, 9, 4, 1, b'a', 0, 0, 5, 0], QueryError::UnknownParameter(5));
    check(&[141, 0, 9, 4, 1, b'a', 0, 0, 1, 0, 1, 0], QueryError::Repeated("parameter 1".into()));
    check(&[141, 0, 9, 4, 1, b'a', 0, 0, 8, 1, 0xff], QueryError::Unreadable("User".into()));
    for text in ["Sync", "jAA*", "jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l=", "%6", "jAAJ BAp2"] {
        assert!(Query::parse(text).is_err(), "{text}");
    }
}

#[test]
fn errors_say_where() {
    fn check(query: &str, expected: &str) {
        assert_eq!(Query::locate(query).unwrap_err().to_string(), expected, "{query}");
    }
    check(
        "Cmd=Sync&DeviceId=a-b&DeviceType=b",
        "byte 9: the device id is not 1 to 32 letters and digits",
    );
    check("Cmd=Nope&DeviceId=a&DeviceType=b", "byte 0: unknown command Nope");
    check("Cmd=Sync&DeviceId=a&cmd=Sync", "byte 20: cmd is there twice");
    check("Cmd=Sync&DeviceId=a", "byte 19: DeviceType is missing");
    check("jAAJ*", "byte 4: neither the plain form nor base64");
    let encoded = |bytes: &[u8]| BASE64_NOPAD.encode(bytes);
    check(&encoded(&[141, 5]), "byte 1: unknown command 5");
    check(&encoded(&[141, 0, 9, 4, 9, b'a']), "byte 4: the device id has a wrong length");
    check(&encoded(&[141, 0, 9, 4, 1, b'a', 0, 0, 1, 0, 5, 0]), "byte 10: unknown parameter 5");
}

#[test]
fn headers_complete_the_plain_form() {
    let query = Query::parse("Cmd=Ping&DeviceId=a&DeviceType=b").unwrap();
    let query = query.with_headers(Some("16.1"), Some("77"), Some("T")).unwrap();
    assert_eq!((query.version, query.policy_key), (Some(Version::V16_1), Some(77)));
    assert!(query.parameters.accept_multipart);
    let query = Query::parse("Cmd=Ping&DeviceId=a&DeviceType=b").unwrap();
    assert_eq!(
        query.clone().with_headers(Some("2.5"), None, None),
        Err(QueryError::UnknownVersion("2.5".into()))
    );
    assert_eq!(
        query.with_headers(None, Some("x"), None),
        Err(QueryError::Unreadable("X-MS-PolicyKey".into()))
    );
}

#[test]
fn headers_may_not_contradict_the_base64_form() {
    let query = Query::parse("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l").unwrap();
    assert!(query.clone().with_headers(Some("14.0"), Some("0"), Some("T")).is_ok());
    let differs = |name| Err(QueryError::HeaderDiffers(name));
    assert_eq!(
        query.clone().with_headers(Some("14.1"), None, None),
        differs("MS-ASProtocolVersion")
    );
    assert_eq!(query.with_headers(None, Some("1"), None), differs("X-MS-PolicyKey"));
}

#[test]
fn codes_and_names_fit_each_other() {
    for command in Command::ALL {
        assert_eq!(Command::from_code(command.code()), Some(command));
        assert_eq!(Command::from_name(command.name()), Some(command));
    }
    for (code, name) in
        [(0, "Sync"), (9, "FolderSync"), (18, "Ping"), (20, "Provision"), (23, "Find")]
    {
        assert_eq!(Command::from_code(code).map(Command::name), Some(name));
    }
    assert_eq!(Version::best("2.5,12.0,12.1,14.0,14.1", &Version::ALL), Some(Version::V14_1));
    assert_eq!(
        Version::best("14.1, 16.1", &[Version::V14_1, Version::V16_1]),
        Some(Version::V16_1)
    );
    assert_eq!(Version::best("2.5", &Version::ALL), None);
}

proptest! {
    #[test]
    fn no_query_panics(query in ".{0,80}") {
        drop(Query::parse(&query));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        drop(Query::parse(&BASE64.encode(&bytes)));
    }

    #[test]
    fn the_plain_form_comes_back(
        user in "[ -~äß€]{0,20}", id in "[A-Za-z0-9]{1,32}", kind in "[ -~]{0,10}", item in proptest::option::of("[ -~]{0,9}"),
        code in 0_u8..30,
    ) {
        let Some(command) = Command::from_code(code) else { return Ok(()) };
        let query = Query {
            command,
            user: Some(user),
            device_id: DeviceId::new(id).unwrap(),
            device_type: kind,
            version: None,
            policy_key: None,
            locale: None,
            parameters: Parameters { item_id: item, save_in_sent: code % 2 == 0, ..Parameters::default() },
            form: Form::Plain,
        };
        prop_assert_eq!(Query::parse(&query.to_plain()), Ok(query));
    }
}
