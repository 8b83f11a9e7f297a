use activesync::messages::{Flag, FlagState};
use time::{Date, OffsetDateTime};

/// What the user still has to do about a mail.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FollowUp {
    /// Whether there is something to do.
    pub state: FlagState,
    /// The day by which it is to be done.
    pub due: Option<Date>,
    /// When it was done.
    pub completed: Option<OffsetDateTime>,
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
            },
        }
    }

    /// Writes the flag. Start and due day stand in it all four or not at all.
    pub(crate) fn to_wire(self) -> Flag {
        let due = self.due.map(|day| day.midnight().assume_utc());
        match self.state {
            FlagState::None => Flag::default(),
            FlagState::Active | FlagState::Done => Flag {
                state: self.state,
                start: due,
                start_utc: due,
                due,
                due_utc: due,
                completed: self.completed,
                ..Flag::active()
            },
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
            FollowUp { state: FlagState::Done, due, completed },
        ] {
            assert_eq!(FollowUp::of(&flag.to_wire()), flag);
        }
    }

    #[test]
    fn without_a_flag_nothing_stands_in_it() {
        let flag = FollowUp { due: Some(date!(2026 - 12 - 01)), ..FollowUp::default() };
        assert_eq!(flag.to_wire(), Flag::default());
    }
}
