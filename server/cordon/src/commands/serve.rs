use super::Keys;
use crate::config::{Config, LogFormat};
use crate::expiry::{self, Expiry, expiries};
use crate::vital::{Vital, until_asked};
use crate::{https, identity, tls};
use ::audit::Actor;
use anyhow::{Context as _, Result};
use fleet::access::FeedMessage;
use gateway::{Gateway, GatewayConfig, UpstreamConfig};
use operations::{ListDue, Operations};
use portal::{RefusalSource, RefusedRequest};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tracing_subscriber::EnvFilter;

/// How often the table of changes is looked at, for what other processes did.
const FEED: Duration = Duration::from_millis(200);
/// How often what is over is forgotten: sessions, challenges, old changes.
const UPKEEP: Duration = Duration::from_secs(600);
/// How often it is looked whether a revocation list is due.
const LISTS: Duration = Duration::from_secs(2);
/// How often it is told that a certificate comes to its end.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How many messages of the feed may wait; the gateway applies each in microseconds.
const FEED_MESSAGES: usize = 64;

/// Runs the server until it is asked to end.
pub(super) async fn run(config: &Config) -> Result<()> {
    start_log(config)?;
    raise_open_files();
    let (operations, secrets) = super::open(config, Keys::Made).await?;
    let authority = operations.authority();
    let identity = identity::tls(config, &secrets, authority, super::now())?;
    super::record_own_certificates(&operations, &identity, &Actor::Server).await?;
    let mailbox = super::mailbox::read(config)?;
    let expiries = expiries(config, authority, Some(&identity.certificate()?));
    let gateway_tls = Arc::new(tls::gateway(&identity, authority.issuer().certificate())?);
    let console_tls = Arc::new(tls::console(&identity)?);
    drop((identity, secrets));

    let (feed, followed) = mpsc::channel::<FeedMessage>(FEED_MESSAGES);
    let face = app_api::router(operations.clone());
    let gateway = Gateway::new(gateway_config(config)?, gateway_tls, face, followed);
    let phones = listen(config.gateway.listen, "gateway.listen").await?;
    let people = listen(config.portal.listen, "portal.listen").await?;
    let everybody = match config.authority.listen {
        Some(address) => Some(listen(address, "authority.listen").await?),
        None => None,
    };

    let (ending, end) = watch::channel(false);
    let mut helpers = Vital::default();
    helpers.spawn("the feed of changes", operations::feed::run(operations.clone(), feed, FEED));
    helpers.spawn("upkeep", upkeep(operations.clone()));
    helpers.spawn("the revocation lists", publish_lists(operations.clone()));
    helpers.spawn("the watch over certificates", watch_certificates(expiries));
    if let Some(mailbox) = mailbox {
        helpers.spawn("the mailbox", ::mailbox::follow(mailbox, operations.clone()));
    }
    let refusals = Arc::new(Refusals(gateway.clone()));
    let directory = if config.authority.directory {
        publication::People::Listed
    } else {
        publication::People::Unlisted
    };
    let published = publication::router(operations.clone(), directory);
    let console = portal::router(portal::Setup { operations, refusals });
    let mut servers = Vital::default();
    let (first, second, third) = (ended(end.clone()), ended(end.clone()), ended(end));
    servers.spawn("the gateway", async move { gateway.serve(phones, first).await });
    servers.spawn("the console", https::serve(people, console_tls, console, second));
    if let Some(everybody) = everybody {
        servers.spawn("the publication", https::serve_plain(everybody, published, third));
    }
    tracing::info!(
        gateway = %config.gateway.listen,
        console = %config.portal.listen,
        version = env!("CARGO_PKG_VERSION"),
        "Cordon is running"
    );

    let outcome = until_asked(asked_to_end(), &mut servers, &mut helpers).await;
    tracing::info!("Ending");
    ending.send_replace(true);
    servers.end().await;

    outcome
}

fn gateway_config(config: &Config) -> Result<GatewayConfig> {
    let server = config.gateway.mail_server.as_deref().context(
        "gateway.mail_server is not set: name the ActiveSync server, as in https://exchange.example.org",
    )?;
    let upstream =
        UpstreamConfig::parse(server, anchors(config.gateway.mail_server_authorities.as_deref())?)
            .context("gateway.mail_server")?;
    let mut gateway = GatewayConfig::new(upstream, super::now);
    gateway.fail_closed_after =
        Duration::from_secs(config.gateway.fail_closed_after_seconds.into());
    gateway.limits.request_bytes = u64::from(config.gateway.largest_request_mib) * 1024 * 1024;
    gateway.limits.connections = usize::try_from(config.gateway.connections)?;
    gateway.limits.connections_per_address =
        usize::try_from(config.gateway.connections_per_address)?;
    gateway.forwarded_cookies = config.forwarded_cookies();

    Ok(gateway)
}

/// Who may certify a mail server: those in a file, or else those of the platform.
pub(super) fn anchors(file: Option<&Path>) -> Result<RootCertStore> {
    let mut anchors = RootCertStore::empty();
    match file {
        Some(path) => {
            let place = || path.display().to_string();
            for certificate in CertificateDer::pem_file_iter(path).with_context(place)? {
                anchors.add(certificate.with_context(place)?).with_context(place)?;
            }
        }
        None => {
            // A platform's collection may hold certificates that rustls does not take; the others serve.
            anchors.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }

    Ok(anchors)
}

/// What the gateway of this process refused lately, for the console.
#[derive(Debug)]
struct Refusals(Gateway);

impl RefusalSource for Refusals {
    fn recent(&self) -> Vec<RefusedRequest> {
        let records = self.0.recent_refusals().into_iter();

        records
            .map(|record| RefusedRequest {
                at: record.at,
                device: record.device,
                eas_id: record.eas_id,
                command: record.command.map(|command| command.name().to_owned()),
                status: record.status,
                rule: record.rule.to_owned(),
                fact: record.fact.name.to_owned(),
                value: record.fact.value.to_string(),
            })
            .collect()
    }
}

async fn upkeep(operations: Operations) {
    loop {
        if let Err(error) = operations.tidy().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "Could not forget what is over"
            );
        }
        tokio::time::sleep(UPKEEP).await;
    }
}

/// Publishes a revocation list within seconds of each revocation, whoever revoked, and well before the last one ends.
async fn publish_lists(operations: Operations) {
    let mut is_failing = false;
    loop {
        let outcome = operations.publish_lists(&Actor::Server, ListDue::IfDue).await;
        match &outcome {
            Err(error) if !is_failing => tracing::error!(
                error = error as &dyn std::error::Error,
                "Could not publish a revocation list; it is tried again until it succeeds"
            ),
            Ok(_) if is_failing => tracing::info!("Revocation lists are published again"),
            Err(_) | Ok(_) => {}
        }
        is_failing = outcome.is_err();
        tokio::time::sleep(LISTS).await;
    }
}

async fn watch_certificates(expiries: Vec<Expiry>) {
    loop {
        expiry::warn(&expiries, super::now());
        tokio::time::sleep(DAY).await;
    }
}

async fn listen(address: SocketAddr, key: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{key}: cannot listen on {address}"))
}

async fn ended(mut end: watch::Receiver<bool>) {
    // The sender lives as long as the server; should it be gone, the server ends.
    drop(end.wait_for(|end| *end).await);
}

async fn asked_to_end() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }

    Ok(())
}

/// A relayed request holds two descriptors; the limit that a login shell sets is too low for phones that wait.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "Could not raise the limit of open files");
    }
}

fn start_log(config: &Config) -> Result<()> {
    // It calls every mechanism of a token that it does not know an error; its faults come to us as values.
    let filter = format!("cryptoki=off,{}", config.log.filter);
    let filter = EnvFilter::try_new(filter).context("log.filter")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(false).init(),
    }

    Ok(())
}
