/// What Horde refuses, what it says, and why.
pub(crate) const REFUSALS: &[(&str, &str, &str)] = &[
    (
        "annotated place",
        "AirSyncBase:Annontation unexpected",
        "its table of names and its message spell the element in two ways",
    ),
    (
        "forwarded meeting",
        "Undefined constant Horde_ActiveSync_Message_SendMail::FORWARDEENAME",
        "it names a constant that it does not have",
    ),
];

/// What Horde loses or adds, and why.
pub(crate) const DIFFERENCES: &[(&str, &str)] = &[
    (
        r#"draft: only Horde's: AirSyncBase:Attachments/AirSyncBase:Add/AirSyncBase:Content "�PNG\r\n\u{1a}\n""#,
        "it writes the content as text, which has no NUL",
    ),
    (
        r#"draft: only ours: AirSyncBase:Attachments/AirSyncBase:Add/AirSyncBase:Content "�PNG\r\n\u{1a}\n\0\0""#,
        "it writes the content as text, which has no NUL",
    ),
    (
        r#"draft: only Horde's: Email:Categories """#,
        "as a server it says of every mail that it has no categories",
    ),
    (
        r#"draft: only Horde's: Email:Flag """#,
        "as a server it says of every mail that it has no flag",
    ),
    (
        r#"sent mail: only Horde's: ComposeMail:ReplaceMime """#,
        "it writes the element for false too; no server ever sends this message",
    ),
    (
        r#"sent mail: only Horde's: ComposeMail:SaveInSentItems "1""#,
        "it writes true as a text; no server ever sends this message",
    ),
    (
        r#"sent mail: only ours: ComposeMail:SaveInSentItems """#,
        "it writes true as a text; no server ever sends this message",
    ),
];
