//! The block of a person, which holds for all of their devices.

use super::User;
use crate::{Reason, refusal};
use time::OffsetDateTime;

/// A block of a person. It changes no device: each has its own state again once it is taken back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// What the person is told.
    pub reason: Reason,
    /// Who blocked, as the audit log names them.
    pub by: String,
    /// When they were blocked.
    pub since: OffsetDateTime,
}

/// Blocks a person: all of their devices are refused everywhere until they are unblocked, and none is added.
///
/// # Errors
///
/// [`BlockRefusal`] if they are blocked.
pub fn block(user: User, block: Block) -> Result<User, BlockRefusal> {
    if user.block.is_some() {
        return Err(BlockRefusal);
    }

    Ok(User { block: Some(block), ..user })
}

/// The person is blocked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the person was not blocked: they are blocked already; unblock them first to state another reason"
)]
pub struct BlockRefusal;

refusal!(BlockRefusal {
    Self => Conflict "already_blocked",
});

/// Unblocks a person: their devices stand where they stand by themselves, without another registration.
///
/// # Errors
///
/// [`UnblockRefusal`] unless they are blocked.
pub fn unblock(user: User) -> Result<User, UnblockRefusal> {
    if user.block.is_none() {
        return Err(UnblockRefusal);
    }

    Ok(User { block: None, ..user })
}

/// The person is not blocked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the person was not unblocked: they are not blocked; nothing is left to do")]
pub struct UnblockRefusal;

refusal!(UnblockRefusal {
    Self => Conflict "not_blocked",
});

/// Allows a person to get another device or an invitation to register one.
///
/// # Errors
///
/// [`OwnerBlocked`] while they are blocked.
pub fn admit(user: &User) -> Result<(), OwnerBlocked> {
    if user.block.is_some() {
        return Err(OwnerBlocked);
    }

    Ok(())
}

/// The person who was to get a device is blocked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the person gets no device: they are blocked; unblock them first")]
pub struct OwnerBlocked;

refusal!(OwnerBlocked {
    Self => Conflict "user_blocked",
});
