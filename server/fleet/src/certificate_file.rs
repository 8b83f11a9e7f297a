//! Certificate files that wait for a person's app (`docs/certificate-files.md`): which are taken, and who gets them.

use crate::device::{BlockCause, Device, State, StateKind};
use crate::invitation::{self, Invitation, RedeemRefusal};
use crate::user::{self, OwnerBlocked, User};
use crate::{CertificateFileId, MailAddress, Refusal, RefusalKind, UserId, refusal};
use time::{Duration, OffsetDateTime};

/// The largest file that is taken, in bytes.
pub const LARGEST: usize = 48 * 1024;

/// The most files that wait for one person.
pub const MOST: usize = 3;

/// How long a file waits.
pub const LONGEST_WAIT: Duration = Duration::days(14);

/// How long it is remembered what became of a file.
pub const REMEMBERED: Duration = Duration::days(90);

/// A file with a person's certificate and key, or what is remembered of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateFile {
    /// The identifier.
    pub id: CertificateFileId,
    /// Whose it is.
    pub user: UserId,
    /// What it was called; for people alone.
    pub name: String,
    /// SHA-256 of its content.
    pub digest: [u8; 32],
    /// How many bytes it has.
    pub size: u32,
    /// Where it came from.
    pub source: Source,
    /// When it came.
    pub deposited_at: OffsetDateTime,
    /// When it was handed out first.
    pub handed_out_at: Option<OffsetDateTime>,
    /// How its wait ended, and when; its content is gone then.
    pub end: Option<(End, OffsetDateTime)>,
}

/// Where a file came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// An administrator deposited it.
    Administrator,
    /// It came by mail.
    Mail {
        /// From this address of the person's.
        sender: String,
    },
}

/// How the wait of a file ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// Nobody fetched it in time.
    Expired,
    /// The app has it.
    Received,
    /// An administrator removed it.
    Removed,
}

impl End {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Expired, Self::Received, Self::Removed];

    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Received => "received",
            Self::Removed => "removed",
        }
    }

    /// Finds the end with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.name() == name)
    }
}

/// What can be told of a file without its password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shown {
    /// How many bytes it has.
    pub size: usize,
    /// Whether it is PKCS#12.
    pub is_pkcs12: bool,
    /// The mail addresses in the certificates that lie open in it; `None` if none does.
    pub addresses: Option<Vec<String>>,
}

/// Takes a file for a person for whom `waiting` others wait.
///
/// A certificate that cannot be seen is believed to be the one that IT has deposited for the person, if the file came by mail, and
/// whatever an administrator says it is otherwise.
///
/// # Errors
///
/// [`DepositFileRefusal`] if it is not this person's, is no such file, or too many wait.
pub fn deposit(
    user: &User,
    file: &Shown,
    source: &Source,
    waiting: usize,
) -> Result<(), DepositFileRefusal> {
    user::admit(user).map_err(DepositFileRefusal::Owner)?;
    if file.size > LARGEST {
        return Err(DepositFileRefusal::TooLarge);
    }
    if !file.is_pkcs12 {
        return Err(DepositFileRefusal::NotPkcs12);
    }
    let deposited = user.certificate.as_ref().map(|certificate| &certificate.addresses);
    let addresses = match (&file.addresses, source) {
        (Some(shown), _) => Some(shown),
        (None, Source::Administrator) => None,
        (None, Source::Mail { .. }) => {
            Some(deposited.ok_or(DepositFileRefusal::HiddenCertificate)?)
        }
    };
    if addresses.is_some_and(|addresses| !user.addresses.meet(addresses)) {
        return Err(DepositFileRefusal::ForeignCertificate);
    }
    if waiting >= MOST {
        return Err(DepositFileRefusal::TooMany);
    }

    Ok(())
}

/// Finds the sender of a mail as an address that a person may have. `is_proven` says that nothing speaks against that they sent it.
///
/// # Errors
///
/// [`DepositFileRefusal`] unless it has one author with an address, and is proven.
pub fn sender(authors: &[&str], is_proven: bool) -> Result<MailAddress, DepositFileRefusal> {
    if !is_proven {
        return Err(DepositFileRefusal::UnprovenSender);
    }
    let [author] = authors else { return Err(DepositFileRefusal::UnknownSender) };

    MailAddress::parse(author).map_err(|_| DepositFileRefusal::UnknownSender)
}

/// Lets whoever has the code of an invitation have the files of the person who was invited.
///
/// # Errors
///
/// [`FetchRefusal`] names the first obstacle.
pub fn admit_invited(
    invitation: &Invitation,
    device: Option<&Device>,
    user: &User,
    now: OffsetDateTime,
) -> Result<(), FetchRefusal> {
    invitation::redeem(invitation.clone(), now).map_err(FetchRefusal::Invitation)?;
    let device = device.ok_or(FetchRefusal::Invitation(RedeemRefusal::Revoked))?;
    if device.state.kind() != StateKind::Invited {
        return Err(FetchRefusal::Invitation(RedeemRefusal::Used));
    }

    user::admit(user).map_err(FetchRefusal::Owner)
}

/// Lets a device have the files of its owner.
///
/// # Errors
///
/// [`FetchRefusal`] if it is not in service.
pub fn admit_device(device: &Device, user: &User) -> Result<(), FetchRefusal> {
    match device.state {
        State::Registered | State::Blocked { .. } => {}
        State::Wiped { .. } => return Err(FetchRefusal::DeviceWiped),
        State::Invited | State::Retired { .. } => return Err(FetchRefusal::UnknownDevice),
    }
    match device.block_cause(user.block.as_ref()) {
        None => Ok(()),
        Some(BlockCause::Device(_) | BlockCause::Owner(_)) => Err(FetchRefusal::DeviceBlocked),
    }
}

/// Why a certificate file was not deposited.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DepositFileRefusal {
    /// It names somebody else.
    #[error(
        "the certificate file was not deposited: its certificate names none of the person's mail addresses; add the address to the person, or \
         deposit the right file"
    )]
    ForeignCertificate,
    /// Nobody can tell whose it is.
    #[error(
        "the certificate file was not deposited: its certificate lies under the password, and no certificate is deposited for the person to \
         tell whose it is; deposit the certificate first"
    )]
    HiddenCertificate,
    /// It is another kind of file.
    #[error(
        "the certificate file was not deposited: it is damaged or not a PKCS#12 file (.p12, .pfx)"
    )]
    NotPkcs12,
    /// The person is blocked.
    #[error("the certificate file was not deposited: the person is blocked; unblock them first")]
    Owner(OwnerBlocked),
    /// It is larger than such files are.
    #[error(
        "the certificate file was not deposited: it has more than {LARGEST} bytes; export the certificate alone"
    )]
    TooLarge,
    /// Others wait already.
    #[error(
        "the certificate file was not deposited: {MOST} others wait for the person's app; remove those that are not needed"
    )]
    TooMany,
    /// The mail is not from one person of this server.
    #[error(
        "the certificate file was not deposited: the mail is not from one person with a mail address that this server knows; add the person, \
         or the address to them, and have the mail sent again"
    )]
    UnknownSender,
    /// The mail may be from anybody.
    #[error(
        "the certificate file was not deposited: the mail server named in mailbox.authentication_results does not say that DMARC passed, so \
         anybody may have sent the mail"
    )]
    UnprovenSender,
}

refusal!(DepositFileRefusal {
    Self::ForeignCertificate => Invalid "certificate_of_others",
    Self::HiddenCertificate => Conflict "certificate_hidden",
    Self::NotPkcs12 => Invalid "not_pkcs12",
    Self::Owner(_) => Conflict "user_blocked",
    Self::TooLarge => Invalid "certificate_file_too_large",
    Self::TooMany => Conflict "too_many_certificate_files",
    Self::UnknownSender => Invalid "sender_unknown",
    Self::UnprovenSender => Unproven "sender_unproven",
});

/// Why certificate files were not handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FetchRefusal {
    /// The device, or its owner, is blocked.
    #[error("the certificate files were not handed out: the device is blocked; ask IT")]
    DeviceBlocked,
    /// The device was told to wipe.
    #[error(
        "the certificate files were not handed out: the device has been told to wipe; ask for its status"
    )]
    DeviceWiped,
    /// The invitation is not open.
    #[error(transparent)]
    Invitation(RedeemRefusal),
    /// The person is blocked.
    #[error("the certificate files were not handed out: IT has blocked you; ask IT")]
    Owner(OwnerBlocked),
    /// The device is not in service.
    #[error(
        "the certificate files were not handed out: the device is not in service; register it again"
    )]
    UnknownDevice,
    /// Nothing has this code.
    #[error(
        "the certificate files were not handed out: no invitation has this code; check the link or ask for another one"
    )]
    UnknownInvitation,
}

impl Refusal for FetchRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::DeviceBlocked => "device_blocked",
            Self::DeviceWiped => "device_wiped",
            Self::Invitation(refusal) => refusal.code(),
            Self::Owner(refusal) => refusal.code(),
            Self::UnknownDevice => "unknown_device",
            Self::UnknownInvitation => "unknown_invitation",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::DeviceBlocked | Self::DeviceWiped => RefusalKind::Conflict,
            Self::Invitation(refusal) => refusal.kind(),
            Self::Owner(refusal) => refusal.kind(),
            Self::UnknownDevice | Self::UnknownInvitation => RefusalKind::Unproven,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::{Addresses, Block, UserCertificate, UserFacts};
    use crate::{GroupId, Login, Name, Reason};
    use uuid::Uuid;

    #[test]
    fn whose_certificate_it_is_has_to_be_known() {
        use DepositFileRefusal as No;
        let (open, hidden) = (Some(&["Alice@example.org"][..]), None);
        let foreign = Some(&["mallory@example.org"][..]);
        let deposited = Some("alice@example.org");
        let other = Some("carol@example.org");

        check(open, mailed(), None, Ok(()));
        check(foreign, mailed(), deposited, Err(No::ForeignCertificate));
        check(hidden, mailed(), deposited, Ok(()));
        check(hidden, mailed(), None, Err(No::HiddenCertificate));
        check(hidden, mailed(), other, Err(No::ForeignCertificate));
        check(hidden, Source::Administrator, None, Ok(()));
        check(foreign, Source::Administrator, None, Err(No::ForeignCertificate));
        check(Some(&[]), Source::Administrator, None, Err(No::ForeignCertificate));
    }

    #[test]
    fn what_is_no_such_file_or_too_much_is_not_taken() {
        let fine = Shown { size: LARGEST, is_pkcs12: true, addresses: None };
        let administrator = Source::Administrator;
        let of = |user: &User, file: &Shown, waiting| deposit(user, file, &administrator, waiting);
        let user = alice(None);

        assert_eq!(of(&user, &fine, MOST - 1), Ok(()));
        assert_eq!(of(&user, &fine, MOST), Err(DepositFileRefusal::TooMany));
        let large = Shown { size: LARGEST + 1, ..fine.clone() };
        assert_eq!(of(&user, &large, 0), Err(DepositFileRefusal::TooLarge));
        let other = Shown { is_pkcs12: false, ..fine.clone() };
        assert_eq!(of(&user, &other, 0), Err(DepositFileRefusal::NotPkcs12));
        let reason = Reason::parse("left").unwrap();
        let block = Block { reason, by: "x".to_owned(), since: OffsetDateTime::UNIX_EPOCH };
        let blocked = User { block: Some(block), ..user };
        assert_eq!(of(&blocked, &fine, 0).unwrap_err().code(), "user_blocked");
    }

    #[test]
    fn a_mail_has_one_sender() {
        let alice = ["alice@example.org"];
        assert_eq!(sender(&alice, true).unwrap().as_str(), "alice@example.org");
        assert_eq!(sender(&alice, false), Err(DepositFileRefusal::UnprovenSender));
        for authors in [&[][..], &["alice@example.org", "bob@example.org"], &["nobody"]] {
            assert_eq!(
                sender(authors, true),
                Err(DepositFileRefusal::UnknownSender),
                "{authors:?}"
            );
        }
    }

    #[track_caller]
    fn check(
        shown: Option<&[&str]>,
        source: Source,
        deposited: Option<&str>,
        expected: Result<(), DepositFileRefusal>,
    ) {
        let addresses = shown.map(|all| all.iter().map(|it| (*it).to_owned()).collect());
        let file = Shown { size: 3000, is_pkcs12: true, addresses };

        assert_eq!(deposit(&alice(deposited), &file, &source, 0), expected);
    }

    fn mailed() -> Source {
        Source::Mail { sender: "alice@example.org".to_owned() }
    }

    fn alice(deposited: Option<&str>) -> User {
        let facts = UserFacts {
            login: Login::parse("alice").unwrap(),
            name: Name::parse("Alice").unwrap(),
            addresses: Addresses::parse([MailAddress::parse("alice@example.org").unwrap()])
                .unwrap(),
            group: GroupId(Uuid::nil()),
        };
        let certificate = deposited.map(|address| UserCertificate {
            der: vec![],
            fingerprint: [0; 32],
            subject: "CN=Alice".to_owned(),
            addresses: vec![address.to_owned()],
            not_before: OffsetDateTime::UNIX_EPOCH,
            not_after: OffsetDateTime::UNIX_EPOCH,
        });

        User { certificate, ..User::new(UserId(Uuid::nil()), facts) }
    }
}
