//! Drafts as the server reads them, since 16.0.

use activesync::messages::{
    AttachmentMethod, Attachments, Body, BodyType, ClientCommand, Email, NewAttachment,
};

use super::{
    DraftContent, DraftEdit, DraftFile, DraftFileId, DraftRecord,
    content::{header, recipients},
};

const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Writes what is to become of a draft; nothing where the server has nothing to do.
pub(super) fn command(record: &DraftRecord, edit: &DraftEdit) -> Option<ClientCommand> {
    let server_id = record.item.as_ref().map(|item| item.item.0.clone());
    match (server_id, edit) {
        (None, DraftEdit::Delete { .. }) => None,
        (None, DraftEdit::Put(content)) => {
            let item = change(&DraftContent::default(), content, true).into();
            let client_id = record.client_id.clone();
            Some(ClientCommand::Add { client_id, class: None, item, send: false })
        }
        (Some(server_id), DraftEdit::Delete { .. }) => {
            Some(ClientCommand::Delete { server_id, instance: None })
        }
        (Some(server_id), DraftEdit::Put(content)) => {
            let base = record.base.as_deref().cloned().unwrap_or_default();
            let item = change(&base, content, false);
            (item != Email::default()).then(|| ClientCommand::Change {
                server_id,
                instance: None,
                item: item.into(),
                send: false,
            })
        }
    }
}

/// Names a file for the server, which answers with its reference beside that name.
pub(super) fn file_name(file: DraftFileId) -> String {
    format!("f{}", file.0)
}

/// Says whether the files are to change on the server.
pub(super) fn changes_files(base: &DraftContent, new: &DraftContent) -> bool {
    attachments(base, new).is_some()
}

/// Says what changed. What is left out stays, so that a text keeps its formatting for as long as nobody rewrites it here.
fn change(base: &DraftContent, new: &DraftContent, whole: bool) -> Email {
    let people = |base: &[String], new: &[String]| {
        let differs = recipients(base) != recipients(new);
        (differs || whole && !recipients(new).is_empty()).then(|| header(new))
    };
    let text = |text: &str| mail::text::tidy(text).trim_end().to_owned();
    let subject = mail::text::line(&new.subject);
    let mut email = Email {
        to: people(&base.to, &new.to),
        cc: people(&base.cc, &new.cc),
        bcc: people(&base.bcc, &new.bcc),
        subject: (whole || subject != mail::text::line(&base.subject)).then_some(subject),
        importance: (whole || base.importance != new.importance).then_some(new.importance),
        body: (whole || text(&base.text) != text(&new.text))
            .then(|| Body::whole(BodyType::Text, mail::text::tidy(&new.text))),
        attachments: attachments(base, new),
        ..Email::default()
    };
    email.prepare_draft();
    email
}

/// Files that the server has are named by their references; the bytes of new ones are added by whoever has them.
fn attachments(base: &DraftContent, new: &DraftContent) -> Option<Attachments> {
    let there = |file: &&DraftFile| base.files.iter().any(|known| known.id == file.id);
    let add = |file: &DraftFile| NewAttachment {
        client_id: Some(file_name(file.id)),
        display_name: Some(mail::text::line(&file.name)),
        method: Some(AttachmentMethod::Normal),
        content_type: Some(file.media_type.clone())
            .filter(|kind| !kind.is_empty())
            .or_else(|| Some(UNKNOWN_TYPE.to_owned())),
        ..NewAttachment::default()
    };
    let stays = |file: &&DraftFile| new.files.iter().any(|kept| kept.id == file.id);
    let attachments = Attachments {
        list: Vec::new(),
        add: new.files.iter().filter(|file| !there(file)).map(add).collect(),
        delete: base
            .files
            .iter()
            .filter(|file| !stays(file))
            .filter_map(|file| file.reference.clone())
            .collect(),
    };
    (!attachments.is_empty()).then_some(attachments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CollectionId, DraftId, ItemRef, ServerId};
    use activesync::messages::Importance;

    #[test]
    fn a_new_draft_goes_up_whole_without_what_is_no_address() {
        let new = DraftContent {
            to: vec!["Bob \"B\" <bob@example.org>".to_owned(), "half an addr".to_owned()],
            subject: "Plan".to_owned(),
            files: vec![file(4, "a.txt", None)],
            ..DraftContent::default()
        };
        let Some(ClientCommand::Add { client_id, item, send: false, .. }) = put(None, new) else {
            panic!("an Add")
        };
        let email = *item.into_email().unwrap();
        assert_eq!(client_id, "c1");
        assert_eq!(email.to.as_deref(), Some("\"Bob \\\"B\" <bob@example.org>"));
        assert_eq!((email.cc, email.subject.as_deref()), (None, Some("Plan")));
        let [added] = &email.attachments.unwrap().add[..] else { panic!("one file") };
        assert_eq!((added.client_id.as_deref(), &added.content), (Some("f4"), &None));
    }

    #[test]
    fn only_what_changed_goes_up() {
        let base = DraftContent {
            to: vec!["bob@example.org".to_owned()],
            text: "Hello".to_owned(),
            files: vec![file(4, "a.txt", Some("7:0"))],
            ..DraftContent::default()
        };
        assert_eq!(put(Some(base.clone()), base.clone()), None);
        let new = DraftContent {
            to: Vec::new(),
            importance: Importance::High,
            files: vec![file(5, "b.txt", None)],
            ..base.clone()
        };
        let Some(ClientCommand::Change { item, .. }) = put(Some(base), new) else {
            panic!("a Change")
        };
        let email = *item.into_email().unwrap();
        assert_eq!((email.to.as_deref(), email.body), (Some(""), None));
        assert_eq!(email.importance, Some(Importance::High));
        let files = email.attachments.unwrap();
        assert_eq!((files.add.len(), files.delete), (1, vec!["7:0".to_owned()]));
    }

    fn file(id: i64, name: &str, reference: Option<&str>) -> DraftFile {
        DraftFile {
            id: DraftFileId(id),
            name: name.to_owned(),
            media_type: String::new(),
            size: 1,
            reference: reference.map(str::to_owned),
        }
    }

    fn put(base: Option<DraftContent>, new: DraftContent) -> Option<ClientCommand> {
        let edit = DraftEdit::Put(Box::new(new));
        let item = || ItemRef {
            collection: CollectionId("drafts".to_owned()),
            item: ServerId("7".to_owned()),
        };
        let record = DraftRecord {
            draft: DraftId(1),
            revision: 1,
            item: base.as_ref().map(|_| item()),
            client_id: "c1".to_owned(),
            base: base.map(Box::new),
            edit: Some(edit.clone()),
            sent: None,
            refused: None,
            conflict: None,
        };
        command(&record, &edit)
    }
}
