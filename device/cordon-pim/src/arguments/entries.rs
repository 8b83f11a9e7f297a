//! The command line of contacts, events, tasks and notes.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Contact {
    /// List contacts by their names.
    List(EntryList),
    /// Find contacts by words: names, addresses, numbers, notes.
    Search(EntrySearch),
    /// Show a contact, or write its picture to standard output.
    Show {
        /// The contact's number, from `contact list`.
        id: i64,
        /// Write the picture out instead.
        #[arg(long)]
        photo: bool,
    },
    /// Add a contact.
    Add {
        #[command(flatten)]
        input: Box<ContactInput>,
        /// The number of the folder it is added to [default: the server's own one].
        #[arg(long, value_name = "NUMBER")]
        folder: Option<i64>,
    },
    /// Change what is given of a contact.
    Edit {
        /// The contact's number, from `contact list`.
        id: i64,
        #[command(flatten)]
        input: Box<ContactInput>,
        #[command(flatten)]
        clear: Clear,
    },
    /// Remove a contact.
    Remove {
        /// The contact's number, from `contact list`.
        id: i64,
    },
    /// Decide between a change here and one on the server.
    Settle(Settle),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Event {
    /// List when events take place.
    List {
        /// From this day or time on [default: today].
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Up to the beginning of this day, or this time [default: 30 days later].
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// The number of a folder [default: all].
        #[arg(long, value_name = "NUMBER")]
        folder: Option<i64>,
    },
    /// Find events by words, the latest first: subjects, places, people, texts.
    Search(EntrySearch),
    /// Show an event or a series.
    Show {
        /// The event's number, from `event list`.
        id: i64,
    },
    /// Add an event.
    Add {
        #[command(flatten)]
        input: Box<EventInput>,
        /// The number of the folder it is added to [default: the server's own one].
        #[arg(long, value_name = "NUMBER")]
        folder: Option<i64>,
    },
    /// Change what is given of an event, of a series, or of one occurrence.
    Edit {
        /// The event's number, from `event list`.
        id: i64,
        #[command(flatten)]
        input: Box<EventInput>,
        /// Only the occurrence with this start, as `event list --json` names it.
        #[arg(long, value_name = "TIME")]
        occurrence: Option<String>,
        #[command(flatten)]
        clear: Clear,
    },
    /// Remove an event, a series, or one occurrence.
    Remove(RemoveEvent),
    /// Answer an invitation; the organiser is told.
    Answer(AnswerEvent),
    /// Decide between a change here and one on the server.
    Settle(Settle),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// List tasks by when they are due, those that are done at the end.
    List {
        #[command(flatten)]
        list: EntryList,
        /// Only those that are not done.
        #[arg(long, conflicts_with = "done")]
        open: bool,
        /// Only those that are done.
        #[arg(long)]
        done: bool,
    },
    /// Find tasks by words.
    Search(EntrySearch),
    /// Show a task.
    Show {
        /// The task's number, from `task list`.
        id: i64,
    },
    /// Add a task.
    Add {
        #[command(flatten)]
        input: Box<TaskInput>,
        /// The number of the folder it is added to [default: the server's own one].
        #[arg(long, value_name = "NUMBER")]
        folder: Option<i64>,
    },
    /// Change what is given of a task.
    Edit {
        /// The task's number, from `task list`.
        id: i64,
        #[command(flatten)]
        input: Box<TaskInput>,
        #[command(flatten)]
        clear: Clear,
    },
    /// Remove a task.
    Remove {
        /// The task's number, from `task list`.
        id: i64,
    },
    /// Decide between a change here and one on the server.
    Settle(Settle),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Note {
    /// List notes by their titles.
    List(EntryList),
    /// Find notes by words.
    Search(EntrySearch),
    /// Show a note.
    Show {
        /// The note's number, from `note list`.
        id: i64,
    },
    /// Add a note.
    Add {
        #[command(flatten)]
        input: NoteInput,
        /// The number of the folder it is added to [default: the server's own one].
        #[arg(long, value_name = "NUMBER")]
        folder: Option<i64>,
    },
    /// Change what is given of a note.
    Edit {
        /// The note's number, from `note list`.
        id: i64,
        #[command(flatten)]
        input: NoteInput,
        #[command(flatten)]
        clear: Clear,
    },
    /// Remove a note.
    Remove {
        /// The note's number, from `note list`.
        id: i64,
    },
    /// Decide between a change here and one on the server.
    Settle(Settle),
}

#[derive(Args, Debug)]
pub(crate) struct EntryList {
    /// The number of a folder [default: all].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) folder: Option<i64>,
    /// How many to leave out.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u64,
    /// How many to list, at most 200.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Args, Debug)]
pub(crate) struct EntrySearch {
    /// What to find; all words have to be there, and the last may be the beginning of one.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// How many to leave out.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u64,
    /// How many to list, at most 200.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Args, Debug)]
pub(crate) struct AnswerEvent {
    /// The event's number, from `event list`.
    pub(crate) id: i64,
    #[command(flatten)]
    pub(crate) reply: Reply,
    /// Only the occurrence with this start, as `event list --json` names it.
    #[arg(long, value_name = "TIME")]
    pub(crate) occurrence: Option<String>,
}

/// What is answered to an invitation.
#[derive(Args, Debug)]
pub(crate) struct Reply {
    /// What to answer.
    pub(crate) answer: Answer,
    /// What to tell the organiser besides.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) words: String,
    /// Tell nobody.
    #[arg(long, conflicts_with_all = ["words", "propose"])]
    pub(crate) silent: bool,
    /// Propose another time, from start to end, such as 2026-12-31T09:30:00+01:00.
    #[arg(long, num_args = 2, value_names = ["START", "END"])]
    pub(crate) propose: Vec<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Answer {
    Accept,
    Tentative,
    Decline,
}

#[derive(Args, Debug)]
pub(crate) struct RemoveEvent {
    /// The event's number, from `event list`.
    pub(crate) id: i64,
    /// Only the occurrence with this start, as `event list --json` names it.
    #[arg(long, value_name = "TIME")]
    pub(crate) occurrence: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Settle {
    /// The number.
    pub(crate) id: i64,
    /// Whose change is to stand.
    pub(crate) take: Side,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Side {
    /// What was changed here.
    Mine,
    /// What was changed on the server.
    Theirs,
}

#[derive(Args, Debug)]
pub(crate) struct Clear {
    /// Clear this field, by its name in JSON; may be repeated.
    #[arg(long = "clear", value_name = "FIELD")]
    pub(crate) fields: Vec<String>,
}

#[derive(Args, Debug, Default)]
pub(crate) struct ContactInput {
    /// By what it is sorted, such as `Miller, Anna` [default: made of the names].
    #[arg(long)]
    pub(crate) file_as: Option<String>,
    /// What precedes the name, such as `Dr.`.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The first name.
    #[arg(long)]
    pub(crate) first_name: Option<String>,
    /// The middle name.
    #[arg(long)]
    pub(crate) middle_name: Option<String>,
    /// The last name.
    #[arg(long)]
    pub(crate) last_name: Option<String>,
    /// What follows the name, such as `Jr.`.
    #[arg(long)]
    pub(crate) suffix: Option<String>,
    /// The nickname.
    #[arg(long)]
    pub(crate) nickname: Option<String>,
    /// The company.
    #[arg(long)]
    pub(crate) company: Option<String>,
    /// The department.
    #[arg(long)]
    pub(crate) department: Option<String>,
    /// What the person does there.
    #[arg(long)]
    pub(crate) job_title: Option<String>,
    /// The office.
    #[arg(long)]
    pub(crate) office: Option<String>,
    /// The name of the manager.
    #[arg(long)]
    pub(crate) manager: Option<String>,
    /// The name of the assistant.
    #[arg(long)]
    pub(crate) assistant: Option<String>,
    /// The name of the spouse.
    #[arg(long)]
    pub(crate) spouse: Option<String>,
    /// A mail address; may be repeated, up to three.
    #[arg(long = "email", value_name = "ADDRESS")]
    pub(crate) emails: Vec<String>,
    /// An address for instant messages; may be repeated, up to three.
    #[arg(long = "messenger", value_name = "ADDRESS")]
    pub(crate) messengers: Vec<String>,
    /// A telephone number, such as `mobile=+49 170 1234567`; may be repeated. Kinds: mobile, work, work2, home, home2, company,
    /// assistant, car, pager, radio, work_fax, home_fax.
    #[arg(long = "phone", value_name = "KIND=NUMBER")]
    pub(crate) phones: Vec<String>,
    /// A postal address, such as `work=Street 1; 12345; City; State; Country`; may be repeated. Kinds: work, home, other.
    #[arg(long = "address", value_name = "KIND=ADDRESS")]
    pub(crate) addresses: Vec<String>,
    /// The web page.
    #[arg(long)]
    pub(crate) web_page: Option<String>,
    /// A date, such as 1980-05-17.
    #[arg(long, value_name = "DATE")]
    pub(crate) birthday: Option<String>,
    /// A date, such as 2010-05-17.
    #[arg(long, value_name = "DATE")]
    pub(crate) anniversary: Option<String>,
    /// A category; may be repeated.
    #[arg(long = "category", value_name = "NAME")]
    pub(crate) categories: Vec<String>,
    /// Anything else.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    /// The file with a picture in JPEG, at most 36 KiB.
    #[arg(long, value_name = "FILE")]
    pub(crate) photo: Option<PathBuf>,
}

#[derive(Args, Debug, Default)]
pub(crate) struct EventInput {
    /// What it is about.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// Where it takes place.
    #[arg(long)]
    pub(crate) location: Option<String>,
    /// When it starts, such as 2026-12-31T09:30; of whole days the first.
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
    /// When it ends, in the same form; of whole days the last.
    #[arg(long, value_name = "TIME")]
    pub(crate) end: Option<String>,
    /// It takes whole days; `--all-day=false` for one that does no longer.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) all_day: Option<bool>,
    /// The zone whose clock it follows, such as Europe/Berlin [default: that of this machine].
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// Anything else.
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// How its time counts: busy, free, tentative, out_of_office.
    #[arg(long)]
    pub(crate) busy: Option<String>,
    /// Who may see it: normal, personal, private, confidential.
    #[arg(long)]
    pub(crate) sensitivity: Option<String>,
    /// How many minutes before the start to remind.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) reminder: Option<u32>,
    /// The mail address of somebody who is invited; may be repeated.
    #[arg(long = "attendee", value_name = "ADDRESS")]
    pub(crate) attendees: Vec<String>,
    /// A category; may be repeated.
    #[arg(long = "category", value_name = "NAME")]
    pub(crate) categories: Vec<String>,
    #[command(flatten)]
    pub(crate) recurrence: Recurrence,
}

#[derive(Args, Debug, Default)]
pub(crate) struct TaskInput {
    /// What is to be done.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// Anything else.
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// The first day, such as 2026-12-01.
    #[arg(long, value_name = "DATE")]
    pub(crate) start: Option<String>,
    /// The last day, such as 2026-12-31.
    #[arg(long, value_name = "DATE")]
    pub(crate) due: Option<String>,
    /// It is done; `--complete=false` for one that is not.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) complete: Option<bool>,
    /// How urgent it is: low, normal, high.
    #[arg(long)]
    pub(crate) importance: Option<String>,
    /// Who may see it: normal, personal, private, confidential.
    #[arg(long)]
    pub(crate) sensitivity: Option<String>,
    /// When to remind, such as 2026-12-31T09:30.
    #[arg(long, value_name = "TIME")]
    pub(crate) reminder: Option<String>,
    /// A category; may be repeated.
    #[arg(long = "category", value_name = "NAME")]
    pub(crate) categories: Vec<String>,
    #[command(flatten)]
    pub(crate) recurrence: Recurrence,
}

#[derive(Args, Debug, Default)]
pub(crate) struct NoteInput {
    /// What lists show [default: the first line of the text].
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The text.
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// A category; may be repeated.
    #[arg(long = "category", value_name = "NAME")]
    pub(crate) categories: Vec<String>,
}

/// How something recurs. What is left out follows from the start.
#[derive(Args, Debug, Default)]
pub(crate) struct Recurrence {
    /// How often it recurs: daily, weekly, monthly, yearly.
    #[arg(long = "repeat", value_name = "FREQUENCY")]
    pub(crate) frequency: Option<String>,
    /// Every how many days, weeks, months or years.
    #[arg(long, requires = "frequency", value_name = "NUMBER")]
    pub(crate) interval: Option<u16>,
    /// On this day of the week; may be repeated.
    #[arg(long = "weekday", requires = "frequency", value_name = "DAY")]
    pub(crate) weekdays: Vec<String>,
    /// On which of these days in the month, 1 to 4, or 5 for the last.
    #[arg(long, requires = "frequency", value_name = "NUMBER")]
    pub(crate) week: Option<u8>,
    /// On which day of the month.
    #[arg(long, requires = "frequency", value_name = "NUMBER")]
    pub(crate) day: Option<u8>,
    /// In which month of the year.
    #[arg(long, requires = "frequency", value_name = "NUMBER")]
    pub(crate) month: Option<u8>,
    /// How many times.
    #[arg(long, requires = "frequency", value_name = "NUMBER")]
    pub(crate) count: Option<u16>,
    /// Until which day.
    #[arg(long, requires = "frequency", value_name = "DATE")]
    pub(crate) until: Option<String>,
}
