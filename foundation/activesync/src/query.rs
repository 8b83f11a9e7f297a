//! The query of the request line: who asks for which command, in the plain and in the base64 form.
//!
//! Both are read strictly, because a gateway must not read a request differently from the server behind it.

mod base64;
mod command;
mod plain;

pub use command::{Command, Version};

/// What the request line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The command.
    pub command: Command,
    /// Name of the user, only good for logs. Identity is what the sign-in proves.
    pub user: Option<String>,
    /// Id of the device.
    pub device_id: DeviceId,
    /// Kind of the device.
    pub device_type: String,
    /// Protocol version; in the plain form it stands in a header.
    pub version: Option<Version>,
    /// Policy key; in the plain form it stands in a header.
    pub policy_key: Option<u32>,
    /// Language as LCID; base64 form only.
    pub locale: Option<u16>,
    /// What else the command needs.
    pub parameters: Parameters,
    /// In which form it was written.
    pub form: Form,
}

/// The two forms of the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Bytes in base64.
    Base64,
    /// Names and values.
    Plain,
}

/// Parameters of single commands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// Which attachment; GetAttachment.
    pub attachment_name: Option<String>,
    /// Folder of the item that is answered or forwarded; 12.1.
    pub collection_id: Option<String>,
    /// The item that is answered or forwarded; 12.1.
    pub item_id: Option<String>,
    /// The search result that is answered or forwarded; 12.1.
    pub long_id: Option<String>,
    /// Which occurrence of a series is answered or forwarded; 12.1.
    pub occurrence: Option<String>,
    /// Whether a copy of the mail is kept in the Sent folder; 12.1.
    pub save_in_sent: bool,
    /// Whether the answer may be multipart; in the plain form it stands in a header.
    pub accept_multipart: bool,
    /// Parameters of the plain form that the protocol does not know.
    pub unknown: Vec<(String, String)>,
}

/// Id of a device: 1 to 32 ASCII letters and digits, in the case in which it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(String);

impl DeviceId {
    /// Checks an id.
    pub fn new(id: impl Into<String>) -> Option<Self> {
        let id = id.into();
        let fits =
            (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then_some(Self(id))
    }

    /// Returns the id as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DeviceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It is neither the plain form nor base64.
    #[error("neither the plain form nor base64")]
    Base64,
    /// The device id is not 1 to 32 letters and digits.
    #[error("the device id is not 1 to 32 letters and digits")]
    DeviceId,
    /// A header says something else than the query.
    #[error("the header {0} differs from the query")]
    HeaderDiffers(&'static str),
    /// A length does not fit what is there.
    #[error("{0} has a wrong length")]
    Length(&'static str),
    /// A part that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A part is there twice.
    #[error("{0} is there twice")]
    Repeated(String),
    /// A value cannot be read.
    #[error("{0} has an unreadable value")]
    Unreadable(String),
    /// The command is not one of 12.1 to 16.1.
    #[error("unknown command {0}")]
    UnknownCommand(String),
    /// A parameter of the base64 form is not known, so its effect on the server is not known either.
    #[error("unknown parameter {0}")]
    UnknownParameter(u8),
    /// The protocol version is not one of 12.1 to 16.1.
    #[error("unknown protocol version {0}")]
    UnknownVersion(String),
}

/// Why a query is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {error}")]
pub struct Misread {
    /// Distance from the start, in bytes: of the query in the plain form, of the decoded bytes in the base64 form.
    pub offset: usize,
    /// What is wrong.
    pub error: QueryError,
}

impl Query {
    /// Reads what follows the `?` of the request line.
    pub fn parse(query: &str) -> Result<Self, QueryError> {
        Self::locate(query).map_err(|misread| misread.error)
    }

    /// Reads what follows the `?` of the request line, and says where it cannot be read.
    pub fn locate(query: &str) -> Result<Self, Misread> {
        if plain::is_plain(query) { plain::parse(query) } else { base64::parse(query) }
    }

    /// Adds what the headers `MS-ASProtocolVersion`, `X-MS-PolicyKey` and `MS-ASAcceptMultiPart` say.
    ///
    /// A version or a key beside the base64 form must be the same as in the query: servers take the query, so a reader that took the
    /// header would decide on another request than the one that is carried out.
    pub fn with_headers(
        mut self,
        version: Option<&str>,
        policy_key: Option<&str>,
        accept_multipart: Option<&str>,
    ) -> Result<Self, QueryError> {
        if let Some(text) = version {
            let version =
                Version::parse(text).ok_or_else(|| QueryError::UnknownVersion(text.to_owned()))?;
            self.take_header(self.version == Some(version), "MS-ASProtocolVersion")?;
            self.version = Some(version);
        }
        if let Some(text) = policy_key {
            let key = text
                .trim()
                .parse()
                .map_err(|_| QueryError::Unreadable("X-MS-PolicyKey".to_owned()))?;
            self.take_header(self.policy_key.unwrap_or_default() == key, "X-MS-PolicyKey")?;
            self.policy_key = Some(key);
        }
        let accept = accept_multipart.is_some_and(|text| text.trim().eq_ignore_ascii_case("T"));
        self.parameters.accept_multipart |= accept;
        Ok(self)
    }

    /// Writes the plain form. Version, policy key and the wish for multipart go into headers.
    pub fn to_plain(&self) -> String {
        plain::write(self)
    }

    fn take_header(&self, agrees: bool, name: &'static str) -> Result<(), QueryError> {
        if self.form == Form::Base64 && !agrees {
            Err(QueryError::HeaderDiffers(name))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
