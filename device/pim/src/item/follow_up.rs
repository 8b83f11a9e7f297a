use activesync::messages::{Flag, FlagState};
use time::{Date, OffsetDateTime};

/// What the user still has to do about a mail.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FollowUp {
    /// Whether there is something to do.
    pub state: FlagState,
    /// The day by which it is to be done.
    pub due: Option<Date>,
    /// When it was done.
    pub completed: Option<OffsetDateTime>,
    /// What the server says besides. A flag goes back whole, so that nothing of it may get lost here.
    pub details: FlagDetails,
}

/// What the app does not show of a flag.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FlagDetails {
    /// Its text.
    pub text: Option<String>,
    /// When to begin, by the clock of whoever set it.
    pub start: Option<OffsetDateTime>,
    /// The same moment.
    pub start_utc: Option<OffsetDateTime>,
    /// When it is to be done, by the clock of whoever set it.
    pub due: Option<OffsetDateTime>,
    /// The same moment.
    pub due_utc: Option<OffsetDateTime>,
    /// When to remind.
    pub reminder: Option<OffsetDateTime>,
}

impl FollowUp {
    /// Says whether there is something to do.
    pub fn is_active(&self) -> bool {
        self.state == FlagState::Active
    }

    pub(crate) fn of(flag: &Flag) -> Self {
        match flag.state {
            FlagState::None => Self::default(),
            FlagState::Active | FlagState::Done => Self {
                state: flag.state,
                due: flag.due.or(flag.due_utc).map(OffsetDateTime::date),
                completed: flag.completed,
                details: FlagDetails {
                    text: flag.text.clone(),
                    start: flag.start,
                    start_utc: flag.start_utc,
                    due: flag.due,
                    due_utc: flag.due_utc,
                    reminder: flag.reminder,
                },
            },
        }
    }

    /// Takes over what the user did not touch of the flag that was there: all but the state, and the day where another is named.
    pub(crate) fn instead_of(self, before: &Self) -> Self {
        match self.state {
            FlagState::None => Self::default(),
            FlagState::Active => Self { details: before.details.clone(), ..self },
            FlagState::Done => {
                Self { due: self.due.or(before.due), details: before.details.clone(), ..self }
            }
        }
    }

    /// Writes the flag. Start and due day stand in it all four or not at all.
    pub(crate) fn to_wire(&self) -> Flag {
        if self.state == FlagState::None {
            return Flag::default();
        }
        let FlagDetails { text, start, start_utc, due, due_utc, reminder } = &self.details;
        let dates = self.due.map(|day| {
            let midnight = day.midnight().assume_utc();
            let is_known = due.or(*due_utc).map(OffsetDateTime::date) == Some(day);
            let (due, due_utc) = if is_known { (*due, *due_utc) } else { (None, None) };
            let due = due.or(due_utc).unwrap_or(midnight);
            let due_utc = due_utc.unwrap_or(due);
            let start = start.or(*start_utc).filter(|start| *start <= due).unwrap_or(due);
            let start_utc = start_utc.filter(|start| *start <= due_utc).unwrap_or(start);
            [start, start_utc, due, due_utc]
        });
        Flag {
            state: self.state,
            text: text.clone().or(Flag::active().text),
            start: dates.map(|[start, ..]| start),
            start_utc: dates.map(|[_, start, ..]| start),
            due: dates.map(|[_, _, due, _]| due),
            due_utc: dates.map(|[.., due]| due),
            completed: self.completed,
            reminder: *reminder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn a_flag_comes_back_as_it_was_written() {
        let due = Some(date!(2026 - 12 - 01));
        let completed = Some(datetime!(2026-11-22 10:00 UTC));
        for flag in [
            FollowUp::default(),
            FollowUp { state: FlagState::Active, ..FollowUp::default() },
            FollowUp { state: FlagState::Active, due, ..FollowUp::default() },
            FollowUp { state: FlagState::Done, due, completed, ..FollowUp::default() },
        ] {
            let back = FollowUp::of(&flag.to_wire());
            assert_eq!(FollowUp { details: FlagDetails::default(), ..back }, flag);
        }
    }

    #[test]
    fn what_is_done_keeps_everything_else() {
        let there = theirs();
        let completed = Some(datetime!(2026-11-22 10:00 UTC));
        let done = FollowUp { state: FlagState::Done, completed, ..FollowUp::default() };

        let done = done.instead_of(&FollowUp::of(&there));

        assert_eq!(done.due, Some(date!(2026 - 12 - 03)));
        assert_eq!(done.to_wire(), Flag { state: FlagState::Done, completed, ..there });
    }

    #[test]
    fn another_day_moves_nothing_but_the_day() {
        let there = theirs();
        let day = |due| {
            let flag = FollowUp { state: FlagState::Active, due, ..FollowUp::default() };
            flag.instead_of(&FollowUp::of(&there)).to_wire()
        };

        let later = Some(datetime!(2026-12-24 0:00 UTC));
        let moved = Flag { due: later, due_utc: later, ..there.clone() };
        assert_eq!(day(Some(date!(2026 - 12 - 24))), moved);
        // What ends before it begins begins then.
        let sooner = Some(datetime!(2026-11-30 0:00 UTC));
        let dates = [day(Some(date!(2026 - 11 - 30)))].map(|flag| (flag.start, flag.start_utc));
        assert_eq!(dates, [(sooner, sooner)]);
        // All four or none.
        let (start, start_utc) = (None, None);
        assert_eq!(day(None), Flag { start, start_utc, due: None, due_utc: None, ..there.clone() });
    }

    #[test]
    fn without_a_flag_nothing_stands_in_it() {
        let flag = FollowUp { due: Some(date!(2026 - 12 - 01)), ..FollowUp::default() };
        assert_eq!(flag.to_wire(), Flag::default());
        assert_eq!(FollowUp::default().instead_of(&FollowUp::of(&theirs())), FollowUp::default());
    }

    /// A flag that somebody set with another program, two hours east of Greenwich.
    fn theirs() -> Flag {
        Flag {
            state: FlagState::Active,
            text: Some("Please call".to_owned()),
            start: Some(datetime!(2026-12-01 9:00 UTC)),
            start_utc: Some(datetime!(2026-12-01 7:00 UTC)),
            due: Some(datetime!(2026-12-03 1:00 UTC)),
            due_utc: Some(datetime!(2026-12-02 23:00 UTC)),
            completed: None,
            reminder: Some(datetime!(2026-12-01 8:00 UTC)),
        }
    }
}
