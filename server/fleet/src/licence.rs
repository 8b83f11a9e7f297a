//! How many devices may be in service.

use crate::refusal;

/// The number of devices that may be registered or blocked at the same time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Licence {
    /// The number that is paid for.
    pub devices: u32,
}

impl Licence {
    /// Admits one more device while `used` are counted already.
    ///
    /// # Errors
    ///
    /// [`LicenceExhausted`] if there is no room.
    pub fn admit(self, used: u64) -> Result<(), LicenceExhausted> {
        if used >= u64::from(self.devices) {
            return Err(LicenceExhausted { devices: self.devices });
        }

        Ok(())
    }
}

/// No further device may be taken into service.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the device was not taken into service: all {devices} licensed devices are in use; \
     retire one that is no longer needed, or extend the licence"
)]
pub struct LicenceExhausted {
    /// The number that is paid for.
    pub devices: u32,
}

refusal!(LicenceExhausted {
    _ => Conflict "licence_exhausted",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_is_given_and_no_more() {
        check(2, 0, Ok(()));
        check(2, 1, Ok(()));
        check(2, 2, Err(LicenceExhausted { devices: 2 }));
        check(2, 3, Err(LicenceExhausted { devices: 2 }));
        check(0, 0, Err(LicenceExhausted { devices: 0 }));
    }

    #[track_caller]
    fn check(devices: u32, used: u64, expected: Result<(), LicenceExhausted>) {
        assert_eq!(Licence { devices }.admit(used), expected);
    }
}
