//! An authority whose key is on a token that is away.

use crate::company::Company;
use crate::device::Device;
use fleet::device::StateKind;
use fleet::list::{DeviceFilter, Page};
use insta::assert_snapshot;
use pkcs11::{KeyKind, NewKey, Purpose, Token, Uri};
use std::process::Command;
use std::sync::Arc;
use testkit::softhsm::{MODULE, PIN, Tokens};

const FINISH: &str = "/app/v1/registration/finish";

/// Is set in a process that is to run a test, not to prepare it: the module learns of its tokens from the environment alone.
const PREPARED: &str = "CORDON_TEST_TOKENS";

#[test]
fn a_registration_while_the_authoritys_key_is_away_changes_nothing() {
    if std::env::var_os(PREPARED).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        return runtime.expect("a runtime").block_on(register_while_the_key_is_away());
    }
    let tokens = Tokens::make(&["hsm"]).expect("a token");
    let name = "token::a_registration_while_the_authoritys_key_is_away_changes_nothing";
    let run = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture"])
        .envs(tokens.environment())
        .env(PREPARED, "made")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

async fn register_while_the_key_is_away() {
    let token = logged_in();
    let kind = KeyKind::P256;
    let new = NewKey { kind, label: "ca", id: b"ca", purpose: Purpose::Signature };
    let company = Company::with_key(Arc::new(token.make_key(&new).expect("a key"))).await;
    let alice = company.person("alice").await;
    let (device, line) = (Device::new(1), company.connect(1, None));
    let (_, code) = company.invite(&alice).await;
    let begun = device.starts(&company, &line, &code).await;
    let body = device.finish_form(&begun, &alice).to_string();

    token.log_out().expect("a token that is there");
    assert_snapshot!(line.post(FINISH, body.clone()).await, @r#"503 {"code":"authority_away","detail":"the key with which the server makes certificates is away for now; try again later, and tell IT if that lasts"}"#);
    let listed = company.operations.devices(&DeviceFilter::default(), Page::default()).await;
    let states: Vec<_> =
        listed.expect("a list").items.iter().map(|it| it.device.state.kind()).collect();
    assert_eq!(states, [StateKind::Invited]);
    assert_snapshot!(company.audit().await, @"invitation registration.start alice done");

    let key = logged_in().key(&uri()).expect("the key");
    let company = company.again(Arc::new(key));
    let answer = company.connect(1, None).post(FINISH, body).await;
    assert_eq!(answer.status, 200, "the challenge was not spent: {answer}");
}

fn logged_in() -> Token {
    let token = pkcs11::open(&uri()).expect("a token");
    token.log_in(Some(PIN)).expect("the right PIN");

    token
}

fn uri() -> Uri {
    format!("pkcs11:token=hsm?module-path={MODULE}").parse().expect("a URI")
}
