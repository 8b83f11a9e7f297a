use std::collections::BTreeSet;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::mailbox::{FolderId, Item, ItemId, Logged, Mailbox};

/// What a device knows of one folder.
///
/// It has been told every change up to `told`, except for the items in the backlog, of which it knows nothing yet. Items older
/// than `cutoff` are none of its business.
#[derive(Debug, Clone)]
pub(crate) struct View {
    told: u64,
    /// The last change up to which nothing was left untold.
    complete: u64,
    /// `None` until the first answer with items: nothing is known.
    cutoff: Option<OffsetDateTime>,
    /// Newest first, that is by falling id.
    backlog: Arc<[ItemId]>,
    backlog_done: usize,
    /// Items that became too old and have to leave the device.
    leaving: BTreeSet<ItemId>,
    /// Changes that the device made itself.
    own: BTreeSet<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Add(ItemId),
    Change(ItemId),
    Delete(ItemId),
    SoftDelete(ItemId),
}

/// What to tell a device next, and what it knows then.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) more: bool,
    pub(crate) after: View,
}

impl View {
    /// Knows nothing.
    pub(crate) fn new(mailbox: &Mailbox) -> Self {
        let now = mailbox.last_change();
        Self {
            told: now,
            complete: now,
            cutoff: None,
            backlog: Arc::default(),
            backlog_done: 0,
            leaving: BTreeSet::new(),
            own: BTreeSet::new(),
        }
    }

    /// Notes a change that the device made itself, so that it is not told about it.
    pub(crate) fn note_own(&mut self, change: u64) {
        self.own.insert(change);
    }

    /// Returns whether the device has been told of a change, or made it itself.
    pub(crate) fn knows(&self, change: u64) -> bool {
        change <= self.told || self.own.contains(&change)
    }

    /// Returns whether there is anything to tell.
    pub(crate) fn is_behind(&self, mailbox: &Mailbox, folder: FolderId) -> bool {
        let Some(cutoff) = self.cutoff else { return true };
        !self.plan(mailbox, folder, cutoff, 1).steps.is_empty()
    }

    /// Returns how many changes there are to tell.
    pub(crate) fn count(
        &self,
        mailbox: &Mailbox,
        folder: FolderId,
        cutoff: OffsetDateTime,
    ) -> usize {
        self.plan(mailbox, folder, cutoff, usize::MAX).steps.len()
    }

    /// Decides what to tell next, at most `window` changes.
    pub(crate) fn plan(
        &self,
        mailbox: &Mailbox,
        folder: FolderId,
        cutoff: OffsetDateTime,
        window: usize,
    ) -> Plan {
        let mut after = self.clone();
        after.move_cutoff(mailbox, folder, cutoff);
        let mut steps = Vec::new();
        while steps.len() < window
            && let Some(id) = after.leaving.pop_first()
        {
            steps.push(Step::SoftDelete(id));
        }
        let mut more = after.tell_changes(mailbox, folder, cutoff, window, &mut steps);
        if !more {
            after.tell_backlog(mailbox, folder, window, &mut steps);
        }
        more |= !after.leaving.is_empty() || !after.pending().is_empty();
        Plan { steps, more, after }
    }

    fn tell_changes(
        &mut self,
        mailbox: &Mailbox,
        folder: FolderId,
        cutoff: OffsetDateTime,
        window: usize,
        steps: &mut Vec<Step>,
    ) -> bool {
        let told_before = self.told;
        let changes =
            mailbox.folder(folder).into_iter().flat_map(|folder| folder.changes_after(told_before));
        for (change, logged) in changes {
            let step = self
                .step(mailbox, logged, cutoff, told_before)
                .filter(|_| !self.own.contains(&change));
            if step.is_some() && steps.len() >= window {
                return true;
            }
            steps.extend(step);
            self.told = change;
        }
        self.told = mailbox.last_change();
        self.complete = self.told;
        self.own.clear();
        false
    }

    /// An item that came since nothing was left untold may or may not be known; adding it twice does no harm.
    fn step(
        &self,
        mailbox: &Mailbox,
        logged: Logged,
        cutoff: OffsetDateTime,
        told: u64,
    ) -> Option<Step> {
        match logged {
            Logged::Here(id) => {
                let item = mailbox.item(id).filter(|_| !self.is_pending(id))?;
                let earlier = match item.refiled {
                    Some((change, earlier)) if change > self.complete => earlier,
                    Some(_) | None => item.received,
                };
                let known = item.made <= self.complete && earlier >= cutoff;
                match (known, item.received >= cutoff) {
                    (true, true) => Some(Step::Change(id)),
                    (true, false) => Some(Step::SoftDelete(id)),
                    (false, true) => Some(Step::Add(id)),
                    (false, false) => None,
                }
            }
            Logged::Gone { item, received, made } => {
                let known = received >= cutoff && made <= told && !self.is_pending(item);
                known.then_some(Step::Delete(item))
            }
        }
    }

    fn tell_backlog(
        &mut self,
        mailbox: &Mailbox,
        folder: FolderId,
        window: usize,
        steps: &mut Vec<Step>,
    ) {
        let backlog = Arc::clone(&self.backlog);
        for id in backlog.iter().skip(self.backlog_done) {
            if steps.len() >= window {
                return;
            }
            self.backlog_done += 1;
            let wanted = |item: &Item| self.cutoff.is_none_or(|cutoff| item.received >= cutoff);
            if mailbox.item_in(folder, *id).is_some_and(wanted) {
                steps.push(Step::Add(*id));
            }
        }
    }

    fn move_cutoff(&mut self, mailbox: &Mailbox, folder: FolderId, cutoff: OffsetDateTime) {
        if self.cutoff == Some(cutoff) {
            return;
        }
        let known_from = self.cutoff;
        let known = |received: OffsetDateTime| known_from.is_some_and(|from| received >= from);
        let mut backlog = Vec::new();
        let mut leaving = BTreeSet::new();
        for (id, item) in mailbox.items_in(folder).filter(|(_, item)| item.made <= self.told) {
            let pending = self.is_pending(id) || !known(item.received);
            if item.received >= cutoff && pending {
                backlog.push(id);
            } else if item.received < cutoff && !pending {
                leaving.insert(id);
            }
        }
        self.backlog = backlog.into();
        self.backlog_done = 0;
        self.leaving.append(&mut leaving);
        self.cutoff = Some(cutoff);
    }

    fn pending(&self) -> &[ItemId] {
        self.backlog.get(self.backlog_done..).unwrap_or_default()
    }

    fn is_pending(&self, id: ItemId) -> bool {
        self.pending().binary_search_by(|pending| id.cmp(pending)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use time::Duration;

    use super::*;
    use crate::mailbox::Content;

    const INBOX: FolderId = Mailbox::INBOX;

    fn day(day: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::days(day)
    }

    fn mailbox(mails: i64) -> Mailbox {
        let mut mailbox = Mailbox::new(false);
        for index in 1..=mails {
            mailbox.add_old(INBOX, Content::Stored(Bytes::new()), day(index), false);
        }
        mailbox
    }

    /// Tells everything in windows of `window` and returns the steps as text.
    fn tell(view: &mut View, mailbox: &Mailbox, cutoff: i64, window: usize) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let plan = view.plan(mailbox, INBOX, day(cutoff), window);
            assert!(plan.steps.len() <= window);
            told.extend(plan.steps.iter().map(|step| {
                format!("{step:?}").replace("ItemId", "").replace("((", "(").replace("))", ")")
            }));
            *view = plan.after;
            if !plan.more {
                return told;
            }
        }
    }

    fn id(number: u32) -> ItemId {
        ItemId::parse(&format!("{{{number}}}%2F")).unwrap()
    }

    #[test]
    fn old_mails_are_told_newest_first_in_windows() {
        let mailbox = mailbox(5);
        let mut view = View::new(&mailbox);
        assert!(view.is_behind(&mailbox, INBOX));
        assert_eq!(tell(&mut view, &mailbox, 2, 2), ["Add(5)", "Add(4)", "Add(3)", "Add(2)"]);
        assert!(!view.is_behind(&mailbox, INBOX));
    }

    #[test]
    fn changes_go_before_the_backlog_and_pending_mails_are_told_once() {
        let mut mailbox = mailbox(4);
        let mut view = View::new(&mailbox).plan(&mailbox, INBOX, day(0), 2).after;
        mailbox.change(id(4), |read, _| *read = true).unwrap();
        mailbox.change(id(1), |read, _| *read = true).unwrap();
        mailbox.delete(id(3)).unwrap();
        mailbox.delete(id(2)).unwrap();
        mailbox.add(INBOX, Content::Stored(Bytes::new()), day(9), false);
        assert_eq!(tell(&mut view, &mailbox, 0, 2), ["Change(4)", "Delete(3)", "Add(5)", "Add(1)"]);
    }

    #[test]
    fn own_changes_are_not_told() {
        let mut mailbox = mailbox(2);
        let mut view = View::new(&mailbox);
        tell(&mut view, &mailbox, 0, 9);
        view.note_own(mailbox.change(id(1), |read, _| *read = true).unwrap());
        mailbox.change(id(2), |read, _| *read = true).unwrap();
        assert_eq!(tell(&mut view, &mailbox, 0, 9), ["Change(2)"]);
        mailbox.change(id(1), |read, _| *read = false).unwrap();
        assert_eq!(tell(&mut view, &mailbox, 0, 9), ["Change(1)"]);
    }

    #[test]
    fn mails_that_come_and_go_unseen_are_not_told() {
        let mut mailbox = mailbox(0);
        let mut view = View::new(&mailbox);
        tell(&mut view, &mailbox, 5, 9);
        let short = mailbox.add(INBOX, Content::Stored(Bytes::new()), day(9), false);
        mailbox.delete(short).unwrap();
        mailbox.add(INBOX, Content::Stored(Bytes::new()), day(1), false);
        assert_eq!(tell(&mut view, &mailbox, 5, 9), [""; 0]);
    }

    #[test]
    fn a_change_between_two_windows_does_not_lose_a_new_mail() {
        let mut mailbox = mailbox(0);
        let mut view = View::new(&mailbox);
        tell(&mut view, &mailbox, 0, 9);
        for _ in 0..3 {
            mailbox.add(INBOX, Content::Stored(Bytes::new()), day(1), false);
        }
        view = view.plan(&mailbox, INBOX, day(0), 2).after;
        mailbox.change(id(3), |read, _| *read = true).unwrap();
        assert_eq!(tell(&mut view, &mailbox, 0, 2), ["Add(3)"]);
    }

    #[test]
    fn a_moving_cutoff_adds_and_takes_away() {
        let mailbox = mailbox(4);
        let mut view = View::new(&mailbox);
        assert_eq!(tell(&mut view, &mailbox, 3, 9), ["Add(4)", "Add(3)"]);
        assert_eq!(tell(&mut view, &mailbox, 2, 9), ["Add(2)"]);
        assert_eq!(tell(&mut view, &mailbox, 4, 1), ["SoftDelete(2)", "SoftDelete(3)"]);
        assert_eq!(tell(&mut view, &mailbox, 4, 9), [""; 0]);
    }

    #[test]
    fn moved_mails_leave_one_folder_and_come_to_the_other() {
        let mut mailbox = mailbox(1);
        let mut inbox = View::new(&mailbox);
        tell(&mut inbox, &mailbox, 0, 9);
        let (_, moved) = mailbox.shift(id(1), Mailbox::DELETED).unwrap();
        assert_eq!(tell(&mut inbox, &mailbox, 0, 9), ["Delete(1)"]);
        assert!(mailbox.item_in(Mailbox::DELETED, moved).is_some());
    }
}
