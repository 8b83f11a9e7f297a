//! The mail server's policy: which of its settings this app enforces (MS-ASPROV 2.2.2).
//!
//! The app is a container on somebody's device. It answers for the container and for the mail in it. What concerns the rest
//! of the device, such as its camera, no app of this kind can control; that is shown, and does not make the answer to the
//! server a partial one. What the app itself could do and does not makes it one.

use ::policy::{KINDS, MOST_DAYS, MOST_HISTORY, PasswordRules};
use activesync::messages::{Class, Filter, PolicyDocument, PolicyValue};

/// A setting of a policy as the server sent it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Demand {
    /// The setting's name, for instance `MinDevicePasswordLength`.
    pub setting: String,
    /// Its value; empty stands for "no limit".
    pub value: String,
}

/// What becomes of a demand.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    /// It concerns the device outside the container, which this app does not control.
    Beyond,
    /// The app sees to it.
    Enforced,
    /// The app does not do it.
    Unmet,
}

/// Reads every setting of a policy.
pub(crate) fn demands(document: &PolicyDocument) -> Vec<Demand> {
    let demand = |setting: &activesync::messages::PolicySetting| Demand {
        setting: setting.name().to_owned(),
        value: match &setting.value {
            PolicyValue::List(names) => names.join(", "),
            PolicyValue::Text(text) => text.trim().to_owned(),
        },
    };

    document.settings.iter().map(demand).collect()
}

/// Judges the demands that ask for something, in the server's order.
pub(crate) fn judge(demands: &[Demand]) -> Vec<(&Demand, Verdict)> {
    let password = number(demands, "DevicePasswordEnabled") == Some(1);
    let judged = demands.iter().filter_map(|demand| {
        if !password && PASSWORD_SETTINGS.contains(&demand.setting.as_str()) {
            return None;
        }
        verdict(&demand.setting, &demand.value).map(|verdict| (demand, verdict))
    });

    judged.collect()
}

/// The shortest time without use after which the policy locks, in seconds.
pub(crate) fn lock_after_seconds(demands: &[Demand]) -> Option<u32> {
    let password = number(demands, "DevicePasswordEnabled") == Some(1);
    let seconds = number(demands, "MaxInactivityTimeDeviceLock").filter(|_| password)?;

    u32::try_from(seconds).ok().filter(|seconds| (1..UNLIMITED).contains(seconds))
}

/// The most wrong passwords in a row that the policy lets a container survive, the one counted that deletes the key.
pub(crate) fn wrong_passwords(demands: &[Demand]) -> Option<u8> {
    let password = number(demands, "DevicePasswordEnabled") == Some(1);
    let most = number(demands, "MaxDevicePasswordFailedAttempts").filter(|_| password)?;

    u8::try_from(most).ok().filter(|most| *most > 0)
}

/// What the policy asks of the container's password; a value beyond what can be asked of anybody counts as the most that can.
///
/// It is up to the person when they sign in next, as with the settings of IT.
pub(crate) fn password_rules(demands: &[Demand]) -> PasswordRules {
    if number(demands, "DevicePasswordEnabled") != Some(1) {
        return PasswordRules::default();
    }
    let on = |setting| number(demands, setting) == Some(1);
    let up_to = |setting, most: u16| {
        let asked = number(demands, setting).unwrap_or(0).clamp(0, i64::from(most));
        u16::try_from(asked).unwrap_or(0)
    };
    let small = |setting, most: u8| u8::try_from(up_to(setting, u16::from(most))).unwrap_or(most);
    let alphanumeric = on("AlphanumericDevicePasswordRequired");

    PasswordRules {
        minimum_length: small("MinDevicePasswordLength", MOST_LENGTH),
        digit: alphanumeric,
        letter: alphanumeric,
        kinds: small("MinDevicePasswordComplexCharacters", KINDS),
        no_sequences: number(demands, "AllowSimpleDevicePassword") == Some(0),
        history: small("DevicePasswordHistory", MOST_HISTORY),
        days: up_to("DevicePasswordExpiration", MOST_DAYS),
        ..PasswordRules::default()
    }
}

/// The most bytes of a text that may be fetched; nought for none of it.
///
/// The documents give no unit. Servers' own tools set thousands of bytes, and fewer is the safe reading of those.
pub(crate) fn text_limit(demands: &[Demand], html: bool) -> Option<u32> {
    let limit = |setting| {
        let thousands = demands.iter().find(|demand| demand.setting == setting)?.value.as_str();
        u32::try_from(thousands.parse::<i64>().ok()?).ok().map(|limit| limit.saturating_mul(1000))
    };
    let plain = limit("MaxEmailBodyTruncationSize");
    let rich = limit("MaxEmailHTMLBodyTruncationSize").filter(|_| html);

    [plain, rich].into_iter().flatten().min()
}

/// How far back the policy lets events be kept.
pub(crate) fn oldest_events(demands: &[Demand]) -> Filter {
    let demand = demands.iter().find(|demand| demand.setting == "MaxCalendarAgeFilter");
    let code = demand.and_then(|demand| demand.value.parse().ok());
    let filter = code.and_then(Filter::from_code);
    filter.filter(|filter| filter.fits(Class::Calendar)).unwrap_or(Filter::All)
}

/// The longest password that may be asked for, in characters; the documents allow 16.
const MOST_LENGTH: u8 = 64;
/// From here on, a number of seconds is no limit.
const UNLIMITED: u32 = 9999;

/// Without a demand for a password these mean nothing.
const PASSWORD_SETTINGS: [&str; 9] = [
    "AllowSimpleDevicePassword",
    "AlphanumericDevicePasswordRequired",
    "DevicePasswordExpiration",
    "DevicePasswordHistory",
    "MaxDevicePasswordFailedAttempts",
    "MaxInactivityTimeDeviceLock",
    "MinDevicePasswordComplexCharacters",
    "MinDevicePasswordLength",
    "PasswordRecoveryEnabled",
];

/// The table: every setting, what value asks for something, and who sees to it. `None` where nothing is asked for.
fn verdict(setting: &str, value: &str) -> Option<Verdict> {
    use Verdict::{Beyond, Enforced, Unmet};

    let number: Option<i64> = value.parse().ok();
    let within = |most: i64| move |number: i64| if number <= most { Enforced } else { Unmet };
    let off = number == Some(0);
    let on = number == Some(1);
    match setting {
        // The mail in the container.
        "AllowHTMLEmail" | "AttachmentsEnabled" => off.then_some(Enforced),
        "MaxAttachmentSize" => number.map(|_| Enforced),
        // The server takes back what is older, once it is asked by the new age.
        "MaxCalendarAgeFilter" | "MaxEmailAgeFilter" => {
            number.filter(|code| *code > 0).map(|_| Enforced)
        }
        "MaxEmailBodyTruncationSize" | "MaxEmailHTMLBodyTruncationSize" => {
            number.filter(|size| *size >= 0).map(|_| Enforced)
        }
        "RequireSignedSMIMEMessages" | "RequireEncryptedSMIMEMessages" => on.then_some(Unmet),
        // Nothing is signed or encrypted yet, and so not with a weak algorithm either.
        "RequireSignedSMIMEAlgorithm"
        | "RequireEncryptionSMIMEAlgorithm"
        | "AllowSMIMEEncryptionAlgorithmNegotiation" => None,
        "AllowSMIMESoftCerts" => off.then_some(Unmet),
        // The container's own door: it always has a password, and everything in it is encrypted.
        "DevicePasswordEnabled" | "RequireDeviceEncryption" | "RequireStorageCardEncryption" => {
            on.then_some(Enforced)
        }
        "MaxInactivityTimeDeviceLock" => {
            number.filter(|seconds| (1..i64::from(UNLIMITED)).contains(seconds)).map(|_| Enforced)
        }
        "MaxDevicePasswordFailedAttempts" => number.filter(|most| *most > 0).map(|_| Enforced),
        "MinDevicePasswordLength" => {
            number.filter(|length| *length > 1).map(within(i64::from(MOST_LENGTH)))
        }
        "AlphanumericDevicePasswordRequired" => on.then_some(Enforced),
        "MinDevicePasswordComplexCharacters" => {
            number.filter(|kinds| *kinds > 1).map(within(i64::from(KINDS)))
        }
        "AllowSimpleDevicePassword" => off.then_some(Enforced),
        "DevicePasswordExpiration" => {
            number.filter(|days| *days > 0).map(within(i64::from(MOST_DAYS)))
        }
        "DevicePasswordHistory" => {
            number.filter(|passwords| *passwords > 0).map(within(i64::from(MOST_HISTORY)))
        }
        // A permission that is not made use of.
        "PasswordRecoveryEnabled" => None,
        // The device around the container.
        "AllowBrowser"
        | "AllowCamera"
        | "AllowConsumerEmail"
        | "AllowDesktopSync"
        | "AllowInternetSharing"
        | "AllowIrDA"
        | "AllowPOPIMAPEmail"
        | "AllowRemoteDesktop"
        | "AllowStorageCard"
        | "AllowTextMessaging"
        | "AllowUnsignedApplications"
        | "AllowUnsignedInstallationPackages"
        | "AllowWiFi" => off.then_some(Beyond),
        "AllowBluetooth" => number.filter(|state| *state < 2).map(|_| Beyond),
        "RequireManualSyncWhenRoaming" => on.then_some(Beyond),
        "ApprovedApplicationList" | "UnapprovedInROMApplicationList" => {
            (!value.is_empty()).then_some(Beyond)
        }
        // Nobody can answer for what they do not know.
        _ => (!value.is_empty()).then_some(Unmet),
    }
}

fn number(demands: &[Demand], setting: &str) -> Option<i64> {
    demands.iter().find(|demand| demand.setting == setting)?.value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_verdict() {
        let unmet = demanded(&[
            ("DevicePasswordEnabled", "1"),
            ("DevicePasswordExpiration", "731"),
            ("DevicePasswordHistory", "51"),
            ("MinDevicePasswordLength", "65"),
            ("MinDevicePasswordComplexCharacters", "5"),
            ("RequireSignedSMIMEMessages", "1"),
            ("AllowSMIMESoftCerts", "0"),
            ("SomethingNew", "1"),
        ]);
        let verdicts: Vec<_> = judge(&unmet).into_iter().map(|(_, verdict)| verdict).collect();
        assert_eq!(verdicts[0], Verdict::Enforced);
        assert!(verdicts[1..].iter().all(|verdict| *verdict == Verdict::Unmet), "{verdicts:?}");
        assert_eq!(verdicts.len(), unmet.len());

        let met = demanded(&[
            ("DevicePasswordEnabled", "1"),
            ("AllowHTMLEmail", "0"),
            ("AllowSimpleDevicePassword", "0"),
            ("AlphanumericDevicePasswordRequired", "1"),
            ("AttachmentsEnabled", "0"),
            ("DevicePasswordExpiration", "730"),
            ("DevicePasswordHistory", "50"),
            ("MaxAttachmentSize", "1000"),
            ("MaxCalendarAgeFilter", "4"),
            ("MaxDevicePasswordFailedAttempts", "4"),
            ("MaxEmailAgeFilter", "3"),
            ("MaxEmailBodyTruncationSize", "0"),
            ("MaxInactivityTimeDeviceLock", "60"),
            ("MinDevicePasswordComplexCharacters", "4"),
            ("MinDevicePasswordLength", "16"),
            ("RequireDeviceEncryption", "1"),
        ]);
        let judged = judge(&met);
        assert_eq!(judged.len(), met.len());
        assert!(judged.iter().all(|(_, verdict)| *verdict == Verdict::Enforced), "{judged:?}");

        let beyond = demanded(&[
            ("AllowCamera", "0"),
            ("AllowBluetooth", "1"),
            ("RequireManualSyncWhenRoaming", "1"),
            ("ApprovedApplicationList", "a, b"),
        ]);
        let judged = judge(&beyond);
        assert_eq!(judged.len(), beyond.len());
        assert!(judged.iter().all(|(_, verdict)| *verdict == Verdict::Beyond), "{judged:?}");
    }

    #[test]
    fn a_default_asks_for_nothing() {
        let defaults = demanded(&[
            ("DevicePasswordEnabled", "0"),
            ("MinDevicePasswordLength", "14"),
            ("AllowCamera", "1"),
            ("AllowBluetooth", "2"),
            ("AllowHTMLEmail", "1"),
            ("AttachmentsEnabled", "1"),
            ("MaxAttachmentSize", ""),
            ("MaxEmailAgeFilter", "0"),
            ("MaxEmailBodyTruncationSize", "-1"),
            ("RequireSignedSMIMEMessages", "0"),
            ("RequireSignedSMIMEAlgorithm", "0"),
            ("ApprovedApplicationList", ""),
            ("SomethingNew", ""),
        ]);

        assert_eq!(judge(&defaults), []);
    }

    #[test]
    fn the_shorter_time_locks() {
        let after = |password, seconds| {
            lock_after_seconds(&demanded(&[
                ("DevicePasswordEnabled", password),
                ("MaxInactivityTimeDeviceLock", seconds),
            ]))
        };

        assert_eq!(after("1", "60"), Some(60));
        assert_eq!(after("0", "60"), None);
        for unlimited in ["", "0", "9999", "99999999999", "-5"] {
            assert_eq!(after("1", unlimited), None, "{unlimited}");
        }
    }

    #[test]
    fn tries_are_limited_where_there_is_a_password() {
        let most = |password, most| {
            wrong_passwords(&demanded(&[
                ("DevicePasswordEnabled", password),
                ("MaxDevicePasswordFailedAttempts", most),
            ]))
        };

        assert_eq!(most("1", "4"), Some(4));
        for unlimited in ["", "0", "-1", "256"] {
            assert_eq!(most("1", unlimited), None, "{unlimited}");
        }
        assert_eq!(most("0", "4"), None);
    }

    #[test]
    fn what_is_asked_of_passwords_is_read_where_there_is_one() {
        let rules = |password| {
            password_rules(&demanded(&[
                ("DevicePasswordEnabled", password),
                ("AllowSimpleDevicePassword", "0"),
                ("AlphanumericDevicePasswordRequired", "1"),
                ("DevicePasswordExpiration", "90"),
                ("DevicePasswordHistory", "300"),
                ("MinDevicePasswordComplexCharacters", "3"),
                ("MinDevicePasswordLength", "10"),
            ]))
        };
        let all = PasswordRules {
            minimum_length: 10,
            digit: true,
            letter: true,
            upper_and_lower: false,
            symbol: false,
            kinds: 3,
            no_sequences: true,
            history: MOST_HISTORY,
            days: 90,
            forbidden_words: Vec::new(),
        };

        assert_eq!(rules("1"), all);
        assert_eq!(rules("0"), PasswordRules::default());
        let nothing = [
            ("DevicePasswordEnabled", "1"),
            ("AllowSimpleDevicePassword", "1"),
            ("AlphanumericDevicePasswordRequired", "0"),
            ("DevicePasswordExpiration", "-4"),
            ("DevicePasswordHistory", ""),
            ("MinDevicePasswordLength", "long"),
        ];
        assert_eq!(password_rules(&demanded(&nothing)), PasswordRules::default());
    }

    #[test]
    fn the_smaller_limit_cuts_a_text() {
        let demands = demanded(&[
            ("MaxEmailBodyTruncationSize", "50"),
            ("MaxEmailHTMLBodyTruncationSize", "20"),
        ]);

        assert_eq!(text_limit(&demands, true), Some(20_000));
        assert_eq!(text_limit(&demands, false), Some(50_000));
        assert_eq!(text_limit(&demanded(&[("MaxEmailBodyTruncationSize", "-1")]), true), None);
        assert_eq!(text_limit(&[], true), None);
    }

    fn demanded(settings: &[(&str, &str)]) -> Vec<Demand> {
        let demand = |(setting, value): &(&str, &str)| Demand {
            setting: (*setting).to_owned(),
            value: (*value).to_owned(),
        };

        settings.iter().map(demand).collect()
    }
}
