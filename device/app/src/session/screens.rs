//! What screens see of the session.

use super::{Driver, Ended, with};
use crate::lifecycle::Demanded;
use crate::view::{PolicyVerdict, PolicyView, SyncState, SyncView, Topic};
use pim::{Change, Demand, Phase, Progress, Verdict};

impl Driver {
    pub(super) fn show(&self) {
        let progress = self.account.progress((self.life.clock)());
        let (needs_password, needs_sign_in) = if self.signs_in_by_token() {
            (false, progress.needs_password)
        } else {
            (progress.needs_password, false)
        };
        let sync = sync_view(progress);
        let policy: Vec<PolicyView> = self.account.policy().into_iter().map(policy_view).collect();
        self.life.follow_policy(Demanded {
            lock_after_seconds: self.account.lock_after_seconds(),
            wrong_passwords: self.account.wrong_passwords(),
            password: self.account.password_rules(),
        });
        let facts = self.life.board.facts();
        if facts.sync != sync
            || facts.needs_mail_password != needs_password
            || facts.needs_sign_in != needs_sign_in
            || facts.policy != policy
        {
            self.life.board.update(|facts| {
                facts.sync = sync;
                facts.needs_mail_password = needs_password;
                facts.needs_sign_in = needs_sign_in;
                facts.policy = policy;
            });
        }
    }

    pub(super) async fn count_outbox(&self) -> Result<(), Ended> {
        let mails = with(&self.open, |open| open.mail().outbox()).await?;
        let count = u64::try_from(mails.len()).unwrap_or(u64::MAX);
        if self.life.board.facts().outbox != count {
            self.life.board.update(|facts| facts.outbox = count);
        }

        Ok(())
    }
}

/// What screens have to look at again after a change.
pub(super) fn topics(change: &Change) -> &'static [Topic] {
    match change {
        Change::BeginRound(_) | Change::PutFolder(_) => &[Topic::Folders],
        Change::Enforce(_) => &[Topic::Messages, Topic::Drafts],
        Change::Erase => {
            &[Topic::Folders, Topic::Messages, Topic::Outbox, Topic::Drafts, Topic::Entries]
        }
        Change::EndRound(_) | Change::RemoveFolder(_) => {
            &[Topic::Folders, Topic::Messages, Topic::Drafts, Topic::Entries]
        }
        Change::DropEntry(_)
        | Change::PatchEntry { .. }
        | Change::PutConflict(_)
        | Change::PutEdit(_)
        | Change::PutEntry { .. }
        | Change::RemoveEdit { .. }
        | Change::RemoveEntry(_) => &[Topic::Entries],
        Change::MoveMail { .. }
        | Change::PatchMail { .. }
        | Change::PutMail { .. }
        | Change::RemoveMail(_)
        | Change::ShowMail { .. } => &[Topic::Folders, Topic::Messages, Topic::Drafts],
        Change::DropDraft(_) | Change::PutDraft(_) => &[Topic::Drafts],
        Change::PutBody { .. } | Change::PutSource { .. } => &[Topic::Messages, Topic::Drafts],
        Change::RefuseMail { .. } => &[Topic::Messages],
        Change::PutOutbox(_) | Change::RemoveOutbox(_) => &[Topic::Outbox],
        Change::AddCandidate(_)
        | Change::PutAccount(_)
        | Change::OweNews { .. }
        | Change::PutMessageId { .. }
        | Change::PutUpload(_)
        | Change::RemoveCandidate(_)
        | Change::RemoveUpload(_) => &[],
    }
}

fn sync_view(progress: Progress) -> SyncView {
    let state = match progress.phase {
        Phase::Error => SyncState::Error,
        Phase::Idle => SyncState::Idle,
        Phase::Offline => SyncState::Offline,
        Phase::Refused => SyncState::Refused,
        Phase::Syncing => SyncState::Syncing,
    };

    SyncView {
        state,
        last_success: progress.last_success,
        detail: progress.detail,
        done: progress.done,
        total: None,
    }
}

fn policy_view((demand, verdict): (&Demand, Verdict)) -> PolicyView {
    PolicyView {
        setting: demand.setting.clone(),
        value: demand.value.clone(),
        verdict: match verdict {
            Verdict::Beyond => PolicyVerdict::Beyond,
            Verdict::Enforced => PolicyVerdict::Enforced,
            Verdict::Unmet => PolicyVerdict::Unmet,
        },
    }
}
