//! What is known of certificates that were issued, and when one may be revoked.

use crate::Profile;
use data_encoding::HEXLOWER;
use fleet::{DeviceId, Refusal, RefusalKind, UserId};
use pki::validate::{Revocation, RevocationReason};
use pki::{Certificate, Fingerprint};
use std::fmt;
use time::{Duration, OffsetDateTime};

/// How long before its end a certificate is among those that end soon, if a third of its life is over by then.
const SOON: Duration = Duration::days(30);

/// A serial number as people write it: hexadecimal, lower case, without octets of zeros before it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SerialNumber(String);

impl SerialNumber {
    /// Takes the serial number of a certificate.
    pub fn of(certificate: &Certificate) -> Self {
        Self::from_octets(certificate.serial())
    }

    /// Takes a big-endian number.
    pub fn from_octets(octets: &[u8]) -> Self {
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();

        Self(HEXLOWER.encode(octets.get(zeros..).unwrap_or_default()))
    }

    /// Reads hexadecimal digits, with or without colons, blanks and `0x`, as browsers and tools print them.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .trim()
            .trim_start_matches("0x")
            .chars()
            .filter(|c| *c != ':' && !c.is_whitespace())
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let even = if digits.len().is_multiple_of(2) { digits } else { format!("0{digits}") };
        let octets = HEXLOWER.decode(even.as_bytes()).ok()?;

        (1..=20).contains(&octets.len()).then(|| Self::from_octets(&octets))
    }

    /// Returns the hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number, big-endian and unsigned.
    pub fn octets(&self) -> Vec<u8> {
        HEXLOWER.decode(self.0.as_bytes()).unwrap_or_default()
    }

    /// Returns 128 bits of it, under which the audit log knows the certificate.
    pub fn id(&self) -> uuid::Uuid {
        let number = self
            .octets()
            .into_iter()
            .fold(0_u128, |number, octet| number.wrapping_shl(8) | u128::from(octet));

        uuid::Uuid::from_u128(number)
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A certificate in the register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Issued {
    /// Its serial number; no two certificates of a server have the same one, whoever issued them.
    pub serial: SerialNumber,
    /// Who issued it: the SHA-256 of the issuer's certificate.
    pub issuer: Fingerprint,
    /// What it is for.
    pub profile: Profile,
    /// The subject's name (RFC 4514).
    pub subject: String,
    /// The mail addresses in it, in lower case.
    pub addresses: Vec<String>,
    /// The device or the person whose it is, if it is either's.
    pub holder: Holder,
    /// The first moment of its validity.
    pub not_before: OffsetDateTime,
    /// The last moment of its validity.
    pub not_after: OffsetDateTime,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// The certificate; none if it is from before there was a register.
    pub der: Option<Vec<u8>>,
    /// Since when it is revoked or on hold, and why.
    pub revocation: Option<Revocation>,
}

/// Whose a certificate is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Holder {
    /// The device that holds its key.
    pub device: Option<DeviceId>,
    /// The person whom it names, or whose the device is.
    pub user: Option<UserId>,
}

impl Issued {
    /// Describes a certificate that has just been issued.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        profile: Profile,
        holder: Holder,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            serial: SerialNumber::of(certificate),
            issuer: issuer.fingerprint(),
            profile,
            subject: certificate.subject(),
            addresses: certificate.emails(),
            holder,
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            issued_at: now,
            der: Some(certificate.as_der().to_vec()),
            revocation: None,
        }
    }

    /// Tells how it stands at a moment.
    pub fn status(&self, now: OffsetDateTime) -> Status {
        match self.revocation {
            Some(Revocation { reason: RevocationReason::CertificateHold, .. }) => Status::OnHold,
            Some(_) => Status::Revoked,
            None if now > self.not_after => Status::Expired,
            None => Status::Valid,
        }
    }

    /// Tells how it stands at a moment, and whether that will change soon by itself.
    pub fn standing(&self, now: OffsetDateTime) -> Standing {
        match self.status(now) {
            Status::Expired => Standing::Expired,
            Status::OnHold => Standing::OnHold,
            Status::Revoked => Standing::Revoked,
            Status::Valid if ends_soon(self.not_before, self.not_after, now) => Standing::Expiring,
            Status::Valid => Standing::Good,
        }
    }
}

/// Tells whether less than thirty days and less than a third of its life are left, so that certificates which live for
/// weeks are not always about to end.
fn ends_soon(not_before: OffsetDateTime, not_after: OffsetDateTime, now: OffsetDateTime) -> bool {
    let left = not_after - now;

    left < SOON && left * 3 < not_after - not_before
}

/// How a certificate stands, as somebody looks for it who has to act in time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Standing {
    /// Its time is over.
    Expired,
    /// It is good, and its time is over soon.
    Expiring,
    /// It is good for longer.
    Good,
    /// It is revoked for the time being.
    OnHold,
    /// It is revoked for good.
    Revoked,
}

impl Standing {
    /// Every standing, in alphabetical order.
    pub const ALL: &[Self] =
        &[Self::Expired, Self::Expiring, Self::Good, Self::OnHold, Self::Revoked];

    /// How long before its end a certificate may be among those that end soon.
    pub const SOON: Duration = SOON;
}

/// How a certificate stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Its time is over.
    Expired,
    /// It is revoked for the time being.
    OnHold,
    /// It is revoked for good.
    Revoked,
    /// It is good, or will be.
    Valid,
}

impl Status {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::OnHold => "on-hold",
            Self::Revoked => "revoked",
            Self::Valid => "valid",
        }
    }
}

/// Revokes a certificate, or puts it on hold. A hold that becomes final counts from its beginning.
///
/// # Errors
///
/// [`RevokeRefusal`] if that changes nothing.
pub fn revoke(
    issued: Issued,
    reason: RevocationReason,
    now: OffsetDateTime,
) -> Result<Issued, RevokeRefusal> {
    let since = match (issued.status(now), issued.revocation) {
        (Status::Expired, _) => return Err(RevokeRefusal::Expired),
        (Status::Revoked, _) => return Err(RevokeRefusal::AlreadyRevoked),
        (Status::OnHold, _) if reason == RevocationReason::CertificateHold => {
            return Err(RevokeRefusal::AlreadyOnHold);
        }
        (Status::OnHold, Some(hold)) => hold.since,
        (Status::OnHold | Status::Valid, _) => now,
    };

    Ok(Issued { revocation: Some(Revocation { since, reason }), ..issued })
}

/// Why a certificate was not revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RevokeRefusal {
    /// State another reason, or release it.
    #[error(
        "the certificate was not put on hold: it is on hold already; revoke it with another reason, or release it"
    )]
    AlreadyOnHold,
    /// Nothing is left to do.
    #[error(
        "the certificate was not revoked: it is revoked already, for good; nothing is left to do"
    )]
    AlreadyRevoked,
    /// Nothing is left to do.
    #[error(
        "the certificate was not revoked: it has expired, and nobody takes it any more; nothing is left to do"
    )]
    Expired,
}

impl Refusal for RevokeRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyOnHold => "certificate_already_on_hold",
            Self::AlreadyRevoked => "certificate_already_revoked",
            Self::Expired => "certificate_expired",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
}

/// Ends a hold.
///
/// # Errors
///
/// [`ReleaseRefusal`] if there is none.
pub fn release(issued: Issued, now: OffsetDateTime) -> Result<Issued, ReleaseRefusal> {
    match issued.status(now) {
        Status::OnHold => Ok(Issued { revocation: None, ..issued }),
        Status::Revoked => Err(ReleaseRefusal::Revoked),
        Status::Expired | Status::Valid => Err(ReleaseRefusal::NotOnHold),
    }
}

/// Why a certificate was not released.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReleaseRefusal {
    /// Nothing is left to do.
    #[error("the certificate was not released: it is not on hold; nothing is left to do")]
    NotOnHold,
    /// Issue another one.
    #[error("the certificate was not released: it is revoked for good; issue another one")]
    Revoked,
}

impl Refusal for ReleaseRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOnHold => "certificate_not_on_hold",
            Self::Revoked => "certificate_revoked",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::Conflict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const MADE: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

    #[test]
    fn a_certificate_ends_soon_in_its_last_month_and_the_last_third_of_its_life() {
        for (life, day, expected) in [
            (730, 0, Standing::Good),
            (730, 700, Standing::Good),
            (730, 701, Standing::Expiring),
            (730, 730, Standing::Expiring),
            (730, 731, Standing::Expired),
            (14, 0, Standing::Good),
            (14, 9, Standing::Good),
            (14, 10, Standing::Expiring),
        ] {
            let now = MADE + Duration::days(day);
            assert_eq!(issued(life, None).standing(now), expected, "day {day} of {life}");
        }
        let hold = issued(14, Some(RevocationReason::CertificateHold));
        assert_eq!(hold.standing(MADE + Duration::days(20)), Standing::OnHold);
        let revoked = issued(14, Some(RevocationReason::Superseded));
        assert_eq!(revoked.standing(MADE), Standing::Revoked);
    }

    fn issued(life: i64, reason: Option<RevocationReason>) -> Issued {
        Issued {
            serial: SerialNumber::from_octets(&[7]),
            issuer: Fingerprint([1; 32]),
            profile: Profile::Server,
            subject: "CN=mail".into(),
            addresses: Vec::new(),
            holder: Holder::default(),
            not_before: MADE,
            not_after: MADE + Duration::days(life),
            issued_at: MADE,
            der: None,
            revocation: reason.map(|reason| Revocation { since: MADE, reason }),
        }
    }
}
