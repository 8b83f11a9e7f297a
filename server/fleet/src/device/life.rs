//! The steps in a device's life.

use super::{Client, Device, DeviceCertificate, State, WipeOrder};
use crate::{EasId, Name, Reason, refusal};
use time::{Duration, OffsetDateTime};

/// What the app says of its device when it registers, once everything has been proven.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// What the device calls itself; the name from the invitation stays if there is none.
    pub name: Option<Name>,
    /// The make and model.
    pub model: String,
    /// The operating system.
    pub system: String,
    /// The version of the app.
    pub app_version: String,
    /// The identifier it will use in ActiveSync requests.
    pub eas_id: EasId,
    /// The certificate it was given.
    pub certificate: DeviceCertificate,
}

/// Takes an invited device into service.
///
/// # Errors
///
/// [`RegisterRefusal`] unless the device is invited.
pub fn register(
    device: Device,
    registration: Registration,
    now: OffsetDateTime,
) -> Result<Device, RegisterRefusal> {
    match device.state {
        State::Invited => {}
        State::Registered | State::Blocked { .. } | State::Wiped { .. } | State::Retired { .. } => {
            return Err(RegisterRefusal::NotInvited);
        }
    }

    Ok(Device {
        name: registration.name.unwrap_or(device.name),
        model: registration.model,
        system: registration.system,
        app_version: registration.app_version,
        eas_id: Some(registration.eas_id),
        certificate: Some(registration.certificate),
        next_certificate: None,
        state: State::Registered,
        registered_at: Some(now),
        last_seen: Some(now),
        ..device
    })
}

/// Why a device was not taken into service.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegisterRefusal {
    /// An invitation is good for one registration.
    #[error(
        "the device was not registered: its invitation has been used already; ask for another invitation"
    )]
    NotInvited,
}

refusal!(RegisterRefusal {
    Self::NotInvited => Conflict "not_invited",
});

/// How long before its end a certificate may be exchanged: a third of its two years, and a day for clocks that differ.
const RENEWAL: Duration = Duration::days(730 / 3 + 1);

/// How long nobody gets another next certificate, so that a device that asks all the time fills nothing.
const PAUSE: Duration = Duration::hours(1);

/// Says whether a device may have another certificate; `issued` is when the next one was that it has and never used.
///
/// # Errors
///
/// [`RenewRefusal`] unless it is in service and its certificate is near its end.
pub fn may_renew(
    device: &Device,
    issued: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<(), RenewRefusal> {
    let in_service = matches!(device.state, State::Registered);
    let Some(present) = device.certificate.as_ref().filter(|_| in_service) else {
        return Err(RenewRefusal::NotInService);
    };
    if now < present.not_after - RENEWAL {
        return Err(RenewRefusal::NotDue);
    }
    // What is to come was noted by a clock that was wrong.
    if issued.is_some_and(|issued| (Duration::ZERO..PAUSE).contains(&(now - issued))) {
        return Err(RenewRefusal::TooSoon);
    }

    Ok(())
}

/// Gives a device the certificate that is to take the place of the present one, in place of one that it never used.
pub fn renew(device: Device, next: DeviceCertificate) -> Device {
    Device { next_certificate: Some(next), ..device }
}

/// Lets the next certificate be the present one, once the device has used it.
pub fn take_next_certificate(device: Device) -> Device {
    match device.next_certificate {
        Some(next) => Device { certificate: Some(next), next_certificate: None, ..device },
        None => device,
    }
}

/// Why a device did not get another certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RenewRefusal {
    /// Come back later.
    #[error(
        "no certificate was issued: the present one is good for more than a third of its time; come back later"
    )]
    NotDue,
    /// It is blocked, told to wipe, or out of service.
    #[error("no certificate was issued: the device is not in service; ask for its status")]
    NotInService,
    /// Its present certificate was revoked, or is on hold, which another one would undo.
    #[error(
        "no certificate was issued: the present one was revoked or is on hold; register the device again, or have the hold released"
    )]
    Revoked,
    /// Use that one, or come back later.
    #[error(
        "no certificate was issued: one was, less than an hour ago; use that one, or come back later"
    )]
    TooSoon,
    /// The certificate request is not signed by its own key.
    #[error(
        "no certificate was issued: the certificate request is damaged or not signed by its own key; update the app"
    )]
    UnprovedRequest,
    /// The key is of a kind that devices do not have.
    #[error(
        "no certificate was issued: the key in the certificate request is not on P-256; update the app"
    )]
    UnsuitableKey,
}

refusal!(RenewRefusal {
    Self::NotDue => Conflict "certificate_not_due",
    Self::NotInService => Conflict "not_in_service",
    Self::Revoked => Conflict "certificate_revoked",
    Self::TooSoon => TooEarly "certificate_issued_just_now",
    Self::UnprovedRequest => Invalid "csr_unproven",
    Self::UnsuitableKey => Invalid "device_key_unsuitable",
});

/// Blocks a device: it is refused everywhere until it is unblocked.
///
/// # Errors
///
/// [`BlockRefusal`] unless the device is registered.
pub fn block(device: Device, reason: Reason, now: OffsetDateTime) -> Result<Device, BlockRefusal> {
    match device.state {
        State::Registered => Ok(Device { state: State::Blocked { reason, since: now }, ..device }),
        State::Blocked { .. } => Err(BlockRefusal::AlreadyBlocked),
        State::Invited => Err(BlockRefusal::NotRegistered),
        State::Retired { .. } => Err(BlockRefusal::Retired),
        State::Wiped { .. } => Err(BlockRefusal::Wiped),
    }
}

/// Why a device was not blocked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BlockRefusal {
    /// It is blocked.
    #[error(
        "the device was not blocked: it is blocked already; unblock it first to state another reason"
    )]
    AlreadyBlocked,
    /// It is not in service yet.
    #[error("the device was not blocked: it is not registered yet; revoke its invitation instead")]
    NotRegistered,
    /// It is out of service.
    #[error("the device was not blocked: it is retired and refused anyway; nothing is left to do")]
    Retired,
    /// It has been told to wipe.
    #[error(
        "the device was not blocked: it has been told to wipe and is refused anyway; retire it once the wipe is confirmed"
    )]
    Wiped,
}

refusal!(BlockRefusal {
    Self::AlreadyBlocked => Conflict "already_blocked",
    Self::NotRegistered => Conflict "not_registered",
    Self::Retired => Conflict "retired",
    Self::Wiped => Conflict "wiped",
});

/// Unblocks a device: it works again as it did before, without another registration.
///
/// # Errors
///
/// [`UnblockRefusal`] unless the device is blocked.
pub fn unblock(device: Device) -> Result<Device, UnblockRefusal> {
    match device.state {
        State::Blocked { .. } => Ok(Device { state: State::Registered, ..device }),
        State::Invited | State::Registered => Err(UnblockRefusal::NotBlocked),
        State::Retired { .. } => Err(UnblockRefusal::Retired),
        State::Wiped { .. } => Err(UnblockRefusal::Wiped),
    }
}

/// Why a device was not unblocked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnblockRefusal {
    /// Nothing holds it back.
    #[error("the device was not unblocked: it is not blocked; nothing is left to do")]
    NotBlocked,
    /// It is out of service.
    #[error("the device was not unblocked: it is retired; invite its owner to register it again")]
    Retired,
    /// It has been told to wipe.
    #[error(
        "the device was not unblocked: it has been told to wipe, which cannot be taken back; invite its owner to register it again"
    )]
    Wiped,
}

refusal!(UnblockRefusal {
    Self::NotBlocked => Conflict "not_blocked",
    Self::Retired => Conflict "retired",
    Self::Wiped => Conflict "wiped",
});

/// Tells a device to wipe. It is refused everywhere at once, whether or not the order has reached it.
///
/// An order to wipe the key can be followed by one to wipe the data, not the other way round.
///
/// # Errors
///
/// [`WipeRefusal`] if there is nothing that the device could wipe.
pub fn wipe(device: Device, order: WipeOrder, now: OffsetDateTime) -> Result<Device, WipeRefusal> {
    match device.state {
        State::Registered | State::Blocked { .. } => {}
        State::Wiped { order: earlier, .. } if earlier < order => {}
        State::Wiped { .. } => return Err(WipeRefusal::AlreadyOrdered),
        State::Invited => return Err(WipeRefusal::NotRegistered),
        State::Retired { .. } => return Err(WipeRefusal::Retired),
    }
    if device.client == Client::Native {
        return Err(WipeRefusal::WithoutApp);
    }

    let state = State::Wiped { order, ordered_at: now, confirmed_at: None };
    Ok(Device { state, ..device })
}

/// Why a device was not told to wipe.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WipeRefusal {
    /// It has been told so, or more.
    #[error(
        "the wipe was not ordered: the device has been told already; wait for its confirmation"
    )]
    AlreadyOrdered,
    /// It is not in service yet.
    #[error(
        "the wipe was not ordered: the device is not registered yet; revoke its invitation instead"
    )]
    NotRegistered,
    /// It is out of service and no longer asks for orders.
    #[error(
        "the wipe was not ordered: the device is retired and takes no orders any more; wipe before you retire"
    )]
    Retired,
    /// There is no app that could obey.
    #[error(
        "the wipe was not ordered: the device does not run the app, which alone could obey; block it or retire it"
    )]
    WithoutApp,
}

refusal!(WipeRefusal {
    Self::AlreadyOrdered => Conflict "already_ordered",
    Self::NotRegistered => Conflict "not_registered",
    Self::Retired => Conflict "retired",
    Self::WithoutApp => Conflict "without_app",
});

/// Notes that a device wiped what `done` says.
///
/// # Errors
///
/// [`ConfirmWipeRefusal`] unless that, or less, is what it was told and had not reported yet.
pub fn confirm_wipe(
    device: Device,
    done: WipeOrder,
    now: OffsetDateTime,
) -> Result<Device, ConfirmWipeRefusal> {
    match device.state {
        State::Wiped { confirmed_at: Some(_), .. } => Err(ConfirmWipeRefusal::AlreadyConfirmed),
        State::Wiped { order, .. } if done < order => Err(ConfirmWipeRefusal::MoreOrdered),
        State::Wiped { order, ordered_at, confirmed_at: None } => {
            let state = State::Wiped { order, ordered_at, confirmed_at: Some(now) };
            Ok(Device { state, ..device })
        }
        State::Invited | State::Registered | State::Blocked { .. } | State::Retired { .. } => {
            Err(ConfirmWipeRefusal::NotOrdered)
        }
    }
}

/// Why the confirmation of a wipe was not noted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConfirmWipeRefusal {
    /// It was noted before; a repetition after a lost answer is harmless.
    #[error("the confirmation was not noted: the wipe is confirmed already; nothing is left to do")]
    AlreadyConfirmed,
    /// The data was to be wiped, and only the key was.
    #[error(
        "the confirmation was not noted: the key is wiped, but the data was to be wiped too; wipe the data"
    )]
    MoreOrdered,
    /// Nobody ordered it.
    #[error("the confirmation was not noted: no wipe was ordered; ask for the device's status")]
    NotOrdered,
}

refusal!(ConfirmWipeRefusal {
    Self::AlreadyConfirmed => Conflict "already_confirmed",
    Self::MoreOrdered => Conflict "more_ordered",
    Self::NotOrdered => Conflict "not_ordered",
});

/// What is to become of a wipe that was ordered and is not confirmed, when the device is retired: without its
/// certificate the device could not be told any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OpenWipe {
    /// It is given up: the device will never be told.
    GiveUp,
    /// It is kept, and so is the device.
    Keep,
}

/// Takes a device out of service for good: the licence is free for another, and its certificate is forgotten.
///
/// # Errors
///
/// [`RetireRefusal`] if it is not in service, or has not confirmed a wipe that is to be kept.
pub fn retire(
    device: Device,
    open_wipe: OpenWipe,
    now: OffsetDateTime,
) -> Result<Device, RetireRefusal> {
    match device.state {
        State::Wiped { confirmed_at: None, .. } if open_wipe == OpenWipe::Keep => {
            Err(RetireRefusal::WipeUnconfirmed)
        }
        State::Registered | State::Blocked { .. } | State::Wiped { .. } => {
            let state = State::Retired { since: now };
            Ok(Device { state, certificate: None, next_certificate: None, ..device })
        }
        State::Invited => Err(RetireRefusal::NotRegistered),
        State::Retired { .. } => Err(RetireRefusal::AlreadyRetired),
    }
}

/// Why a device was not retired.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RetireRefusal {
    /// It is out of service.
    #[error("the device was not retired: it is retired already; nothing is left to do")]
    AlreadyRetired,
    /// It is not in service yet.
    #[error("the device was not retired: it is not registered yet; revoke its invitation instead")]
    NotRegistered,
    /// It may come back, and would keep what it has to wipe.
    #[error(
        "the device was not retired: it has not confirmed its wipe, and once retired it could not be told to wipe any \
         more; wait for the confirmation (a wiped device takes no licence), or give the wipe up if the device is \
         destroyed or will never connect again"
    )]
    WipeUnconfirmed,
}

refusal!(RetireRefusal {
    Self::AlreadyRetired => Conflict "already_retired",
    Self::NotRegistered => Conflict "not_registered",
    Self::WipeUnconfirmed => Conflict "wipe_unconfirmed",
});

/// Gives a device another name, whatever its state.
///
/// # Errors
///
/// [`RenameRefusal`] if it has that name.
pub fn rename(device: Device, name: Name) -> Result<Device, RenameRefusal> {
    if device.name == name {
        return Err(RenameRefusal);
    }

    Ok(Device { name, ..device })
}

/// The device has that name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the device was not renamed: it has that name already; nothing is left to do")]
pub struct RenameRefusal;

refusal!(RenameRefusal {
    Self => Conflict "name_unchanged",
});
