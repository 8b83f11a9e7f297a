//! Between certificates and their rows.

use super::addresses_of;
use crate::error::StoreError;
use crate::millis::Millis;
use crate::tables::issued;
use ca::{Holder, Issued, Profile, SerialNumber};
use fleet::{DeviceId, UserId};
use pki::Fingerprint;
use pki::validate::{Revocation, RevocationReason};
use sea_orm::{ConnectionTrait, Set};
use std::collections::BTreeMap;

/// How many certificates are asked for in one query; SQLite takes 32,766 parameters.
const AT_ONCE: usize = 10_000;

/// Puts certificates together from their rows, in the order of the rows.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    rows: Vec<issued::Model>,
) -> Result<Vec<Issued>, StoreError> {
    let mut addresses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rows in rows.chunks(AT_ONCE) {
        let serials = rows.iter().map(|row| row.serial.clone()).collect();
        for found in addresses_of(db, serials).await? {
            addresses.entry(found.serial).or_default().push(found.address);
        }
    }

    rows.into_iter()
        .map(|row| {
            let of_row = addresses.remove(&row.serial).unwrap_or_default();

            certificate(row, of_row)
        })
        .collect()
}

/// Writes a certificate into its row.
pub(super) fn columns(certificate: &Issued) -> issued::ActiveModel {
    issued::ActiveModel {
        serial: Set(certificate.serial.as_str().to_owned()),
        issuer: Set(certificate.issuer.to_string()),
        profile: Set(certificate.profile.name().to_owned()),
        subject: Set(certificate.subject.clone()),
        device_id: Set(certificate.holder.device.map(|id| id.0)),
        user_id: Set(certificate.holder.user.map(|id| id.0)),
        not_before: Set(certificate.not_before.into()),
        not_after: Set(certificate.not_after.into()),
        issued_at: Set(certificate.issued_at.into()),
        der: Set(certificate.der.clone()),
        revoked_at: Set(certificate.revocation.map(|it| Millis::from(it.since))),
        revocation_reason: Set(certificate.revocation.map(|it| it.reason.name().to_owned())),
    }
}

fn certificate(row: issued::Model, addresses: Vec<String>) -> Result<Issued, StoreError> {
    let damaged = |what| StoreError::damaged("issued_certificates", &row.serial, what);
    let revocation = match (row.revoked_at, &row.revocation_reason) {
        (None, None) => None,
        (Some(since), Some(reason)) => {
            let reason = RevocationReason::parse(reason).ok_or_else(|| damaged("reason"))?;
            Some(Revocation { since: since.into(), reason })
        }
        (None, Some(_)) | (Some(_), None) => return Err(damaged("revocation")),
    };

    Ok(Issued {
        serial: SerialNumber::parse(&row.serial).ok_or_else(|| damaged("serial number"))?,
        issuer: issuer(&row.issuer).ok_or_else(|| damaged("issuer"))?,
        profile: Profile::parse(&row.profile).ok_or_else(|| damaged("profile"))?,
        holder: Holder { device: row.device_id.map(DeviceId), user: row.user_id.map(UserId) },
        not_before: row.not_before.into(),
        not_after: row.not_after.into(),
        issued_at: row.issued_at.into(),
        revocation,
        subject: row.subject,
        addresses,
        der: row.der,
    })
}

/// Before there was a register there was one issuer, whom the program names when it starts.
fn issuer(text: &str) -> Option<Fingerprint> {
    if text.is_empty() {
        return Some(Fingerprint([0; 32]));
    }
    let octets = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;

    Some(Fingerprint(octets.try_into().ok()?))
}
