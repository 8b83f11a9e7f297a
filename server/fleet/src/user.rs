//! People who use mail, and the certificates that protect what is sent to them.

mod block;

pub use block::{Block, BlockRefusal, OwnerBlocked, UnblockRefusal, admit, block, unblock};

use crate::{GroupId, Login, MailAddress, Name, UserId, refusal};
use time::OffsetDateTime;

/// A person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// The identifier.
    pub id: UserId,
    /// What they sign in to the mail server with.
    pub login: Login,
    /// What they are called.
    pub name: Name,
    /// Their mail addresses.
    pub addresses: Addresses,
    /// The group that decides on the settings of their devices.
    pub group: GroupId,
    /// The certificate that registrations are encrypted for.
    pub certificate: Option<UserCertificate>,
    /// Whether, and why, all of their devices are refused.
    pub block: Option<Block>,
}

/// What an administrator may change about a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UserFacts {
    /// What they sign in to the mail server with.
    pub login: Login,
    /// What they are called.
    pub name: Name,
    /// Their mail addresses.
    pub addresses: Addresses,
    /// The group that decides on the settings of their devices.
    pub group: GroupId,
}

impl User {
    /// Describes a person without a certificate, who is not blocked.
    pub fn new(id: UserId, facts: UserFacts) -> Self {
        let UserFacts { login, name, addresses, group } = facts;

        Self { id, login, name, addresses, group, certificate: None, block: None }
    }

    /// Replaces what an administrator may change. A certificate that names none of the new addresses is dropped.
    #[must_use]
    pub fn changed(self, facts: UserFacts) -> Self {
        let certificate =
            self.certificate.filter(|certificate| facts.addresses.meet(&certificate.addresses));

        Self { certificate, block: self.block, ..Self::new(self.id, facts) }
    }

    /// Tells how the person's certificate stands at `now`.
    pub fn certificate_standing(&self, now: OffsetDateTime) -> CertificateStanding<'_> {
        match &self.certificate {
            None => CertificateStanding::Missing,
            Some(certificate) if now < certificate.not_before => CertificateStanding::NotYetValid,
            Some(certificate) if now >= certificate.not_after => CertificateStanding::Expired,
            Some(certificate) => CertificateStanding::Current(certificate),
        }
    }
}

/// How the certificate of a person stands at some moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateStanding<'a> {
    /// Something can be encrypted for it.
    Current(&'a UserCertificate),
    /// Its time is over.
    Expired,
    /// There is none.
    Missing,
    /// Its time has not come.
    NotYetValid,
}

/// The mail addresses of a person: at least one, no two alike, the one to send from first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Addresses {
    primary: MailAddress,
    others: Vec<MailAddress>,
}

impl Addresses {
    /// The most addresses a person may have.
    pub const MOST: usize = 50;

    /// Reads the addresses of a person, the one to send from first. Repetitions are dropped.
    ///
    /// # Errors
    ///
    /// [`AddressesRefusal`] if there are none, or too many.
    pub fn parse(
        addresses: impl IntoIterator<Item = MailAddress>,
    ) -> Result<Self, AddressesRefusal> {
        let mut addresses = addresses.into_iter();
        let Some(primary) = addresses.next() else { return Err(AddressesRefusal::None) };

        let mut keys = vec![primary.key()];
        let mut others = Vec::new();
        for address in addresses {
            if keys.contains(&address.key()) {
                continue;
            }
            if keys.len() == Self::MOST {
                return Err(AddressesRefusal::TooMany);
            }
            keys.push(address.key());
            others.push(address);
        }

        Ok(Self { primary, others })
    }

    /// Returns the address to send from.
    pub fn primary(&self) -> &MailAddress {
        &self.primary
    }

    /// Returns all addresses, the one to send from first.
    pub fn iter(&self) -> impl Iterator<Item = &MailAddress> {
        std::iter::once(&self.primary).chain(&self.others)
    }

    /// Tells whether one of these addresses is among `others`, in whatever case they are written.
    pub fn meet<T: AsRef<str>>(&self, others: &[T]) -> bool {
        self.iter().any(|own| others.iter().any(|other| own.key() == other.as_ref().to_lowercase()))
    }
}

/// Why a list of mail addresses was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressesRefusal {
    /// There is none.
    #[error("the person has no mail address, and could not register a device; give at least one")]
    None,
    /// There are too many.
    #[error("the person has more than 50 mail addresses; leave out those that are not in use")]
    TooMany,
}

refusal!(AddressesRefusal {
    Self::None => Invalid "no_address",
    Self::TooMany => Invalid "too_many_addresses",
});

/// The certificate that registrations of a person are encrypted for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UserCertificate {
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// SHA-256 of the certificate in DER.
    pub fingerprint: [u8; 32],
    /// The subject, as text.
    pub subject: String,
    /// The mail addresses it names.
    pub addresses: Vec<String>,
    /// When it begins to be valid.
    pub not_before: OffsetDateTime,
    /// When it ceases to be valid.
    pub not_after: OffsetDateTime,
}

/// The public key of a certificate, as far as a deposit is concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PublicKey {
    /// On P-256, P-384 or P-521, for encryption.
    Curve,
    /// Of another kind.
    Other,
    /// RSA with a modulus of so many bits, for encryption.
    Rsa {
        /// The length of the modulus.
        bits: u32,
    },
    /// Of whatever kind, meant to sign with and no more.
    SignsAlone,
}

/// The shortest RSA modulus that a deposited certificate may have, in bits.
pub const SHORTEST_RSA: u32 = 2048;

/// Deposits a certificate for a person, in place of an earlier one.
///
/// # Errors
///
/// [`DepositRefusal`] if it is not this person's, not valid at `now`, or its key is too weak.
pub fn deposit(
    user: User,
    certificate: UserCertificate,
    key: PublicKey,
    now: OffsetDateTime,
) -> Result<User, DepositRefusal> {
    if now < certificate.not_before {
        return Err(DepositRefusal::NotYetValid);
    }
    if now >= certificate.not_after {
        return Err(DepositRefusal::Expired);
    }
    match key {
        PublicKey::Curve => {}
        PublicKey::Rsa { bits } if bits >= SHORTEST_RSA => {}
        PublicKey::Rsa { .. } => return Err(DepositRefusal::KeyTooShort),
        PublicKey::Other => return Err(DepositRefusal::KeyUnsuitable),
        PublicKey::SignsAlone => return Err(DepositRefusal::NotForEncryption),
    }
    if !user.addresses.meet(&certificate.addresses) {
        return Err(DepositRefusal::ForeignAddress);
    }

    Ok(User { certificate: Some(certificate), ..user })
}

/// Why a certificate was not deposited.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DepositRefusal {
    /// Its time is over.
    #[error("the certificate was not deposited: it has expired; deposit the person's current one")]
    Expired,
    /// It names somebody else.
    #[error(
        "the certificate was not deposited: it names none of the person's mail addresses; add the address to the person, or deposit the right certificate"
    )]
    ForeignAddress,
    /// Its key is too weak.
    #[error(
        "the certificate was not deposited: its RSA key is shorter than 2048 bits; deposit one with a longer key"
    )]
    KeyTooShort,
    /// Nothing can be encrypted for its key in the way the app understands.
    #[error(
        "the certificate was not deposited: its key is of a kind that nothing can be encrypted for; deposit one with RSA of at least 2048 bits, or on P-256, P-384 or P-521"
    )]
    KeyUnsuitable,
    /// Its key usage says that it is there to sign.
    #[error(
        "the certificate was not deposited: its key is meant for signatures alone; deposit the person's certificate for encryption"
    )]
    NotForEncryption,
    /// Its time has not come.
    #[error(
        "the certificate was not deposited: it is not valid yet; deposit it once it is, or check the server's clock"
    )]
    NotYetValid,
    /// The authority here revoked it, or put it on hold.
    #[error("the certificate was not deposited: it was revoked; deposit the person's current one")]
    Revoked,
    /// There are several, and nobody guesses which is meant.
    #[error(
        "the certificate was not deposited: the file holds several that do not follow one another from the person's to its authority; deposit the person's alone"
    )]
    Several,
    /// It is not a certificate at all.
    #[error(
        "the certificate was not deposited: this is not an X.509 certificate in DER or PEM; export it without its private key"
    )]
    Unreadable,
}

refusal!(DepositRefusal {
    Self::Expired => Invalid "certificate_expired",
    Self::ForeignAddress => Invalid "certificate_foreign_address",
    Self::KeyTooShort => Invalid "certificate_key_too_short",
    Self::KeyUnsuitable => Invalid "certificate_key_unsuitable",
    Self::NotForEncryption => Invalid "certificate_not_for_encryption",
    Self::NotYetValid => Invalid "certificate_not_yet_valid",
    Self::Revoked => Invalid "certificate_revoked",
    Self::Several => Invalid "certificate_several",
    Self::Unreadable => Invalid "certificate_unreadable",
});

/// Why a person was not added or changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SaveRefusal {
    /// The address belongs to somebody.
    #[error(
        "the person was not saved: another person has one of these mail addresses; each belongs to one person"
    )]
    AddressTaken,
    /// The login name belongs to somebody.
    #[error("the person was not saved: another person has this login name; choose another one")]
    LoginTaken,
    /// The group does not exist.
    #[error("the person was not saved: there is no such group; choose one from the list of groups")]
    UnknownGroup,
}

refusal!(SaveRefusal {
    Self::AddressTaken => Conflict "address_taken",
    Self::LoginTaken => Conflict "login_taken",
    Self::UnknownGroup => Conflict "unknown_group",
});

/// Allows a person to be removed who has so many devices that are not retired.
///
/// # Errors
///
/// [`RemoveRefusal`] if there are any.
pub fn remove(devices_left: u64) -> Result<(), RemoveRefusal> {
    if devices_left > 0 {
        return Err(RemoveRefusal::HasDevices);
    }

    Ok(())
}

/// Why a person was not removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRefusal {
    /// Somebody has to decide on the devices first.
    #[error(
        "the person was not removed: they have devices or open invitations; retire the devices and revoke the invitations first"
    )]
    HasDevices,
}

refusal!(RemoveRefusal {
    Self::HasDevices => Conflict "has_devices",
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;
    use time::Duration;
    use time::macros::datetime;
    use uuid::Uuid;

    #[test]
    fn addresses_keep_their_order_and_lose_repetitions() {
        let addresses = addresses(&["b@example.com", "a@example.com", "B@EXAMPLE.com"]);

        let texts: Vec<_> = addresses.iter().map(MailAddress::as_str).collect();
        assert_eq!(texts, ["b@example.com", "a@example.com"]);
        assert_eq!(addresses.primary().as_str(), "b@example.com");
    }

    #[test]
    fn a_person_has_one_to_fifty_addresses() {
        let many = |count: usize| {
            let texts = (0..count).map(|n| MailAddress::parse(&format!("a{n}@x")).unwrap());
            Addresses::parse(texts).map(|addresses| addresses.iter().count())
        };

        assert_eq!(many(0), Err(AddressesRefusal::None));
        assert_eq!(many(1), Ok(1));
        assert_eq!(many(50), Ok(50));
        assert_eq!(many(51), Err(AddressesRefusal::TooMany));
    }

    #[test]
    fn a_certificate_is_deposited_while_it_is_valid() {
        check(|_| {}, RSA, Ok(()));
        check(|it| it.not_before = NOW, RSA, Ok(()));
        check(|it| it.not_before = NOW + SECOND, RSA, Err(DepositRefusal::NotYetValid));
        check(|it| it.not_after = NOW + SECOND, RSA, Ok(()));
        check(|it| it.not_after = NOW, RSA, Err(DepositRefusal::Expired));
    }

    #[test]
    fn a_certificate_has_a_strong_key_for_encryption() {
        check(|_| {}, PublicKey::Rsa { bits: 2048 }, Ok(()));
        check(|_| {}, PublicKey::Rsa { bits: 2047 }, Err(DepositRefusal::KeyTooShort));
        check(|_| {}, PublicKey::Curve, Ok(()));
        check(|_| {}, PublicKey::Other, Err(DepositRefusal::KeyUnsuitable));
        check(|_| {}, PublicKey::SignsAlone, Err(DepositRefusal::NotForEncryption));
    }

    #[test]
    fn a_certificate_names_one_of_the_addresses() {
        let names = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let foreign = Err(DepositRefusal::ForeignAddress);

        check(|it| it.addresses = names(&["x@y", "SECOND@example.com"]), RSA, Ok(()));
        check(|it| it.addresses = names(&["alice@example.com.evil.example"]), RSA, foreign);
        check(|it| it.addresses = names(&["alice@example"]), RSA, foreign);
        check(|it| it.addresses = names(&[]), RSA, foreign);
    }

    #[test]
    fn a_certificate_without_its_address_is_dropped() {
        let user = deposit(alice(), certificate(), RSA, NOW).unwrap();
        let facts = |texts: &[&str]| UserFacts {
            login: user.login.clone(),
            name: user.name.clone(),
            addresses: addresses(texts),
            group: user.group,
        };

        let kept = user.clone().changed(facts(&["new@example.com", "ALICE@example.com"]));
        assert_eq!(kept.certificate, Some(certificate()));
        assert_eq!(user.clone().changed(facts(&["new@example.com"])).certificate, None);
    }

    #[test]
    fn a_block_outlives_other_changes_until_it_is_taken_back() {
        let made = Block {
            reason: Reason::parse("left the company").unwrap(),
            by: "administrator anna".into(),
            since: NOW,
        };
        let blocked = block(alice(), made.clone()).unwrap();
        assert_eq!(admit(&alice()), Ok(()));
        assert_eq!(admit(&blocked), Err(OwnerBlocked));
        assert_eq!(block(blocked.clone(), made.clone()), Err(BlockRefusal));

        let facts = UserFacts {
            login: Login::parse("alice2").unwrap(),
            name: blocked.name.clone(),
            addresses: blocked.addresses.clone(),
            group: blocked.group,
        };
        assert_eq!(blocked.clone().changed(facts).block, Some(made.clone()));
        let deposited = deposit(blocked.clone(), certificate(), RSA, NOW).unwrap();
        assert_eq!(deposited.block, Some(made));

        assert_eq!(unblock(blocked), Ok(alice()));
        assert_eq!(unblock(alice()), Err(UnblockRefusal));
    }

    #[test]
    fn only_a_person_without_devices_is_removed() {
        assert_eq!(remove(0), Ok(()));
        assert_eq!(remove(1), Err(RemoveRefusal::HasDevices));
    }

    #[track_caller]
    fn check(
        change: impl Fn(&mut UserCertificate),
        key: PublicKey,
        expected: Result<(), DepositRefusal>,
    ) {
        let mut certificate = certificate();
        change(&mut certificate);
        let user = deposit(alice(), certificate.clone(), key, NOW);

        assert_eq!(user.clone().map(drop), expected);
        if let Ok(user) = user {
            assert_eq!(user.certificate, Some(certificate));
        }
    }

    fn alice() -> User {
        let facts = UserFacts {
            login: Login::parse("alice").unwrap(),
            name: Name::parse("Alice Example").unwrap(),
            addresses: addresses(&["Alice@example.com", "second@example.com"]),
            group: GroupId(Uuid::from_u128(2)),
        };

        User::new(UserId(Uuid::from_u128(1)), facts)
    }

    fn certificate() -> UserCertificate {
        UserCertificate {
            der: vec![0x30, 0x00],
            fingerprint: [7; 32],
            subject: "CN=Alice Example".into(),
            addresses: vec!["alice@EXAMPLE.com".into()],
            not_before: NOW - Duration::DAY,
            not_after: NOW + Duration::DAY,
        }
    }

    fn addresses(texts: &[&str]) -> Addresses {
        Addresses::parse(texts.iter().map(|text| MailAddress::parse(text).unwrap())).unwrap()
    }

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
    const SECOND: Duration = Duration::SECOND;
    const RSA: PublicKey = PublicKey::Rsa { bits: 3072 };
}
