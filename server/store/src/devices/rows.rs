//! Between devices and their rows.

use crate::error::StoreError;
use crate::millis::Millis;
use crate::search::searchable;
use crate::tables::devices;
use fleet::device::{Client, Device, DeviceCertificate, State, StateKind, WipeOrder};
use fleet::{DeviceId, EasId, Name, Reason, UserId};
use sea_orm::Set;

/// Reads a device from its row.
pub(crate) fn device(row: devices::Model) -> Result<Device, StoreError> {
    let damaged = |what| StoreError::damaged("devices", row.id, what);

    Ok(Device {
        id: DeviceId(row.id),
        user: UserId(row.user_id),
        name: Name::parse(&row.name).map_err(|_| damaged("name"))?,
        client: Client::parse(&row.client).ok_or_else(|| damaged("client"))?,
        eas_id: eas_id(&row)?,
        state: state(&row)?,
        certificate: certificate(
            &row,
            (&row.certificate_fingerprint, &row.certificate_serial, row.certificate_not_after),
        )?,
        next_certificate: certificate(
            &row,
            (
                &row.next_certificate_fingerprint,
                &row.next_certificate_serial,
                row.next_certificate_not_after,
            ),
        )?,
        model: row.model,
        system: row.system,
        app_version: row.app_version,
        created_at: row.created_at.into(),
        registered_at: row.registered_at.map(Into::into),
        last_seen: row.last_seen.map(Into::into),
    })
}

/// Writes a device into its row.
pub(crate) fn columns(device: &Device) -> devices::ActiveModel {
    let (certificate, next) = (device.certificate.as_ref(), device.next_certificate.as_ref());
    let circumstances = Circumstances::of(&device.state);
    let eas_id = device.eas_id.as_ref().map(EasId::as_str);
    let texts = [device.name.as_str(), &device.model, &device.system, eas_id.unwrap_or_default()];

    devices::ActiveModel {
        id: Set(device.id.0),
        user_id: Set(device.user.0),
        name: Set(device.name.as_str().to_owned()),
        model: Set(device.model.clone()),
        system: Set(device.system.clone()),
        client: Set(device.client.name().to_owned()),
        eas_id: Set(eas_id.map(str::to_owned)),
        state: Set(device.state.kind().name().to_owned()),
        state_since: Set(circumstances.since),
        block_reason: Set(circumstances.reason),
        wipe_order: Set(circumstances.order.map(|order| order.name().to_owned())),
        wipe_confirmed_at: Set(circumstances.confirmed_at),
        certificate_fingerprint: Set(certificate.map(|it| it.fingerprint.to_vec())),
        certificate_serial: Set(certificate.map(|it| it.serial.clone())),
        certificate_not_after: Set(certificate.map(|it| it.not_after.into())),
        next_certificate_fingerprint: Set(next.map(|it| it.fingerprint.to_vec())),
        next_certificate_serial: Set(next.map(|it| it.serial.clone())),
        next_certificate_not_after: Set(next.map(|it| it.not_after.into())),
        app_version: Set(device.app_version.clone()),
        created_at: Set(device.created_at.into()),
        registered_at: Set(device.registered_at.map(Into::into)),
        last_seen: Set(device.last_seen.map(Into::into)),
        search: Set(searchable(texts)),
    }
}

/// The columns that belong to a state.
#[derive(Default)]
struct Circumstances {
    since: Option<Millis>,
    reason: Option<String>,
    order: Option<WipeOrder>,
    confirmed_at: Option<Millis>,
}

impl Circumstances {
    fn of(state: &State) -> Self {
        match state {
            State::Invited | State::Registered => Self::default(),
            State::Blocked { reason, since } => Self {
                since: Some((*since).into()),
                reason: Some(reason.as_str().to_owned()),
                ..Self::default()
            },
            State::Wiped { order, ordered_at, confirmed_at } => Self {
                since: Some((*ordered_at).into()),
                order: Some(*order),
                confirmed_at: confirmed_at.map(Into::into),
                ..Self::default()
            },
            State::Retired { since } => Self { since: Some((*since).into()), ..Self::default() },
        }
    }
}

fn state(row: &devices::Model) -> Result<State, StoreError> {
    let damaged = || StoreError::damaged("devices", row.id, "state");
    let since = || row.state_since.map(Into::into).ok_or_else(damaged);
    let kind = StateKind::parse(&row.state).ok_or_else(damaged)?;

    Ok(match kind {
        StateKind::Invited => State::Invited,
        StateKind::Registered => State::Registered,
        StateKind::Blocked => {
            let reason = row.block_reason.as_deref().and_then(|text| Reason::parse(text).ok());
            let reason = reason.ok_or_else(damaged)?;
            State::Blocked { reason, since: since()? }
        }
        StateKind::Wiped => {
            let order = row.wipe_order.as_deref().and_then(WipeOrder::parse);
            State::Wiped {
                order: order.ok_or_else(damaged)?,
                ordered_at: since()?,
                confirmed_at: row.wipe_confirmed_at.map(Into::into),
            }
        }
        StateKind::Retired => State::Retired { since: since()? },
    })
}

fn eas_id(row: &devices::Model) -> Result<Option<EasId>, StoreError> {
    let Some(text) = &row.eas_id else { return Ok(None) };
    let eas_id = EasId::parse(text)
        .map_err(|_| StoreError::damaged("devices", row.id, "ActiveSync identifier"))?;

    Ok(Some(eas_id))
}

/// The columns of a certificate: SHA-256, serial number, end.
type CertificateColumns<'a> = (&'a Option<Vec<u8>>, &'a Option<String>, Option<Millis>);

fn certificate(
    row: &devices::Model,
    columns: CertificateColumns<'_>,
) -> Result<Option<DeviceCertificate>, StoreError> {
    let damaged = || StoreError::damaged("devices", row.id, "certificate");
    match columns {
        (None, None, None) => Ok(None),
        (Some(fingerprint), Some(serial), Some(not_after)) => Ok(Some(DeviceCertificate {
            fingerprint: fingerprint.as_slice().try_into().map_err(|_| damaged())?,
            serial: serial.clone(),
            not_after: not_after.into(),
        })),
        _ => Err(damaged()),
    }
}
