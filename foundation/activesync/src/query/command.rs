use std::fmt;

/// A command of the protocol versions 12.1 to 16.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
#[repr(u8)]
pub enum Command {
    Sync = 0,
    SendMail = 1,
    SmartForward = 2,
    SmartReply = 3,
    GetAttachment = 4,
    FolderSync = 9,
    FolderCreate = 10,
    FolderDelete = 11,
    FolderUpdate = 12,
    MoveItems = 13,
    GetItemEstimate = 14,
    MeetingResponse = 15,
    Search = 16,
    Settings = 17,
    Ping = 18,
    ItemOperations = 19,
    Provision = 20,
    ResolveRecipients = 21,
    ValidateCert = 22,
    Find = 23,
}

impl Command {
    /// All commands, by their codes.
    pub const ALL: [Self; 20] = [
        Self::Sync,
        Self::SendMail,
        Self::SmartForward,
        Self::SmartReply,
        Self::GetAttachment,
        Self::FolderSync,
        Self::FolderCreate,
        Self::FolderDelete,
        Self::FolderUpdate,
        Self::MoveItems,
        Self::GetItemEstimate,
        Self::MeetingResponse,
        Self::Search,
        Self::Settings,
        Self::Ping,
        Self::ItemOperations,
        Self::Provision,
        Self::ResolveRecipients,
        Self::ValidateCert,
        Self::Find,
    ];

    /// Returns the code of the base64 form.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads the code of the base64 form.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.code() == code)
    }

    /// Returns the name of the plain form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Find => "Find",
            Self::FolderCreate => "FolderCreate",
            Self::FolderDelete => "FolderDelete",
            Self::FolderSync => "FolderSync",
            Self::FolderUpdate => "FolderUpdate",
            Self::GetAttachment => "GetAttachment",
            Self::GetItemEstimate => "GetItemEstimate",
            Self::ItemOperations => "ItemOperations",
            Self::MeetingResponse => "MeetingResponse",
            Self::MoveItems => "MoveItems",
            Self::Ping => "Ping",
            Self::Provision => "Provision",
            Self::ResolveRecipients => "ResolveRecipients",
            Self::Search => "Search",
            Self::SendMail => "SendMail",
            Self::Settings => "Settings",
            Self::SmartForward => "SmartForward",
            Self::SmartReply => "SmartReply",
            Self::Sync => "Sync",
            Self::ValidateCert => "ValidateCert",
        }
    }

    /// Reads the name of the plain form; letter case does not matter, as on the known servers.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
#[repr(u8)]
pub enum Version {
    V12_1 = 121,
    V14_0 = 140,
    V14_1 = 141,
    V16_0 = 160,
    V16_1 = 161,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Self; 5] = [Self::V12_1, Self::V14_0, Self::V14_1, Self::V16_0, Self::V16_1];

    /// Returns the number of the base64 form.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads the number of the base64 form.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.code() == code)
    }

    /// Returns the version as the headers write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V12_1 => "12.1",
            Self::V14_0 => "14.0",
            Self::V14_1 => "14.1",
            Self::V16_0 => "16.0",
            Self::V16_1 => "16.1",
        }
    }

    /// Reads a version as the headers write it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == text.trim())
    }

    /// Returns the highest version of a header like `12.1,14.0,14.1` that `known` has too.
    pub fn best(offered: &str, known: &[Self]) -> Option<Self> {
        offered.split(',').filter_map(Self::parse).filter(|version| known.contains(version)).max()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
