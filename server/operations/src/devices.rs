//! Devices.

mod add_native;
mod block;
mod confirm_wipe;
mod contact;
mod rename;
mod renew;
mod retire;
mod unblock;
mod views;
mod wipe;

pub use add_native::AddRefusal;

use crate::failure::Failure;
use crate::work::{Work, never_taken};
use audit::{Subject, SubjectKind};
use fleet::DeviceId;
use fleet::device::Device;

fn subject(id: DeviceId) -> Subject {
    Subject::new(SubjectKind::Device, id)
}

async fn load<R>(work: &mut Work, id: DeviceId) -> Result<Device, Failure<R>> {
    let Some(device) = work.unit.device(id).await? else {
        return Err(Failure::Unknown(SubjectKind::Device));
    };
    work.label(&device.name);

    Ok(device)
}

/// Saves a device whose identifier and certificate have not changed.
async fn save<R>(work: &mut Work, device: Device) -> Result<Device, Failure<R>> {
    work.unit.save_device(&device).await.map_err(never_taken)?;

    Ok(device)
}
