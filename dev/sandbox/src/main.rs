//! Runs a sample mail server until it is interrupted.
//!
//! It prints its address on standard output; the library says what it can do.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use sandbox::{Options, Sandbox, Tls};
use secrecy::SecretString;
use time::OffsetDateTime;
use tracing_subscriber::EnvFilter;

/// A sample mail server that speaks ActiveSync 14.1 and 16.1.
#[derive(Debug, Parser)]
#[command(name = "sandbox", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8125")]
    listen: SocketAddr,
    /// The password of every account.
    #[arg(long, env = "SANDBOX_PASSWORD", hide_env_values = true)]
    password: SecretString,
    /// Names of the accounts; the first one gets the large mailbox.
    #[arg(long, value_delimiter = ',', default_value = "alice,bob,carol,dave,erin")]
    accounts: Vec<String>,
    /// Domain of the accounts' addresses.
    #[arg(long, default_value = "example.test")]
    domain: String,
    /// Mails to generate for the first account, besides the samples.
    #[arg(long, default_value_t = 0)]
    mails: u32,
    /// Events to generate for the first account, besides the samples.
    #[arg(long, default_value_t = 0)]
    events: u32,
    /// Start with empty mailboxes.
    #[arg(long)]
    no_samples: bool,
    /// Do not demand a policy key.
    #[arg(long)]
    no_policy: bool,
    /// Certificate chain as PEM; without it the sandbox speaks HTTP.
    #[arg(long, requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Private key as PEM.
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let tls = match (&arguments.tls_certificate, &arguments.tls_key) {
        (Some(certificates), Some(key)) => {
            Some(Tls { certificates: read(certificates)?, key: read(key)?.into() })
        }
        (Some(_) | None, _) => None,
    };
    let options = Options {
        listen: arguments.listen,
        accounts: arguments.accounts,
        domain: arguments.domain,
        samples: !arguments.no_samples,
        mails: arguments.mails,
        events: arguments.events,
        enforce_policy: !arguments.no_policy,
        tls,
        ..Options::new(arguments.password, now)
    };
    let running = Sandbox::start(options).await.context("the sandbox does not start")?;
    writeln!(std::io::stdout(), "{}", running.url())?;
    tokio::signal::ctrl_c().await.context("cannot wait for an interrupt")?;
    Ok(())
}

fn read(path: &PathBuf) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "this program hands the time to its library")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
