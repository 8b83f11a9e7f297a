//! Finding the server for an address: what is asked and answered, in XML and in JSON, in which order, and who may be told a password.
//! The asking itself is the caller's business.
//!
//! The outer and the inner elements of answers have different namespaces, and servers differ, so elements go by their local names.

mod json;
mod search;
mod trust;
mod xml;

pub use json::{json_answer, json_url, write_json};
pub use search::{Outcome, Question, Reply, Search, Step, Way};
pub use trust::Trust;

/// Largest answer that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Namespace of requests.
const REQUEST: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006";
/// Namespace of answers, and the kind of answer that is wanted.
const RESPONSE: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";
/// Namespace around answers.
const OUTER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

/// Media type of requests and answers in XML.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// Asks for the server of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The address.
    pub email: String,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It knows of no server.
    Error {
        /// 1 or 2 inside of an action, 500 and above around it.
        code: Option<u32>,
        /// For people.
        message: String,
        /// For support.
        debug: String,
    },
    /// Ask for this address instead, at most ten times in a row.
    Redirect(String),
    /// The servers.
    Settings {
        /// The user's name.
        display_name: Option<String>,
        /// The user's address, which may differ from what was asked.
        email: Option<String>,
        /// The servers.
        servers: Vec<Server>,
    },
}

/// A server of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// What it is for: `MobileSync` or `CertEnroll`.
    pub kind: String,
    /// Its address.
    pub url: String,
    /// Its name, often the address again.
    pub name: String,
    /// What else belongs to it: the template name of `CertEnroll`.
    pub server_data: Option<String>,
}

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AutodiscoverError {
    /// It says nothing about a server.
    #[error("the answer names no server, no other address and no error")]
    Incomplete,
    /// It is larger than any answer is.
    #[error("the answer is larger than 256 KiB")]
    TooLarge,
    /// It cannot be read.
    #[error("the answer is not readable: {0}")]
    Unreadable(String),
}

impl Request {
    /// Reads a request.
    pub fn parse(text: &str) -> Result<Self, AutodiscoverError> {
        let mut email = None;
        xml::walk(text, |path, text| {
            if let [.., "Request", "EMailAddress"] = path {
                email = Some(text.to_owned());
            }
        })?;
        email.map(|email| Self { email }).ok_or(AutodiscoverError::Incomplete)
    }

    /// Writes the request.
    pub fn to_xml(&self) -> String {
        let email = xml::escape(&self.email);
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Autodiscover xmlns=\"{REQUEST}\"><Request>\
             <EMailAddress>{email}</EMailAddress>\
             <AcceptableResponseSchema>{RESPONSE}</AcceptableResponseSchema></Request></Autodiscover>"
        )
    }
}

impl Answer {
    /// Reads an answer.
    pub fn parse(text: &str) -> Result<Self, AutodiscoverError> {
        let mut parts = Parts::default();
        xml::walk(text, |path, text| parts.take(path, text))?;
        parts.answer().ok_or(AutodiscoverError::Incomplete)
    }

    /// Writes the answer.
    pub fn to_xml(&self) -> String {
        let escape = xml::escape;
        let mut user = String::new();
        let action = match self {
            Self::Error { code, message, debug } => {
                let code = code.map(|code| format!("<Status>{code}</Status>")).unwrap_or_default();
                let (message, debug) = (escape(message), escape(debug));
                format!(
                    "<Error>{code}<Message>{message}</Message><DebugData>{debug}</DebugData></Error>"
                )
            }
            Self::Redirect(email) => format!("<Redirect>{}</Redirect>", escape(email)),
            Self::Settings { display_name, email, servers } => {
                for (name, value) in [("DisplayName", display_name), ("EMailAddress", email)] {
                    if let Some(value) = value {
                        user.push_str(&format!("<{name}>{}</{name}>", escape(value)));
                    }
                }
                let servers: String = servers.iter().map(Server::to_xml).collect();
                format!("<Settings>{servers}</Settings>")
            }
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Autodiscover xmlns=\"{OUTER}\"><Response xmlns=\"{RESPONSE}\">\
             <Culture>en:us</Culture><User>{user}</User><Action>{action}</Action></Response></Autodiscover>"
        )
    }

    /// Returns the address of the ActiveSync server. An address without TLS is none.
    pub fn active_sync_url(&self) -> Option<&str> {
        let Self::Settings { servers, .. } = self else { return None };
        servers
            .iter()
            .find(|server| server.kind.eq_ignore_ascii_case("MobileSync") && is_https(&server.url))
            .map(|server| server.url.as_str())
    }
}

impl Server {
    /// Names an ActiveSync server.
    pub fn active_sync(url: impl Into<String>) -> Self {
        let url = url.into();
        Self { kind: "MobileSync".to_owned(), name: url.clone(), url, server_data: None }
    }

    fn to_xml(&self) -> String {
        let data = self.server_data.as_ref();
        let data = data.map(|data| format!("<ServerData>{}</ServerData>", xml::escape(data)));
        format!(
            "<Server><Type>{}</Type><Url>{}</Url><Name>{}</Name>{}</Server>",
            xml::escape(&self.kind),
            xml::escape(&self.url),
            xml::escape(&self.name),
            data.unwrap_or_default()
        )
    }
}

/// Returns whether an address is one of HTTPS with a host; nothing else may be followed.
pub fn is_https(url: &str) -> bool {
    let rest = url.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://"));
    rest.is_some() && url.get(8..).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// Addresses of the XML form for an address of mail, in the order in which to try them.
pub fn xml_urls(email: &str) -> Option<[String; 2]> {
    let domain = domain(email)?;
    Some([
        format!("https://{domain}/autodiscover/autodiscover.xml"),
        format!("https://autodiscover.{domain}/autodiscover/autodiscover.xml"),
    ])
}

/// Returns the address that may redirect to the XML form. It is without TLS: ask it without sign-in, and follow it to another domain only
/// after the user has agreed.
pub fn redirecting_url(email: &str) -> Option<String> {
    Some(format!("http://autodiscover.{}/autodiscover/autodiscover.xml", domain(email)?))
}

/// Returns the name of the SRV record that names the host of the XML form; the user has to agree to it.
pub fn srv_name(email: &str) -> Option<String> {
    Some(format!("_autodiscover._tcp.{}", domain(email)?))
}

/// A domain is what names consist of: anything else would lead to another host.
fn domain(email: &str) -> Option<&str> {
    let (_, domain) = email.rsplit_once('@')?;
    let part = |character: char| character.is_alphanumeric() || ".-".contains(character);
    (!domain.is_empty() && domain.chars().all(part)).then_some(domain)
}

#[derive(Default)]
struct Parts {
    display_name: Option<String>,
    email: Option<String>,
    redirect: Option<String>,
    code: Option<u32>,
    message: Option<String>,
    debug: Option<String>,
    error: bool,
    servers: Vec<Server>,
    settings: bool,
}

impl Parts {
    /// Takes an element's text; containers come with an empty one, before what is in them.
    fn take(&mut self, path: &[&str], text: &str) {
        let value = || text.to_owned();
        match path {
            [.., "User", "DisplayName"] => self.display_name = Some(value()),
            [.., "User", "EMailAddress"] => self.email = Some(value()),
            [.., "Action", "Redirect"] => self.redirect = Some(value()),
            [.., "Action", "Settings"] => self.settings = true,
            [.., "Settings", "Server"] => self.servers.push(Server::default()),
            [.., "Action" | "Response", "Error"] => self.error = true,
            [.., "Error", "Status" | "ErrorCode"] => self.code = text.trim().parse().ok(),
            [.., "Error", "Message"] => self.message = Some(value()),
            [.., "Error", "DebugData"] => self.debug = Some(value()),
            [.., "Server", name] => {
                let Some(server) = self.servers.last_mut() else { return };
                match *name {
                    "Type" => server.kind = value(),
                    "Url" => server.url = value(),
                    "Name" => server.name = value(),
                    "ServerData" => server.server_data = Some(value()),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn answer(self) -> Option<Answer> {
        if let Some(email) = self.redirect.filter(|email| email.contains('@')) {
            return Some(Answer::Redirect(email));
        }
        if self.error {
            return Some(Answer::Error {
                code: self.code,
                message: self.message.unwrap_or_default(),
                debug: self.debug.unwrap_or_default(),
            });
        }
        self.settings.then_some(Answer::Settings {
            display_name: self.display_name,
            email: self.email,
            servers: self.servers,
        })
    }
}
