use crate::text;
use pki::cms::SignerFault;
use pki::validate::Distrusted;
use time::OffsetDateTime;

/// A language that a reader is told things in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// The mail is not what it seems, or cannot be read.
    Fault,
    /// Good to know.
    Remark,
}

/// Something about a protected mail that its reader should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Problem {
    /// No good signature is one of the author's.
    AddressMismatch {
        /// The author's address, as the mail says.
        author: String,
        /// Who signed.
        signers: Vec<String>,
    },
    /// The mail does not say whose it is.
    AuthorMissing,
    /// The mail is compressed, which is not read here.
    Compressed,
    /// It is signed as detached and carries another content in the signature.
    ContentTwice,
    /// The encoding of a layer is damaged.
    Damaged,
    /// The name of the author looks like the address of somebody else.
    DisplayName {
        /// The name.
        name: String,
        /// The address behind it.
        address: String,
    },
    /// The signer's certificate was valid when the signer says it was signed, and is not now.
    ExpiredSince {
        /// Whose certificate.
        signer: String,
        /// When the signer says it was signed.
        signed: OffsetDateTime,
    },
    /// The mail inside names another author than the one outside.
    InnerAuthor {
        /// The author inside.
        inner: String,
    },
    /// The key did not answer; another try may help.
    KeyRefused,
    /// The cipher lets others change parts of the text on its way.
    Malleable {
        /// Its name.
        cipher: String,
    },
    /// The signature comes without what was signed.
    NoContent,
    /// What is inside is no mail.
    NoMail,
    /// It says that it is signed and has no signature.
    NoSignature,
    /// It is encrypted for other keys.
    NotForUs,
    /// The cipher is old and weak.
    OldCipher {
        /// Its name.
        cipher: String,
    },
    /// The signature is good, but such ones can be forged.
    OldDigest {
        /// Whose it is.
        signer: String,
        /// Its digest.
        digest: String,
    },
    /// The sender signed, and the author did not.
    OnBehalf {
        /// The author's address.
        author: String,
        /// The sender's address.
        sender: String,
    },
    /// Only a part of the mail is protected.
    OnlyAPart,
    /// The signature is around the encryption and there is none inside.
    OutsideOnly,
    /// The mail has several heads of authors, and programs show different ones.
    SeveralAuthors,
    /// A signature does not count.
    Signature {
        /// Whose it is said to be; may be empty.
        signer: String,
        /// Why.
        fault: SignerFault,
    },
    /// It says that it is signed and does not have the two parts that this takes.
    Structure,
    /// There are more layers than are opened.
    TooManyLayers,
    /// It does not decrypt, for whatever reason.
    Undecipherable,
    /// It uses an unknown algorithm.
    UnsupportedAlgorithm(String),
    /// The signer's certificate is not trusted.
    Untrusted {
        /// Whose certificate.
        signer: String,
        /// Why.
        error: Distrusted,
    },
}

impl Problem {
    /// Returns how bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Malleable { .. }
            | Self::OldCipher { .. }
            | Self::OldDigest { .. }
            | Self::OutsideOnly => Severity::Remark,
            Self::AddressMismatch { .. }
            | Self::AuthorMissing
            | Self::Compressed
            | Self::ContentTwice
            | Self::Damaged
            | Self::DisplayName { .. }
            | Self::ExpiredSince { .. }
            | Self::InnerAuthor { .. }
            | Self::KeyRefused
            | Self::NoContent
            | Self::NoMail
            | Self::NoSignature
            | Self::NotForUs
            | Self::OnBehalf { .. }
            | Self::OnlyAPart
            | Self::SeveralAuthors
            | Self::Signature { .. }
            | Self::Structure
            | Self::TooManyLayers
            | Self::Undecipherable
            | Self::UnsupportedAlgorithm(_)
            | Self::Untrusted { .. } => Severity::Fault,
        }
    }

    /// Returns the stable name used in reports, for example `address_mismatch`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AddressMismatch { .. } => "address_mismatch",
            Self::AuthorMissing => "author_missing",
            Self::Compressed => "compressed",
            Self::ContentTwice => "content_twice",
            Self::Damaged => "damaged",
            Self::DisplayName { .. } => "display_name",
            Self::ExpiredSince { .. } => "expired_since",
            Self::InnerAuthor { .. } => "inner_author",
            Self::KeyRefused => "key_refused",
            Self::Malleable { .. } => "malleable",
            Self::NoContent => "no_content",
            Self::NoMail => "no_mail",
            Self::NoSignature => "no_signature",
            Self::NotForUs => "not_for_us",
            Self::OldCipher { .. } => "old_cipher",
            Self::OldDigest { .. } => "old_digest",
            Self::OnBehalf { .. } => "on_behalf",
            Self::OnlyAPart => "only_a_part",
            Self::OutsideOnly => "outside_only",
            Self::SeveralAuthors => "several_authors",
            Self::Signature { .. } => "signature",
            Self::Structure => "structure",
            Self::TooManyLayers => "too_many_layers",
            Self::Undecipherable => "undecipherable",
            Self::UnsupportedAlgorithm(_) => "unsupported_algorithm",
            Self::Untrusted { .. } => "untrusted",
        }
    }

    /// Says it in plain words, in one sentence, fit for one line of the screen.
    pub fn words(&self, language: Language) -> String {
        let words = match language {
            Language::English => self.english(),
            Language::German => self.german(),
        };

        // Names of certificates are what strangers wrote.
        text::line(&words)
    }
}
