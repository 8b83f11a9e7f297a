//! Sign-in with an identity provider that nobody here wrote: npm's `oidc-provider`.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use policy::{Settings, SignIn};
use sandbox::{Introspection, TokenCheck, Tokens};

use super::ground::{Ground, Holder, Way, inbox};
use super::{first, synced};
use crate::{App, SignInError, StateView};

const CLAIMS: &str = r#"{"id_token":{"auth_time":{"essential":true}}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_with_the_browser_and_stays_signed_in() {
    let (provider, ground) = start(|_, _| ()).await;
    needs_sign_in(&ground).await;
    assert_eq!(ground.app.state().sync.detail.as_deref(), Some("sign_in_needed"));
    assert!(!ground.app.state().needs_mail_password);

    signs_in(&ground, &provider).await;
    synced(&ground).await;
    assert_eq!(provider.asked("login_hint"), "alice@example.test");
    assert_eq!(provider.asked("code_challenge_method"), "S256");

    ground.server.refuse_tokens();
    arrives(&ground, "With a renewed token").await;
    let ground = ground.restart().await;
    arrives(&ground, "After a restart").await;
    assert!(!ground.app.state().needs_sign_in);

    ground.app.sign_out().await.unwrap();
    needs_sign_in(&ground).await;
    let ground = ground.restart().await;
    needs_sign_in(&ground).await;
    signs_in(&ground, &provider).await;
    arrives(&ground, "Signed in again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_is_proved_when_the_server_wants_it() {
    let (provider, ground) = start(|_, _| ()).await;
    needs_sign_in(&ground).await;
    signs_in(&ground, &provider).await;
    synced(&ground).await;

    ground.server.demand_claims(CLAIMS);
    ground.server.deliver_text("alice", "bob@example.test", "Well guarded", "x").unwrap();
    needs_sign_in(&ground).await;
    signs_in(&ground, &provider).await;
    ground.until("the mail", async |app| first(&inbox(app).await, "Well guarded")).await;
    assert_eq!(provider.asked("claims"), CLAIMS);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_server_may_name_the_provider() {
    let (provider, ground) = start(|settings, _| settings.mail.oauth.issuer = String::new()).await;
    needs_sign_in(&ground).await;
    signs_in(&ground, &provider).await;
    synced(&ground).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_provider_is_told() {
    let (provider, ground) =
        start(|settings, _| settings.mail.address = "nobody@example.test".to_owned()).await;
    needs_sign_in(&ground).await;
    let address = ground.app.begin_sign_in().await.unwrap();
    assert!(provider.browse(&address).contains("did not succeed"));
    let state = ended(&ground).await;
    assert_eq!(state.sign_in_failure.as_deref(), Some("sign_in_refused"));
    assert!(state.needs_sign_in);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_the_one_of_the_settings_is_not_used() {
    let (_provider, ground) = start(|settings, _| settings.mail.oauth.issuer += "/other").await;
    let refused = ground.app.begin_sign_in().await;
    assert!(matches!(refused, Err(SignInError::Provider { .. })), "{refused:?}");

    let ground = Ground::new(|_| ()).await;
    let unwanted = ground.app.begin_sign_in().await;
    assert!(matches!(unwanted, Err(SignInError::NotWanted)), "{unwanted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_tried_twice_where_only_tokens_count() {
    let (_provider, ground) = start(|settings, _| settings.mail.sign_in = SignIn::Password).await;
    ground
        .until("the refusal", async |app| {
            (app.state().sync.detail.as_deref() == Some("token_wanted")).then_some(())
        })
        .await;
}

/// Waits until the app says that the person has to sign in.
async fn needs_sign_in(ground: &Ground) {
    ground.until("the wish", async |app| app.state().needs_sign_in.then_some(())).await;
}

/// Goes through the browser.
async fn signs_in(ground: &Ground, provider: &Provider) {
    let address = ground.app.begin_sign_in().await.unwrap();
    assert!(ground.app.state().signing_in);
    assert!(provider.browse(&address).contains("The sign-in is back"));
    assert_eq!(ended(ground).await.sign_in_failure, None);
}

async fn ended(ground: &Ground) -> StateView {
    let over = async |app: &App| Some(app.state()).filter(|state| !state.signing_in);
    ground.until("the end of the sign-in", over).await
}

async fn arrives(ground: &Ground, subject: &str) {
    ground.server.deliver_text("alice", "bob@example.test", subject, "x").unwrap();
    ground.until(subject, async |app| first(&inbox(app).await, subject)).await;
}

/// Starts a provider, and a mail server that takes its tokens alone.
async fn start(change: impl FnOnce(&mut Settings, &Provider)) -> (Provider, Ground) {
    let authority = Holder::root();
    let provider = Provider::start(&authority).await;
    let introspection = Introspection {
        address: format!("127.0.0.1:{}", provider.port),
        client_id: "mail-server".to_owned(),
        client_secret: "mail-server-secret".into(),
    };
    let tokens = Tokens {
        authorization_uri: format!("{}/auth", provider.issuer),
        check: TokenCheck::Introspection(introspection),
    };
    let ground = Ground::with(
        &authority,
        |options| options.tokens = Some(tokens),
        |settings| {
            settings.mail.sign_in = SignIn::Oauth;
            settings.mail.oauth.issuer.clone_from(&provider.issuer);
            settings.mail.oauth.client_id = "cordon-pim".to_owned();
            settings.mail.oauth.scopes = "openid offline_access mail".to_owned();
            change(settings, &provider);
        },
    )
    .await;

    (provider, ground)
}

/// A running identity provider.
struct Provider {
    child: Child,
    port: u16,
    issuer: String,
    /// TLS in front of it.
    _way: Way,
}

impl Provider {
    async fn start(authority: &Holder) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let way = Way::to(SocketAddr::from(([127, 0, 0, 1], port)), authority).await;
        let issuer = format!("https://{}", way.address);
        let mut child = Command::new("node")
            .arg(script("provider.mjs"))
            .args([&port.to_string(), &issuer])
            // The hasty clock must not end a token: what happens then is tried with `cordon-pim`.
            .env("OIDC_TOKEN_SECONDS", "86400")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js: run cargo xtask setup");
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the npm packages of dev/peers/oidc: run cargo xtask setup");

        Self { child, port, issuer, _way: way }
    }

    /// What a browser ends with.
    fn browse(&self, address: &str) -> String {
        let output = Command::new("node")
            .arg(script("browser.mjs"))
            .arg(address)
            // The certificates of this test are nobody else's.
            .env("NODE_TLS_REJECT_UNAUTHORIZED", "0")
            .output()
            .expect("Node.js");
        let page = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{page}{}", String::from_utf8_lossy(&output.stderr));
        page
    }

    /// What the last request for an authorization said.
    fn asked(&self, name: &str) -> String {
        let page = self.browse(&format!("http://127.0.0.1:{}/last", self.port));
        let said: serde_json::Value =
            serde_json::from_str(page.trim_start_matches("200 ")).unwrap();
        said[name].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dev/peers/oidc").join(name)
}
