//! Servers that never come to an end: they are asked rarely, and the person is told why.

use activesync::{
    messages::{PolicyDocument, ProvisionAnswer, ProvisionPhase, ProvisionRequest},
    query::Command,
    status::Status,
};
use pim::{Answer, Event, Outcome, Phase};
use time::Duration;

use crate::desk::{Desk, body, ok, policy, primed, refusal, status, tree};

const HOURS: Duration = Duration::hours(3);

#[test]
fn a_demand_for_provision_that_never_ends_is_met_ever_more_rarely() {
    for demanded in [Command::FolderSync, Command::Sync] {
        for demand in [refusal(demanded, 142), status(449)] {
            let mut desk = Desk::provisioned();
            let asked = desk.works(HOURS, |command, _| {
                let answers = [
                    (demanded, demand.clone()),
                    (Command::Provision, ok(policy(2, None, None))),
                    (Command::FolderSync, tree()),
                ];
                well(command, &answers)
            });
            assert!(asked.len() < 80, "{demanded:?} was asked {} times", asked.len());
            let progress = desk.account.progress(desk.now - Duration::minutes(1));
            assert_eq!(progress.detail.as_deref(), Some("provisioning_failed"));
            assert_eq!(progress.phase, Phase::Error);
        }
    }
}

#[test]
fn a_device_that_does_not_comply_is_told_so_and_asks_again_rarely() {
    for number in [139, 145] {
        let mut desk = Desk::asked();
        let asked = desk.works(HOURS, |_, request| {
            let phase = ProvisionRequest::decode(&body(request.clone())).unwrap().phase();
            let document = PolicyDocument { settings: Vec::new() };
            Outcome::Answered(ok(if phase == ProvisionPhase::Acknowledge {
                not_complied(number)
            } else {
                policy(1, Some(11), Some(document))
            }))
        });
        assert!(asked.len() <= 14, "asked {} times", asked.len());
        let progress = desk.account.progress(desk.now);
        assert_eq!(progress.detail, Some(format!("status_{number}")));
        assert_eq!(progress.phase, Phase::Refused);
    }
}

#[test]
fn a_server_that_loses_its_state_with_each_request_for_items_is_asked_ever_more_rarely() {
    for number in [132, 134, 136] {
        let mut desk = Desk::provisioned();
        let asked = desk.works(HOURS, |command, _| {
            let answers =
                [(Command::Sync, refusal(Command::Sync, number)), (Command::FolderSync, tree())];
            well(command, &answers)
        });
        assert!(asked.len() < 60, "asked {} times", asked.len());
        let progress = desk.account.progress(desk.now - Duration::minutes(1));
        assert_eq!(
            (progress.phase, progress.detail.as_deref()),
            (Phase::Error, Some("state_lost"))
        );
    }
}

#[test]
fn a_server_that_wants_to_be_left_alone_is_although_the_user_asks_and_a_push_ends() {
    let busy = |desk: &Desk| {
        let retry_at = Some(desk.now + Duration::minutes(7));
        Answer { retry_at, ..status(503) }
    };
    for end in [Outcome::Lost, Outcome::Answered(status(502)), Outcome::Answered(ok(quiet()))] {
        let mut desk = Desk::watching();
        let (held, _) = desk.push();
        desk.account.sync_now();
        desk.answers(busy(&desk));
        desk.account.handle(held.ticket, end, desk.now, 0);
        desk.account.sync_now();
        desk.rests(Phase::Error, "server_busy", Duration::minutes(7));
    }
}

#[test]
fn the_end_of_a_push_ends_no_refusal_and_tries_no_password() {
    for (answer, code) in [(status(401), "password_refused"), (status(403), "http_403")] {
        let mut desk = Desk::watching();
        let (held, _) = desk.push();
        desk.account.sync_now();
        let effects = desk.answers(answer);
        assert!(effects.events.contains(&Event::StopPush));
        desk.account.handle(held.ticket, Outcome::Cancelled, desk.now, 0);

        let progress = desk.account.progress(desk.now);
        assert_eq!((progress.phase, progress.detail.as_deref()), (Phase::Refused, Some(code)));
        let later = desk.now + Duration::minutes(29);
        assert_eq!(desk.account.next_command(later), None);
        assert_eq!(desk.account.next_push(later, 0), None);
    }
}

fn quiet() -> Vec<u8> {
    activesync::messages::PingAnswer::new(Status(1)).encode()
}

fn not_complied(number: u16) -> Vec<u8> {
    let status = Status(number);
    ProvisionAnswer { status, device_information: None, policy: None, wipe: None }.encode()
}

/// Answers as the list says, and everything else well.
fn well(command: Command, answers: &[(Command, Answer)]) -> Outcome {
    let answer = answers.iter().find(|(of, _)| *of == command);
    Outcome::Answered(answer.map_or_else(primed, |(_, answer)| answer.clone()))
}
