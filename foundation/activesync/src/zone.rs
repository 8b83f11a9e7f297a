//! Time zones: the rules that calendar items carry, the zones of the IANA database, and the way from one to the other.
//!
//! Items carry rules and no name that could be trusted, so zones are told apart by what their clocks do. The database is part of
//! the program.

mod named;
mod rules;

use time::{OffsetDateTime, PrimitiveDateTime};

pub use named::NamedZone;
pub use rules::{SwitchDate, ZoneRules};

/// A zone by whose clock an event goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Zone {
    /// A zone of the IANA database.
    Named(NamedZone),
    /// Rules that belong to no known zone.
    Rules(ZoneRules),
    /// Universal time.
    #[default]
    Utc,
}

impl Zone {
    /// Finds the zone of an event that carries `rules` and starts at `moment`.
    ///
    /// The account's own zone wins among equals, and stands in for rules that say nothing.
    pub fn of_event(rules: Option<&ZoneRules>, moment: OffsetDateTime, account: &Self) -> Self {
        let Some(rules) = rules.filter(|rules| !rules.say_nothing()) else {
            return account.clone();
        };
        let preferred = match account {
            Self::Named(zone) => Some(zone),
            Self::Rules(_) | Self::Utc => None,
        };
        NamedZone::matching(rules, moment, preferred)
            .map_or_else(|| Self::Rules(rules.clone()), Self::Named)
    }

    /// Returns the rules to write into an event that starts at `moment`.
    pub fn rules_at(&self, moment: OffsetDateTime) -> ZoneRules {
        match self {
            Self::Named(zone) => zone.rules_at(moment),
            Self::Rules(rules) => rules.clone(),
            Self::Utc => ZoneRules { standard_name: "UTC".to_owned(), ..ZoneRules::default() },
        }
    }

    /// Returns what the clock shows at `moment`.
    pub fn local(&self, moment: OffsetDateTime) -> PrimitiveDateTime {
        let seconds = match self {
            Self::Named(zone) => zone.offset_at(moment),
            Self::Rules(rules) => rules.offset_at(moment),
            Self::Utc => 0,
        };
        shifted(moment, seconds)
    }

    /// Returns when the clock shows `local`.
    ///
    /// Of two such moments it is the first. A time that the clock leaps over counts from before the leap, so it falls after it.
    pub fn moment(&self, local: PrimitiveDateTime) -> OffsetDateTime {
        match self {
            Self::Named(zone) => zone.moment(local),
            Self::Rules(rules) => rules.moment(local),
            Self::Utc => local.assume_utc(),
        }
    }
}

/// Returns what a clock shows at `moment` that is `seconds` ahead of universal time.
fn shifted(moment: OffsetDateTime, seconds: i32) -> PrimitiveDateTime {
    let moment = moment.to_utc();
    let utc = PrimitiveDateTime::new(moment.date(), moment.time());
    utc.saturating_add(time::Duration::seconds(i64::from(seconds)))
}

/// Returns the moment at which a clock that is `seconds` ahead of universal time shows `local`.
fn unshifted(local: PrimitiveDateTime, seconds: i32) -> OffsetDateTime {
    local.saturating_sub(time::Duration::seconds(i64::from(seconds))).assume_utc()
}

/// Picks the moment at which the clock shows `local`, given the offsets around it and the clock itself.
fn resolve(
    local: PrimitiveDateTime,
    offsets: [i32; 2],
    offset_at: impl Fn(OffsetDateTime) -> i32,
) -> OffsetDateTime {
    let fitting = offsets
        .into_iter()
        .map(|offset| (unshifted(local, offset), offset))
        .filter(|(moment, offset)| offset_at(*moment) == *offset)
        .map(|(moment, _)| moment)
        .min();
    // In a leap the offset before it is the smaller one.
    fitting.unwrap_or_else(|| unshifted(local, offsets[0].min(offsets[1])))
}
