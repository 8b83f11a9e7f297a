//! What both sides have of a mail, to be compared.

use activesync::messages::FlagState;
use pim::{ItemRef, Mail, Text};
use time::Date;

use crate::store::Store;

/// Folder and id, whether it is read, flag, categories, subject and text.
pub(crate) type Line =
    ((String, String), bool, (FlagState, Option<Date>), String, (String, String));

pub(crate) fn line(
    (folder, id): (&str, &str),
    read: bool,
    flag: (FlagState, Option<Date>),
    categories: &[String],
    (subject, text): (&str, &str),
) -> Line {
    let own = |text: &str| text.to_owned();
    ((own(folder), own(id)), read, flag, categories.join(","), (own(subject), own(text)))
}

impl Store {
    pub(crate) fn picture(&self) -> Vec<Line> {
        let text = |mail: &Mail| match &mail.body.text {
            Text::Plain(text) | Text::Html(text) => text.clone(),
            Text::None => String::new(),
        };
        let picture = |(item, (_, mail)): (&ItemRef, &(i64, Mail))| {
            let folder = match self.shown.get(item) {
                None => item.collection.0.clone(),
                Some(None) => "nowhere".to_owned(),
                Some(Some(folder)) => format!("on the way to {}", folder.0),
            };
            line(
                (&folder, &item.item.0),
                mail.read,
                (mail.flag.state, mail.flag.due),
                &mail.categories,
                (&mail.subject, &text(mail)),
            )
        };
        self.mails.iter().map(picture).collect()
    }
}
