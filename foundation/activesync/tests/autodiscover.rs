//! Finding the server: answers as servers write them.

use activesync::autodiscover::*;
use proptest::prelude::*;

const EXCHANGE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006">
    <Culture>en:us</Culture>
    <User><DisplayName>Anna &amp; Co</DisplayName><EMailAddress>Anna@Example.test</EMailAddress></User>
    <Action><Settings>
      <Server><Type>CertEnroll</Type><Url>https://cert.example.test</Url><Name/><ServerData>Template</ServerData></Server>
      <Server><Type>MobileSync</Type><Url>https://mail.example.test/Microsoft-Server-ActiveSync?a=1&#38;b=2</Url>
        <Name>https://mail.example.test/Microsoft-Server-ActiveSync</Name></Server>
    </Settings></Action>
  </Response>
</Autodiscover>"#;

#[test]
fn servers_are_found() {
    let answer = Answer::parse(EXCHANGE).unwrap();
    let url = "https://mail.example.test/Microsoft-Server-ActiveSync?a=1&b=2";
    assert_eq!(answer.active_sync_url(), Some(url));
    let Answer::Settings { display_name, email, servers } = &answer else { panic!("{answer:?}") };
    assert_eq!(display_name.as_deref(), Some("Anna & Co"));
    assert_eq!(email.as_deref(), Some("Anna@Example.test"));
    assert_eq!(servers[0].server_data.as_deref(), Some("Template"));
    assert_eq!(Answer::parse(&answer.to_xml()), Ok(answer));
}

#[test]
fn prefixes_do_not_matter() {
    let prefixed = EXCHANGE.replace("<S", "<m:S").replace("</S", "</m:S");
    assert_eq!(Answer::parse(&prefixed), Answer::parse(EXCHANGE));
}

#[test]
fn other_addresses_and_errors_are_told() {
    let action = |action: &str| {
        Answer::parse(&format!(
            "<Autodiscover><Response><Action>{action}</Action></Response></Autodiscover>"
        ))
    };
    assert_eq!(
        action("<Redirect>bob@other.test</Redirect>"),
        Ok(Answer::Redirect("bob@other.test".into()))
    );
    let error = Answer::Error { code: Some(1), message: "no".into(), debug: "MailUser".into() };
    let xml =
        "<Error><Status>1</Status><Message>no</Message><DebugData>MailUser</DebugData></Error>";
    assert_eq!(action(xml), Ok(error));
    let outer = "<Autodiscover><Response><Error Time=\"1\" Id=\"2\"><ErrorCode>600</ErrorCode>\
                 <Message>Invalid Request</Message><DebugData /></Error></Response></Autodiscover>";
    let error =
        Answer::Error { code: Some(600), message: "Invalid Request".into(), debug: String::new() };
    assert_eq!(Answer::parse(outer), Ok(error));
    assert_eq!(action(""), Err(AutodiscoverError::Incomplete));
    assert_eq!(action("<Redirect/>"), Err(AutodiscoverError::Incomplete));
}

#[test]
fn servers_without_tls_are_none() {
    for url in [
        "http://mail.example.test/",
        "https://",
        "https:///x",
        "ftp://mail.example.test",
        "",
        "HTTPS:/x",
    ] {
        assert!(!is_https(url), "{url}");
        let servers = vec![Server::active_sync(url)];
        let answer = Answer::Settings { display_name: None, email: None, servers };
        assert_eq!(answer.active_sync_url(), None, "{url}");
    }
}

#[test]
fn documents_that_are_none_are_refused() {
    let entity = "<!DOCTYPE a [<!ENTITY b \"c\">]><Autodiscover>&b;</Autodiscover>";
    let deep = "<a>".repeat(10_000);
    for text in ["<html><body>Sign in", entity, "<Autodiscover>&b;</Autodiscover>", &deep] {
        let error = Answer::parse(text).unwrap_err();
        assert!(matches!(error, AutodiscoverError::Unreadable(_)), "{error}");
    }
    assert_eq!(Answer::parse(&" ".repeat(300_000)), Err(AutodiscoverError::TooLarge));
    assert_eq!(Answer::parse("<html></html>"), Err(AutodiscoverError::Incomplete));
}

#[test]
fn requests_come_back() {
    let request = Request { email: "a<b>&c@example.test".into() };
    let xml = request.to_xml();
    assert!(
        xml.contains("mobilesync/requestschema/2006") && xml.contains("a&lt;b&gt;&amp;c@"),
        "{xml}"
    );
    assert_eq!(Request::parse(&xml), Ok(request));
}

#[test]
fn json_names_a_server_or_an_error() {
    let url = "https://outlook.office365.com/Microsoft-Server-ActiveSync";
    let answer = json_answer(&write_json(url)).unwrap();
    assert_eq!(answer.active_sync_url(), Some(url));
    let refused = json_answer(r#"{"ErrorCode":"UserNotFound","ErrorMessage":"who?"}"#).unwrap();
    let error = Answer::Error { code: None, message: "who?".into(), debug: "UserNotFound".into() };
    assert_eq!(refused, error);
    for text in [
        r#"{"Protocol":"ActiveSync","Url":"http://a.test"}"#,
        r#"{"Protocol":"Ews","Url":"https://a.test"}"#,
        "[]",
    ] {
        assert_eq!(json_answer(text), Err(AutodiscoverError::Incomplete), "{text}");
    }
    assert!(matches!(json_answer("<html>"), Err(AutodiscoverError::Unreadable(_))));
    assert_eq!(
        json_url("autodiscover.example.test", "a/b+c@example.test"),
        "https://autodiscover.example.test/autodiscover/autodiscover.json/v1.0/a%2Fb%2Bc@example.test?Protocol=ActiveSync&RedirectCount=1"
    );
    for email in ["nobody", "a@", "a@evil.test/x", "a@b:1", "a@b?c"] {
        assert_eq!(xml_urls(email), None, "{email}");
    }
    assert_eq!(srv_name("a@b.test").unwrap(), "_autodiscover._tcp.b.test");
    assert_eq!(
        redirecting_url("a@b.test").unwrap(),
        "http://autodiscover.b.test/autodiscover/autodiscover.xml"
    );
    assert_eq!(
        xml_urls("a@b.test").unwrap()[1],
        "https://autodiscover.b.test/autodiscover/autodiscover.xml"
    );
}

proptest! {
    #[test]
    fn answers_come_back(name in "[^\\p{Cc}\\s]{1,20}", url in "[!-~]{0,30}", data in "[!-~]{1,30}") {
        let server = Server { server_data: Some(data), ..Server::active_sync(format!("https://a{url}")) };
        let answer = Answer::Settings { display_name: Some(name), email: None, servers: vec![server] };
        prop_assert_eq!(Answer::parse(&answer.to_xml()), Ok(answer));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,200}", cut in 0_usize..1500) {
        drop(Answer::parse(&text));
        drop(json_answer(&text));
        drop(Request::parse(&text));
        let cut = EXCHANGE.get(..cut).unwrap_or(EXCHANGE);
        drop(Answer::parse(cut));
    }
}
