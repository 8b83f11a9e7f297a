//! Mails that a server turns away: nothing else waits for them, and nothing is sent twice.

use activesync::{
    messages::{FolderSyncAnswer, SendMailAnswer},
    query::{Command, Version},
    status::Status,
};
use pim::{Answer, Change, OutboxId, OutboxRecord, OutboxState, Outcome, Phase, Verb};
use time::Duration;

use crate::desk::{Desk, ok, policy, refusal, status};

#[test]
fn a_mail_that_is_turned_away_again_and_again_fails_and_nothing_else_waits_for_it() {
    for (answer, code, sent) in [
        (status(501), "not_supported", 1),
        (status(403), "http_403", 2),
        (refusal(Command::SendMail, 129), "status_129", 2),
        (refusal(Command::SendMail, 137), "not_supported", 3),
        (refusal(Command::SendMail, 142), "provisioning_failed", 3),
        (refusal(Command::SendMail, 132), "state_lost", 3),
        (refusal(Command::SendMail, 115), "status_115", 1),
    ] {
        let mut desk = Desk::watching();
        desk.account.submit(mail());
        let asked = until_failed(&mut desk, &answer, code);

        let of = |command| asked.iter().filter(|asked| **asked == Some(command)).count();
        assert_eq!(of(Command::SendMail), sent, "{code}: {asked:?}");
        assert_eq!(of(Command::FolderSync), sent - 1, "{code}: the account is served in between");
        desk.account.sync_now();
        serve(&mut desk, &answer);
        assert_eq!(desk.account.progress(desk.now).phase, Phase::Idle, "{code}");
        desk.account.sync_now();
        assert_eq!(desk.version(), Version::V14_1, "{code}");
    }
}

#[test]
fn a_mail_that_was_turned_away_with_the_whole_account_waits_for_it() {
    let mut desk = Desk::watching();
    desk.account.submit(mail());
    for _ in 0..5 {
        desk.answers(status(403));
        desk.now = desk.account.wake_at(desk.now).unwrap();
        assert_eq!(desk.command(), Command::FolderSync);
    }
    let taken = serve(&mut desk, &ok(Vec::new()));
    assert!(taken.iter().any(|change| matches!(change, Change::RemoveOutbox(_))), "{taken:?}");
}

#[test]
fn a_mail_that_met_a_busy_server_may_have_been_taken() {
    let retry_at = |desk: &Desk| Some(desk.now + Duration::minutes(1));
    for number in [500, 502, 503, 504, 429] {
        let mut desk = Desk::watching();
        desk.account.submit(mail());
        let answer = Answer { retry_at: retry_at(&desk), ..status(number) };
        let effects = desk.answers(answer);
        let waits = |change: &Change| matches!(change, Change::PutOutbox(record) if record.state == OutboxState::Waiting);
        assert!(!effects.changes.iter().any(waits), "{number}: {effects:?}");
    }
}

fn mail() -> OutboxRecord {
    OutboxRecord {
        id: OutboxId(1),
        client_id: "c1".to_owned(),
        message_id: "1@example.org".to_owned(),
        created: time::macros::datetime!(2026-01-01 00:00 UTC),
        state: OutboxState::Waiting,
        tries: 0,
        original: None,
    }
}

/// Answers mails with `answer` and everything else well, until the mail fails; gives what was asked.
fn until_failed(desk: &mut Desk, answer: &Answer, code: &str) -> Vec<Option<Command>> {
    let mut asked = Vec::new();
    for _ in 0..40 {
        let (command, changes) = step(desk, answer);
        asked.push(command);
        for change in changes {
            if let Change::PutOutbox(OutboxRecord { state: OutboxState::Failed(failed), .. }) =
                change
            {
                assert_eq!(failed, code);
                return asked;
            }
        }
    }
    panic!("{code}: it goes on for ever: {asked:?}");
}

/// Answers until nothing is asked any more.
fn serve(desk: &mut Desk, answer: &Answer) -> Vec<Change> {
    let mut all = Vec::new();
    for _ in 0..40 {
        if desk.account.clone().next_command(desk.now).is_none() {
            return all;
        }
        all.extend(step(desk, answer).1);
    }
    panic!("it asks for ever");
}

fn step(desk: &mut Desk, answer: &Answer) -> (Option<Command>, Vec<Change>) {
    if desk.account.clone().next_command(desk.now).is_none() {
        desk.now = desk.account.wake_at(desk.now).expect("it wakes by itself");
    }
    let request = desk.next();
    let Verb::Command { command, .. } = request.verb else {
        let versions = Some("12.1,14.0,14.1".to_owned());
        let offered = Answer { versions, ..ok(Vec::new()) };
        let effects = desk.account.handle(request.ticket, Outcome::Answered(offered), desk.now, 0);
        return (None, effects.changes);
    };
    let tree = FolderSyncAnswer {
        status: Status::OK,
        sync_key: Some("t2".to_owned()),
        changes: Vec::new(),
    };
    let answers = [
        (Command::SendMail, answer.clone()),
        (Command::Provision, ok(policy(2, None, None))),
        (Command::FolderSync, ok(tree.encode())),
    ];
    let answer = answers.into_iter().find(|(of, _)| *of == command);
    let answer = answer.map_or_else(|| ok(Vec::new()), |(_, answer)| answer);
    let effects = desk.account.handle(request.ticket, Outcome::Answered(answer), desk.now, 0);
    (Some(command), effects.changes)
}

#[test]
fn an_answer_that_says_it_is_done_ends_it() {
    let mut desk = Desk::watching();
    desk.account.submit(mail());
    let effects = desk.answers(ok(SendMailAnswer { status: Status(118) }.encode()));
    assert!(effects.changes.iter().any(|change| matches!(change, Change::RemoveOutbox(_))));
}
