//! `cordon-pim card` beside a card of software, over the real service of the readers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use serde_json::Value;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use testcard::{Flavour, Iso, Reader, until, with_reader};

#[test]
fn a_card_is_shown_without_its_pin() {
    with_reader("a_card_is_shown_without_its_pin", |reader: &mut Reader| {
        let refused = run();
        assert_eq!(code(&refused), "no_reader_service");
        assert_eq!(refused.status.code(), Some(1));
        reader.start();
        until("the reader is seen", || {
            answer(&run()).is_some_and(|value| value["readers"][0]["card"].is_null())
        });

        let _inserted = reader.insert(&Arc::default(), || {
            answer(&run()).is_some_and(|value| value["readers"][0]["card"].is_object())
        });
        let card = &answer(&run()).unwrap()["readers"][0]["card"];
        assert_eq!(card["application"], "piv");
        assert_eq!(card["pin"], serde_json::json!({ "blocked": false, "left": 3 }));
        let slots: Vec<_> = card["certificates"].as_array().unwrap().iter().collect();
        let slots: Vec<_> =
            slots.iter().map(|it| (it["slot"].as_str(), it["use"].as_str())).collect();
        assert_eq!(
            slots,
            [
                (Some("9D"), Some("decrypts")),
                (Some("9C"), Some("signs")),
                (Some("9A"), Some("signs"))
            ]
        );
    });
}

#[test]
fn a_card_of_iso_7816_15_is_shown_without_its_pin() {
    with_reader("a_card_of_iso_7816_15_is_shown_without_its_pin", |reader: &mut Reader| {
        reader.start();
        let iso = Arc::new(Mutex::new(Iso::new(Flavour::Standard)));
        let _inserted = reader.insert_card(&iso, || {
            answer(&run()).is_some_and(|value| value["readers"][0]["card"].is_object())
        });
        let card = &answer(&run()).unwrap()["readers"][0]["card"];
        assert_eq!(card["application"], "iso_7816_15");
        assert_eq!(card["label"], "Card of tests");
        assert_eq!(card["pin"], serde_json::json!({ "blocked": false, "left": 3 }));
        let shown: Vec<_> = card["certificates"].as_array().unwrap().iter().collect();
        let shown: Vec<_> =
            shown.iter().map(|it| [&it["slot"], &it["label"], &it["use"]]).collect();
        assert_eq!(shown[0], ["id:4501", "Key 1", "signs_and_decrypts"]);
        assert_eq!(shown.len(), 3);
        let text = Command::new(env!("CARGO_BIN_EXE_cordon-pim")).arg("card").output().unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains("  ISO 7816-15 Card of tests\n  PIN: 3 tries left\n"), "{text}");
        assert!(text.contains("  id:4501 Key 1 signs and decrypts: "), "{text}");
        assert_eq!(iso.lock().unwrap().tries_left(), 3);
    });
}

fn run() -> Output {
    Command::new(env!("CARGO_BIN_EXE_cordon-pim")).args(["card", "--json"]).output().unwrap()
}

/// What was answered, if the command succeeded.
fn answer(output: &Output) -> Option<Value> {
    output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
}

fn code(output: &Output) -> String {
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();

    value["code"].as_str().unwrap().to_owned()
}
