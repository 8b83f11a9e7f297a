//! Devices and their life.

mod life;

pub use life::{
    BlockRefusal, ConfirmWipeRefusal, OpenWipe, RegisterRefusal, Registration, RenameRefusal,
    RenewRefusal, RetireRefusal, UnblockRefusal, WipeRefusal, block, confirm_wipe, may_renew,
    register, rename, renew, retire, take_next_certificate, unblock, wipe,
};

use crate::user::Block;
use crate::{DeviceId, EasId, Name, Reason, UserId};
use time::OffsetDateTime;

/// A device as the fleet knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Device {
    /// The fleet's identifier; the hardware does not know it.
    pub id: DeviceId,
    /// Whose device it is.
    pub user: UserId,
    /// What people call it.
    pub name: Name,
    /// The make and model it reports; empty until it does.
    pub model: String,
    /// The operating system it reports; empty until it does.
    pub system: String,
    /// What reads the mail on it.
    pub client: Client,
    /// The identifier in its ActiveSync requests; none while it is only invited, and none once another device
    /// took over the identifier of this retired one.
    pub eas_id: Option<EasId>,
    /// Where it stands in its life.
    pub state: State,
    /// The certificate it proves itself with; the app has one from its registration until it is retired.
    pub certificate: Option<DeviceCertificate>,
    /// The one that takes its place once the device has used it; both are good until then, because the answer that brings it may be lost.
    pub next_certificate: Option<DeviceCertificate>,
    /// The version of the app it reported last; empty until it does.
    pub app_version: String,
    /// When it was first heard of.
    pub created_at: OffsetDateTime,
    /// When it was taken into service.
    pub registered_at: Option<OffsetDateTime>,
    /// When it last asked for its status; at most a minute behind.
    pub last_seen: Option<OffsetDateTime>,
}

/// What reads the mail on a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Client {
    /// Cordon's app, with a certificate of its own and a container that can be wiped.
    App,
    /// Another mail program, known only by its ActiveSync identifier.
    Native,
}

impl Client {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Native => "native",
        }
    }

    /// Finds the client with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "app" => Some(Self::App),
            "native" => Some(Self::Native),
            _ => None,
        }
    }
}

/// Where a device stands in its life.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// Expected: its owner holds an invitation.
    Invited,
    /// In service.
    Registered,
    /// In service, and refused everywhere until it is unblocked.
    Blocked {
        /// What its owner is told.
        reason: Reason,
        /// When it was blocked.
        since: OffsetDateTime,
    },
    /// Told to wipe, refused everywhere, and never in service again.
    Wiped {
        /// What it has to wipe.
        order: WipeOrder,
        /// When it was told to.
        ordered_at: OffsetDateTime,
        /// When it reported that it did.
        confirmed_at: Option<OffsetDateTime>,
    },
    /// Out of service for good.
    Retired {
        /// When it was retired.
        since: OffsetDateTime,
    },
}

impl State {
    /// Returns the state without its circumstances.
    pub const fn kind(&self) -> StateKind {
        match self {
            Self::Invited => StateKind::Invited,
            Self::Registered => StateKind::Registered,
            Self::Blocked { .. } => StateKind::Blocked,
            Self::Wiped { .. } => StateKind::Wiped,
            Self::Retired { .. } => StateKind::Retired,
        }
    }
}

/// The states of a device without their circumstances.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum StateKind {
    /// See [`State::Invited`].
    Invited,
    /// See [`State::Registered`].
    Registered,
    /// See [`State::Blocked`].
    Blocked,
    /// See [`State::Wiped`].
    Wiped,
    /// See [`State::Retired`].
    Retired,
}

impl StateKind {
    /// Every state, in the order of a device's life.
    pub const ALL: &[Self] =
        &[Self::Invited, Self::Registered, Self::Blocked, Self::Wiped, Self::Retired];

    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Registered => "registered",
            Self::Blocked => "blocked",
            Self::Wiped => "wiped",
            Self::Retired => "retired",
        }
    }

    /// Finds the state with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Tells whether the licence counts a device in this state.
    pub const fn is_licensed(self) -> bool {
        match self {
            Self::Registered | Self::Blocked => true,
            Self::Invited | Self::Wiped | Self::Retired => false,
        }
    }
}

/// Why a device in service is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlockCause<'a> {
    /// It is blocked itself.
    Device(&'a Reason),
    /// Its owner is.
    Owner(&'a Reason),
}

/// What a device has to wipe.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum WipeOrder {
    /// The personal certificate and its key: the data stays, and is readable again once they are restored.
    Key,
    /// Everything in the container.
    Data,
}

impl WipeOrder {
    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Data => "data",
        }
    }

    /// Finds the order with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "key" => Some(Self::Key),
            "data" => Some(Self::Data),
            _ => None,
        }
    }
}

/// Facts about the certificate that a device proves itself with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceCertificate {
    /// SHA-256 of the certificate in DER.
    pub fingerprint: [u8; 32],
    /// The serial number, in lower-case hexadecimal.
    pub serial: String,
    /// When it ceases to be valid.
    pub not_after: OffsetDateTime,
}

impl Device {
    /// Returns the certificates that it may prove itself with.
    pub fn certificates(&self) -> impl Iterator<Item = &DeviceCertificate> {
        self.certificate.iter().chain(&self.next_certificate)
    }

    /// Describes a device of which nothing but an invitation exists.
    pub fn invited(id: DeviceId, user: UserId, name: Name, now: OffsetDateTime) -> Self {
        Self {
            id,
            user,
            name,
            model: String::new(),
            system: String::new(),
            client: Client::App,
            eas_id: None,
            state: State::Invited,
            certificate: None,
            next_certificate: None,
            app_version: String::new(),
            created_at: now,
            registered_at: None,
            last_seen: None,
        }
    }

    /// Returns why the device is refused although it is in service: its own block, or else that of its owner.
    pub fn block_cause<'a>(&'a self, owner: Option<&'a Block>) -> Option<BlockCause<'a>> {
        match &self.state {
            State::Blocked { reason, .. } => Some(BlockCause::Device(reason)),
            State::Registered => owner.map(|block| BlockCause::Owner(&block.reason)),
            State::Invited | State::Wiped { .. } | State::Retired { .. } => None,
        }
    }

    /// Describes a device with another mail program, in service from `now` on.
    pub fn native(
        id: DeviceId,
        user: UserId,
        name: Name,
        eas_id: EasId,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            client: Client::Native,
            eas_id: Some(eas_id),
            state: State::Registered,
            registered_at: Some(now),
            ..Self::invited(id, user, name, now)
        }
    }
}

#[cfg(test)]
mod tests;
