use crate::{Fault, Operations};
use fleet::DeviceId;
use time::Duration;

/// How often the database hears of contacts with the same device.
const INTERVAL: Duration = Duration::minutes(1);
/// The most characters of a version that are kept.
const LONGEST_VERSION: usize = 40;

impl Operations {
    /// Notes that a device asked for its status. This is written at most once a minute, and is no event.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn record_contact(&self, id: DeviceId, app_version: &str) -> Result<(), Fault> {
        let version: String =
            app_version.chars().filter(|c| !c.is_control()).take(LONGEST_VERSION).collect();

        Ok(self.store().record_contact(id, &version, self.now(), INTERVAL).await?)
    }
}
