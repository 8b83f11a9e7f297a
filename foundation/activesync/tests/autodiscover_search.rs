//! The search for a server, played against answers: what is asked next, and who is told a password.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use activesync::autodiscover::{
    Answer, Outcome, Reply, Search, Server, Step, Trust, Way, write_json,
};

const HOME: &str = "alice@example.test";
const HERE: &str = "https://mail.example.test/Microsoft-Server-ActiveSync";

fn search(trust: Trust) -> Search {
    Search::new(HOME, trust).unwrap()
}

fn with_password() -> Trust {
    Trust { has_password: true, ..Trust::default() }
}

fn http(status: u16, body: impl Into<String>) -> Reply {
    Reply::Http { status, location: None, wants_password: false, body: body.into() }
}

fn settings(url: &str) -> Reply {
    let servers = vec![Server::active_sync(url)];
    http(200, Answer::Settings { display_name: None, email: None, servers }.to_xml())
}

fn sends_to(location: &str) -> Reply {
    let location = Some(location.to_owned());
    Reply::Http { status: 302, location, wants_password: false, body: String::new() }
}

fn wants_password() -> Reply {
    Reply::Http { status: 401, location: None, wants_password: true, body: String::new() }
}

/// What is asked next, in one line.
fn next(search: &Search) -> Option<String> {
    let question = search.question()?;
    let method = if question.body.is_some() { "POST" } else { "GET" };
    let sign_in = if question.signed_in { " with password" } else { "" };
    Some(format!("{:?} {method} {}{sign_in}", question.way, question.place))
}

/// Answers with 404 until a question of this kind is next.
fn until(search: &mut Search, way: Way) {
    while search.question().expect("such a question comes").way != way {
        search.take(http(404, ""));
    }
}

fn last(search: &Search) -> &Outcome {
    &search.steps().last().unwrap().outcome
}

#[test]
fn every_way_is_tried_in_order() {
    let cloud = Some("outlook.office365.com".to_owned());
    let mut search = search(Trust { cloud, ..Trust::default() });
    let mut asked = Vec::new();
    while let Some(line) = next(&search) {
        asked.push(line);
        search.take(http(404, ""));
    }

    assert_eq!(
        asked,
        [
            "Json GET https://autodiscover.example.test/autodiscover/autodiscover.json/v1.0/alice@example.test?Protocol=ActiveSync&RedirectCount=1",
            "Json GET https://outlook.office365.com/autodiscover/autodiscover.json/v1.0/alice@example.test?Protocol=ActiveSync&RedirectCount=1",
            "Xml POST https://example.test/autodiscover/autodiscover.xml",
            "Xml POST https://autodiscover.example.test/autodiscover/autodiscover.xml",
            "Redirect GET http://autodiscover.example.test/autodiscover/autodiscover.xml",
            "Srv GET _autodiscover._tcp.example.test",
        ]
    );
    assert_eq!(search.steps().len(), asked.len());
    assert_eq!(search.found(), None);
}

#[test]
fn the_first_server_ends_the_search() {
    let mut by_json = search(Trust::default());
    by_json.take(http(200, write_json(HERE)));
    assert_eq!((by_json.found(), next(&by_json)), (Some(HERE), None));

    let mut by_xml = search(Trust::default());
    until(&mut by_xml, Way::Xml);
    by_xml.take(settings(HERE));
    assert_eq!((by_xml.found(), next(&by_xml)), (Some(HERE), None));
    assert_eq!(last(&by_xml), &Outcome::Found(HERE.to_owned()));
}

#[test]
fn what_is_no_address_of_mail_is_not_looked_for() {
    for email in ["alice", "alice@", "alice@a/b", "alice@evil.test:8443", "alice@evil.test#", ""] {
        assert!(Search::new(email, Trust::default()).is_none(), "{email}");
    }
}

#[test]
fn a_password_goes_to_whoever_asks_for_it_at_home() {
    let mut search = search(with_password());
    until(&mut search, Way::Xml);
    let first = "Xml POST https://example.test/autodiscover/autodiscover.xml";
    assert_eq!(next(&search).as_deref(), Some(first));
    let steps = search.steps().len();
    search.take(wants_password());
    assert_eq!(next(&search), Some(format!("{first} with password")));
    assert_eq!(search.steps().len(), steps, "it is the same step");
    search.take(wants_password());
    assert_eq!(last(&search), &Outcome::SignInRefused);
    let second = "Xml POST https://autodiscover.example.test/autodiscover/autodiscover.xml";
    assert_eq!(next(&search).as_deref(), Some(second), "the next is asked without it first");
}

#[test]
fn without_a_password_none_is_sent() {
    let mut search = search(Trust::default());
    until(&mut search, Way::Xml);
    search.take(wants_password());
    assert_eq!(last(&search), &Outcome::WantsPassword);
    assert!(!search.question().unwrap().signed_in);
}

#[test]
fn a_sign_in_by_other_means_is_told() {
    let mut search = search(with_password());
    until(&mut search, Way::Xml);
    search.take(http(401, ""));
    assert!(matches!(last(&search), Outcome::Nothing(why) if why.contains("no name and password")));
    assert!(!search.question().unwrap().signed_in);
}

#[test]
fn only_xml_by_tls_is_ever_signed_in() {
    for way in [Way::Json, Way::Redirect] {
        let mut search = search(with_password());
        until(&mut search, way);
        search.take(wants_password());
        assert!(matches!(last(&search), Outcome::Nothing(_)), "{way:?}");
        assert!(!search.question().unwrap().signed_in);
    }
}

#[test]
fn a_redirect_stays_in_the_domain_unless_somebody_agrees() {
    let far = "https://mail.hoster.test/autodiscover/autodiscover.xml";
    for way in [Way::Json, Way::Xml, Way::Redirect] {
        let mut search = search(with_password());
        until(&mut search, way);
        search.take(sends_to(far));
        assert_eq!(last(&search), &Outcome::Unconfirmed("mail.hoster.test".to_owned()), "{way:?}");
        assert!(!next(&search).unwrap().contains("hoster"));
    }

    let hosts = vec!["MAIL.hoster.test".to_owned()];
    let mut agreed = search(Trust { hosts, ..with_password() });
    until(&mut agreed, Way::Redirect);
    agreed.take(sends_to(far));
    assert_eq!(next(&agreed), Some(format!("Xml POST {far}")));
    agreed.take(wants_password());
    assert_eq!(next(&agreed), Some(format!("Xml POST {far} with password")));
    agreed.take(settings(HERE));
    assert_eq!(agreed.found(), Some(HERE));
}

#[test]
fn a_redirect_at_home_is_followed_by_tls_alone() {
    let mut search = search(Trust::default());
    until(&mut search, Way::Xml);
    search.take(sends_to("http://example.test/autodiscover/autodiscover.xml"));
    assert!(matches!(last(&search), Outcome::Nothing(why) if why.contains("without https")));
    search.take(sends_to("/elsewhere.xml"));
    let there = "Xml POST https://autodiscover.example.test/elsewhere.xml";
    assert_eq!(next(&search).as_deref(), Some(there));
    for nowhere in ["//evil.test/", "javascript:alert(1)", "https://example.test@evil.test/", ""] {
        search.take(sends_to(nowhere));
        assert!(matches!(last(&search), Outcome::Nothing(_)), "{nowhere}");
    }
}

#[test]
fn a_circle_of_redirects_ends() {
    let mut search = search(Trust::default());
    until(&mut search, Way::Xml);
    let mut asked = 0;
    while next(&search).is_some_and(|line| line.contains("https://example.test/")) {
        search.take(sends_to("https://example.test/autodiscover/autodiscover.xml"));
        asked += 1;
    }
    assert_eq!(asked, 6);
    assert!(matches!(last(&search), Outcome::Nothing(why) if why.contains("on and on")));
}

#[test]
fn what_plain_http_says_is_not_believed() {
    let mut search = search(Trust::default());
    until(&mut search, Way::Redirect);
    search.take(settings("https://mail.evil.test/"));
    assert_eq!(search.found(), None);
}

#[test]
fn hosts_of_dns_are_asked_in_the_domain_alone() {
    let mut at_home = search(Trust::default());
    until(&mut at_home, Way::Srv);
    at_home.take(Reply::Hosts(vec![
        ("mail.evil.test".to_owned(), 443),
        ("a.example.test".to_owned(), 8443),
        ("b.example.test".to_owned(), 443),
    ]));
    let a = "Xml POST https://a.example.test:8443/autodiscover/autodiscover.xml";
    assert_eq!(next(&at_home).as_deref(), Some(a));
    at_home.take(Reply::Failed("no connection".to_owned()));
    let b = "Xml POST https://b.example.test/autodiscover/autodiscover.xml";
    assert_eq!(next(&at_home).as_deref(), Some(b));
    at_home.take(http(404, ""));
    assert_eq!(next(&at_home), None);

    let mut far = search(Trust::default());
    until(&mut far, Way::Srv);
    far.take(Reply::Hosts(vec![("mail.evil.test".to_owned(), 443)]));
    assert_eq!(last(&far), &Outcome::Unconfirmed("mail.evil.test".to_owned()));
    assert_eq!(next(&far), None);
}

#[test]
fn another_address_is_asked_for_but_its_domain_gets_no_password() {
    let mut search = search(with_password());
    until(&mut search, Way::Xml);
    search.take(http(200, Answer::Redirect("alice@other.test".to_owned()).to_xml()));
    assert_eq!(last(&search), &Outcome::OtherAddress("alice@other.test".to_owned()));
    assert_eq!(search.address(), "alice@other.test");
    until(&mut search, Way::Xml);
    let there = "Xml POST https://other.test/autodiscover/autodiscover.xml";
    assert_eq!(next(&search).as_deref(), Some(there));
    let body = search.question().unwrap().body.clone().unwrap();
    assert!(body.contains("alice@other.test"), "{body}");
    search.take(wants_password());
    assert_eq!(last(&search), &Outcome::Unconfirmed("other.test".to_owned()));
    search.take(sends_to("https://example.test/again.xml"));
    search.take(wants_password());
    let home = "Xml POST https://example.test/again.xml with password";
    assert_eq!(next(&search).as_deref(), Some(home), "home is home");
}

#[test]
fn addresses_do_not_go_on_for_ever() {
    let mut search = search(Trust::default());
    let mut number = 0;
    while let Some(question) = search.question() {
        let reply = if question.way == Way::Xml {
            number += 1;
            http(200, Answer::Redirect(format!("alice@n{number}.test")).to_xml())
        } else {
            http(404, "")
        };
        search.take(reply);
    }
    let others = |step: &&Step| matches!(step.outcome, Outcome::OtherAddress(_));
    assert_eq!(search.steps().iter().filter(others).count(), 9);
    assert_eq!(search.found(), None);

    let mut circle = Search::new(HOME, Trust::default()).unwrap();
    until(&mut circle, Way::Xml);
    circle.take(http(200, Answer::Redirect(HOME.to_uppercase()).to_xml()));
    assert!(matches!(last(&circle), Outcome::Nothing(_)));
}

#[test]
fn what_answers_say_can_be_shown() {
    let mut search = search(Trust::default());
    until(&mut search, Way::Xml);
    let error = |message: &str| Answer::Error {
        code: Some(500),
        message: message.to_owned(),
        debug: String::new(),
    };
    search.take(http(200, error("no\u{9b}2J\nsuch address").to_xml()));
    assert_eq!(last(&search), &Outcome::Nothing("error 500: no 2J such address".to_owned()));
    search.take(settings("https://mail.example.test/a\"b"));
    assert!(matches!(last(&search), Outcome::Nothing(_)));
    assert_eq!(search.found(), None);
}
