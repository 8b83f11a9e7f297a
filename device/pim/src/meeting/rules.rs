//! Recurrence as iCalendar writes it (RFC 5545, 3.3.10).

use activesync::{
    messages::Recurrence,
    recurrence::{End, Pattern, Rule, Weekdays},
    zone::Zone,
};
use time::Weekday;

use super::lines;

/// Writes the rule of a series; `None` for a recurrence that cannot be read.
pub(super) fn rule(recurrence: &Recurrence, all_day: bool, zone: &Zone) -> Option<String> {
    let Pattern { rule, interval, end, first_day } = Pattern::read(recurrence).ok()?;
    let mut parts = match rule {
        Rule::Daily(Weekdays::ALL) => vec!["FREQ=DAILY".to_owned()],
        Rule::Daily(days) => vec!["FREQ=DAILY".to_owned(), format!("BYDAY={}", names(days))],
        Rule::Weekly(days) => vec!["FREQ=WEEKLY".to_owned(), format!("BYDAY={}", names(days))],
        Rule::MonthlyByDate(day) => [vec!["FREQ=MONTHLY".to_owned()], by_date(day)].concat(),
        Rule::MonthlyByWeekday(nth, days) => {
            [vec!["FREQ=MONTHLY".to_owned()], by_weekday(nth, days)].concat()
        }
        Rule::YearlyByDate(month, day) => {
            let head = vec!["FREQ=YEARLY".to_owned(), format!("BYMONTH={}", u8::from(month))];
            [head, by_date(day)].concat()
        }
        Rule::YearlyByWeekday(month, nth, days) => {
            let head = vec!["FREQ=YEARLY".to_owned(), format!("BYMONTH={}", u8::from(month))];
            [head, by_weekday(nth, days)].concat()
        }
    };
    if interval > 1 {
        parts.push(format!("INTERVAL={interval}"));
    }
    if matches!(rule, Rule::Weekly(_)) && interval > 1 {
        parts.push(format!("WKST={}", name(first_day)));
    }
    match end {
        End::Count(count) => parts.push(format!("COUNT={count}")),
        End::Never => {}
        End::Until(moment) if all_day => {
            parts.push(format!("UNTIL={}", lines::date(zone.local(moment))));
        }
        End::Until(moment) => parts.push(format!("UNTIL={}", lines::utc(moment))),
    }
    Some(parts.join(";"))
}

/// A day that not every month has falls on the last one of a shorter month; iCalendar would leave that month out.
fn by_date(day: u8) -> Vec<String> {
    if day <= 28 {
        return vec![format!("BYMONTHDAY={day}")];
    }
    let days: Vec<String> = (28..=day).map(|day| day.to_string()).collect();
    vec![format!("BYMONTHDAY={}", days.join(",")), "BYSETPOS=-1".to_owned()]
}

fn by_weekday(nth: u8, days: Weekdays) -> Vec<String> {
    let position = if nth >= 5 { "-1".to_owned() } else { nth.to_string() };
    vec![format!("BYDAY={}", names(days)), format!("BYSETPOS={position}")]
}

fn names(days: Weekdays) -> String {
    let week = std::iter::successors(Some(Weekday::Monday), |day| Some(day.next())).take(7);
    let names: Vec<&str> = week.filter(|day| days.contains(*day)).map(name).collect();
    names.join(",")
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Month;

    #[test]
    fn every_kind_of_series_has_its_rule() {
        check(Rule::Daily(Weekdays::ALL), 2, "FREQ=DAILY;INTERVAL=2");
        check(Rule::Daily(Weekdays::WORKDAYS), 1, "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR");
        check(Rule::Weekly(Weekdays::WEEKEND), 2, "FREQ=WEEKLY;BYDAY=SA,SU;INTERVAL=2;WKST=MO");
        check(Rule::MonthlyByDate(15), 1, "FREQ=MONTHLY;BYMONTHDAY=15");
        check(Rule::MonthlyByDate(31), 1, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1");
        let friday = Weekdays::from(Weekday::Friday);
        check(Rule::MonthlyByWeekday(5, friday), 1, "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1");
        check(Rule::YearlyByDate(Month::May, 1), 1, "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1");
        check(
            Rule::YearlyByWeekday(Month::November, 4, Weekdays::from(Weekday::Thursday)),
            1,
            "FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYSETPOS=4",
        );
    }

    #[track_caller]
    fn check(rule: Rule, interval: u16, expected: &str) {
        let pattern = Pattern { rule, interval, end: End::Never, first_day: Weekday::Monday };
        assert_eq!(super::rule(&pattern.to_wire(), false, &Zone::Utc).as_deref(), Some(expected));
    }
}
