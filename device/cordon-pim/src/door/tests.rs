//! The door as a browser meets it: through the real router, over an app without a container.

use super::*;
use crate::imports::Imports;
use app::{App, Paths};
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_SECURITY_POLICY, HOST, ORIGIN};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use time::macros::datetime;
use tower::ServiceExt as _;

#[tokio::test]
async fn the_page_is_served_with_every_header() {
    let ground = Ground::new();

    let answer = ground.ask(ground.get("/")).await;

    insta::assert_snapshot!(answer.with_headers(), @r#"
    200 OK
    cache-control: no-store
    content-length: 8
    content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html default
    content-type: text/html; charset=utf-8
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    permissions-policy: accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=()
    referrer-policy: no-referrer
    x-content-type-options: nosniff

    the page
    "#);
}

#[tokio::test]
async fn each_check_refuses_without_a_word() {
    let ground = Ground::new();
    let token = ground.session();
    let ask = async |change: fn(&mut Request<Body>)| {
        let mut request = ground.post("/api/lock", &token, "{}");
        change(&mut request);
        ground.ask(request).await.line()
    };

    insta::assert_snapshot!(ask(|_| {}).await.split(' ').next().unwrap(), @"200");
    insta::assert_snapshot!(
        ask(|request| {
            request.extensions_mut().insert(ConnectInfo(Peer::Foreign));
        })
        .await,
        @"403 []"
    );
    insta::assert_snapshot!(ask(|request| set(request, "host", "localhost:4711")).await, @"421 []");
    insta::assert_snapshot!(ask(|request| set(request, "host", "evil.example")).await, @"421 []");
    insta::assert_snapshot!(ask(|request| set(request, "origin", "http://evil.example")).await, @"403 []");
    insta::assert_snapshot!(ask(|request| drop(request.headers_mut().remove(ORIGIN))).await, @"403 []");
    insta::assert_snapshot!(ask(|request| set(request, "sec-fetch-site", "cross-site")).await, @"403 []");
    insta::assert_snapshot!(ask(|request| drop(request.headers_mut().remove(AUTHORIZATION))).await, @r#"401 [{"code":"no_session","detail":"the session is over: start cordon-pim again"}]"#);
    insta::assert_snapshot!(ask(|request| set(request, "authorization", "Bearer nonsense")).await, @r#"401 [{"code":"no_session","detail":"the session is over: start cordon-pim again"}]"#);
}

#[tokio::test]
async fn refusals_carry_the_headers_too() {
    let ground = Ground::new();
    let mut request = ground.get("/");
    set(&mut request, "host", "evil.example");

    let answer = ground.ask(request).await;

    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(answer.headers.contains_key(CONTENT_SECURITY_POLICY));
}

#[tokio::test]
async fn before_the_first_session_there_is_nothing_but_the_page() {
    let ground = Ground::new();

    for path in ["/api/state", "/api/folders", "/api/nonsense", "/frame/x", "/page"] {
        let expected = if path == "/page" { "200" } else { "404" };
        let line = ground.ask(ground.get(path)).await.line();
        assert!(line.starts_with(expected), "{path}: {line}");
        assert!(path == "/page" || line.ends_with("[]"), "{path}: {line}");
    }
}

#[tokio::test]
async fn a_ticket_opens_one_session() {
    let ground = Ground::new();
    let ticket = ground.ticket();
    let redeem = async |ticket: &str| {
        ground
            .ask(ground.post("/api/door/redeem", "", &format!(r#"{{"ticket":"{ticket}"}}"#)))
            .await
    };

    let answer = redeem(&ticket).await;
    let token: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let token = token["token"].as_str().unwrap().to_owned();

    assert_eq!(token.len(), 43);
    assert_ne!(token, ticket);
    assert!(ground.handover_files().is_empty());
    insta::assert_snapshot!(redeem(&ticket).await.line(), @r#"401 [{"code":"ticket_refused","detail":"the ticket is wrong, used or too old: start cordon-pim again"}]"#);
    let mut state = ground.get("/api/state");
    state.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    assert_eq!(ground.ask(state).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_tickets_closes_the_door() {
    let ground = Ground::new();
    let ticket = ground.ticket();

    for _ in 0..5 {
        let request = ground.post("/api/door/redeem", "", r#"{"ticket":"guess"}"#);
        assert_eq!(ground.ask(request).await.status, StatusCode::UNAUTHORIZED);
    }

    ground.door.closed().await;
    let right = ground.post("/api/door/redeem", "", &format!(r#"{{"ticket":"{ticket}"}}"#));
    assert_eq!(ground.ask(right).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn bodies_that_are_not_what_was_asked_for_are_refused() {
    let ground = Ground::new();
    let token = ground.session();
    let ask =
        async |path: &str, body: &str| ground.ask(ground.post(path, &token, body)).await.line();

    insta::assert_snapshot!(ask("/api/unlock", "").await, @r#"400 [{"code":"bad_request","detail":"EOF while parsing a value at line 1 column 0"}]"#);
    insta::assert_snapshot!(ask("/api/unlock", r#"{"password":7}"#).await, @r#"400 [{"code":"bad_request","detail":"invalid type: integer `7`, expected a string at line 1 column 13"}]"#);
    insta::assert_snapshot!(ask("/api/unlock", r#"{"password":"x","more":1}"#).await, @r#"400 [{"code":"bad_request","detail":"unknown field `more`, expected one of `password`, `pin`, `new` at line 1 column 22"}]"#);
    insta::assert_snapshot!(
        ask("/api/register", r#"{"link":"","pkcs12":"?","transport_password":"","password":"","password_again":""}"#).await,
        @r#"400 [{"code":"bad_request","detail":"expected Base64 at line 1 column 23"}]"#
    );
    insta::assert_snapshot!(ask("/api/messages/x/read", r#"{"read":true}"#).await, @r#"400 [{"code":"bad_request","detail":"Invalid URL: Cannot parse `x` to a `i64`"}]"#);
    let mut form = ground.post("/api/unlock", &token, "password=x");
    set(&mut form, "content-type", "application/x-www-form-urlencoded");
    insta::assert_snapshot!(ground.ask(form).await.line(), @r#"415 [{"code":"bad_request","detail":"the body has to be application/json"}]"#);
    let large = format!(r#"{{"password":"{}"}}"#, "x".repeat(5 << 20));
    assert!(ask("/api/unlock", &large).await.starts_with("413"));
}

#[tokio::test]
async fn without_a_container_the_state_says_so_and_the_rest_is_locked() {
    let ground = Ground::new();
    let token = ground.session();
    let get = async |path: &str| {
        let mut request = ground.get(path);
        request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        ground.ask(request).await
    };

    let state: serde_json::Value = serde_json::from_str(&get("/api/state").await.body).unwrap();
    insta::assert_json_snapshot!(state, @r#"
    {
      "account": null,
      "attempts_left": null,
      "block_reason": null,
      "card_removed": false,
      "container": "absent",
      "delivered": 0,
      "key_wiped_by": null,
      "lock_after_seconds": 0,
      "needs_mail_password": false,
      "needs_sign_in": false,
      "opens_with": null,
      "outbox": 0,
      "password_rules": {
        "days": 0,
        "digit": true,
        "forbidden_words": [],
        "history": 0,
        "kinds": 0,
        "letter": false,
        "minimum_length": 8,
        "no_sequences": false,
        "symbol": false,
        "upper_and_lower": false
      },
      "policy": [],
      "remote_images": "never",
      "sequence": 0,
      "sign_in_failure": null,
      "signing_in": false,
      "smime": {
        "encrypt": "asked",
        "sign": false
      },
      "standing": "unregistered",
      "sync": {
        "detail": null,
        "done": 0,
        "last_success": null,
        "state": "idle",
        "total": null
      },
      "warnings": []
    }
    "#);
    insta::assert_snapshot!(get("/api/folders").await.line(), @r#"423 [{"code":"locked","detail":"the container is locked: unlock it first"}]"#);
    for path in [
        "/api/folders/1/messages",
        "/api/messages/1",
        "/api/attachments/1",
        "/api/outbox",
        "/api/directory?query=bo&photos=true",
        "/api/out-of-office?html=true",
    ] {
        assert_eq!(get(path).await.status, StatusCode::LOCKED, "{path}");
    }
    let post =
        async |path: &str, body: &str| ground.ask(ground.post(path, &token, body)).await.line();
    insta::assert_snapshot!(post("/api/unlock", r#"{"password":"x"}"#).await, @r#"409 [{"code":"absent","detail":"there is no container on this device"}]"#);
    insta::assert_snapshot!(post("/api/sync", "{}").await, @r#"423 [{"code":"locked","detail":"the container is locked: unlock it first"}]"#);
    insta::assert_snapshot!(post("/api/messages/1/frame", r#"{"images":false}"#).await, @r#"423 [{"code":"locked","detail":"the container is locked: unlock it first"}]"#);
    insta::assert_snapshot!(post("/api/outbox", r#"{"to":["b@example.com"],"subject":"","text":""}"#).await, @r#"423 [{"code":"locked","detail":"the container is locked: unlock it first"}]"#);
    for (path, body) in [
        ("/api/folders", r#"{"name":"x"}"#),
        ("/api/folders/1/rename", r#"{"name":"x"}"#),
        ("/api/folders/1/move", r#"{"parent":null}"#),
        ("/api/folders/1/empty", r#"{"subfolders":true}"#),
        ("/api/search/server", r#"{"query":"x"}"#),
        ("/api/directory/certificates", r#"{"names":["bob"]}"#),
        (
            "/api/directory/availability",
            r#"{"names":["bob"],"start":"2026-11-25T00:00:00+01:00","end":"2026-11-26T00:00:00Z"}"#,
        ),
        ("/api/directory/check", r#"{"certificates":["MAA="]}"#),
        ("/api/out-of-office", r#"{"state":"on","internal":{"sent":true,"form":"none"}}"#),
    ] {
        assert!(post(path, body).await.starts_with("423 "), "{path}");
    }
    let without_times = post("/api/out-of-office", r#"{"state":"scheduled"}"#).await;
    assert!(without_times.starts_with("400 "), "{without_times}");
    insta::assert_snapshot!(post("/api/touch", "").await, @"204 []");
}

#[tokio::test]
async fn an_invitation_that_is_none_is_refused_with_a_code() {
    let ground = Ground::new();
    let token = ground.session();
    let body = r#"{"link":"https://example.com/","pkcs12":"AAAA","transport_password":"t","password":"p",
        "password_again":"p","mail_password":null}"#;

    let answer = ground.ask(ground.post("/api/register", &token, body)).await;

    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
}

#[tokio::test]
async fn a_frames_document_keeps_its_own_policy_and_needs_no_session() {
    let ground = Ground::new();
    let capability = ground.api.frames.keep_for_test("<p>Hello</p>");

    let answer = ground.ask(ground.get(&format!("/frame/{capability}"))).await;

    insta::assert_snapshot!(answer.with_headers(), @r#"
    200 OK
    cache-control: no-store
    content-length: 12
    content-security-policy: sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'
    content-type: text/html; charset=utf-8
    cross-origin-opener-policy: same-origin
    cross-origin-resource-policy: same-origin
    permissions-policy: accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=()
    referrer-policy: no-referrer
    x-content-type-options: nosniff

    <p>Hello</p>
    "#);
    let other = make_token(&[0; 32]);
    assert_eq!(
        ground.ask(ground.get(&format!("/frame/{other}"))).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn locking_forgets_the_documents_of_frames() {
    let ground = Ground::new();
    let token = ground.session();
    let capability = ground.api.frames.keep_for_test("<p>Hello</p>");

    ground.ask(ground.post("/api/lock", &token, "")).await;

    assert_eq!(
        ground.ask(ground.get(&format!("/frame/{capability}"))).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_real_connection_of_this_user_comes_in() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let (listener, port) = listen().await.unwrap();
    let ground = Ground::on(port);
    let service = ground.router.clone().into_make_service_with_connect_info::<Peer>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    server.abort();

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("the page"), "{answer}");
}

struct Ground {
    router: Router,
    door: Arc<Door>,
    api: Api,
    directory: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        Self::on(4711)
    }

    fn on(port: u16) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths {
            container: directory.path().join("container"),
            key_files: directory.path().join("keys"),
            device_keys: vault::DeviceKeys::KeyFiles,
            card_module: None,
            imports: directory.path().join("import"),
            imported: directory.path().join("imported.json"),
        };
        let app = App::open(paths, || datetime!(2026-11-22 10:00 UTC)).unwrap();
        let (api, door) = (
            Api::new(app, Imports::at(directory.path().join("import"))),
            Arc::new(Door::new(port)),
        );
        let router = router(api.clone(), door.clone(), |path| {
            (path == "index.html").then(|| assets::File::for_test(b"the page", "text/html"))
        });
        Self { router, door, api, directory }
    }

    fn get(&self, path: &str) -> Request<Body> {
        self.request(Method::GET, path, Body::empty())
    }

    fn post(&self, path: &str, token: &str, body: &str) -> Request<Body> {
        let mut request = self.request(Method::POST, path, Body::from(body.to_owned()));
        set(&mut request, "origin", "http://127.0.0.1:4711");
        set(&mut request, "content-type", "application/json");
        request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        request
    }

    fn request(&self, method: Method, path: &str, body: Body) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path).body(body).unwrap();
        set(&mut request, HOST.as_str(), "127.0.0.1:4711");
        request.extensions_mut().insert(ConnectInfo(Peer::Ours));
        request
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Takes the ticket out of the file that leads to the page.
    fn ticket(&self) -> String {
        let file = self.door.invite(Some(self.directory.path()), Path::new("/")).unwrap();
        let page = std::fs::read_to_string(file).unwrap();
        let (_, rest) = page.split_once("#ticket=").unwrap();
        rest.chars().take(43).collect()
    }

    fn session(&self) -> String {
        let ticket = self.ticket();
        self.door.redeem(&ticket).unwrap()
    }

    fn handover_files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.directory.path().join("cordon-pim")).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: String,
}

impl Answer {
    fn line(&self) -> String {
        format!("{} [{}]", self.status.as_u16(), self.body)
    }

    fn with_headers(&self) -> String {
        let mut lines: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != http::header::ETAG)
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        format!("{}\n{}\n\n{}", self.status, lines.join("\n"), self.body)
    }
}

fn set(request: &mut Request<Body>, name: &'static str, value: &'static str) {
    request.headers_mut().insert(name, http::HeaderValue::from_static(value));
}
