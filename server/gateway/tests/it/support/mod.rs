//! A gateway between a client and a mail server, both in the hands of the test.

mod authority;
mod client;
mod mail_server;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::{get, post};
use fleet::DeviceId;
use fleet::access::{Change, Connection, DeviceAccess, FeedMessage, Standing};
use gateway::{Gateway, GatewayConfig, UpstreamConfig};
use rustls::RootCertStore;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

pub(crate) use authority::{Authority, Identity};
pub(crate) use client::{Answer, Client};
pub(crate) use mail_server::{MailServer, Reaction, Seen};

/// Alice's phone without a certificate, and its identifier in ActiveSync.
pub(crate) const PHONE: u128 = 1;
/// Alice's app with a certificate.
pub(crate) const APP: u128 = 2;
/// Bob's phone without a certificate.
pub(crate) const BOBS: u128 = 3;

/// `alice:secret`.
pub(crate) const ALICE: &str = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";

/// A running gateway.
pub(crate) struct Rig {
    pub(crate) gateway: Gateway,
    pub(crate) address: SocketAddr,
    pub(crate) feed: mpsc::Sender<FeedMessage>,
    pub(crate) mail: MailServer,
    pub(crate) authority: Authority,
    pub(crate) app: Identity,
    shutdown: Option<oneshot::Sender<()>>,
    pub(crate) serving: JoinHandle<()>,
    sequence: u64,
}

impl Rig {
    /// Starts a gateway with alice's and bob's devices in front of a mail server that answers `200` and `ok`.
    pub(crate) async fn start() -> Self {
        Self::with(|_| Reaction::ok(), |_| {}).await
    }

    /// Starts a gateway in front of a mail server that reacts as told.
    pub(crate) async fn reacting(
        react: impl Fn(&Seen) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        Self::with(react, |_| {}).await
    }

    /// Starts a gateway with another configuration.
    pub(crate) async fn with(
        react: impl Fn(&Seen) -> Reaction + Send + Sync + 'static,
        configure: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let authority = Authority::make();
        let app = authority.issue("app");
        let mut rig = Self::without_snapshot(authority, app, react, configure).await;
        rig.snapshot().await;
        rig
    }

    /// Starts a gateway that has not heard of any device.
    pub(crate) async fn without_snapshot(
        authority: Authority,
        app: Identity,
        react: impl Fn(&Seen) -> Reaction + Send + Sync + 'static,
        configure: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let mail = MailServer::start(react).await;
        let upstream =
            UpstreamConfig::parse(&format!("http://{}", mail.address), RootCertStore::empty())
                .unwrap();
        Self::in_front_of(upstream, mail, authority, app, configure).await
    }

    /// Starts a gateway in front of any mail server.
    pub(crate) async fn in_front_of(
        upstream: UpstreamConfig,
        mail: MailServer,
        authority: Authority,
        app: Identity,
        configure: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let mut config = GatewayConfig::new(upstream, || NOW);
        config.limits.stall = Duration::from_secs(10);
        configure(&mut config);
        let (feed, messages) = mpsc::channel(64);
        let gateway = Gateway::new(config, authority.server_config("mail.test"), face(), messages);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, stopped) = oneshot::channel::<()>();
        let serving = gateway.clone();
        let serving = tokio::spawn(async move {
            serving.serve(listener, async { drop(stopped.await) }).await;
        });
        Self {
            gateway,
            address,
            feed,
            mail,
            authority,
            app,
            shutdown: Some(shutdown),
            serving,
            sequence: 0,
        }
    }

    /// Tells the gateway about all devices, and waits until it knows.
    pub(crate) async fn snapshot(&mut self) {
        let devices = vec![phone(), self.app_device(), bobs_phone()];
        self.sequence += 1;
        self.tell(FeedMessage::Snapshot { sequence: self.sequence, devices }).await;
    }

    /// Tells the gateway about one device, and waits until it knows.
    pub(crate) async fn put(&mut self, device: DeviceAccess) {
        self.sequence += 1;
        let changes = vec![Change::Put(device)];
        self.tell(FeedMessage::Changes { sequence: self.sequence, changes }).await;
    }

    /// Gives a sign of life, and waits until it has been heard.
    pub(crate) async fn alive(&mut self) {
        self.tell(FeedMessage::Alive { sequence: self.sequence }).await;
    }

    /// Sends a message and waits until it has been applied, which happens in one go with taking it: tests have one thread.
    async fn tell(&self, message: FeedMessage) {
        self.feed.send(message).await.unwrap();
        while self.feed.capacity() < self.feed.max_capacity() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn app_device(&self) -> DeviceAccess {
        DeviceAccess { certificates: vec![self.app.fingerprint()], ..device(APP, "alice") }
    }

    /// Connects without a client certificate.
    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.address, self.authority.client_config(None)).await
    }

    /// Connects with the app's certificate.
    pub(crate) async fn connect_as_app(&self) -> Client {
        self.connect_as(&self.app).await
    }

    /// Connects with a certificate.
    pub(crate) async fn connect_as(&self, identity: &Identity) -> Client {
        Client::connect(self.address, self.authority.client_config(Some(identity))).await
    }

    /// Sends one request on a connection of its own and reads the answer.
    pub(crate) async fn ask(&self, request: &str) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    /// Begins to stop the gateway.
    pub(crate) fn stop(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
    }

    /// Returns the rule and the fact of the latest refusal.
    pub(crate) fn refusal(&self) -> (&'static str, String) {
        let refusals = self.gateway.recent_refusals();
        let last = refusals.last().expect("something was refused");
        (last.rule, last.fact.to_string())
    }
}

/// The router behind the gateway: tells what it knows about the connection, and what it was sent.
fn face() -> Router {
    Router::new()
        .route(
            "/app/v1/connection",
            get(async |Extension(connection): Extension<Connection>| format!("{connection:?}")),
        )
        .route("/app/v1/echo", post(async |body: axum::body::Bytes| body))
        .route("/app/v1/long", get(async || "x".repeat(100_000)))
        .route("/app/v1/broken", get(broken))
        .route("/join", get(async || "join"))
}

/// Breaks off after as many bytes as the query says.
async fn broken(axum::extract::RawQuery(length): axum::extract::RawQuery) -> axum::body::Body {
    let length = length.unwrap().parse().unwrap();
    let begun = Some("x".repeat(length)).filter(|begun| !begun.is_empty()).map(Ok);
    let broken = Err(std::io::Error::other("the disk is gone"));

    axum::body::Body::from_stream(futures_util::stream::iter(begun.into_iter().chain([broken])))
}

/// A request for `command` by the device with the number `device`, version 16.1, signed in as alice.
pub(crate) fn command(command: &str, device: u128) -> String {
    request(
        "POST",
        &format!("?Cmd={command}&User=alice&DeviceId=device{device}&DeviceType=T"),
        "",
        "body",
    )
}

/// A request to ActiveSync with a body, signed in as alice.
pub(crate) fn request(method: &str, query: &str, headers: &str, body: &str) -> String {
    let length = if method == "POST" {
        format!("Content-Length: {}\r\n", body.len())
    } else {
        String::new()
    };
    format!(
        "{method} /Microsoft-Server-ActiveSync{query} HTTP/1.1\r\nHost: mail.test\r\nMS-ASProtocolVersion: 16.1\r\n\
         {ALICE}{headers}{length}\r\n{body}"
    )
}

pub(crate) fn phone() -> DeviceAccess {
    device(PHONE, "alice")
}

pub(crate) fn bobs_phone() -> DeviceAccess {
    device(BOBS, "bob")
}

pub(crate) fn with_standing(device: DeviceAccess, standing: Standing) -> DeviceAccess {
    DeviceAccess { standing, ..device }
}

pub(crate) fn blocked() -> Standing {
    Standing::Blocked { reason: "lost".into() }
}

fn device(number: u128, owner: &str) -> DeviceAccess {
    DeviceAccess {
        device: DeviceId(Uuid::from_u128(number)),
        eas_id: format!("device{number}"),
        owner_names: vec![owner.into(), format!("{owner}@example.org")],
        standing: Standing::Managed,
        certificates: Vec::new(),
    }
}

/// Waits for something that must come soon.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it comes soon")
}

pub(crate) const NOW: OffsetDateTime = datetime!(2026-01-03 04:05:06 UTC);

/// The crypto provider of all TLS in the tests.
pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
