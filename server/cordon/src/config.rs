//! The configuration file: one typed struct per topic, read once at start.
//!
//! Every value can also come from the environment: `gateway.listen` is
//! `CORDON_GATEWAY_LISTEN`. The environment wins over the file.

use crate::token::OnToken;
use ca::NameRules;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Everything an operator can set; `docs/operating.md` explains each value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) gateway: Gateway,
    pub(crate) portal: Portal,
    pub(crate) authority: Authority,
    pub(crate) mailbox: Mailbox,
    pub(crate) tls: Tls,
    pub(crate) log: Log,
}

/// Where the server keeps its data, and what it is licensed for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// The data folder: database (if SQLite), certificates, sealed secrets.
    pub(crate) data: PathBuf,
    /// `sqlite://…` or `postgres://…`; absent: `cordon.sqlite` in the data folder.
    pub(crate) database: Option<String>,
    /// The file that holds the key which seals the secrets in the data folder.
    pub(crate) seal_key_file: Option<PathBuf>,
    /// How many devices may be registered at once.
    pub(crate) licensed_devices: u32,
    /// The organisation's name, shown in certificates and in the app.
    pub(crate) organisation: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            data: PathBuf::from("/var/lib/cordon"),
            database: None,
            seal_key_file: None,
            licensed_devices: 25,
            organisation: "Cordon".to_owned(),
        }
    }
}

/// The one address that phones talk to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Gateway {
    /// Address and port to listen on.
    pub(crate) listen: SocketAddr,
    /// `HOST[:PORT]` under which devices reach the gateway from outside.
    pub(crate) address: String,
    /// Where ActiveSync requests go: `http[s]://HOST[:PORT]`.
    pub(crate) mail_server: Option<String>,
    /// PEM file with the certificate authorities of the mail server; absent: the platform's.
    pub(crate) mail_server_authorities: Option<PathBuf>,
    /// Seconds without news of decisions after which all mail is refused.
    pub(crate) fail_closed_after_seconds: u32,
    /// Largest request body, MiB.
    pub(crate) largest_request_mib: u32,
    /// Most connections at once.
    pub(crate) connections: u32,
    /// Most connections at once from one IPv4 address or one /64 of IPv6.
    pub(crate) connections_per_address: u32,
    /// Names of cookies that reach the mail server besides those of Exchange, separated by commas.
    pub(crate) forwarded_cookies: String,
    /// Whether passwords and mail may go to a mail server on another machine without TLS.
    pub(crate) mail_server_without_tls: bool,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            address: "localhost:8443".to_owned(),
            mail_server: None,
            mail_server_authorities: None,
            fail_closed_after_seconds: 30,
            largest_request_mib: 64,
            connections: 20_000,
            connections_per_address: 5_000,
            forwarded_cookies: String::new(),
            mail_server_without_tls: false,
        }
    }
}

/// The console and its API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Portal {
    /// Address and port to listen on.
    pub(crate) listen: SocketAddr,
}

impl Default for Portal {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8444)) }
    }
}

/// What the certificate authority publishes, and where.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Authority {
    /// Address and port to listen on without TLS, for revocation lists; absent: nothing is published over HTTP.
    pub(crate) listen: Option<SocketAddr>,
    /// `http://HOST[:PORT]` under which that is reached; certificates say so from then on.
    pub(crate) url: Option<String>,
    /// Whether everybody who knows a mail address gets its certificates there (RFC 4387).
    pub(crate) directory: bool,
    /// Domains for whose mail addresses certificates are issued, separated by commas.
    pub(crate) mail_domains: String,
    /// Domains for whose hosts certificates are issued, and single addresses, separated by commas.
    pub(crate) dns_domains: String,
    /// The token with the key of the authority that issues; absent: the key is sealed in the data folder.
    pub(crate) key: Option<OnToken>,
    /// The token with the root's key; absent: as above, or elsewhere.
    pub(crate) root_key: Option<OnToken>,
}

/// The mailbox that people send their certificate files to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mailbox {
    /// `imaps://HOST[:PORT]`, or `imap://HOST[:PORT]` on this machine; absent: no mailbox is read.
    pub(crate) server: Option<String>,
    /// PEM file with the certificate authorities of that server; absent: the platform's.
    pub(crate) authorities: Option<PathBuf>,
    /// The name to sign in with.
    pub(crate) user: String,
    /// The file whose first line is the password.
    pub(crate) password_file: Option<PathBuf>,
    /// The folder that is looked at.
    pub(crate) folder: String,
    /// Seconds between two looks.
    pub(crate) every_seconds: u32,
    /// The name of the company's own mail server in `Authentication-Results`, if only mails count to which it has added that DMARC passed.
    pub(crate) authentication_results: Option<String>,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            server: None,
            authorities: None,
            user: String::new(),
            password_file: None,
            folder: "INBOX".to_owned(),
            every_seconds: 60,
            authentication_results: None,
        }
    }
}

/// A TLS certificate of the operator's own; absent: the server makes one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    /// PEM file: the certificate, then its issuers.
    pub(crate) certificate: Option<PathBuf>,
    /// PEM file: the private key (PKCS#8).
    pub(crate) key: Option<PathBuf>,
}

/// What is written to standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: LogFormat,
    /// A filter such as `info` or `info,gateway=debug`.
    pub(crate) filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Json,
    Text,
}

/// What kind of value a key takes, so that the environment's text can become one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Number,
    Switch,
    Text,
}

impl Kind {
    /// Makes a value of a text.
    fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Number => text.parse().ok().map(Value::Integer),
            Self::Switch => text.parse().ok().map(Value::Boolean),
            Self::Text => Some(Value::String(text.to_owned())),
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Number => "a whole number",
            Self::Switch => "true or false",
            Self::Text => "a text",
        }
    }
}

/// Every key there is. A test holds this against [`Config`] and `docs/operating.md`.
pub(crate) const KEYS: &[(&str, &str, Kind)] = &[
    ("server", "data", Kind::Text),
    ("server", "database", Kind::Text),
    ("server", "seal_key_file", Kind::Text),
    ("server", "licensed_devices", Kind::Number),
    ("server", "organisation", Kind::Text),
    ("gateway", "listen", Kind::Text),
    ("gateway", "address", Kind::Text),
    ("gateway", "mail_server", Kind::Text),
    ("gateway", "mail_server_authorities", Kind::Text),
    ("gateway", "fail_closed_after_seconds", Kind::Number),
    ("gateway", "largest_request_mib", Kind::Number),
    ("gateway", "connections", Kind::Number),
    ("gateway", "connections_per_address", Kind::Number),
    ("gateway", "forwarded_cookies", Kind::Text),
    ("gateway", "mail_server_without_tls", Kind::Switch),
    ("portal", "listen", Kind::Text),
    ("authority", "listen", Kind::Text),
    ("authority", "url", Kind::Text),
    ("authority", "directory", Kind::Switch),
    ("authority", "mail_domains", Kind::Text),
    ("authority", "dns_domains", Kind::Text),
    ("authority", "key", Kind::Text),
    ("authority", "root_key", Kind::Text),
    ("mailbox", "server", Kind::Text),
    ("mailbox", "authorities", Kind::Text),
    ("mailbox", "user", Kind::Text),
    ("mailbox", "password_file", Kind::Text),
    ("mailbox", "folder", Kind::Text),
    ("mailbox", "every_seconds", Kind::Number),
    ("mailbox", "authentication_results", Kind::Text),
    ("tls", "certificate", Kind::Text),
    ("tls", "key", Kind::Text),
    ("log", "format", Kind::Text),
    ("log", "filter", Kind::Text),
];

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{name} in the environment is {value:?}, but {place} must be {wanted}")]
    NotOfItsKind { name: String, value: String, place: String, wanted: &'static str },
    #[error("{}:{message}", path.display())]
    Syntax { path: PathBuf, message: String },
    #[error(
        "{name} is set in the environment, but there is no such setting; see docs/operating.md"
    )]
    UnknownVariable { name: String },
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{place}: {reason}")]
    Value { place: String, reason: String },
}

impl Config {
    /// Reads the file at `path`, if there is one, and lays `environment` over it.
    pub(crate) fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let table = match path {
            Some(path) => read(path)?,
            None => Table::new(),
        };
        let table = overlay(table, environment.collect())?;
        let config =
            Self::deserialize(Value::Table(table)).map_err(|error| ConfigError::Value {
                place: "the configuration".to_owned(),
                reason: error.to_string().trim().to_owned(),
            })?;

        config.check()
    }

    /// For which names certificates are issued.
    pub(crate) fn name_rules(&self) -> NameRules {
        NameRules {
            mail: listed(&self.authority.mail_domains),
            dns: listed(&self.authority.dns_domains),
            addresses: Vec::new(),
        }
    }

    /// The database to open.
    pub(crate) fn database_url(&self) -> String {
        self.server.database.clone().unwrap_or_else(|| {
            format!("sqlite://{}?mode=rwc", self.server.data.join("cordon.sqlite").display())
        })
    }

    /// The name or the address of `gateway.address`, without its port.
    pub(crate) fn host(&self) -> &str {
        split_address(&self.gateway.address).map_or(&self.gateway.address, |(host, _)| host)
    }

    /// The further cookies that reach the mail server.
    pub(crate) fn forwarded_cookies(&self) -> Vec<String> {
        let names = self.gateway.forwarded_cookies.split(',').map(str::trim);

        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn check(self) -> Result<Self, ConfigError> {
        let value = |place: &str, reason: &str| ConfigError::Value {
            place: place.to_owned(),
            reason: reason.to_owned(),
        };
        for (place, number) in [
            ("server.licensed_devices", self.server.licensed_devices),
            ("gateway.largest_request_mib", self.gateway.largest_request_mib),
            ("gateway.connections", self.gateway.connections),
            ("gateway.connections_per_address", self.gateway.connections_per_address),
            ("mailbox.every_seconds", self.mailbox.every_seconds),
        ] {
            if number == 0 {
                return Err(value(place, "must be 1 or more"));
            }
        }
        if self.server.organisation.trim().is_empty() {
            return Err(value("server.organisation", "give the name of the organisation"));
        }
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            return Err(value("tls", "certificate and key go together: give both or neither"));
        }
        if split_address(&self.gateway.address).is_none() {
            return Err(value(
                "gateway.address",
                "give HOST or HOST:PORT, as in mail.example.org or mail.example.org:8443",
            ));
        }
        if let Some(server) = &self.mailbox.server {
            if server.starts_with("imap://") && !is_on_this_machine(server) {
                return Err(value(
                    "mailbox.server",
                    "certificate files and a password would cross the network in the clear; use imaps://",
                ));
            }
            if self.mailbox.user.is_empty() || self.mailbox.password_file.is_none() {
                return Err(value(
                    "mailbox",
                    "give mailbox.user and mailbox.password_file beside mailbox.server",
                ));
            }
        }
        if let Some(server) = &self.gateway.mail_server
            && !server.starts_with("https://")
            && !server.starts_with("http://")
        {
            return Err(value(
                "gateway.mail_server",
                "give the address with its scheme, as in https://exchange.example.org",
            ));
        }
        if let Some(server) = &self.gateway.mail_server
            && server.starts_with("http://")
            && !is_on_this_machine(server)
            && !self.gateway.mail_server_without_tls
        {
            return Err(value(
                "gateway.mail_server",
                "passwords and mail would cross the network in clear: give the https:// address; or, if something else \
                 protects the way to it, such as a tunnel, set gateway.mail_server_without_tls = true",
            ));
        }
        if !(2..=3600).contains(&self.gateway.fail_closed_after_seconds) {
            return Err(value("gateway.fail_closed_after_seconds", "must be 2 to 3600"));
        }
        if let Some(url) = &self.authority.url
            && (!url.starts_with("http://") || url.ends_with('/') || !url.is_ascii())
        {
            return Err(value(
                "authority.url",
                "give http:// and the host, without a slash at the end, as in http://pki.example.org: who checks a \
                 certificate cannot be asked to check another one for that",
            ));
        }
        for (key, domains) in [
            ("authority.mail_domains", &self.authority.mail_domains),
            ("authority.dns_domains", &self.authority.dns_domains),
        ] {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
            if listed(domains).iter().any(|domain| !domain.bytes().all(plain)) {
                return Err(value(
                    key,
                    "give domains, separated by commas, as in example.org, example.net",
                ));
            }
        }
        if let (Some(key), Some(root)) = (&self.authority.key, &self.authority.root_key)
            && key.is_same_key(root)
        {
            return Err(value(
                "authority.root_key",
                "it names the key of authority.key: the root has a key of its own",
            ));
        }
        if !self.forwarded_cookies().iter().all(|name| is_cookie(name)) {
            return Err(value(
                "gateway.forwarded_cookies",
                "give names of cookies, separated by commas, as in SERVERID, BIGipServer*",
            ));
        }

        Ok(self)
    }
}

/// Splits a list with commas.
fn listed(text: &str) -> Vec<String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());

    items.map(str::to_owned).collect()
}

/// Takes `HOST`, `HOST:PORT`, `[ADDRESS]` and `[ADDRESS]:PORT`.
fn split_address(address: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, rest)
        }
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let plausible = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    if host.is_empty() || !host.bytes().all(plausible) {
        return None;
    }
    let port = match rest.strip_prefix(':') {
        Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
        None => rest.is_empty().then_some(None)?,
    };

    Some((host, port))
}

fn is_on_this_machine(url: &str) -> bool {
    let authority = url.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let host = authority.and_then(split_address).map(|(host, _)| host).unwrap_or_default();

    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// A name (RFC 6265), or the beginning of one with `*` behind it.
fn is_cookie(name: &str) -> bool {
    let name = name.strip_suffix('*').unwrap_or(name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);

    !name.is_empty() && name.bytes().all(fits)
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    // The first pass is for its errors: only it knows the line and the column.
    toml::from_str::<Config>(&text).map_err(|error| syntax(path, &text, &error))?;

    toml::from_str(&text).map_err(|error| syntax(path, &text, &error))
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;

    ConfigError::Syntax {
        path: path.to_owned(),
        message: format!("{line}:{column}: {}", error.message()),
    }
}

fn overlay(mut table: Table, environment: BTreeMap<String, String>) -> Result<Table, ConfigError> {
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix("CORDON_") else { continue };
        let key = KEYS.iter().find(|(section, key, _)| variable(section, key) == name);
        let Some((section, key, kind)) = key else {
            if KEYS.iter().any(|(section, ..)| {
                rest.strip_prefix(&section.to_uppercase()).is_some_and(|rest| rest.starts_with('_'))
            }) {
                return Err(ConfigError::UnknownVariable { name });
            }
            continue;
        };
        let Some(value) = kind.read(&value) else {
            let (place, wanted) = (format!("{section}.{key}"), kind.wanted());
            return Err(ConfigError::NotOfItsKind { name, value, place, wanted });
        };
        let section =
            table.entry((*section).to_owned()).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = section {
            section.insert((*key).to_owned(), value);
        }
    }

    Ok(table)
}

/// The environment variable that sets `section.key`.
pub(crate) fn variable(section: &str, key: &str) -> String {
    format!("CORDON_{}_{}", section.to_uppercase(), key.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn an_empty_file_gives_the_defaults() {
        let config = load("", &[]).unwrap();

        assert_eq!(config.database_url(), "sqlite:///var/lib/cordon/cordon.sqlite?mode=rwc");
        assert_eq!(config.gateway.listen.port(), 8443);
        assert!(config.portal.listen.ip().is_loopback());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let text = "[server]\ndata = \"/srv\"\n\n[gateway]\nlisten = \"0.0.0.0:443\"\nlistne = 1\n";

        assert_snapshot!(load(text, &[]).unwrap_err(), @"cordon.toml:6:1: unknown field `listne`, expected one of `listen`, `address`, `mail_server`, `mail_server_authorities`, `fail_closed_after_seconds`, `largest_request_mib`, `connections`, `connections_per_address`, `forwarded_cookies`, `mail_server_without_tls`");
    }

    #[test]
    fn a_wrong_type_is_refused_with_its_place() {
        assert_snapshot!(load("[portal]\nlisten = \"here\"\n", &[]).unwrap_err(), @"cordon.toml:2:10: invalid socket address syntax");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load(
            "[gateway]\naddress = \"a.example.org\"\n",
            &[
                ("CORDON_GATEWAY_ADDRESS", "b.example.org"),
                ("CORDON_SERVER_LICENSED_DEVICES", "7"),
                ("HOME", "/users/x"),
            ],
        )
        .unwrap();

        assert_eq!(config.gateway.address, "b.example.org");
        assert_eq!(config.server.licensed_devices, 7);
    }

    #[test]
    fn the_environment_is_checked_as_strictly() {
        assert_snapshot!(load("", &[("CORDON_GATEWAY_LISTNE", "x")]).unwrap_err(), @"CORDON_GATEWAY_LISTNE is set in the environment, but there is no such setting; see docs/operating.md");
        assert_snapshot!(load("", &[("CORDON_GATEWAY_CONNECTIONS", "many")]).unwrap_err(), @r#"CORDON_GATEWAY_CONNECTIONS in the environment is "many", but gateway.connections must be a whole number"#);
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        let refused = |section: &str, line: &str| {
            load(&format!("[{section}]\n{line}\n"), &[]).expect_err(line)
        };
        for (section, key) in [
            ("server", "licensed_devices"),
            ("gateway", "largest_request_mib"),
            ("gateway", "connections"),
            ("gateway", "connections_per_address"),
        ] {
            let said = refused(section, &format!("{key} = 0"));
            assert_eq!(said, format!("{section}.{key}: must be 1 or more"));
        }
        for seconds in [0, 1, 3601] {
            let said = refused("gateway", &format!("fail_closed_after_seconds = {seconds}"));
            assert_eq!(said, "gateway.fail_closed_after_seconds: must be 2 to 3600");
        }
        for address in
            ["", "a/b", "a b", "a:", "a:0", "a:99999", "a:1:2", "[::1", "[a]", "::1", "u@a"]
        {
            let said = refused("gateway", &format!("address = \"{address}\""));
            assert!(
                said.starts_with("gateway.address: give HOST or HOST:PORT"),
                "{address}: {said}"
            );
        }
        for cookies in ["*", "a b", "a=b", "a;b", "a*b"] {
            let said = refused("gateway", &format!("forwarded_cookies = \"{cookies}\""));
            assert!(said.starts_with("gateway.forwarded_cookies: "), "{cookies}: {said}");
        }
        assert!(refused("server", "organisation = \" \"").starts_with("server.organisation: "));
    }

    #[test]
    fn passwords_do_not_cross_the_network_in_clear_by_accident() {
        let mail_server = |url: &str, rest: &str| {
            load(&format!("[gateway]\nmail_server = \"{url}\"\n{rest}\n"), &[])
        };
        for url in [
            "http://mail.example.org",
            "http://192.0.2.1:20000/SOGo",
            "http://[2001:db8::1]",
            "http://localhost.example.org",
            "http://127.0.0.1.example.org",
            "http://127.0.0.1@mail.example.org",
        ] {
            let said = mail_server(url, "").expect_err(url);
            assert!(said.contains("gateway.mail_server_without_tls = true"), "{url}: {said}");
            mail_server(url, "mail_server_without_tls = true").expect(url);
        }
        for url in
            ["http://127.0.0.1:1", "http://localhost/SOGo", "http://[::1]:80", "https://mail"]
        {
            mail_server(url, "").expect(url);
        }
        assert_snapshot!(load("", &[("CORDON_GATEWAY_MAIL_SERVER_WITHOUT_TLS", "yes")]).unwrap_err(), @r#"CORDON_GATEWAY_MAIL_SERVER_WITHOUT_TLS in the environment is "yes", but gateway.mail_server_without_tls must be true or false"#);
    }

    #[test]
    fn cookies_are_listed_with_commas() {
        let cookies = |text: &str| {
            load(&format!("[gateway]\nforwarded_cookies = \"{text}\"\n"), &[])
                .unwrap()
                .forwarded_cookies()
        };
        assert_eq!(cookies(""), Vec::<String>::new());
        assert_eq!(cookies("SERVERID, BIGipServer*,"), ["SERVERID", "BIGipServer*"]);
    }

    #[test]
    fn a_key_on_a_token_is_named_in_full_and_without_its_pin() {
        let key = |name: &str, text: &str| format!("{name} = \"pkcs11:{text}\"\n");
        let refused = |lines: &str| load(&format!("[authority]\n{lines}"), &[]).unwrap_err();
        let whole = "token=hsm;object=ca?module-path=/lib/hsm.so";
        assert_snapshot!(refused(&key("key", "token=hsm")), @"cordon.toml:2:7: name the token and the label of the key, as in pkcs11:token=LABEL;object=LABEL?module-path=/PATH.so (RFC 7512)");
        assert_snapshot!(refused(&key("root_key", &format!("{whole}&pin-value=917356"))), @"cordon.toml:2:12: the PKCS#11 URI holds a PIN, which others can read: remove pin-value");
        assert_snapshot!(refused(&(key("key", whole) + &key("root_key", whole))), @"authority.root_key: it names the key of authority.key: the root has a key of its own");
        let variable = ("CORDON_AUTHORITY_KEY", "pkcs11:token=hsm?pin-value=917356");
        assert_snapshot!(load("", &[variable]).unwrap_err(), @r"
        the configuration: the PKCS#11 URI holds a PIN, which others can read: remove pin-value
        in `authority.key`
        ");
    }

    #[test]
    fn half_a_certificate_is_refused() {
        assert_snapshot!(load("[tls]\nkey = \"k.pem\"\n", &[]).unwrap_err(), @"tls: certificate and key go together: give both or neither");
    }

    #[test]
    fn every_key_can_be_set_and_is_documented() {
        let manual = include_str!("../../../docs/operating.md");
        for (section, key, kind) in KEYS {
            let value = match (*section, *key) {
                (_, "listen") => "127.0.0.1:1",
                ("log", "format") => "json",
                ("authority", "url") => "http://pki.example.org",
                ("authority", "key" | "root_key") => {
                    "pkcs11:token=hsm;object=ca?module-path=/lib/hsm.so"
                }
                ("gateway", "mail_server") => "https://mail.example.org",
                ("mailbox", "server") => "imaps://mail.example.org",
                _ if *kind == Kind::Number => "9",
                _ if *kind == Kind::Switch => "true",
                _ => "x",
            };
            let together = [
                (variable("tls", "key"), "x"),
                (variable("tls", "certificate"), "x"),
                (variable("mailbox", "user"), "x"),
                (variable("mailbox", "password_file"), "x"),
            ];
            let environment = [(variable(section, key), value)].into_iter().chain(together);
            let environment = environment.map(|(name, value)| (name, value.to_owned()));

            Config::load(None, environment).unwrap();
            assert!(manual.contains(&format!("`{section}.{key}`")), "{section}.{key}");
            assert!(manual.contains(&variable(section, key)), "{section}.{key}");
        }
    }

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cordon.toml");
        std::fs::write(&path, text).unwrap();
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));

        Config::load(Some(&path), environment).map_err(|error| {
            error.to_string().replace(&format!("{}/", folder.path().display()), "")
        })
    }
}
