use super::Status;

/// A status that any command may answer since 14.0, grouped by what the client has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Common {
    /// The account is unknown, disabled or not permitted (123–128, 130, 131): stop, tell the user, retry rarely.
    AccountRefused,
    /// The same ClientId was sent before (118): count it as sent.
    AlreadySent,
    /// The device does not comply as the server wants it (139, 145): tell the user that only an administrator can help, retry rarely.
    AdministratorNeeded,
    /// Ask for the features of the server again (137, 138).
    AskOptions,
    /// Send the information about the device with Provision (165).
    DeviceInformationMissing,
    /// This device is not allowed (129), or there are too many (177): stop, tell the user, retry rarely.
    DeviceRefused,
    /// The item, or its kind, cannot be had (146, 147, 150, 164, 168–176): refresh or leave it out.
    ItemUnavailable,
    /// The mailbox is full (113) or the send quota used up (115): tell the user, reading goes on.
    QuotaExceeded,
    /// The request itself is wrong (101–109, 154–156, 178, 179): do not repeat it unchanged.
    ProgramError,
    /// Run Provision, then repeat the request once (140–144).
    Provision,
    /// The user has to correct recipients or content (112, 116, 117, 119, 122, 148, 151–153, 160, 161, 163, 166, 167, 183).
    TellUser,
    /// Pause and repeat (111, 114, 120, 121, 162).
    Retry,
    /// The stored request is lost: send it in full (149).
    SendInFull,
    /// The server's state for this device is unusable (132–136): retry, then start with FolderSync and key 0.
    StateLost,
    /// The server failed for good (110): do not repeat the request by itself, and tell.
    Stop,
}

impl Common {
    /// Reads a number of the common range, or `None` for any other.
    pub fn of(status: Status) -> Option<Self> {
        Some(match status.0 {
            101..=109 | 154..=156 | 178 | 179 => Self::ProgramError,
            110 => Self::Stop,
            111 | 114 | 120 | 121 | 162 => Self::Retry,
            112 | 116 | 117 | 119 | 122 | 148 | 151..=153 | 160 | 161 | 163 | 166 | 167 | 183 => {
                Self::TellUser
            }
            113 | 115 => Self::QuotaExceeded,
            118 => Self::AlreadySent,
            129 | 177 => Self::DeviceRefused,
            123..=131 => Self::AccountRefused,
            132..=136 => Self::StateLost,
            137 | 138 => Self::AskOptions,
            139 | 145 => Self::AdministratorNeeded,
            140..=144 => Self::Provision,
            146 | 147 | 150 | 164 | 168..=176 => Self::ItemUnavailable,
            149 => Self::SendInFull,
            165 => Self::DeviceInformationMissing,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_number_has_a_group() {
        let documented = (101..=156).chain(160..=179).chain([183]);
        for number in documented {
            assert!(Common::of(Status(number)).is_some(), "{number}");
        }
    }

    #[test]
    fn other_numbers_have_none() {
        for number in [0, 1, 100, 157, 159, 180, 182, 184, u16::MAX] {
            assert_eq!(Common::of(Status(number)), None, "{number}");
        }
    }

    #[test]
    fn the_numbers_that_decide_most() {
        for (number, group) in [
            (118, Common::AlreadySent),
            (126, Common::AccountRefused),
            (129, Common::DeviceRefused),
            (138, Common::AskOptions),
            (139, Common::AdministratorNeeded),
            (140, Common::Provision),
            (142, Common::Provision),
            (144, Common::Provision),
            (165, Common::DeviceInformationMissing),
            (177, Common::DeviceRefused),
        ] {
            assert_eq!(Common::of(Status(number)), Some(group), "{number}");
        }
    }
}
