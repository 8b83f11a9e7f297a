use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum OutOfOffice {
    /// Show the answers.
    Show(ShowAnswers),
    /// Send answers from here on, or for a time.
    On(On),
    /// Send none; their texts stay.
    Off,
}

#[derive(Args, Debug)]
pub(crate) struct ShowAnswers {
    /// As HTML, where the mail server can choose.
    #[arg(long)]
    pub(crate) html: bool,
}

#[derive(Args, Debug)]
pub(crate) struct On {
    /// From when on: 2026-12-24, 2026-12-24T17:00, or with a zone 2026-12-24T17:00:00+01:00 [default: from here on].
    #[arg(long, value_name = "MOMENT", requires = "until")]
    pub(crate) from: Option<String>,
    /// Until when, in the same forms.
    #[arg(long, value_name = "MOMENT", requires = "from")]
    pub(crate) until: Option<String>,
    /// The file with the answer to people of the same organisation [default: as it was].
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// The file with the answer to people outside [default: as it was].
    #[arg(long, value_name = "FILE", requires = "outside")]
    pub(crate) outside_text_file: Option<PathBuf>,
    /// Who outside gets an answer [default: as it was].
    #[arg(long, value_name = "WHO")]
    pub(crate) outside: Option<Outside>,
    /// The files hold HTML.
    #[arg(long)]
    pub(crate) html: bool,
}

/// Who outside gets an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Outside {
    /// Everybody.
    All,
    /// Those whom one knows.
    Known,
    /// Nobody.
    None,
}
