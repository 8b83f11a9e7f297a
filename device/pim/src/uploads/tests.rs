use super::*;
use crate::{FollowUp, Print};
use activesync::messages::FlagState;

#[test]
fn silence_confirms() {
    check(&[], &[Change::RemoveUpload(mail())], false);
}

#[test]
fn a_mail_that_is_gone_goes_here_too() {
    check(&[result(8)], &[Change::RemoveUpload(mail()), Change::RemoveMail(mail())], false);
}

#[test]
fn what_the_server_could_not_do_now_is_sent_again() {
    check(&[result(16)], &[], true);
    check(&[result(5)], &[], true);
}

#[test]
fn what_the_server_can_never_do_is_not_tried_for_ever() {
    let mut uploads = marked(read(true));
    let sent = uploads.of(&mail().collection);
    let tries = (0..10).filter(|_| uploads.settle(&sent, &[result(9)]).is_empty()).count();
    assert!(tries < 10 && !uploads.waits_in(&mail().collection), "{tries}");
}

#[test]
fn what_the_server_will_never_take_is_as_it_was() {
    for status in [4, 6, 7, 106] {
        let patch = Change::PatchMail { item: mail(), patch: Box::new(read(false).into()) };
        let code = format!("status_{status}");
        let told = refused(&mail(), RefusedChange::Marks, code);
        check(&[result(status)], &[Change::RemoveUpload(mail()), patch, told], false);
    }
}

#[test]
fn a_change_of_mind_in_the_meantime_stays() {
    let mut uploads = marked(read(true));
    let sent = uploads.of(&mail().collection);
    uploads.mark(mail(), read(false), known());

    uploads.settle(&sent, &[]);
    assert_eq!(uploads.of(&mail().collection)[0].marks, read(false));
}

#[test]
fn the_users_word_stands_until_it_is_known_to_the_server() {
    let mut uploads = marked(read(true));
    let sent = uploads.of(&mail().collection);
    let mut patch = MailPatch { read: Some(false), ..MailPatch::default() };
    assert!(uploads.overlay(&mail(), &mut patch).is_some());
    assert_eq!(patch.read, Some(true));
    let mut other = MailPatch { flag: Some(FollowUp::default()), ..MailPatch::default() };
    assert_eq!(uploads.overlay(&mail(), &mut other), None, "the flag was not touched");

    let refusal = uploads.settle(&sent, &[result(7)]);
    let back = Change::PatchMail { item: mail(), patch: Box::new(read(false).into()) };
    assert!(refusal.contains(&back), "what the server said last comes back: {refusal:?}");
}

#[test]
fn marks_of_a_mail_go_up_in_one_change_and_apart_from_its_deletion() {
    let mut uploads = marked(read(true));
    let flag = FollowUp { state: FlagState::Active, ..FollowUp::default() };
    uploads.mark(mail(), Marks { flag: Some(flag), ..Marks::default() }, known());
    uploads.place(mail(), Destination::DeletedItems, known());

    let sent = uploads.of(&mail().collection);
    assert!(matches!(command(&sent[0]), ClientCommand::Change { .. }));
    assert_eq!((sent.len(), deletes_as_moves(&sent)), (1, None));
    uploads.settle(&sent, &[]);
    let sent = uploads.of(&mail().collection);
    assert!(matches!(command(&sent[0]), ClientCommand::Delete { .. }));
    assert_eq!(deletes_as_moves(&sent), Some(true));
    let gone = [Change::RemoveUpload(mail()), Change::RemoveMail(mail())];
    assert_eq!(uploads.settle(&sent, &[]), gone);
}

#[test]
fn deletions_of_both_kinds_go_up_one_after_the_other() {
    let mut uploads = Uploads::default();
    let other = item(&mail().collection, "1:3");
    uploads.place(mail(), Destination::Nowhere, known());
    uploads.place(other.clone(), Destination::DeletedItems, known());

    let sent = uploads.of(&mail().collection);
    assert_eq!((sent.len(), deletes_as_moves(&sent)), (1, Some(false)));
    uploads.settle(&sent, &[]);
    let sent = uploads.of(&mail().collection);
    assert_eq!((sent[0].item.clone(), deletes_as_moves(&sent)), (other, Some(true)));
}

#[test]
fn a_mail_that_cannot_be_deleted_is_there_again() {
    let mut uploads = Uploads::default();
    let shown = uploads.place(mail(), Destination::DeletedItems, known());
    assert_eq!(shown[1], Change::ShowMail { item: mail(), folder: None });
    let sent = uploads.of(&mail().collection);

    let status = Status(7);
    let result = CommandResult::Delete { server_id: "1:2".to_owned(), instance: None, status };
    let told = refused(&mail(), RefusedChange::Delete, "status_7".to_owned());
    let back = Change::ShowMail { item: mail(), folder: Some(mail().collection) };
    assert_eq!(uploads.settle(&sent, &[result]), [Change::RemoveUpload(mail()), back, told]);
}

#[test]
fn a_move_that_was_not_begun_can_be_taken_back() {
    let mut uploads = Uploads::default();
    uploads.place(mail(), Destination::Folder(CollectionId("archive".to_owned())), known());
    assert!(uploads.moves_from(&mail().collection));

    let back = uploads.place(mail(), Destination::Folder(mail().collection), known());
    assert_eq!(back[0], Change::RemoveUpload(mail()));
    assert!(!uploads.moves_from(&mail().collection));
}

#[track_caller]
fn check(results: &[CommandResult], changes: &[Change], waits: bool) {
    let mut uploads = marked(read(true));
    let sent = uploads.of(&mail().collection);

    assert_eq!(uploads.settle(&sent, results), changes);
    assert_eq!(uploads.waits_in(&mail().collection), waits);
}

fn marked(marks: Marks) -> Uploads {
    let mut uploads = Uploads::default();
    uploads.mark(mail(), marks, known());
    uploads
}

fn read(read: bool) -> Marks {
    Marks { read: Some(read), ..Marks::default() }
}

/// A mail that is unread.
fn known() -> Known {
    let flag = Some(FollowUp::default());
    let marks = Marks { read: Some(false), flag, categories: Some(Vec::new()) };
    Known { marks, print: Print::default() }
}

fn result(status: u16) -> CommandResult {
    CommandResult::Change {
        server_id: "1:2".to_owned(),
        instance: None,
        status: Status(status),
        item: None,
    }
}

fn mail() -> ItemRef {
    item(&CollectionId("inbox".to_owned()), "1:2")
}
