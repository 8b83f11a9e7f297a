use super::Importance;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftView {
    id: i64,
    #[serde(with = "time::serde::rfc3339")]
    saved: OffsetDateTime,
    to: Vec<String>,
    cc: Vec<String>,
    bcc: Vec<String>,
    subject: String,
    text: String,
    importance: Importance,
    kind: DraftKind,
    /// The message that it answers or sends on; absent for a new mail, and once that message is gone.
    original: Option<i64>,
    files: Vec<DraftFileView>,
    /// The message that it is in the server's folder for drafts.
    message: Option<i64>,
    state: DraftState,
    /// A short stable code of why the server will not take it.
    reason: Option<String>,
    /// In which way a change here met one of the server's; until the next change here.
    conflict: Option<DraftConflict>,
    /// Its text and its files are here; else it cannot be changed before it was shown with the server in reach.
    whole: bool,
}

/// Whether the server has a draft as it is here: `here` means that it keeps no drafts.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DraftState {
    Here,
    Refused,
    Synced,
    Waiting,
}

/// Of two changes (`changed`) the server's stands, and this draft is the other one. A draft that was deleted there and changed here
/// is made anew (`deleted_there`); one that was deleted or sent here and changed there stays (`deleted_here`).
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DraftConflict {
    Changed,
    DeletedHere,
    DeletedThere,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DraftKind {
    Forward,
    New,
    Reply,
    ReplyAll,
}

#[derive(Debug, Serialize, ToSchema)]
struct DraftFileView {
    id: i64,
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    /// In bytes.
    size: u64,
    /// Its bytes are on this device.
    local: bool,
}

impl From<app::DraftView> for DraftView {
    fn from(draft: app::DraftView) -> Self {
        let text = draft.text;
        let file = |file: app::DraftFileView| DraftFileView {
            id: file.id.0,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            local: file.local,
        };
        let (state, reason) = match draft.state {
            app::DraftState::Here => (DraftState::Here, None),
            app::DraftState::Refused(code) => (DraftState::Refused, Some(code)),
            app::DraftState::Synced => (DraftState::Synced, None),
            app::DraftState::Waiting => (DraftState::Waiting, None),
        };
        Self {
            id: draft.id.0,
            saved: draft.saved,
            to: text.to,
            cc: text.cc,
            bcc: text.bcc,
            subject: text.subject,
            text: text.text,
            importance: text.importance.unwrap_or(app::Importance::Normal).into(),
            kind: match text.kind {
                app::DraftKind::Forward => DraftKind::Forward,
                app::DraftKind::New => DraftKind::New,
                app::DraftKind::Reply => DraftKind::Reply,
                app::DraftKind::ReplyAll => DraftKind::ReplyAll,
            },
            original: text.original.map(|message| message.0),
            files: draft.files.into_iter().map(file).collect(),
            message: draft.message.map(|message| message.0),
            state,
            reason,
            conflict: draft.conflict.map(|conflict| match conflict {
                app::DraftConflict::Changed => DraftConflict::Changed,
                app::DraftConflict::DeletedHere => DraftConflict::DeletedHere,
                app::DraftConflict::DeletedThere => DraftConflict::DeletedThere,
            }),
            whole: draft.whole,
        }
    }
}

impl From<DraftKind> for app::DraftKind {
    fn from(kind: DraftKind) -> Self {
        match kind {
            DraftKind::Forward => Self::Forward,
            DraftKind::New => Self::New,
            DraftKind::Reply => Self::Reply,
            DraftKind::ReplyAll => Self::ReplyAll,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::{DraftFileId, DraftId, DraftText, MessageId};
    use time::macros::datetime;

    #[test]
    fn a_draft_has_its_shape() {
        let draft = app::DraftView {
            id: DraftId(3),
            saved: datetime!(2026-11-22 10:00 UTC),
            text: DraftText {
                to: vec!["bob@example.com".into()],
                subject: "Re: Zahlen".into(),
                kind: app::DraftKind::ReplyAll,
                original: Some(MessageId(7)),
                ..DraftText::default()
            },
            files: vec![app::DraftFileView {
                id: DraftFileId(4),
                name: "q3.pdf".into(),
                media_type: "application/pdf".into(),
                size: 5,
                local: true,
            }],
            message: Some(MessageId(9)),
            state: app::DraftState::Refused("status_6".into()),
            conflict: Some(app::DraftConflict::Changed),
            whole: true,
        };

        insta::assert_json_snapshot!(DraftView::from(draft), @r#"
        {
          "id": 3,
          "saved": "2026-11-22T10:00:00Z",
          "to": [
            "bob@example.com"
          ],
          "cc": [],
          "bcc": [],
          "subject": "Re: Zahlen",
          "text": "",
          "importance": "normal",
          "kind": "reply_all",
          "original": 7,
          "files": [
            {
              "id": 4,
              "name": "q3.pdf",
              "type": "application/pdf",
              "size": 5,
              "local": true
            }
          ],
          "message": 9,
          "state": "refused",
          "reason": "status_6",
          "conflict": "changed",
          "whole": true
        }
        "#);
    }
}
