//! The command line of `cordon profile`.

use super::smime::{KeyFile, MaybeKeyFile};
use apple_mdm::Version;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Needs no data folder and no configuration. Exit code 0: good; 1: there are errors; 2: unusable input.
#[derive(Debug, Subcommand)]
pub(crate) enum Profile {
    /// Hold a profile, a command or a declaration against Apple's rules, and say what is wrong and where
    Check(ProfileCheck),
    /// Show what is in a profile, and who signed it
    Show {
        /// The profile [default: standard input]
        file: Option<PathBuf>,
        /// Print the property list itself, as XML
        #[arg(long)]
        xml: bool,
    },
    /// Sign a profile, so that the device shows by whom it is
    Sign(ProfileSign),
    /// Encrypt the payloads of a profile for one device, and sign it if a key is given
    Encrypt(ProfileEncrypt),
}

#[derive(Args, Debug)]
pub(crate) struct ProfileCheck {
    /// A profile (.mobileconfig, signed or not), a command as a property list, or a declaration as JSON [default: standard input]
    pub(crate) file: Option<PathBuf>,
    /// Check for devices with this version of iOS or iPadOS, for example 17.4
    #[arg(long, value_name = "VERSION")]
    pub(crate) ios: Option<Version>,
    /// Check for supervised devices
    #[arg(long)]
    pub(crate) supervised: bool,
    /// Check for private devices that their users enrol
    #[arg(long)]
    pub(crate) user_enrolment: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ProfileSign {
    /// The profile [default: standard input]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: KeyFile,
}

#[derive(Args, Debug)]
pub(crate) struct ProfileEncrypt {
    /// The profile [default: standard input]
    pub(crate) file: Option<PathBuf>,
    /// The device's certificate, PEM or DER
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) key: MaybeKeyFile,
}
