//! Runs a sample mail server until it is interrupted.
//!
//! It prints its address on standard output; the library says what it can do.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use sandbox::{Options, Sandbox, Tls, TokenCheck, TokenKeys, Tokens};
use secrecy::SecretString;
use time::OffsetDateTime;
use tracing_subscriber::EnvFilter;

/// A sample server of mails, calendars, contacts, tasks and notes that speaks ActiveSync 12.1 to 16.1.
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
    /// Be as strict as Exchange Online: only 16.1, and what a device is in its first Provision.
    #[arg(long)]
    strict: bool,
    /// Do not demand a policy key.
    #[arg(long)]
    no_policy: bool,
    /// Address that autodiscover gives, without a path; else the one it listens on.
    #[arg(long)]
    public_url: Option<String>,
    /// An address of mail that somebody had before, and theirs now, as OLD=NEW: autodiscover sends them on.
    #[arg(long, value_name = "OLD=NEW", value_parser = pair)]
    renamed: Vec<(String, String)>,
    /// Where GET of autodiscover leads.
    #[arg(long, value_name = "URL")]
    autodiscover_redirect: Option<String>,
    /// An account whose mailbox is at another server, with the address of ActiveSync there, as NAME=URL: answered with 451.
    #[arg(long, value_name = "NAME=URL", value_parser = pair)]
    moved: Vec<(String, String)>,
    /// Take only tokens of this OpenID provider, no passwords.
    #[arg(long, value_name = "URL", requires_all = ["oauth_keys", "oauth_audience"])]
    oauth_issuer: Option<String>,
    /// The provider's keys, as a JSON Web Key Set.
    #[arg(long, value_name = "FILE", requires = "oauth_issuer")]
    oauth_keys: Option<PathBuf>,
    /// For whom the tokens must be: their claim `aud`.
    #[arg(long, value_name = "AUDIENCE", requires = "oauth_issuer")]
    oauth_audience: Option<String>,
    /// Where refusals send people to sign in; else /auth at the provider.
    #[arg(long, value_name = "URL", requires = "oauth_issuer")]
    oauth_authorization: Option<String>,
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
    let tokens = tokens(&arguments)?;
    let options = Options {
        public_url: arguments.public_url,
        renamed: arguments.renamed,
        autodiscover_redirect: arguments.autodiscover_redirect,
        tokens,
        listen: arguments.listen,
        accounts: arguments.accounts,
        domain: arguments.domain,
        samples: !arguments.no_samples,
        mails: arguments.mails,
        events: arguments.events,
        strict: arguments.strict,
        enforce_policy: !arguments.no_policy,
        tls,
        ..Options::new(arguments.password, now)
    };
    let running = Sandbox::start(options).await.context("the sandbox does not start")?;
    for (account, url) in &arguments.moved {
        running.move_account(account, Some(url)).context("--moved names nobody")?;
    }
    writeln!(std::io::stdout(), "{}", running.url())?;
    tokio::signal::ctrl_c().await.context("cannot wait for an interrupt")?;
    Ok(())
}

fn tokens(arguments: &Arguments) -> anyhow::Result<Option<Tokens>> {
    let (Some(issuer), Some(keys), Some(audience)) =
        (&arguments.oauth_issuer, &arguments.oauth_keys, &arguments.oauth_audience)
    else {
        return Ok(None);
    };
    let authorization_uri = arguments
        .oauth_authorization
        .clone()
        .unwrap_or_else(|| format!("{}/auth", issuer.trim_end_matches('/')));
    let signed = TokenKeys::new(issuer, audience, &read(keys)?)
        .with_context(|| format!("cannot use {}", keys.display()))?;
    Ok(Some(Tokens { authorization_uri, check: TokenCheck::Keys(signed) }))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (left, right) = text.split_once('=').ok_or("there is no =")?;
    Ok((left.to_owned(), right.to_owned()))
}

fn read(path: &PathBuf) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "this program hands the time to its library")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
