//! What IT's settings ask of the session.

use super::{Driver, Ended};
use crate::lifecycle::Device;
use crate::portal::AGENT;
use activesync::messages::DeviceInformation;
use activesync::query::Version;
use pim::Preferences;
use policy::NewestVersion;

impl Driver {
    pub(super) fn follow_settings(&mut self) -> Result<(), Ended> {
        self.account.prefer(preferences(&self.device));
        let mail = self.device.settings.borrow().settings.mail.clone();
        self.sign_in.user_name.clone_from(&mail.user_name);
        if (mail.sign_in, &mail.oauth) != (self.way_in.0, &self.way_in.1) {
            self.way_in = (mail.sign_in, mail.oauth);
            self.account.password_given();
        }

        Ok(())
    }

    pub(super) fn signs_in_by_token(&self) -> bool {
        self.way_in.0 == policy::SignIn::Oauth
    }
}

/// The settings of now, as the account wants them.
pub(super) fn preferences(device: &Device) -> Preferences {
    let settings = &device.settings.borrow().settings;
    let device = DeviceInformation {
        model: Some("Cordon PIM".to_owned()),
        os: Some(std::env::consts::OS.to_owned()),
        user_agent: Some(AGENT.to_owned()),
        ..DeviceInformation::default()
    };

    Preferences {
        device,
        newest_version: newest_version(settings.mail.newest_version),
        days: settings.mail.days,
        largest_attachment: u64::from(settings.viewing.attachment_limit_mib) * 1024 * 1024,
    }
}

fn newest_version(setting: NewestVersion) -> Option<Version> {
    match setting {
        NewestVersion::Any => None,
        NewestVersion::V12_1 => Some(Version::V12_1),
        NewestVersion::V14_0 => Some(Version::V14_0),
        NewestVersion::V14_1 => Some(Version::V14_1),
        NewestVersion::V16_0 => Some(Version::V16_0),
        NewestVersion::V16_1 => Some(Version::V16_1),
    }
}
