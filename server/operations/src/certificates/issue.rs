use super::{describe, subject};
use crate::work::{Work, never_taken, random};
use crate::{Failure, Fault, Operations};
use audit::{Action, Actor, SubjectKind};
use ca::{Holder, Issued, NameRules, Profile, ProfileError, SerialNumber, Status};
use fleet::{MailAddress, UserId, refusal};
use pki::{AlternativeName, Certificate, KeyKind, Request, RequestError, Serial};

/// What a certificate is asked for.
#[derive(Clone, Debug)]
pub struct CertificateOrder<'a> {
    /// What it is for.
    pub profile: Profile,
    /// The request, in DER.
    pub request: &'a [u8],
    /// The common name; that of the request if there is none.
    pub name: Option<&'a str>,
    /// The mail addresses and hosts; those of the request if there are none.
    pub names: Vec<AlternativeName>,
    /// The person whom it is for; their own mail addresses are allowed then.
    pub user: Option<UserId>,
}

/// Who made the key of a certificate: for what it signs, others answer too if it was not its holder alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeyMaker {
    /// Whoever made the request.
    Holder,
    /// This server, for them.
    Server,
}

/// What a certificate is to say.
struct Terms<'a> {
    profile: Profile,
    public_key: &'a [u8],
    subject: &'a str,
    names: Vec<AlternativeName>,
    holder: Holder,
}

impl Operations {
    /// Issues a certificate to whoever made a request, if the names in it are allowed.
    ///
    /// # Errors
    ///
    /// [`IssueRefusal`] if the request proves nothing, its key is too weak, or a name is not allowed.
    #[tracing::instrument(skip_all, fields(profile = order.profile.name()), err(level = "debug"))]
    pub async fn issue_certificate(
        &self,
        actor: &Actor,
        order: CertificateOrder<'_>,
    ) -> Result<Issued, Failure<IssueRefusal>> {
        self.issue_for(actor, order, KeyMaker::Holder).await
    }

    /// Issues a certificate, and writes down who made its key.
    pub(super) async fn issue_for(
        &self,
        actor: &Actor,
        order: CertificateOrder<'_>,
        maker: KeyMaker,
    ) -> Result<Issued, Failure<IssueRefusal>> {
        let serial = Serial::from_random(random()?);
        let place = subject(&SerialNumber::from_octets(serial.as_bytes()));
        let mut work = self.begin(actor, Action::CertificateIssue, place).await?;
        work.note("profile", order.profile.name());
        if maker == KeyMaker::Server {
            work.note("key_made_by", "server");
        }
        let outcome = self.issue(&mut work, order, serial).await;

        self.conclude(work, outcome).await
    }

    /// Issues a certificate that says the same as another one, for a later time; with the same key, unless a request
    /// brings a new one. The old certificate stays good until it ends or is revoked.
    ///
    /// # Errors
    ///
    /// [`IssueRefusal`] if the old one is no longer good, its names are no longer allowed, or devices renew theirs themselves.
    #[tracing::instrument(skip(self, actor, request), err(level = "debug"))]
    pub async fn renew_certificate(
        &self,
        actor: &Actor,
        old: &SerialNumber,
        request: Option<&[u8]>,
    ) -> Result<Issued, Failure<IssueRefusal>> {
        let serial = Serial::from_random(random()?);
        let place = subject(&SerialNumber::from_octets(serial.as_bytes()));
        let mut work = self.begin(actor, Action::CertificateRenew, place).await?;
        work.note("renewed", old);
        let outcome = self.renew(&mut work, old, request, serial).await;

        self.conclude(work, outcome).await
    }

    async fn issue(
        &self,
        work: &mut Work,
        order: CertificateOrder<'_>,
        serial: Serial,
    ) -> Result<Issued, Failure<IssueRefusal>> {
        let request = read(order.request)?;
        let names = match order.names.is_empty() {
            true if request.asks_for_other_names() => return refused(IssueRefusal::OtherNames),
            true => request.names().to_vec(),
            false => order.names,
        };
        let asked = request.common_name();
        let first = names.iter().find_map(|name| match name {
            AlternativeName::Dns(text) | AlternativeName::Email(text) => Some(text.clone()),
            AlternativeName::Ip(_) => None,
        });
        let Some(subject) = order.name.map(str::to_owned).or(asked).or(first) else {
            return refused(IssueRefusal::NoNames);
        };
        let holder = Holder { device: None, user: order.user };
        let public_key = request.public_key();
        let terms = Terms { profile: order.profile, public_key, subject: &subject, names, holder };

        self.enter(work, terms, serial).await
    }

    async fn renew(
        &self,
        work: &mut Work,
        old: &SerialNumber,
        request: Option<&[u8]>,
        serial: Serial,
    ) -> Result<Issued, Failure<IssueRefusal>> {
        let Some(old) = work.unit.issued(old).await? else {
            return Err(Failure::Unknown(SubjectKind::Certificate));
        };
        match old.status(work.now()) {
            Status::Valid => {}
            Status::Expired | Status::OnHold | Status::Revoked => {
                return refused(IssueRefusal::NotGood(old.status(work.now()).name()));
            }
        }
        let Some(der) = &old.der else { return refused(IssueRefusal::NotKept) };
        let certificate = Certificate::from_der(der)
            .map_err(|error| Fault::broken("reading a certificate of the register", error))?;
        let request = request.map(read).transpose()?;
        let new_key = request.as_ref().map(Request::public_key);
        let mails = certificate.emails().into_iter().map(AlternativeName::Email);
        let hosts = certificate.dns_names().into_iter().map(AlternativeName::Dns);
        let addresses = certificate.ip_addresses().into_iter().map(AlternativeName::Ip);
        let terms = Terms {
            profile: old.profile,
            public_key: new_key.unwrap_or(certificate.public_key()),
            subject: &certificate.common_name().unwrap_or_default(),
            names: mails.chain(hosts).chain(addresses).collect(),
            holder: old.holder,
        };

        self.enter(work, terms, serial).await
    }

    /// Issues a certificate and enters it into the register.
    async fn enter(
        &self,
        work: &mut Work,
        terms: Terms<'_>,
        serial: Serial,
    ) -> Result<Issued, Failure<IssueRefusal>> {
        let rules = self.rules(work, terms.holder.user).await?;
        if let Some(name) = rules.first_refused(&terms.names) {
            return refused(IssueRefusal::NameNotAllowed(text(name)));
        }
        let people = terms.profile.is_of_person();
        for name in terms.names.iter().filter(|_| people) {
            let AlternativeName::Email(address) = name else { continue };
            let owner = work.unit.owner_of_address(&address.to_lowercase()).await?;
            if owner.is_some_and(|owner| terms.holder.user != Some(owner)) {
                return refused(IssueRefusal::AnothersAddress(address.clone()));
            }
        }
        let root = self.authority().issuer();
        let (now, profile) = (work.now(), terms.profile);
        let certificate = root
            .issue_requested(profile, terms.public_key, terms.subject, terms.names, serial, now)
            .map_err(|error| not_issued(error, profile))?;
        let issued = Issued::new(&certificate, root.certificate(), profile, terms.holder, now);
        describe(work, &issued);
        work.note("addresses", issued.addresses.join(" "));
        work.note("key", certificate.key_kind());
        work.note_moment("not_after", issued.not_after);
        work.unit.insert_issued(&issued).await.map_err(never_taken)?;

        Ok(issued)
    }

    async fn rules(
        &self,
        work: &Work,
        user: Option<UserId>,
    ) -> Result<NameRules, Failure<IssueRefusal>> {
        let mut rules = self.name_rules().clone();
        if let Some(id) = user {
            let Some(user) = work.unit.user(id).await? else {
                return Err(Failure::Unknown(SubjectKind::User));
            };
            rules.addresses = user.addresses.iter().map(MailAddress::key).collect();
        }

        Ok(rules)
    }
}

/// Why a certificate was not issued.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueRefusal {
    /// Name the person whose address it is.
    #[error(
        "the certificate was not issued: the address {0:?} is a person's whom it does not name; name that person (--user), or \
         leave the address out"
    )]
    AnothersAddress(String),
    /// The bytes are not a request.
    #[error(
        "the certificate was not issued: this is not a certificate request (PKCS#10); make one, for instance with: \
         openssl req -new"
    )]
    Damaged,
    /// Allow the name, or ask for another one.
    #[error(
        "the certificate was not issued: nothing allows the name {0:?}; allow its domain in authority.mail_domains or \
         authority.dns_domains, or name the person whose address it is"
    )]
    NameNotAllowed(String),
    /// Name the subject.
    #[error(
        "the certificate was not issued: neither the request (subjectAltName) nor the command names a mail address or a host; give one"
    )]
    NoNames,
    /// Issue a new one.
    #[error(
        "the certificate was not renewed: the one before is {0}; issue a new one from a request"
    )]
    NotGood(&'static str),
    /// Issue a new one.
    #[error(
        "the certificate was not renewed: the one before was not kept, because it is from before there was a register; \
         issue a new one from a request"
    )]
    NotKept,
    /// Another profile serves.
    #[error(
        "the certificate was not issued: those of the kind {0} are made by the server itself; choose another kind"
    )]
    NotOrdered(&'static str),
    /// Leave those names out.
    #[error(
        "the certificate was not issued: the request asks for names that are no mail addresses, hosts or addresses of \
         hosts; leave them out, or give the names on the command line"
    )]
    OtherNames,
    /// Take a longer one.
    #[error(
        "the key was not made: its password has fewer than 10 characters, and whoever finds the file can try as many as they like; take a longer one"
    )]
    ShortPassword,
    /// Take one without.
    #[error(
        "the key was not made: its password contains a zero character, which key files cannot have; take one without"
    )]
    ZeroInPassword,
    /// Make the request with the key that it is about.
    #[error(
        "the certificate was not issued: the request is not signed with its own key, so that it proves nothing; make it \
         anew with that key"
    )]
    Unproved,
    /// Make a key of another kind.
    #[error(
        "the certificate was not issued: a key of the kind {key} does not serve for a certificate of the kind {profile}; make an RSA key of 2048 \
         bits or more, or one on P-256 or P-384"
    )]
    UnsupportedKey {
        /// The kind of the key.
        key: KeyKind,
        /// The kind of certificate.
        profile: &'static str,
    },
    /// Make a longer key.
    #[error(
        "the certificate was not issued: the key in the request is too weak or of an unknown kind; make an RSA key of \
         2048 bits or more, or one on P-256 or P-384"
    )]
    WeakKey,
    /// Give other names.
    #[error(
        "the certificate was not issued: one of the kind {0} does not have such names; people have mail addresses, servers have \
         hosts"
    )]
    WrongNames(&'static str),
}

refusal!(IssueRefusal {
    Self::AnothersAddress(_) => Invalid "address_of_another",
    Self::Damaged => Invalid "request_damaged",
    Self::NameNotAllowed(_) => Invalid "name_not_allowed",
    Self::NoNames => Invalid "no_names",
    Self::NotGood(_) => Conflict "certificate_not_good",
    Self::NotKept => Conflict "certificate_not_kept",
    Self::NotOrdered(_) => Invalid "profile_not_ordered",
    Self::OtherNames => Invalid "names_of_another_kind",
    Self::ShortPassword => Invalid "key_password_too_short",
    Self::Unproved => Invalid "request_unproved",
    Self::UnsupportedKey { .. } => Invalid "unsupported_key",
    Self::WeakKey => Invalid "weak_key",
    Self::WrongNames(_) => Invalid "wrong_names",
    Self::ZeroInPassword => Invalid "key_password_with_zero",
});

fn read(request: &[u8]) -> Result<Request, Failure<IssueRefusal>> {
    Request::from_der(request).map_err(|error| {
        Failure::Refused(match error {
            RequestError::Damaged(_) => IssueRefusal::Damaged,
            RequestError::Unproved => IssueRefusal::Unproved,
            RequestError::WeakKey => IssueRefusal::WeakKey,
        })
    })
}

fn not_issued(error: ProfileError, profile: Profile) -> Failure<IssueRefusal> {
    Failure::Refused(match error {
        ProfileError::NoNames => IssueRefusal::NoNames,
        ProfileError::NotOrdered(profile) => IssueRefusal::NotOrdered(profile.name()),
        ProfileError::UnsupportedKey(key) => {
            IssueRefusal::UnsupportedKey { key, profile: profile.name() }
        }
        ProfileError::WrongNames(profile) => IssueRefusal::WrongNames(profile.name()),
        error @ (ProfileError::Issue(_) | ProfileError::MailAddress | ProfileError::Issuer(_)) => {
            return Fault::signing("issuing a certificate", error).into();
        }
    })
}

fn refused<T>(refusal: IssueRefusal) -> Result<T, Failure<IssueRefusal>> {
    Err(Failure::Refused(refusal))
}

fn text(name: &AlternativeName) -> String {
    match name {
        AlternativeName::Dns(text) | AlternativeName::Email(text) => text.clone(),
        AlternativeName::Ip(address) => address.to_string(),
    }
}
