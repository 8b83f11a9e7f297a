use super::entity::Entity;
use super::problem::{Language, Problem, Severity};
use super::signature::Signature;
use super::words::day;
use crate::Mailbox;
use pki::cms::ContentCipher;
use pki::validate::{Crl, Distrusted, Inputs, OcspAnswer, Revocations, Use, validate};
use pki::{Algorithms, Certificate};
use time::OffsetDateTime;

/// What certificates are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The authorities that are trusted.
    pub anchors: &'a [Certificate],
    /// Further certificates, of authorities and of people; nobody needs to have vouched for them.
    pub known: &'a [Certificate],
    /// Revocation lists, also of others.
    pub crls: &'a [Crl],
    /// OCSP answers, also about others.
    pub ocsp: &'a [OcspAnswer],
    /// What it takes that nobody revoked a certificate.
    pub revocation: Revocations,
    /// Which signatures count, of people and of authorities.
    pub algorithms: Algorithms,
    /// The time.
    pub now: OffsetDateTime,
}

impl<'a> Trust<'a> {
    /// Knows nothing of revocation, and relies on nothing that can be forged.
    pub fn new(anchors: &'a [Certificate], known: &'a [Certificate], now: OffsetDateTime) -> Self {
        let (revocation, algorithms) = (Revocations::IfKnown, Algorithms::default());

        Self { anchors, known, crls: &[], ocsp: &[], revocation, algorithms, now }
    }

    /// Judges a signer's certificate at a moment, with the certificates that came with the mail, by all that is known
    /// now of revocations.
    pub(super) fn judge(
        &self,
        certificate: &Certificate,
        sent: &[Certificate],
        at: OffsetDateTime,
    ) -> Result<(), Distrusted> {
        // What came with the mail leads to its root most often.
        let pool: Vec<_> = sent.iter().chain(self.known).cloned().collect();
        let inputs = Inputs {
            untrusted: &pool,
            crls: self.crls,
            ocsp: self.ocsp,
            revocation: self.revocation,
            algorithms: self.algorithms,
            read_at: Some(self.now),
            ..Inputs::new(self.anchors, at, Use::MailSigning)
        };
        validate(certificate, &inputs).map(drop)
    }
}

/// A layer of a mail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layer {
    /// It is encrypted.
    Encrypted {
        /// How.
        cipher: ContentCipher,
    },
    /// It is signed.
    Signed {
        /// How many signatures it has.
        signers: usize,
    },
}

/// What is to be thought of a mail. It is computed here and nowhere else.
#[derive(Clone, Debug)]
pub struct State {
    /// Its layers, the outermost first; none if it is neither signed nor encrypted.
    pub layers: Vec<Layer>,
    /// All signatures, those of the outermost layer first.
    pub signatures: Vec<Signature>,
    /// The authors, as the head of the mail names them.
    pub authors: Vec<Mailbox>,
    /// What its reader should know, the worst first.
    pub problems: Vec<Problem>,
    signed: bool,
    encrypted: bool,
    closed: bool,
}

impl State {
    /// Tells whether the authors signed all of it and everything about that is in order. A signature around the
    /// encryption alone does not count: whoever made it need not know the text.
    pub fn is_signed(&self) -> bool {
        self.signed && self.is_sound()
    }

    /// Tells whether it came encrypted, also if it stays so.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Tells whether nothing about it is wrong. A mail without any protection is sound.
    pub fn is_sound(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity() == Severity::Remark)
    }

    /// Tells whether pictures and the like may be fetched from the network for it at all. What others may have put into
    /// an encrypted text on its way must not carry the text away.
    pub fn allows_remote_content(&self) -> bool {
        self.ciphers().all(ContentCipher::authenticates)
    }

    /// Adds what is wrong if the reader is shown another author than the mail itself names, because somebody on the way
    /// says so.
    #[must_use]
    pub fn shown_as(mut self, address: &str) -> Self {
        let signed = self.layers.iter().any(|layer| matches!(layer, Layer::Signed { .. }));
        let named = self.authors.iter().any(|it| it.address.eq_ignore_ascii_case(address));
        if signed && !named && !address.is_empty() {
            let good = self.signatures.iter().filter(|it| it.is_good());
            let signers = good.map(Signature::signer).collect();
            let author = address.to_owned();
            self.problems.insert(0, Problem::AddressMismatch { author, signers });
        }

        self
    }

    /// Returns the good signatures of the innermost layer that is signed: those of who vouches for the text.
    pub fn vouching(&self) -> impl Iterator<Item = &Signature> {
        let innermost = self.layers.iter().rposition(|it| matches!(it, Layer::Signed { .. }));

        self.signatures.iter().filter(move |it| it.is_good() && Some(it.layer) == innermost)
    }

    /// Says it in plain words, one sentence a line, the most important first.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = match (self.closed, language) {
            (true, Language::English) => vec!["The mail could not be opened.".to_owned()],
            (true, Language::German) => vec!["Die Mail konnte nicht geöffnet werden.".to_owned()],
            (false, _) => vec![self.signed_words(language), self.encrypted_words(language)],
        };
        lines.extend(self.problems.iter().map(|problem| problem.words(language)));

        lines
    }

    fn signed_words(&self, language: Language) -> String {
        if self.is_sound() && self.problems.contains(&Problem::OutsideOnly) {
            return match language {
                Language::English => "The encrypted mail is signed; its text is not.".to_owned(),
                Language::German => {
                    "Die verschlüsselte Mail ist unterschrieben, ihr Text nicht.".to_owned()
                }
            };
        }
        // Whoever wrapped a signed mail once more says nothing of its text.
        let time = self.vouching().find_map(|it| it.time).map(day);
        let mut signers: Vec<_> = self.vouching().map(Signature::signer).collect();
        signers.dedup();
        let signers = signers.join("; ");
        let tried = self.layers.iter().any(|layer| matches!(layer, Layer::Signed { .. }));
        match (self.is_signed(), tried, time, language) {
            (true, _, Some(time), Language::English) => {
                format!("Signed by {signers}, on {time} according to the sender.")
            }
            (true, _, Some(time), Language::German) => {
                format!("Unterschrieben von {signers}, laut Absender am {time}.")
            }
            (true, _, None, Language::English) => format!("Signed by {signers}."),
            (true, _, None, Language::German) => format!("Unterschrieben von {signers}."),
            (false, true, _, Language::English) => "The signature is not valid.".to_owned(),
            (false, true, _, Language::German) => "Die Unterschrift ist nicht gültig.".to_owned(),
            (false, false, _, Language::English) => "Not signed.".to_owned(),
            (false, false, _, Language::German) => "Nicht unterschrieben.".to_owned(),
        }
    }

    fn encrypted_words(&self, language: Language) -> String {
        let ciphers: Vec<_> = self.ciphers().map(ContentCipher::name).collect();
        match (ciphers.is_empty(), language) {
            (true, Language::English) => "Not encrypted.".to_owned(),
            (true, Language::German) => "Nicht verschlüsselt.".to_owned(),
            (false, Language::English) => format!("Encrypted with {}.", ciphers.join(", ")),
            (false, Language::German) => format!("Verschlüsselt mit {}.", ciphers.join(", ")),
        }
    }

    fn ciphers(&self) -> impl Iterator<Item = ContentCipher> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Encrypted { cipher } => Some(*cipher),
            Layer::Signed { .. } => None,
        })
    }
}

/// What was found on the way to the innermost content.
#[derive(Default)]
pub(super) struct Found {
    pub(super) layers: Vec<Layer>,
    pub(super) signatures: Vec<Signature>,
    pub(super) problems: Vec<Problem>,
    /// There was something encrypted, opened or not.
    pub(super) encrypted: bool,
}

/// Computes the state from the mail's head, its innermost content if it was reached, and what was found on the way.
pub(super) fn judge(outer: &Entity<'_>, inner: Option<&Entity<'_>>, found: Found) -> State {
    let Found { layers, signatures, mut problems, encrypted } = found;
    let (authors, fields) = outer.authors();
    let innermost = layers.iter().rposition(|layer| matches!(layer, Layer::Signed { .. }));
    if layers.contains(&Layer::Signed { signers: 0 }) {
        problems.push(Problem::NoSignature);
    }
    problems.extend(signatures.iter().filter_map(|it| it.problem.clone()));
    if let Some(innermost) = innermost {
        let covering: Vec<_> = signatures.iter().filter(|it| it.layer == innermost).collect();
        problems.extend(whose(outer, &authors, fields, &covering));
        problems.extend(inner.and_then(|inner| another_author(inner, &authors)));
        if layers.iter().skip(innermost).any(|layer| matches!(layer, Layer::Encrypted { .. })) {
            problems.push(Problem::OutsideOnly);
        }
    }
    problems.extend(weaknesses(&layers, innermost));
    problems.sort_by_key(|problem| problem.severity() == Severity::Remark);
    let mut said: Vec<Problem> = Vec::new();
    problems.retain(|problem| {
        let new = !said.contains(problem);
        said.extend(new.then(|| problem.clone()));
        new
    });

    let signed = innermost.is_some() && !problems.contains(&Problem::OutsideOnly);

    State { layers, signatures, authors, problems, signed, encrypted, closed: inner.is_none() }
}

/// Compares the authors with those who signed (RFC 8550 §3, RFC 8551 §3.1).
fn whose(
    outer: &Entity<'_>,
    authors: &[Mailbox],
    fields: usize,
    signatures: &[&Signature],
) -> Vec<Problem> {
    if fields > 1 {
        return vec![Problem::SeveralAuthors];
    }
    if authors.iter().all(|author| author.address.is_empty()) {
        return vec![Problem::AuthorMissing];
    }
    let signed: Vec<String> = signatures.iter().flat_map(|it| it.addresses()).collect();
    let signs = |mailbox: &Mailbox| signed.contains(&mailbox.address.to_lowercase());
    let mut problems = Vec::new();
    // If none of them is good the reader is told so already.
    if signatures.iter().any(|it| it.is_good()) {
        let senders = outer.senders();
        let sender = senders.iter().find(|sender| signs(sender));
        for author in authors.iter().filter(|author| !signs(author)) {
            let author = author.address.clone();
            problems.push(match sender {
                Some(sender) => Problem::OnBehalf { author, sender: sender.address.clone() },
                None => {
                    let signers = signatures.iter().filter(|it| it.is_good());
                    Problem::AddressMismatch {
                        author,
                        signers: signers.map(|it| it.signer()).collect(),
                    }
                }
            });
        }
    }
    problems.extend(authors.iter().filter_map(disguise));

    problems
}

/// A name with an address in it that is not the one behind it.
fn disguise(author: &Mailbox) -> Option<Problem> {
    let shown =
        author.name.split(|char: char| char.is_whitespace() || "<>()[]\"',;:".contains(char));
    let other = |word: &str| {
        word.split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
            && !word.eq_ignore_ascii_case(&author.address)
    };
    let found = { shown }.any(other);

    found.then(|| Problem::DisplayName {
        name: author.name.clone(),
        address: author.address.clone(),
    })
}

/// A content with a head of its own, as protected heads have it (RFC 8551 §3.1), must be by the same author.
fn another_author(inner: &Entity<'_>, authors: &[Mailbox]) -> Option<Problem> {
    let wrapped = inner.media_type() == "message/rfc822";
    let (named, _) = if wrapped { Entity::new(inner.body()).authors() } else { inner.authors() };
    let same = |one: &Mailbox| {
        authors.iter().any(|author| author.address.eq_ignore_ascii_case(&one.address))
    };
    let other = named.into_iter().find(|one| !same(one))?;

    Some(Problem::InnerAuthor { inner: other.address })
}

fn weaknesses(layers: &[Layer], innermost_signature: Option<usize>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let Layer::Encrypted { cipher } = layer else { continue };
        if !cipher.is_strong() {
            problems.push(Problem::OldCipher { cipher: cipher.name() });
        }
        // A signature inside finds out what was changed.
        if !cipher.authenticates() && innermost_signature.is_none_or(|signed| signed < place) {
            problems.push(Problem::Malleable { cipher: cipher.name() });
        }
    }

    problems
}
