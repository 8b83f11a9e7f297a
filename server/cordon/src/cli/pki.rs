//! The command line of `cordon pki`.

use clap::error::{Error, ErrorKind};
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Needs no data folder and no configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Pki {
    /// Validate a certificate with what is given, and print the result as JSON; nothing is fetched
    Verify(Box<VerifyCertificate>),
}

/// The options, and the certificate, wherever it stands.
#[derive(Debug)]
pub(crate) struct VerifyCertificate {
    pub(crate) options: VerifyOptions,
    pub(crate) certificate: PathBuf,
}

/// Files are DER or PEM. Options that take a FILE or an OID take several, and may be repeated. CERT is
/// what stands by itself, else the last of the values that follow the first of such an option.
#[derive(Args, Debug)]
#[command(
    group(clap::ArgGroup::new("name").args(["email", "dns", "ip"])),
    override_usage = "cordon pki verify [OPTIONS] --anchor <FILE>... <CERT>"
)]
pub(crate) struct VerifyOptions {
    /// Certificates of authorities that are trusted
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub(crate) anchor: Vec<PathBuf>,
    /// Certificates that may lie between, in any order
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) untrusted: Vec<PathBuf>,
    /// Revocation lists, complete or delta
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) crl: Vec<PathBuf>,
    /// OCSP answers
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) ocsp: Vec<PathBuf>,
    /// Ask for this moment, like 2027-03-01T12:00:00Z [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub(crate) at: Option<String>,
    /// An acceptable policy [default: any]
    #[arg(long, value_name = "OID", num_args = 1..)]
    pub(crate) policy: Vec<String>,
    /// An acceptable policy must hold along the whole path
    #[arg(long)]
    pub(crate) explicit_policy: bool,
    /// Policies of one authority do not stand for those of another
    #[arg(long)]
    pub(crate) inhibit_mapping: bool,
    /// The policy "any" counts for nothing
    #[arg(long)]
    pub(crate) inhibit_any: bool,
    /// What the certificate is shown for
    #[arg(long, value_enum, default_value_t = Purpose::Any)]
    pub(crate) purpose: Purpose,
    /// The certificate must be for this mail address
    #[arg(long, value_name = "ADDR")]
    pub(crate) email: Option<String>,
    /// The certificate must be for this host
    #[arg(long, value_name = "NAME")]
    pub(crate) dns: Option<String>,
    /// The certificate must be for the host with this IP address
    #[arg(long, value_name = "ADDR")]
    pub(crate) ip: Option<std::net::IpAddr>,
    /// Refuse a certificate of which is not known whether it was revoked
    #[arg(long)]
    pub(crate) require_revocation: bool,
    /// Let signatures made with SHA-1 count; such ones can be forged
    #[arg(long)]
    pub(crate) allow_sha1: bool,
    /// Let signatures made with MD5 count; anybody can forge such ones
    #[arg(long)]
    pub(crate) allow_md5: bool,
    /// The certificate; more in the same file count as --untrusted
    #[arg(value_name = "CERT")]
    certificate: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Purpose {
    /// Anything
    Any,
    /// Encrypting mail
    MailEncrypt,
    /// Signing mail
    MailSign,
    /// The client's end of TLS
    TlsClient,
    /// The server's end of TLS
    TlsServer,
}

impl Args for VerifyCertificate {
    fn augment_args(command: Command) -> Command {
        VerifyOptions::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        VerifyOptions::augment_args_for_update(command)
    }
}

impl FromArgMatches for VerifyCertificate {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut options = VerifyOptions::from_arg_matches(matches)?;
        let certificate = match options.certificate.take() {
            Some(certificate) => certificate,
            None => options.take(&last_further(matches)?),
        };

        Ok(Self { options, certificate })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;

        Ok(())
    }
}

impl VerifyOptions {
    /// Takes a value out of the option that has it.
    fn take(&mut self, further: &Further) -> PathBuf {
        let files = match further.option {
            Several::Anchor => &mut self.anchor,
            Several::Untrusted => &mut self.untrusted,
            Several::Crl => &mut self.crl,
            Several::Ocsp => &mut self.ocsp,
            Several::Policy => return self.policy.remove(further.place).into(),
        };

        files.remove(further.place)
    }
}

/// The options that take several values.
#[derive(Clone, Copy)]
enum Several {
    Anchor,
    Untrusted,
    Crl,
    Ocsp,
    Policy,
}

impl Several {
    const ALL: [(Self, &str); 5] = [
        (Self::Anchor, "anchor"),
        (Self::Untrusted, "untrusted"),
        (Self::Crl, "crl"),
        (Self::Ocsp, "ocsp"),
        (Self::Policy, "policy"),
    ];
}

/// A value that follows the first of an option: one more of its kind, or the certificate.
struct Further {
    option: Several,
    /// Among all values of the option.
    place: usize,
    /// Among all words of the command line.
    index: usize,
    /// Where the option stands that it follows.
    behind: usize,
}

/// Finds the value that is the certificate. Were it guessed where two can be meant, the one that somebody asks for
/// could count as trusted.
fn last_further(matches: &ArgMatches) -> Result<Further, Error> {
    let mut all: Vec<_> = Several::ALL.iter().flat_map(|it| further(matches, *it)).collect();
    all.sort_by_key(|it| it.index);
    let last = all.pop().ok_or_else(|| {
        let said = "CERT is missing: the certificate to verify, behind the options, as in --anchor FILE... CERT";
        Error::raw(ErrorKind::MissingRequiredArgument, said)
    })?;
    if all.iter().any(|it| it.behind != last.behind) && last.index < last_index(matches) {
        let said = "it is not clear which file is CERT: put the certificate to verify at the end";
        return Err(Error::raw(ErrorKind::MissingRequiredArgument, said));
    }

    Ok(last)
}

fn further(matches: &ArgMatches, (option, id): (Several, &str)) -> Vec<Further> {
    let mut indices = matches.indices_of(id).into_iter().flatten().enumerate();
    let mut found = Vec::new();
    for values in matches.get_raw_occurrences(id).into_iter().flatten() {
        let mut values = values.zip(&mut indices).map(|(_, place)| place);
        let Some((_, behind)) = values.next() else { continue };
        found.extend(values.map(|(place, index)| Further { option, place, index, behind }));
    }

    found
}

fn last_index(matches: &ArgMatches) -> usize {
    let said = |id: &&clap::Id| {
        matches.value_source(id.as_str()) == Some(clap::parser::ValueSource::CommandLine)
    };
    let indices = matches.ids().filter(said).filter_map(|id| matches.indices_of(id.as_str()));

    indices.flatten().max().unwrap_or_default()
}
