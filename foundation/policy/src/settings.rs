use crate::certificates::CertificateSettings;
use crate::ldap::LdapSettings;
use crate::password::{KINDS, MOST_DAYS, MOST_HISTORY, MOST_WORDS, PasswordRules};
use crate::sign_in::{NewestVersion, OauthSettings, SignIn, check_oauth};
use crate::smime::SmimeSettings;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::ops::RangeInclusive;

/// The numbers of days of mail that ActiveSync can ask for; 0 is all of it (MS-ASCMD, FilterType).
pub const MAIL_DAYS: [u16; 6] = [0, 1, 3, 7, 14, 30];

/// The settings of one person's app.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where mail comes from and for whom.
    pub mail: MailSettings,
    /// How the encrypted container behaves.
    pub container: ContainerSettings,
    /// What is shown of a message.
    pub viewing: ViewingSettings,
    /// Which certificates are trusted. Left out of documents where it says nothing, for apps that do not know it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub certificates: CertificateSettings,
    /// How mail is signed and encrypted. Left out of documents where it says nothing, for apps that do not know it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub smime: SmimeSettings,
    /// The directory in which certificates of people are looked for. Left out of documents where it says nothing, for apps that do not know it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ldap: LdapSettings,
    /// How often the app asks for its status while nothing else happens, in seconds.
    pub status_interval_seconds: u32,
}

/// The settings of a group: those of its members without what differs from person to person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSettings {
    /// Where mail comes from.
    pub mail: GroupMailSettings,
    /// How the encrypted container behaves.
    pub container: ContainerSettings,
    /// What is shown of a message.
    pub viewing: ViewingSettings,
    /// Which certificates are trusted.
    #[serde(default)]
    pub certificates: CertificateSettings,
    /// How mail is signed and encrypted.
    #[serde(default)]
    pub smime: SmimeSettings,
    /// The directory in which certificates of people are looked for.
    #[serde(default)]
    pub ldap: LdapSettings,
    /// How often the app asks for its status while nothing else happens, in seconds.
    pub status_interval_seconds: u32,
}

/// Where mail comes from and for whom.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// The gateway, `host` or `host:port`.
    pub server: String,
    /// The person's mail address.
    pub address: String,
    /// The person's name at the mail server.
    pub user_name: String,
    /// How many days of mail are kept on the device, one of [`MAIL_DAYS`].
    pub days: u16,
    /// The newest version of ActiveSync that is spoken. Left out of documents where it says nothing, for apps that do not know it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub newest_version: NewestVersion,
    /// How the person signs in to the mail server; left out as above.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sign_in: SignIn,
    /// The identity provider, where one signs in; left out as above.
    #[serde(default, skip_serializing_if = "is_default")]
    pub oauth: OauthSettings,
}

/// Where a group's mail comes from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMailSettings {
    /// The gateway, `host` or `host:port`.
    pub server: String,
    /// How many days of mail are kept on the device, one of [`MAIL_DAYS`].
    pub days: u16,
    /// The newest version of ActiveSync that is spoken.
    #[serde(default)]
    pub newest_version: NewestVersion,
    /// How the members sign in to the mail server.
    #[serde(default)]
    pub sign_in: SignIn,
    /// The identity provider, where one signs in.
    #[serde(default)]
    pub oauth: OauthSettings,
}

/// How the encrypted container behaves.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerSettings {
    /// After how many seconds without use it locks itself.
    pub lock_after_seconds: u32,
    /// After how many wrong passwords in a row it destroys its key.
    pub wrong_passwords: u8,
    /// What opens it.
    #[serde(default)]
    pub opened_by: OpenedBy,
    /// What a password must be.
    pub password: PasswordRules,
}

/// What opens a container.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    /// A smart card, which may be removed then.
    Card,
    /// A smart card that holds the person's key; each use of the key is on the card, and pulling it locks.
    KeyOnCard,
    /// A password.
    #[default]
    Password,
}

/// What is shown of a message.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ViewingSettings {
    /// Whether pictures are fetched from elsewhere.
    pub remote_images: RemoteImages,
    /// The largest attachment that is fetched, in MiB.
    pub attachment_limit_mib: u16,
}

/// Whether pictures of a message are fetched from elsewhere.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteImages {
    /// When the reader asks for it, message by message.
    Ask,
    /// Never.
    Never,
}

/// A setting that cannot be put in force.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Violation {
    /// The setting's path, for instance `container.password.minimum_length`.
    pub place: &'static str,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Settings {
    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// All violations, in the order of the fields.
    pub fn validate(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::default();
        violations.text("mail.server", check_server(&self.mail.server));
        violations.text("mail.address", check_address(&self.mail.address));
        violations.text("mail.user_name", check_user_name(&self.mail.user_name));
        violations.text("mail.days", check_days(self.mail.days));
        violations.0.extend(check_oauth(self.mail.sign_in, &self.mail.oauth));
        violations.0.extend(self.certificates.check());
        violations.0.extend(self.ldap.check());
        violations.shared(&self.container, &self.viewing, self.status_interval_seconds);

        violations.into_result()
    }
}

impl GroupSettings {
    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// All violations, in the order of the fields.
    pub fn validate(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::default();
        violations.text("mail.server", check_server(&self.mail.server));
        violations.text("mail.days", check_days(self.mail.days));
        violations.0.extend(check_oauth(self.mail.sign_in, &self.mail.oauth));
        violations.0.extend(self.certificates.check());
        violations.0.extend(self.ldap.check());
        violations.shared(&self.container, &self.viewing, self.status_interval_seconds);

        violations.into_result()
    }

    /// Completes the settings for one member.
    pub fn for_person(&self, address: &str, user_name: &str) -> Settings {
        Settings {
            mail: MailSettings {
                server: self.mail.server.clone(),
                address: address.to_owned(),
                user_name: user_name.to_owned(),
                days: self.mail.days,
                newest_version: self.mail.newest_version,
                sign_in: self.mail.sign_in,
                oauth: self.mail.oauth.clone(),
            },
            container: self.container.clone(),
            viewing: self.viewing.clone(),
            certificates: self.certificates.clone(),
            smime: self.smime,
            ldap: self.ldap.clone(),
            status_interval_seconds: self.status_interval_seconds,
        }
    }

    /// Returns sensible settings for a group whose gateway is `server`.
    pub fn sensible(server: &str) -> Self {
        Self {
            mail: GroupMailSettings {
                server: server.to_owned(),
                days: 30,
                newest_version: NewestVersion::Any,
                sign_in: SignIn::Password,
                oauth: OauthSettings::default(),
            },
            container: ContainerSettings {
                lock_after_seconds: 300,
                wrong_passwords: 10,
                opened_by: OpenedBy::Password,
                password: PasswordRules {
                    minimum_length: 8,
                    digit: true,
                    ..PasswordRules::default()
                },
            },
            viewing: ViewingSettings { remote_images: RemoteImages::Ask, attachment_limit_mib: 25 },
            certificates: CertificateSettings::default(),
            smime: SmimeSettings::default(),
            ldap: LdapSettings::default(),
            status_interval_seconds: 900,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn shared(
        &mut self,
        container: &ContainerSettings,
        viewing: &ViewingSettings,
        status_interval_seconds: u32,
    ) {
        self.range("container.lock_after_seconds", container.lock_after_seconds, 30..=86_400);
        self.range("container.wrong_passwords", container.wrong_passwords, 3..=20);
        let password = &container.password;
        self.range("container.password.minimum_length", password.minimum_length, 6..=64);
        self.range("container.password.kinds", password.kinds, 0..=KINDS);
        self.range("container.password.history", password.history, 0..=MOST_HISTORY);
        self.range("container.password.days", password.days, 0..=MOST_DAYS);
        self.text("container.password.forbidden_words", check_words(&password.forbidden_words));
        self.range("viewing.attachment_limit_mib", viewing.attachment_limit_mib, 1..=1024);
        self.range("status_interval_seconds", status_interval_seconds, 60..=86_400);
    }

    fn range<T: Display + PartialOrd>(
        &mut self,
        place: &'static str,
        value: T,
        range: RangeInclusive<T>,
    ) {
        if !range.contains(&value) {
            let reason = format!("must be from {} to {}", range.start(), range.end());
            self.0.push(Violation { place, reason });
        }
    }

    fn text(&mut self, place: &'static str, check: Result<(), &str>) {
        if let Err(reason) = check {
            self.0.push(Violation { place, reason: reason.to_owned() });
        }
    }

    fn into_result(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

pub(crate) fn check_server(server: &str) -> Result<(), &'static str> {
    const REASON: &str = "must be a host name or address, with a port if need be";

    let (host, port) = match server.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or(REASON)?;
            address.parse::<std::net::Ipv6Addr>().map_err(|_| REASON)?;
            (None, port)
        }
        None => match server.split_once(':') {
            Some((host, _)) => (Some(host), server.strip_prefix(host).unwrap_or_default()),
            None => (Some(server), ""),
        },
    };
    let port_fits = match port.strip_prefix(':') {
        Some(port) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => port.is_empty(),
    };
    if port_fits && host.is_none_or(is_host_name) { Ok(()) } else { Err(REASON) }
}

fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };

    host.len() <= 253 && host.split('.').all(is_label)
}

fn check_address(address: &str) -> Result<(), &'static str> {
    const REASON: &str = "must be a mail address";

    let (local, domain) = address.rsplit_once('@').ok_or(REASON)?;
    let plain = |text: &str| !text.chars().any(|it| it.is_whitespace() || it.is_control());
    let fits = !local.is_empty() && local.len() <= 64 && plain(local) && !local.contains('@');

    if fits && is_host_name(domain) { Ok(()) } else { Err(REASON) }
}

fn check_user_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > 256 || name.chars().any(char::is_control) {
        return Err("must be a name of 1 to 256 bytes without control characters");
    }

    Ok(())
}

fn check_words(words: &[String]) -> Result<(), &'static str> {
    let fits = |word: &String| {
        (3..=64).contains(&word.chars().count())
            && word.trim() == word
            && !word.chars().any(char::is_control)
    };
    if words.len() <= MOST_WORDS && words.iter().all(fits) {
        return Ok(());
    }

    Err("must be at most 100 words of 3 to 64 characters")
}

fn check_days(days: u16) -> Result<(), &'static str> {
    if MAIL_DAYS.contains(&days) {
        return Ok(());
    }

    Err("must be 1, 3, 7, 14 or 30 days, or 0 for all mail")
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn sensible_settings_are_valid() {
        assert_eq!(GroupSettings::sensible("mail.example.com").validate(), Ok(()));
        let settings = GroupSettings::sensible("mail.example.com:8443")
            .for_person("alice@example.com", "alice");
        assert_eq!(settings.validate(), Ok(()));
    }

    #[test]
    fn every_violation_is_told_with_its_place() {
        let mut settings = GroupSettings::sensible("mail example").for_person("alice", "");
        settings.mail.days = 2;
        settings.container.lock_after_seconds = 0;
        settings.container.wrong_passwords = 255;
        settings.container.password.minimum_length = 0;
        settings.container.password.kinds = 5;
        settings.container.password.history = 51;
        settings.container.password.days = 731;
        settings.container.password.forbidden_words = vec!["ab".to_owned()];
        settings.viewing.attachment_limit_mib = 0;
        settings.certificates.roots = vec!["AB".repeat(32)];
        settings.ldap.filter = "(mail=alice)".to_owned();
        settings.status_interval_seconds = 1;

        let violations = settings.validate().unwrap_err();
        let lines: Vec<_> = violations.iter().map(ToString::to_string).collect();
        assert_snapshot!(lines.join("\n"), @"
        mail.server: must be a host name or address, with a port if need be
        mail.address: must be a mail address
        mail.user_name: must be a name of 1 to 256 bytes without control characters
        mail.days: must be 1, 3, 7, 14 or 30 days, or 0 for all mail
        certificates.roots: must be at most 50 SHA-256 fingerprints of 64 lower-case hexadecimal digits
        ldap.filter: it has no {address} in a value
        container.lock_after_seconds: must be from 30 to 86400
        container.wrong_passwords: must be from 3 to 20
        container.password.minimum_length: must be from 6 to 64
        container.password.kinds: must be from 0 to 4
        container.password.history: must be from 0 to 50
        container.password.days: must be from 0 to 730
        container.password.forbidden_words: must be at most 100 words of 3 to 64 characters
        viewing.attachment_limit_mib: must be from 1 to 1024
        status_interval_seconds: must be from 60 to 86400
        ");
    }

    #[test]
    fn servers_are_hosts_with_or_without_port() {
        for server in ["a", "mail.example.com", "10.0.0.1:443", "[::1]:8443", "[2001:db8::1]"] {
            assert_eq!(check_server(server), Ok(()), "{server}");
        }
        for server in [
            "",
            ":443",
            "a:",
            "a:0",
            "a:65536",
            "a b",
            "-a",
            "a..b",
            "https://a",
            "[::1",
            "::1",
            "[x]",
        ] {
            assert!(check_server(server).is_err(), "{server}");
        }
    }

    #[test]
    fn unknown_settings_are_refused() {
        let mut json = serde_json::to_value(GroupSettings::sensible("a")).unwrap();
        json["container"]["wipe_on_sunday"] = true.into();

        let error = serde_json::from_value::<GroupSettings>(json).unwrap_err();
        assert_snapshot!(error, @"unknown field `wipe_on_sunday`, expected one of `lock_after_seconds`, `wrong_passwords`, `opened_by`, `password`");
    }
}
