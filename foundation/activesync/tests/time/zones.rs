//! Rules of time zones: their bytes, what their clocks do, and which zone of the IANA database they are.

use activesync::zone::{NamedZone, SwitchDate, Zone, ZoneRules};
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const fn rule(month: u16, day_of_week: u16, day: u16, hour: u16) -> SwitchDate {
    SwitchDate { year: 0, month, day_of_week, day, hour, minute: 0, second: 0, millisecond: 0 }
}

fn rules(bias: i32, standard: SwitchDate, daylight: SwitchDate) -> ZoneRules {
    ZoneRules {
        bias,
        standard_date: standard,
        daylight_date: daylight,
        daylight_bias: -60,
        ..ZoneRules::default()
    }
}

fn berlin() -> ZoneRules {
    rules(-60, rule(10, 0, 5, 3), rule(3, 0, 5, 2))
}

fn found(rules: &ZoneRules, moment: OffsetDateTime) -> String {
    NamedZone::matching(rules, moment, None).unwrap().name().to_owned()
}

#[test]
fn the_bytes_of_berlin() {
    let named = ZoneRules {
        standard_name: "W. Europe Standard Time".into(),
        daylight_name: "W. Europe Daylight Time".into(),
        ..berlin()
    };
    let bytes = named.to_bytes();
    assert_eq!(bytes.len(), 172);
    assert_eq!(bytes[..4], [0xC4, 0xFF, 0xFF, 0xFF]);
    assert_eq!(bytes[4..8], [b'W', 0, b'.', 0]);
    assert_eq!(bytes[68..84], [0, 0, 10, 0, 0, 0, 5, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[84..88], [0, 0, 0, 0]);
    assert_eq!(bytes[152..168], [0, 0, 3, 0, 0, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[168..], [0xC4, 0xFF, 0xFF, 0xFF]);
    assert_eq!(ZoneRules::from_bytes(&bytes), Some(named.clone()));
    assert!(named.to_base64().starts_with("xP///1cALgAgAEUAdQByAG8A"));
    assert_eq!(ZoneRules::parse(&named.to_base64()), Some(named));
}

#[test]
fn bytes_of_another_length_are_no_rules() {
    assert_eq!(ZoneRules::from_bytes(&[0; 171]), None);
    assert_eq!(ZoneRules::from_bytes(&[0; 173]), None);
    assert_eq!(ZoneRules::parse("(null)"), None);
}

#[test]
fn zeros_say_nothing_and_are_not_universal_time() {
    let zeros = ZoneRules::from_bytes(&[0; 172]).unwrap();
    assert!(zeros.say_nothing());
    let account = Zone::Named(NamedZone::find("Europe/Berlin").unwrap());
    let moment = datetime!(2026-07-01 00:00 UTC);
    assert_eq!(Zone::of_event(Some(&zeros), moment, &account), account);
    assert_eq!(Zone::of_event(None, moment, &account), account);
    assert!(!Zone::Utc.rules_at(moment).say_nothing());
    assert_eq!(found(&Zone::Utc.rules_at(moment), moment), "UTC");
}

#[test]
fn zones_are_known_by_their_rules() {
    let summer = datetime!(2026-07-01 00:00 UTC);
    let none = SwitchDate::default();
    let fixed = |bias| ZoneRules { bias, standard_name: "?".into(), ..ZoneRules::default() };
    for (rules, name) in [
        (berlin(), "Europe/Berlin"),
        (rules(480, rule(11, 0, 1, 2), rule(3, 0, 2, 2)), "America/Los_Angeles"),
        (rules(-600, rule(4, 0, 1, 3), rule(10, 0, 1, 2)), "Australia/Sydney"),
        (fixed(-330), "Asia/Kolkata"),
        (fixed(-210), "Asia/Tehran"),
        (fixed(180), "America/Sao_Paulo"),
        (rules(-60, none, none), "Africa/Lagos"),
        (rules(0, rule(10, 0, 5, 2), rule(3, 0, 5, 1)), "Europe/London"),
    ] {
        assert_eq!(found(&rules, summer), name, "{rules:?}");
    }
}

#[test]
fn the_accounts_own_zone_wins_among_equals() {
    let moment = datetime!(2026-07-01 00:00 UTC);
    let vienna = NamedZone::find("europe/vienna").unwrap();
    assert_eq!(vienna.name(), "Europe/Vienna");
    let account = Zone::Named(vienna);
    assert_eq!(Zone::of_event(Some(&berlin()), moment, &account), account);
    let tokyo = Zone::Named(NamedZone::find("Asia/Tokyo").unwrap());
    let zone = Zone::of_event(Some(&berlin()), moment, &tokyo);
    assert_eq!(zone, Zone::Named(NamedZone::find("Europe/Berlin").unwrap()));
}

#[test]
fn rules_of_one_year_are_dates() {
    let tehran = NamedZone::find("Asia/Tehran").unwrap();
    let rules = tehran.rules_at(datetime!(2021-06-01 00:00 UTC));
    assert_eq!((rules.daylight_date.year, rules.standard_date.year), (2021, 2021));
    assert_eq!((rules.daylight_date.month, rules.daylight_date.day), (3, 22));
    assert_eq!(rules.bias, -210);
    assert_eq!(found(&rules, datetime!(2021-06-01 00:00 UTC)), "Asia/Tehran");
    assert_eq!(rules.offset_at(datetime!(2021-06-01 00:00 UTC)), 270 * 60);
    assert_eq!(rules.offset_at(datetime!(2022-06-01 00:00 UTC)), 210 * 60);
    assert_eq!(tehran.rules_at(datetime!(2026-06-01 00:00 UTC)).daylight_date.month, 0);
}

#[test]
fn rules_that_nobody_has_stay_rules() {
    let odd = rules(-17, rule(10, 2, 1, 4), rule(2, 3, 2, 4));
    let moment = datetime!(2026-01-01 00:00 UTC);
    assert_eq!(NamedZone::matching(&odd, moment, None), None);
    let zone = Zone::of_event(Some(&odd), moment, &Zone::Utc);
    assert_eq!(zone, Zone::Rules(odd.clone()));
    assert_eq!(zone.rules_at(moment), odd);
}

#[test]
fn sao_paulo_had_summer_time_once() {
    let zone = NamedZone::find("America/Sao_Paulo").unwrap();
    let old = zone.rules_at(datetime!(2017-06-01 00:00 UTC));
    assert_eq!((old.bias, old.daylight_bias), (180, -60));
    assert_eq!((old.daylight_date.month, old.standard_date.month), (10, 2));
    assert_eq!(zone.rules_at(datetime!(2026-06-01 00:00 UTC)).daylight_date.month, 0);
}

#[test]
fn clocks_leap_and_repeat() {
    let hour_of = |zone: &Zone| {
        let gap = zone.moment(time::macros::datetime!(2026-03-29 02:30));
        assert_eq!(gap, datetime!(2026-03-29 01:30 UTC), "{zone:?}");
        assert_eq!(zone.local(gap), time::macros::datetime!(2026-03-29 03:30));
        let twice = zone.moment(time::macros::datetime!(2026-10-25 02:30));
        assert_eq!(twice, datetime!(2026-10-25 00:30 UTC), "{zone:?}");
    };
    hour_of(&Zone::Rules(berlin()));
    hour_of(&Zone::Named(NamedZone::find("Europe/Berlin").unwrap()));
}

#[test]
fn rules_do_what_their_zone_does_all_year() {
    for name in [
        "Europe/Berlin",
        "America/Los_Angeles",
        "Australia/Sydney",
        "America/St_Johns",
        "Asia/Kolkata",
        "Pacific/Auckland",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Asia/Jerusalem",
        "Pacific/Chatham",
    ] {
        let zone = NamedZone::find(name).unwrap();
        let start = datetime!(2026-01-01 00:30 UTC);
        let rules = zone.rules_at(start);
        for hours in 1..365 * 24 {
            let moment = start + Duration::hours(hours);
            assert_eq!(rules.offset_at(moment), zone.offset_at(moment), "{name} at {moment}");
        }
        let again = NamedZone::matching(&rules, start, Some(&zone)).unwrap();
        assert_eq!(again.name(), name);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 172), seconds in any::<i32>()) {
        let rules = ZoneRules::from_bytes(&bytes).unwrap();
        let moment = OffsetDateTime::from_unix_timestamp(i64::from(seconds)).unwrap();
        let zone = Zone::Rules(rules.clone());
        let offset = rules.offset_at(moment);
        prop_assert!(offset.abs() <= 2 * 24 * 3600);
        let _ = zone.moment(zone.local(moment));
        let again = ZoneRules::from_bytes(&rules.to_bytes()).unwrap();
        prop_assert_eq!(again.daylight_date, rules.daylight_date);
        prop_assert_eq!(again.offset_at(moment), offset);
    }

    #[test]
    fn moments_come_back_from_local_time(seconds in 0_i64..4_000_000_000, name in proptest::sample::select(
        vec!["Europe/Berlin", "America/Los_Angeles", "Australia/Sydney", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Tehran"])) {
        let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let zone = Zone::Named(NamedZone::find(name).unwrap());
        let back = zone.moment(zone.local(moment));
        // An hour that comes twice is taken for the first time.
        prop_assert!(back == moment || back < moment && moment - back <= Duration::hours(1));
        prop_assert_eq!(zone.local(back), zone.local(moment));
    }
}
