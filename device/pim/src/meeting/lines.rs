//! Content lines of iCalendar (RFC 5545, 3.1).

use activesync::zone::{SwitchDate, Zone, ZoneRules};
use time::{OffsetDateTime, PrimitiveDateTime, macros::format_description};

/// Bytes of a line before it is folded.
const LONGEST: usize = 75;

#[derive(Debug)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn begin(method: &str) -> Self {
        let mut lines = Self(String::new());
        lines.open("VCALENDAR");
        lines.plain("PRODID", "-//Cordon//Cordon//EN");
        lines.plain("VERSION", "2.0");
        lines.plain("METHOD", method);
        lines
    }

    pub(super) fn end(mut self) -> String {
        self.close("VCALENDAR");
        self.0
    }

    pub(super) fn open(&mut self, component: &str) {
        self.plain("BEGIN", component);
    }

    pub(super) fn close(&mut self, component: &str) {
        self.plain("END", component);
    }

    /// Writes a value that needs no escape.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{value}"));
    }

    /// Writes a text (RFC 5545, 3.3.11).
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for character in value.replace("\r\n", "\n").chars() {
            match character {
                '\\' | ';' | ',' => escaped.extend(['\\', character]),
                '\n' => escaped.push_str("\\n"),
                other if other.is_control() => {}
                other => escaped.push(other),
            }
        }
        self.plain(name, &escaped);
    }

    /// Writes a person with parameters that need no quotes.
    pub(super) fn person(
        &mut self,
        property: &str,
        name: &str,
        address: &str,
        parameters: &[(&str, &str)],
    ) {
        let name: String =
            name.chars().filter(|character| !character.is_control() && *character != '"').collect();
        let address: String = address.chars().filter(|character| !character.is_control()).collect();
        let mut line = property.to_owned();
        match name.as_str() {
            "" => {}
            quoted if quoted.contains([':', ';', ',']) => {
                line.push_str(&format!(";CN=\"{quoted}\""))
            }
            plain => line.push_str(&format!(";CN={plain}")),
        }
        for (parameter, value) in parameters {
            line.push_str(&format!(";{parameter}={value}"));
        }
        line.push_str(&format!(":mailto:{address}"));
        self.line(&line);
    }

    /// Writes a moment in universal time.
    pub(super) fn utc(&mut self, name: &str, moment: OffsetDateTime) {
        self.plain(name, &utc(moment));
    }

    /// Writes a moment as the event counts it: a day, a time on the clock of a zone, or universal time.
    pub(super) fn moment(
        &mut self,
        name: &str,
        moment: OffsetDateTime,
        all_day: bool,
        tzid: Option<&str>,
        zone: &Zone,
    ) {
        match tzid {
            _ if all_day => {
                self.plain(&format!("{name};VALUE=DATE"), &date(day(zone.local(moment))));
            }
            Some(tzid) => self.plain(&format!("{name};TZID={tzid}"), &local(zone.local(moment))),
            None => self.utc(name, moment),
        }
    }

    /// Writes the rules of a zone (RFC 5545, 3.6.5).
    pub(super) fn time_zone(&mut self, tzid: &str, rules: &ZoneRules) {
        let standard = -(rules.bias + rules.standard_bias);
        let daylight = -(rules.bias + rules.daylight_bias);
        let changes = rules.standard_date.month != 0 && rules.daylight_date.month != 0;
        self.open("VTIMEZONE");
        self.plain("TZID", tzid);
        let before = if changes { daylight } else { standard };
        self.observance("STANDARD", before, standard, changes.then_some(&rules.standard_date));
        if changes {
            self.observance("DAYLIGHT", standard, daylight, Some(&rules.daylight_date));
        }
        self.close("VTIMEZONE");
    }

    fn observance(&mut self, name: &str, from: i32, to: i32, switch: Option<&SwitchDate>) {
        self.open(name);
        let begin = switch.and_then(|switch| switch.in_year(FIRST_YEAR)).map(local);
        self.plain("DTSTART", begin.as_deref().unwrap_or("19700101T000000"));
        if let Some(switch) = switch.filter(|switch| switch.year == 0) {
            let day = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
                .get(usize::from(switch.day_of_week))
                .copied()
                .unwrap_or("SU");
            let nth = if switch.day >= 5 { "-1".to_owned() } else { switch.day.to_string() };
            let month = switch.month;
            self.plain("RRULE", &format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{day}"));
        }
        self.plain("TZOFFSETFROM", &offset(from));
        self.plain("TZOFFSETTO", &offset(to));
        self.close(name);
    }

    /// Writes a line, folded between characters (RFC 5545, 3.1).
    fn line(&mut self, line: &str) {
        let mut width = 0;
        for character in line.chars() {
            if width + character.len_utf8() > LONGEST {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(character);
            width += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// The rules of a zone are written as if they had always held.
const FIRST_YEAR: i32 = 1970;

/// Names a zone for readers that know the IANA database.
pub(super) fn zone_name(zone: &Zone, moment: OffsetDateTime) -> String {
    match zone {
        Zone::Named(zone) => zone.name().to_owned(),
        Zone::Rules(_) => format!("Cordon{}", offset(-zone.rules_at(moment).bias)),
        Zone::Utc => "UTC".to_owned(),
    }
}

pub(super) fn utc(moment: OffsetDateTime) -> String {
    let moment = moment.to_utc();
    format!("{}Z", local(PrimitiveDateTime::new(moment.date(), moment.time())))
}

/// Returns a moment inside the day that begins nearest: of servers that tell whole days without their zone, midnight is some hours off.
pub(super) fn day(local: PrimitiveDateTime) -> PrimitiveDateTime {
    local.saturating_add(time::Duration::hours(12))
}

pub(super) fn date(local: PrimitiveDateTime) -> String {
    local.format(format_description!("[year][month][day]")).unwrap_or_default()
}

fn local(local: PrimitiveDateTime) -> String {
    local
        .format(format_description!("[year][month][day]T[hour][minute][second]"))
        .unwrap_or_default()
}

fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}
