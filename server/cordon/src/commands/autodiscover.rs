//! `cordon autodiscover`: where a company's mail server is, for whoever writes `gateway.mail_server`.

mod ask;
mod dns;
mod srv;

use super::password;
use crate::cli::Autodiscover;
use crate::output::{Output, Refused};
use activesync::autodiscover::{Outcome, Reply, Search, Step, Trust, Way};
use anyhow::{Context as _, Result, bail};
use ask::Asker;
use dns::Resolver;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use std::path::Path;

/// Where the mailboxes of Exchange Online are found.
const EXCHANGE_ONLINE: &str = "outlook.office365.com";

/// Runs the command.
pub(super) async fn run(command: Autodiscover, output: Output) -> Result<()> {
    let trust = Trust {
        hosts: command.trust,
        cloud: command.exchange_online.then(|| EXCHANGE_ONLINE.to_owned()),
        has_password: command.user.is_some(),
    };
    let Some(mut search) = Search::new(&command.address, trust) else {
        bail!("{:?} is not a mail address", command.address);
    };
    if command.address.rsplit('@').next().is_some_and(|domain| !domain.is_ascii()) {
        bail!("{:?}: write the domain as DNS knows it (xn--…)", command.address);
    }
    let credentials = match command.user {
        Some(user) => Some((user, password::of_mailbox(command.password_file.as_deref())?)),
        None => None,
    };
    let asker = Asker::new(anchors(command.ca.as_deref())?, command.connect_to, credentials)?;
    let resolver = Resolver::new(command.nameserver);
    while let Some(question) = search.question() {
        let reply = match question.way {
            Way::Srv => resolver.srv(&question.place).await.map(Reply::Hosts),
            Way::Json | Way::Redirect | Way::Xml => asker.ask(question).await,
        };
        search.take(reply.unwrap_or_else(Reply::Failed));
    }

    tell(&search, output)
}

fn tell(search: &Search, output: Output) -> Result<()> {
    let lines: Vec<_> = search.steps().iter().map(line).collect();
    let lines = lines.join("\n");
    let Some(server) = search.found() else {
        let text = format!("no mail server was found for {}\n{lines}", search.address());
        return Err(Refused::new("not_found", text).into());
    };
    let steps: Vec<_> = search.steps().iter().map(step_json).collect();
    let value = json!({ "address": search.address(), "mail_server": server, "steps": steps });

    output.print(&value, format!("{lines}\nmail_server = \"{server}\""))
}

fn line(step: &Step) -> String {
    format!("{:<9} {}: {}", way(step.way), step.place, words(&step.outcome))
}

fn step_json(step: &Step) -> Value {
    let outcome = match step.outcome {
        Outcome::Found(_) => "found",
        Outcome::Leads(_) => "leads",
        Outcome::Nothing(_) => "nothing",
        Outcome::OtherAddress(_) => "other_address",
        Outcome::SignInRefused => "sign_in_refused",
        Outcome::Unconfirmed(_) => "unconfirmed",
        Outcome::WantsPassword => "wants_password",
    };

    json!({ "way": way(step.way), "place": step.place, "outcome": outcome, "detail": words(&step.outcome) })
}

fn way(way: Way) -> &'static str {
    match way {
        Way::Json => "json",
        Way::Redirect => "redirect",
        Way::Srv => "srv",
        Way::Xml => "xml",
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Found(server) => format!("found {server}"),
        Outcome::Leads(places) => format!("leads to {}", places.join(", ")),
        Outcome::Nothing(reason) => reason.clone(),
        Outcome::OtherAddress(address) => {
            format!("names the address {address}, which is asked for")
        }
        Outcome::SignInRefused => "name or password are wrong".to_owned(),
        Outcome::Unconfirmed(host) => format!(
            "{host} is outside of the domain and was not asked; if it is yours or your hoster's, add --trust {host}"
        ),
        Outcome::WantsPassword => "wants a name and a password: add --user NAME".to_owned(),
    }
}

/// The platform's authorities, and those of `file`.
fn anchors(file: Option<&Path>) -> Result<RootCertStore> {
    let mut anchors = RootCertStore::empty();
    anchors.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = file {
        let certificates = CertificateDer::pem_file_iter(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        for certificate in certificates {
            let damaged = || format!("{} is damaged", file.display());
            anchors.add(certificate.with_context(damaged)?).with_context(damaged)?;
        }
    }

    Ok(anchors)
}
