use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Certificates {
    /// List the certificates of people that are here.
    List {
        /// Only those for this address.
        #[arg(long, value_name = "ADDRESS")]
        address: Option<String>,
    },
    /// Show a certificate, with itself in PEM.
    Show {
        /// Its number.
        id: i64,
    },
    /// Take in certificates from files: one in DER, or any number in PEM.
    Import {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Remove a certificate.
    Remove {
        /// Its number.
        id: i64,
    },
}
