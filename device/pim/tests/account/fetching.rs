//! Texts that are fetched in the background, whatever the server makes of the request.

use activesync::{
    messages::{
        Body, BodyType, Email, FetchAnswer, FetchSource, ItemOperationsAnswer,
        ItemOperationsRequest,
    },
    query::Command,
    status::Status,
};
use pim::{Change, CollectionId, ItemRef, Outcome, ServerId, Text};
use time::Duration;

use crate::desk::{Desk, INBOX, ok, refusal, status};

#[test]
fn texts_come_to_their_own_mails_whatever_the_order_and_whatever_is_left_out() {
    let mut desk = Desk::watching();
    desk.account.fetch_later(["1", "2", "3"].map(item).to_vec());
    let request = ItemOperationsRequest::decode(&desk.wbxml()).unwrap();
    let sources: Vec<FetchSource> = request.fetches.into_iter().map(|fetch| fetch.source).collect();
    assert_eq!(sources.len(), 3);
    let answer = ItemOperationsAnswer {
        fetches: [&sources[2], &sources[0]].map(told).to_vec(),
        ..ItemOperationsAnswer::new(Status::OK)
    };

    let effects = desk.answers(ok(answer.encode()));

    let texts: Vec<(String, String)> = effects.changes.into_iter().filter_map(text).collect();
    let own = |id: &str| (id.to_owned(), format!("text of {id}"));
    assert_eq!(texts, [own("1"), own("3")]);
    desk.now = desk.account.wake_at(desk.now).expect("the one left out is asked for again");
    let request = ItemOperationsRequest::decode(&desk.wbxml()).unwrap();
    assert_eq!(request.fetches[0].source, sources[1]);
}

#[test]
fn a_text_over_which_the_server_breaks_goes_behind_everything_else() {
    for outcome in [
        Outcome::Lost,
        Outcome::Answered(status(503)),
        Outcome::Answered(status(500)),
        Outcome::Answered(status(403)),
        Outcome::Answered(refusal(Command::ItemOperations, 137)),
    ] {
        let mut desk = Desk::watching();
        desk.account.fetch_later(vec![item("1")]);
        let mut asked = 0;
        let end = desk.now + Duration::hours(6);
        while desk.now < end {
            match desk.account.next_command(desk.now) {
                Some(request) => {
                    asked += 1;
                    desk.account.handle(request.ticket, outcome.clone(), desk.now, 0);
                }
                None => {
                    let wake = desk.account.wake_at(desk.now);
                    desk.now = wake.unwrap_or(end);
                }
            }
        }
        assert!(asked <= 10, "{outcome:?}: asked {asked} times");
    }
}

fn item(id: &str) -> ItemRef {
    ItemRef { collection: CollectionId(INBOX.to_owned()), item: ServerId(id.to_owned()) }
}

fn told(source: &FetchSource) -> FetchAnswer {
    let FetchSource::Item { server_id, .. } = source else { panic!("an item") };
    let body = Some(Body::whole(BodyType::Text, format!("text of {server_id}")));
    let mail = Box::new(Email { body, ..Email::default() });
    FetchAnswer { item: mail.into(), ..FetchAnswer::new(Status::OK, source.clone()) }
}

fn text(change: Change) -> Option<(String, String)> {
    let Change::PutBody { item, body, .. } = change else { return None };
    match body.text {
        Text::Plain(text) => Some((item.item.0, text)),
        Text::Html(_) | Text::None => None,
    }
}
