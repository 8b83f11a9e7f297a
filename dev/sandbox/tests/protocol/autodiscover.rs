use activesync::autodiscover::{Answer, Request, json_answer};
use activesync::query::Command;
use hyper::StatusCode;
use sandbox::{Options, Running, Sandbox};

use crate::client::{Client, options, ready};

const XML: &str = "/autodiscover/autodiscover.xml";
const PATH: &str = "/Microsoft-Server-ActiveSync";

fn public() -> Options {
    Options { public_url: Some("https://mail.example.test".to_owned()), ..options() }
}

async fn ask(client: &Client, email: &str) -> Answer {
    let request = Request { email: email.to_owned() }.to_xml();
    let answer = client.send("POST", XML, request.into_bytes()).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "text/xml; charset=utf-8");
    Answer::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap()
}

fn code(answer: &Answer) -> Option<u32> {
    match answer {
        Answer::Error { code, .. } => *code,
        Answer::Redirect(_) | Answer::Settings { .. } => None,
    }
}

#[tokio::test]
async fn autodiscover_names_the_server_of_ones_own_address() {
    let renamed = vec![("alice@old.test".to_owned(), "alice@example.test".to_owned())];
    let running = Sandbox::start(Options { renamed, ..public() }).await.unwrap();
    let client = Client::new(&running, "alice");
    let found = ask(&client, "Alice@Example.test").await;
    assert_eq!(
        found.active_sync_url(),
        Some("https://mail.example.test/Microsoft-Server-ActiveSync")
    );
    let Answer::Settings { display_name, email, .. } = &found else { panic!("{found:?}") };
    assert_eq!(display_name.as_deref(), Some("Alice Lindqvist"));
    assert_eq!(email.as_deref(), Some("alice@example.test"));
    assert_eq!(ask(&client, "alice@old.test").await, Answer::Redirect("alice@example.test".into()));
    for stranger in ["bob@example.test", "alice@elsewhere.test"] {
        assert_eq!(code(&ask(&client, stranger).await), Some(500));
    }
    for (body, expected) in [
        ("junk".to_owned(), 600),
        (
            Request { email: "alice@example.test".into() }
                .to_xml()
                .replace("mobilesync/response", "outlook/response"),
            601,
        ),
    ] {
        let answer = client.send("POST", XML, body.into_bytes()).await.unwrap();
        let answer = Answer::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
        assert_eq!(code(&answer), Some(expected));
    }
    let wrong = Client { password: "wrong".into(), ..client.clone() };
    assert_eq!(wrong.send("POST", XML, vec![]).await.unwrap().status, StatusCode::UNAUTHORIZED);
    let get = client.send("GET", XML, vec![]).await.unwrap();
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_plain_form_leads_elsewhere_without_a_sign_in() {
    let target = "https://autodiscover.example.test/autodiscover/autodiscover.xml";
    let redirecting = Options { autodiscover_redirect: Some(target.to_owned()), ..options() };
    let running = Sandbox::start(redirecting).await.unwrap();
    let nobody = Client::new(&running, "");
    let answer = nobody.send("GET", XML, vec![]).await.unwrap();
    assert_eq!(
        (answer.status, answer.headers["location"].to_str().unwrap()),
        (StatusCode::FOUND, target)
    );
}

#[tokio::test]
async fn the_json_form_needs_no_sign_in() {
    let running = Sandbox::start(public()).await.unwrap();
    let nobody = Client::new(&running, "");
    let ask = async |target: &str| {
        let answer = nobody.send("GET", target, vec![]).await.unwrap();
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
        (answer.status, json_answer(std::str::from_utf8(&answer.body).unwrap()).unwrap())
    };
    for target in [
        "/autodiscover/autodiscover.json?Email=alice%40example.test&Protocol=ActiveSync",
        "/Autodiscover/Autodiscover.json/v1.0/alice@example.test?Protocol=activesync&RedirectCount=1",
    ] {
        let (status, found) = ask(target).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            found.active_sync_url(),
            Some("https://mail.example.test/Microsoft-Server-ActiveSync")
        );
    }
    for (target, expected) in [
        (
            "/autodiscover/autodiscover.json?Email=alice@example.test&Protocol=Ews",
            StatusCode::BAD_REQUEST,
        ),
        ("/autodiscover/autodiscover.json?Email=alice@example.test", StatusCode::BAD_REQUEST),
        (
            "/autodiscover/autodiscover.json?Email=mallory@example.test&Protocol=ActiveSync",
            StatusCode::NOT_FOUND,
        ),
        ("/autodiscover/autodiscover.json?Email=%4&Protocol=ActiveSync", StatusCode::NOT_FOUND),
    ] {
        let (status, answer) = ask(target).await;
        assert!(
            status == expected && matches!(answer, Answer::Error { .. }),
            "{target}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_mailbox_that_moved_is_told_with_its_new_address() {
    let (old, client) = ready(options()).await;
    let (new, _) = ready(options()).await;
    let address = |running: &Running| format!("{}{PATH}", running.url());
    assert_eq!(client.try_post(Command::Settings, vec![]).await.unwrap().status, StatusCode::OK);
    old.move_account("alice", Some(&address(&new))).unwrap();
    let told = client.try_post(Command::FolderSync, vec![]).await.unwrap();
    assert_eq!(told.status.as_u16(), 451);
    assert_eq!(told.headers["x-ms-location"], address(&new).as_str());
    assert_eq!(client.send("OPTIONS", PATH, vec![]).await.unwrap().status.as_u16(), 451);
    let bob = Client::new(&old, "bob");
    assert_eq!(bob.send("OPTIONS", PATH, vec![]).await.unwrap().status, StatusCode::OK);
    let Answer::Settings { servers, .. } = ask(&client, "alice@example.test").await else {
        panic!()
    };
    assert_eq!(servers[0].url, address(&new));

    let there = Client { address: new.address(), ..client.clone() };
    assert!(!there.folders("0").await.changes.is_empty());
    old.move_account("alice", None).unwrap();
    assert!(!client.folders("0").await.changes.is_empty());
}
