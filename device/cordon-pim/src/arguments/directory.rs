use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Directory {
    /// Find people by the beginning of a name, an address or another property.
    Search(FindPeople),
    /// Show the certificates of people.
    Certificates(FindCertificates),
    /// Show when people are free.
    Availability(Availability),
}

#[derive(Args, Debug)]
pub(crate) struct FindPeople {
    /// What to find.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// How many of the first to leave out.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u32,
    /// How many to list, at most 200.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
    /// Fetch photos too, which only answers in JSON show.
    #[arg(long)]
    pub(crate) photos: bool,
}

#[derive(Args, Debug)]
pub(crate) struct FindCertificates {
    /// Names or addresses.
    #[arg(required = true)]
    pub(crate) names: Vec<String>,
    /// Let the mail server judge each certificate.
    #[arg(long)]
    pub(crate) check: bool,
    /// A file with an issuer's certificate in DER that helps the mail server; may be repeated.
    #[arg(long, value_name = "FILE", requires = "check")]
    pub(crate) chain: Vec<PathBuf>,
    /// One whose revocation state is unknown is not good.
    #[arg(long, requires = "check")]
    pub(crate) revocation: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Availability {
    /// Names or addresses, at most 100.
    #[arg(required = true)]
    pub(crate) names: Vec<String>,
    /// From when on: 2026-11-25, 2026-11-25T09:00, or with a zone 2026-11-25T09:00:00+01:00.
    #[arg(long, value_name = "MOMENT")]
    pub(crate) from: String,
    /// Until when, in the same forms.
    #[arg(long, value_name = "MOMENT")]
    pub(crate) until: String,
}
