//! Where the mailbox is: at the server of the registration, until that one says 451 and names another.
//!
//! A server may send the app on to the same host, to a sibling, or into the domain of the person's mail address; the password
//! goes nowhere else. Whoever answers there has to prove itself as the first server did.

use super::wire::PATH;
use crate::http::{Address, Client, Endpoint};
use crate::lifecycle::Device;
use crate::record::{MAIL_PLACE, RecordError};
use serde::{Deserialize, Serialize};
use vault::Open;

/// Where the mailbox is spoken with.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) client: Client,
    pub(super) path: String,
    /// It is not the server of the registration.
    pub(super) is_elsewhere: bool,
}

/// A place as it is stored.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    /// The server of the registration that sent us there, `HOST[:PORT]`.
    from: String,
    location: String,
}

/// Why the app does not go where a server sends it.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum LocationError {
    /// It is neither near the server nor in the domain of the mail address.
    #[error("it is a stranger's")]
    Stranger,
    /// It is no address of HTTPS.
    #[error("it is no address that begins with https://")]
    Unreadable,
}

impl Place {
    /// The server of the registration.
    pub(super) fn home(device: &Device) -> Self {
        Self { client: device.client.clone(), path: PATH.to_owned(), is_elsewhere: false }
    }

    /// Where the mailbox was when the container was open last.
    pub(super) fn remembered(open: &Open, device: &Device) -> Result<Self, RecordError> {
        let Some(text) = open.documents().read(MAIL_PLACE)? else { return Ok(Self::home(device)) };
        let stored: Option<Stored> = serde_json::from_slice(&text).ok();
        let stored = stored.filter(|stored| stored.from == device.record.server);
        let place = match stored.map(|stored| Self::at(&stored.location, device)) {
            Some(Ok(place)) => place?,
            Some(Err(_)) | None => Self::home(device),
        };

        Ok(place)
    }

    /// Checks where a server sends us.
    pub(super) fn at(
        location: &str,
        device: &Device,
    ) -> Result<Result<Self, RecordError>, LocationError> {
        let (address, path) = read(location)?;
        let home = Address::parse(&device.record.server).map_err(|_| LocationError::Unreadable)?;
        let mail = device.settings.borrow().settings.mail.address.clone();
        if !is_ours(address.host(), home.host(), &mail) {
            return Err(LocationError::Stranger);
        }

        Ok(device.record.client_of(address).map(|client| Self { client, path, is_elsewhere: true }))
    }

    /// The form in which it is stored.
    pub(super) fn to_bytes(location: &str, device: &Device) -> Vec<u8> {
        let stored =
            Stored { from: device.record.server.clone(), location: location.trim().to_owned() };

        serde_json::to_vec(&stored).expect("texts can be written as JSON")
    }
}

/// Reads a server and a path.
fn read(location: &str) -> Result<(Address, String), LocationError> {
    let Endpoint { address, path } =
        Endpoint::parse(location.trim()).map_err(|_| LocationError::Unreadable)?;
    if path.contains('?') {
        return Err(LocationError::Unreadable);
    }
    let path = if path == "/" { PATH.to_owned() } else { path };

    Ok((address, path))
}

/// Tells whether a host belongs to those whose mail this is: the same host, a sibling of it, or one in the domain of the mail address.
fn is_ours(host: &str, home: &str, mail_address: &str) -> bool {
    let [host, home] = [host, home].map(str::to_ascii_lowercase);
    if host == home {
        return true;
    }
    // An address of numbers has no domain.
    if [&host, &home].iter().any(|name| name.parse::<std::net::IpAddr>().is_ok()) {
        return false;
    }
    let mail_domain = mail_address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let siblings = home.split_once('.').map(|(_, domain)| domain.to_owned());

    [mail_domain, siblings.filter(|domain| !is_registry(domain))]
        .into_iter()
        .flatten()
        .any(|domain| host == domain || host.ends_with(&format!(".{domain}")))
}

/// Tells whether strangers may hold names in a domain: `org`, and what looks like `co.uk`.
fn is_registry(domain: &str) -> bool {
    match domain.split('.').collect::<Vec<_>>().as_slice() {
        [second, first] => first.len() == 2 && second.len() <= 3,
        parts => parts.len() < 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_their_path() {
        for (location, read_as) in [
            ("https://mail.example.org", Some("mail.example.org/Microsoft-Server-ActiveSync")),
            (
                " https://mail.example.org:8443/ ",
                Some("mail.example.org:8443/Microsoft-Server-ActiveSync"),
            ),
            (
                "https://[::1]/eas/Microsoft-Server-ActiveSync",
                Some("[::1]/eas/Microsoft-Server-ActiveSync"),
            ),
            ("http://mail.example.org/Microsoft-Server-ActiveSync", None),
            ("https://user@mail.example.org/", None),
            ("https://mail.example.org/?Cmd=Sync", None),
            ("https://mail.example.org/a b", None),
            ("//mail.example.org", None),
            ("", None),
        ] {
            let found = read(location).ok().map(|(address, path)| format!("{address}{path}"));
            assert_eq!(found.as_deref(), read_as, "{location}");
        }
    }

    #[test]
    fn the_password_stays_in_the_house() {
        for (host, home, ours) in [
            ("mail.example.org", "mail.example.org", true),
            ("MAIL2.example.org", "mail.Example.org", true),
            ("eu.mail.hoster.net", "us.mail.hoster.net", true),
            ("mail2.hoster.net", "mail1.hoster.net", true),
            ("eas.person.example", "mail.hoster.net", true),
            ("person.example", "mail.hoster.net", true),
            ("evil.org", "example.org", false),
            ("evil.co.uk", "example.co.uk", false),
            ("notexample.org", "mail.example.org", false),
            ("example.org.evil.net", "mail.example.org", false),
            ("10.0.0.2", "10.0.0.1", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("mail.example.org", "10.0.0.1", false),
            ("evil", "mail", false),
        ] {
            assert_eq!(is_ours(host, home, "alice@person.example"), ours, "{host} from {home}");
        }
    }
}
