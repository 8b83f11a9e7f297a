//! Where the mailbox is: at the server of the registration, until that one says 451 and names another.
//!
//! A server may send the app on to the same host, to a sibling, or into the domain of the person's mail address; the password
//! goes nowhere else. Whoever answers there has to prove itself as the first server did.

use super::wire::PATH;
use crate::http::{Address, Client, Endpoint};
use crate::lifecycle::Device;
use crate::record::{MAIL_PLACE, RecordError};
use pim::Outcome;
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

/// How often in a row nobody could be reached.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Unreached(u32);

/// Where to ask next for the mailbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Turn {
    /// The server of the registration may know where it is now; what was known stays known.
    AskHome,
    /// It is not where it was: the server of the registration knows where it is now.
    GoHome,
    /// Nobody is at home either: back to where it was.
    Return,
    Stay,
    /// It is at the server of the registration again.
    StayHome,
}

impl Unreached {
    /// A place that cannot be reached may be switched off, or the device may have no network: the two places are asked by turns.
    const PATIENCE: u32 = 3;

    /// Says what follows from how a request ended; `knows_other` says that the server of the registration is asked in the stead of another.
    pub(super) fn turn(
        &mut self,
        is_elsewhere: bool,
        knows_other: bool,
        outcome: &Outcome,
    ) -> Turn {
        let is_reached = match outcome {
            Outcome::Unsent | Outcome::Untrusted => false,
            Outcome::Cancelled | Outcome::NoCredentials => return Turn::Stay,
            Outcome::Answered(_) | Outcome::Lost | Outcome::Unreadable => true,
        };
        self.0 = if is_reached { 0 } else { self.0 + 1 };
        let status = match outcome {
            Outcome::Answered(answer) => Some(answer.status),
            Outcome::Cancelled
            | Outcome::Lost
            | Outcome::NoCredentials
            | Outcome::Unreadable
            | Outcome::Unsent
            | Outcome::Untrusted => None,
        };
        let turn = match (is_elsewhere, status) {
            (true, Some(404)) => Turn::GoHome,
            (false, Some(200..=299)) if knows_other => Turn::StayHome,
            (true, _) if self.0 >= Self::PATIENCE => Turn::AskHome,
            (false, _) if knows_other && self.0 >= Self::PATIENCE => Turn::Return,
            (true | false, _) => Turn::Stay,
        };
        if turn != Turn::Stay {
            self.0 = 0;
        }
        turn
    }
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
    fn a_mailbox_is_looked_for_at_home_and_what_was_known_of_it_is_kept() {
        let answered = |status| Outcome::Answered(pim::Answer { status, ..pim::Answer::default() });
        let mut unreached = Unreached::default();
        let mut after = |is_elsewhere, knows_other, outcome: &Outcome| {
            unreached.turn(is_elsewhere, knows_other, outcome)
        };
        for outcome in [&Outcome::Unsent, &Outcome::Untrusted] {
            for round in 0..3 {
                let wanted = [Turn::Stay, Turn::Stay, Turn::AskHome][round];
                assert_eq!(after(true, false, outcome), wanted);
            }
            for round in 0..3 {
                let wanted = [Turn::Stay, Turn::Stay, Turn::Return][round];
                assert_eq!(after(false, true, outcome), wanted);
            }
        }
        assert_eq!(after(true, false, &Outcome::Unsent), Turn::Stay);
        assert_eq!(after(true, false, &Outcome::Unsent), Turn::Stay);
        assert_eq!(after(true, false, &answered(503)), Turn::Stay);
        assert_eq!(after(true, false, &Outcome::Unsent), Turn::Stay, "it was there in between");
        assert_eq!(after(true, false, &answered(404)), Turn::GoHome);
        assert_eq!(after(false, true, &answered(451)), Turn::Stay, "it names a place");
        assert_eq!(after(false, true, &answered(200)), Turn::StayHome);
        for _ in 0..9 {
            assert_eq!(after(false, false, &Outcome::Unsent), Turn::Stay);
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
