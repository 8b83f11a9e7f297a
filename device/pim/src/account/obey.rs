//! What a policy asks of the mails that are here.

use super::{Account, Effects};
use crate::{Body, Change, Demand, Keep, Limits, policy};

impl Account {
    /// Puts another policy in force: what is here and may not stay goes before the server is told that the policy is obeyed.
    pub(super) fn obey_policy(&mut self, before: (Limits, Vec<Demand>), effects: &mut Effects) {
        if before == (self.record.limits, self.record.demands.clone()) {
            return;
        }
        effects.changes.push(Change::PutAccount(self.record.clone()));
        effects.changes.push(Change::Enforce(self.keep()));
        // Each folder is asked by the new ages.
        self.folders.want_all();
    }

    /// Holds what a server gave to the policy, also one that does not mind how it was asked.
    pub(super) fn obey_limits(&self, changes: &mut [Change]) {
        let keep = self.keep();
        for change in changes {
            if let Change::PutBody { body, .. } = change {
                keep.cut(body);
            } else if let Change::PutMail { mail, .. } = change {
                keep.cut(&mut mail.body);
            } else if let Change::PatchMail { patch, .. } = change {
                patch.body.iter_mut().for_each(|body| keep.cut(body));
            }
        }
    }

    fn keep(&self) -> Keep {
        let Limits { attachments, largest_attachment, html, .. } = self.record.limits;
        Keep {
            attachments,
            largest_attachment,
            html,
            longest_text: policy::text_limit(&self.record.demands, false),
            longest_html: policy::text_limit(&self.record.demands, html),
        }
    }
}

impl Keep {
    /// Cuts a text to what may be kept of it.
    fn cut(&self, body: &mut Body) {
        use crate::{Text, item};

        if !self.html
            && let Text::Html(html) = &body.text
        {
            body.text = Text::Plain(item::plain(html));
        }
        let (text, limit) = match &mut body.text {
            Text::Html(text) => (text, self.longest_html),
            Text::Plain(text) => (text, self.longest_text),
            Text::None => return,
        };
        let Some(limit) = limit else { return };
        text.truncate(text.floor_char_boundary(usize::try_from(limit).unwrap_or(usize::MAX)));
        if limit == 0 {
            body.preview.clear();
        }
    }
}
