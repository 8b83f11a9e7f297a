use activesync::messages::Recurrence;
use time::OffsetDateTime;

use super::read;

const DAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// Reads a recurrence rule of a series that starts at `start` by its own clock.
pub(super) fn read(text: &str, start: time::PrimitiveDateTime) -> Option<Recurrence> {
    let part = |name: &str| {
        let mut parts = text.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let number = |name| part(name).and_then(|value| value.parse::<i16>().ok());
    let small = |value: Option<i16>| value.and_then(|value| u8::try_from(value).ok());
    let (days, nth) = part("BYDAY").map(weekdays).unwrap_or_default();
    let week = number("BYSETPOS").or(nth).map(|nth| if nth < 0 { 5 } else { nth });
    let today = 1 << start.weekday().number_days_from_sunday();
    let month_day = small(number("BYMONTHDAY")).or(Some(start.day()));
    let month = small(number("BYMONTH")).or(Some(start.month().into()));
    let frequency = part("FREQ")?.to_ascii_uppercase();
    let mut rule = Recurrence {
        interval: Some(part("INTERVAL").and_then(|value| value.parse().ok()).unwrap_or(1)),
        occurrences: part("COUNT").and_then(|value| value.parse().ok()),
        until: part("UNTIL").and_then(read::utc),
        first_day_of_week: part("WKST")
            .and_then(|day| DAYS.iter().position(|known| *known == day))
            .and_then(|day| u8::try_from(day).ok()),
        ..Recurrence::default()
    };
    match (frequency.as_str(), days, week) {
        ("DAILY", days, _) => (rule.kind, rule.day_of_week) = (Some(0), days),
        ("WEEKLY", days, _) => (rule.kind, rule.day_of_week) = (Some(1), days.or(Some(today))),
        ("MONTHLY", Some(days), week) => {
            (rule.kind, rule.day_of_week) = (Some(3), Some(days));
            rule.week_of_month = small(week).or(Some(1));
        }
        ("MONTHLY", None, _) => (rule.kind, rule.day_of_month) = (Some(2), month_day),
        ("YEARLY", Some(days), week) => {
            (rule.kind, rule.day_of_week, rule.month_of_year) = (Some(6), Some(days), month);
            rule.week_of_month = small(week).or(Some(1));
        }
        ("YEARLY", None, _) => {
            (rule.kind, rule.day_of_month, rule.month_of_year) = (Some(5), month_day, month);
        }
        _ => return None,
    }
    Some(rule)
}

/// Reads `MO,2TU,-1FR`: the days, and which of them in the month.
fn weekdays(list: &str) -> (Option<u16>, Option<i16>) {
    let mut days = None;
    let mut nth = None;
    for entry in list.split(',') {
        let Some((count, name)) =
            entry.len().checked_sub(2).and_then(|at| entry.split_at_checked(at))
        else {
            continue;
        };
        if let Some(day) = DAYS.iter().position(|known| known.eq_ignore_ascii_case(name)) {
            days = Some(days.unwrap_or(0) | 1 << day);
            nth = count.parse().ok().or(nth);
        }
    }
    (days, nth)
}

/// Writes a recurrence rule.
pub(super) fn write(rule: &Recurrence) -> String {
    let days = rule.day_of_week.map(|days| {
        let named = DAYS.iter().enumerate().filter(|(day, _)| days >> day & 1 != 0);
        named.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
    });
    let frequency = match rule.kind {
        Some(1) => "WEEKLY",
        Some(2 | 3) => "MONTHLY",
        Some(5 | 6) => "YEARLY",
        Some(_) | None => "DAILY",
    };
    let nth = rule.week_of_month.map(|week| if week == 5 { -1 } else { i16::from(week) });
    let first = rule.first_day_of_week.and_then(|day| DAYS.get(usize::from(day)));
    let parts = [
        Some(format!("FREQ={frequency}")),
        rule.interval.map(|interval| format!("INTERVAL={interval}")),
        rule.occurrences.map(|count| format!("COUNT={count}")),
        rule.until.filter(|_| rule.occurrences.is_none()).map(until),
        days.map(|days| format!("BYDAY={days}")),
        nth.map(|nth| format!("BYSETPOS={nth}")),
        rule.month_of_year.map(|month| format!("BYMONTH={month}")),
        rule.day_of_month.map(|day| format!("BYMONTHDAY={day}")),
        first.map(|day| format!("WKST={day}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(";")
}

fn until(moment: OffsetDateTime) -> String {
    format!("UNTIL={}", activesync::date::compact(moment))
}
