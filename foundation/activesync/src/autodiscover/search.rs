//! The search for a server: which question comes next, whom a password may be told, and whom nobody has agreed to ask.
//!
//! A host in the domain of the person's own address may be asked, and gets the password if it wants one by `Basic`. Any other
//! host that a redirect or DNS names is asked only after somebody has agreed to it. What DNS and plain HTTP say is never believed
//! beyond that: every question that matters goes by TLS.

use super::trust::{self, Trust};
use super::{
    Answer, Request, domain, is_https, json_answer, json_url, redirecting_url, srv_name, xml_urls,
};
use std::collections::VecDeque;

/// How many addresses of mail are asked for: the first, and those that answers name in its place.
const MOST_ADDRESSES: usize = 10;
/// How often one question is sent on to another place.
const MOST_REDIRECTS: usize = 5;
/// How many hosts of an SRV record are asked.
const MOST_HOSTS: usize = 4;

/// A search for the server of an address. Ask [`question`](Self::question) for what to ask, give what came of it to
/// [`take`](Self::take), until there is no question left.
#[derive(Debug, Clone)]
pub struct Search {
    trust: Trust,
    addresses: Vec<String>,
    waiting: VecDeque<Question>,
    steps: Vec<Step>,
    found: Option<String>,
}

/// How a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By HTTPS, for an answer in JSON; without sign-in.
    Json,
    /// By plain HTTP, for a redirect; without sign-in.
    Redirect,
    /// To DNS, for an SRV record.
    Srv,
    /// By HTTPS, for an answer in XML.
    Xml,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// How to ask it.
    pub way: Way,
    /// An address of HTTP, or the name to ask DNS for.
    pub place: String,
    /// What to `POST`, as [`CONTENT_TYPE`](super::CONTENT_TYPE); nothing means `GET`.
    pub body: Option<String>,
    /// Whether it goes with name and password.
    pub signed_in: bool,
    redirects: usize,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// No answer, for this reason.
    Failed(String),
    /// DNS names hosts and ports, the best first.
    Hosts(Vec<(String, u16)>),
    /// An answer of HTTP.
    Http {
        /// Its status.
        status: u16,
        /// Its `Location`.
        location: Option<String>,
        /// Whether it wants a name and a password (`WWW-Authenticate: Basic`).
        wants_password: bool,
        /// Its body.
        body: String,
    },
}

/// A question that was asked and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How it was asked.
    pub way: Way,
    /// Where.
    pub place: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a question. Texts from outside hold nothing but what can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The address of the ActiveSync server.
    Found(String),
    /// Other places, which are asked next.
    Leads(Vec<String>),
    /// Nothing, for this reason.
    Nothing(String),
    /// The answer is under another address of mail, which is asked for next.
    OtherAddress(String),
    /// Name or password are wrong.
    SignInRefused,
    /// It leads to this host, or this host wants the password, and nobody has agreed to it.
    Unconfirmed(String),
    /// It wants a name and a password, and there is none.
    WantsPassword,
}

impl Search {
    /// Prepares the search for the server of an address; `None` if it is no address of mail.
    pub fn new(email: &str, trust: Trust) -> Option<Self> {
        let mut search = Self {
            waiting: VecDeque::new(),
            addresses: Vec::new(),
            steps: Vec::new(),
            found: None,
            trust,
        };

        search.ask_for(email).then_some(search)
    }

    /// Returns the question to ask next; none if the search is over.
    pub fn question(&self) -> Option<&Question> {
        self.waiting.front()
    }

    /// Takes what came of the question that was next.
    pub fn take(&mut self, reply: Reply) {
        let Some(question) = self.waiting.pop_front() else { return };
        let outcome = match reply {
            Reply::Failed(reason) => Some(Outcome::Nothing(trust::shown(&reason))),
            Reply::Hosts(hosts) => Some(self.hosts(&hosts)),
            Reply::Http { status: 200, body, .. } => Some(self.read(question.way, &body)),
            Reply::Http { status: 401, wants_password, .. } => {
                self.refused(&question, wants_password)
            }
            Reply::Http {
                status: 301 | 302 | 303 | 307 | 308, location: Some(location), ..
            } => Some(self.sent_on(&question, &location)),
            Reply::Http { status, .. } => Some(Outcome::Nothing(format!("HTTP {status}"))),
        };
        if let Some(outcome) = outcome {
            self.steps.push(Step { way: question.way, place: question.place, outcome });
        }
    }

    /// Returns the address of mail that is asked for at present.
    pub fn address(&self) -> &str {
        self.addresses.last().map_or("", String::as_str)
    }

    /// Returns the address of the ActiveSync server.
    pub fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// Returns what has been asked so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The domain of the address that the search began with.
    fn home(&self) -> &str {
        self.addresses.first().and_then(|address| domain(address)).unwrap_or_default()
    }

    /// Begins anew with an address; returns whether it is one.
    fn ask_for(&mut self, email: &str) -> bool {
        let (Some(domain), Some(places), Some(plain), Some(name)) =
            (domain(email), xml_urls(email), redirecting_url(email), srv_name(email))
        else {
            return false;
        };
        self.waiting.clear();
        self.addresses.push(email.to_owned());
        for host in [format!("autodiscover.{domain}")].into_iter().chain(self.trust.cloud.clone()) {
            self.waiting.push_back(Question::new(Way::Json, json_url(&host, email)));
        }
        for place in places {
            let question = self.by_xml(place);
            self.waiting.push_back(question);
        }
        self.waiting.push_back(Question::new(Way::Redirect, plain));
        self.waiting.push_back(Question::new(Way::Srv, name));

        true
    }

    fn by_xml(&self, place: String) -> Question {
        let request = Request { email: self.address().to_owned() };

        Question { body: Some(request.to_xml()), ..Question::new(Way::Xml, place) }
    }

    fn hosts(&mut self, hosts: &[(String, u16)]) -> Outcome {
        let places: Vec<_> = hosts.iter().take(MOST_HOSTS).map(srv_place).collect();
        let (near, far): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|place| self.may_ask(place).is_ok());
        match (near.as_slice(), far.first().map(|place| self.may_ask(place))) {
            ([], Some(Err(outcome))) => outcome,
            ([], _) => Outcome::Nothing("DNS names no host".to_owned()),
            _ => {
                for place in near.iter().rev() {
                    let question = self.by_xml(place.clone());
                    self.waiting.push_front(question);
                }
                Outcome::Leads(near)
            }
        }
    }

    fn sent_on(&mut self, question: &Question, location: &str) -> Outcome {
        if question.redirects >= MOST_REDIRECTS {
            return Outcome::Nothing("it sends on and on".to_owned());
        }
        let Some(place) = trust::target(&question.place, location) else {
            return Outcome::Nothing("it sends to what is no address".to_owned());
        };
        if let Err(outcome) = self.may_ask(&place) {
            return outcome;
        }
        let next = match question.way {
            Way::Json => Question::new(Way::Json, place.clone()),
            Way::Redirect | Way::Srv | Way::Xml => self.by_xml(place.clone()),
        };
        self.waiting.push_front(Question { redirects: question.redirects + 1, ..next });

        Outcome::Leads(vec![place])
    }

    /// Nobody sees the password who has not asked for it, and nobody far from home.
    fn refused(&mut self, question: &Question, wants_password: bool) -> Option<Outcome> {
        let host = trust::host(&question.place).unwrap_or_default();
        if question.way != Way::Xml || !wants_password {
            let reason = "it wants a sign-in that is no name and password";
            return Some(Outcome::Nothing(reason.to_owned()));
        }
        if question.signed_in {
            return Some(Outcome::SignInRefused);
        }
        if !self.trust.has_password {
            return Some(Outcome::WantsPassword);
        }
        if !self.trust.is_confirmed(host, self.home()) || !is_https(&question.place) {
            return Some(Outcome::Unconfirmed(host.to_ascii_lowercase()));
        }
        self.waiting.push_front(Question { signed_in: true, ..question.clone() });

        None
    }

    /// A host at home, or in the domain of the address that is asked for, or that somebody has agreed to. Only by TLS.
    fn may_ask(&self, place: &str) -> Result<(), Outcome> {
        if !is_https(place) {
            return Err(Outcome::Nothing("it leads to an address without https".to_owned()));
        }
        let Some(host) = trust::host(place) else {
            return Err(Outcome::Nothing("it leads to what is no address".to_owned()));
        };
        let domain = domain(self.address()).unwrap_or_default();

        if self.trust.is_confirmed(host, self.home()) || trust::is_within(host, domain) {
            Ok(())
        } else {
            Err(Outcome::Unconfirmed(host.to_ascii_lowercase()))
        }
    }

    fn read(&mut self, way: Way, body: &str) -> Outcome {
        let answer = match way {
            Way::Json => json_answer(body),
            Way::Xml => Answer::parse(body),
            // Over plain HTTP only a redirect counts: anybody on the way could have written the rest.
            Way::Redirect | Way::Srv => return Outcome::Nothing("it does not redirect".to_owned()),
        };
        match answer {
            Err(error) => Outcome::Nothing(trust::shown(&error.to_string())),
            Ok(Answer::Error { code, message, debug }) => {
                let code = code.map(|code| format!(" {code}")).unwrap_or_default();
                let text = if message.trim().is_empty() { debug } else { message };
                Outcome::Nothing(trust::shown(&format!("error{code}: {text}")))
            }
            Ok(Answer::Redirect(address)) => self.other_address(&address),
            Ok(answer @ Answer::Settings { .. }) => {
                let url = answer.active_sync_url().map(str::trim);
                match url.filter(|url| trust::host(url).is_some()) {
                    Some(url) => {
                        self.waiting.clear();
                        self.found = Some(url.to_owned());
                        Outcome::Found(url.to_owned())
                    }
                    None => Outcome::Nothing("it names no ActiveSync server with https".to_owned()),
                }
            }
        }
    }

    fn other_address(&mut self, address: &str) -> Outcome {
        let address = address.trim();
        let is_known = self.addresses.iter().any(|known| known.eq_ignore_ascii_case(address));
        let is_shown = trust::shown(address) == address;
        if is_known || self.addresses.len() >= MOST_ADDRESSES {
            return Outcome::Nothing("it names one address after the other".to_owned());
        }
        if !is_shown || !self.ask_for(address) {
            return Outcome::Nothing("it names what is no address of mail".to_owned());
        }

        Outcome::OtherAddress(address.to_owned())
    }
}

impl Question {
    fn new(way: Way, place: String) -> Self {
        Self { way, place, body: None, signed_in: false, redirects: 0 }
    }
}

fn srv_place((host, port): &(String, u16)) -> String {
    let port = if *port == 443 { String::new() } else { format!(":{port}") };

    format!("https://{host}{port}/autodiscover/autodiscover.xml")
}
