//! An authority whose key is on a token that is away.

use crate::fleet_for_tests::{Fleet, anna, clock};
use operations::{Fault, ListDue};
use pkcs11::{KeyKind, NewKey, Purpose, Uri};
use pki::validate::{OcspAnswer, ocsp_request};
use std::process::Command;
use std::sync::Arc;
use testkit::softhsm::{MODULE, PIN, Tokens};
use time::Duration;

/// Is set in a process that is to run a test, not to prepare it: the module learns of its tokens from the environment alone.
const PREPARED: &str = "CORDON_TEST_TOKENS";

#[test]
fn ocsp_is_answered_without_the_authoritys_key_as_long_as_the_responder_is_certified() {
    if std::env::var_os(PREPARED).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        return runtime.unwrap().block_on(answer_while_the_key_is_away());
    }
    let tokens = Tokens::make(&["hsm"]).unwrap();
    let name =
        "token::ocsp_is_answered_without_the_authoritys_key_as_long_as_the_responder_is_certified";
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .envs(tokens.environment())
        .env(PREPARED, "made")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

async fn answer_while_the_key_is_away() {
    clock!(clock);
    let uri: Uri = format!("pkcs11:token=hsm?module-path={MODULE}").parse().unwrap();
    let token = pkcs11::open(&uri).unwrap();
    token.log_in(Some(PIN)).unwrap();
    let kind = KeyKind::P384;
    let new = NewKey { kind, label: "ca", id: b"ca", purpose: Purpose::Signature };
    let key = Arc::new(token.make_key(&new).unwrap());
    let fleet = Fleet::with_key(key, clock::now).await;
    let it = &fleet.operations;
    let (authority, portal) = (it.authority().issuer(), &it.authority().portal().certificate);
    let question = ocsp_request(portal, authority.certificate(), None).unwrap();
    let answer = async || it.answer_ocsp(&question).await.unwrap();
    OcspAnswer::from_der(&answer().await.der).unwrap();

    token.log_out().unwrap();
    let refused = it.publish_lists(&anna(), ListDue::Now).await;
    assert!(matches!(refused, Err(Fault::Unsigned { .. })), "{refused:?}");
    // The responder is due for renewal after nine days.
    clock::advance(Duration::days(12));
    OcspAnswer::from_der(&answer().await.der).unwrap();
    clock::advance(Duration::days(2));
    let later = answer().await;
    let try_later = [0x30, 3, 0x0a, 1, 3];
    assert_eq!((later.der.as_slice(), later.is_lasting), (&try_later[..], false));
}
