//! Problems in plain words.

use super::problem::Problem;
use pki::cms::SignerFault;
use pki::validate::{Distrusted, Fault, Reason, Unknown, Use};
use time::{Date, OffsetDateTime};

impl Problem {
    pub(super) fn english(&self) -> String {
        match self {
            Self::AddressMismatch { author, signers } => {
                format!(
                    "The mail says it is from {author}, but it was signed by {}.",
                    signers.join(", ")
                )
            }
            Self::AuthorMissing => "The mail does not say who wrote it.".to_owned(),
            Self::Compressed => "The mail is compressed, which cannot be read here.".to_owned(),
            Self::ContentTwice => {
                "The mail holds two texts, and only one of them is signed.".to_owned()
            }
            Self::Damaged => "The mail is damaged.".to_owned(),
            Self::DisplayName { name, address } => {
                format!("The name shown is {name:?}, but the mail is from {address}.")
            }
            Self::ExpiredSince { signer, signed } => format!(
                "The certificate of {signer} has expired; it was valid on {}, when the mail was signed according to the sender.",
                day(*signed)
            ),
            Self::InnerAuthor { inner } => {
                format!("The signed mail inside is from {inner}, not from the author shown.")
            }
            Self::KeyRefused => "The key did not answer; try again.".to_owned(),
            Self::Malleable { cipher } => {
                format!(
                    "Encrypted with {cipher}: others could have changed parts of it on its way."
                )
            }
            Self::NoContent => "The signature came without the text that was signed.".to_owned(),
            Self::NoMail => "What is inside is no mail.".to_owned(),
            Self::NoSignature => {
                "The mail says that it is signed, but there is no signature.".to_owned()
            }
            Self::NotForUs => "The mail is encrypted for another key.".to_owned(),
            Self::OldCipher { cipher } => {
                format!("Encrypted with {cipher}, which is old and can be broken.")
            }
            Self::OldDigest { signer, digest } => {
                format!(
                    "The signature of {signer} is made with {digest}: whoever spends enough can forge such a one."
                )
            }
            Self::OnBehalf { author, sender } => {
                format!("Signed by the sender {sender}, not by the author {author}.")
            }
            Self::OnlyAPart => {
                "Only a part of the mail is signed or encrypted; it counts as unprotected."
                    .to_owned()
            }
            Self::OutsideOnly => {
                "Whoever signed the encrypted mail need not know its text.".to_owned()
            }
            Self::SeveralAuthors => "The mail names its author more than once.".to_owned(),
            Self::Signature { signer, fault } => {
                let whose = if signer.is_empty() { String::new() } else { format!(" of {signer}") };
                format!("The signature{whose} does not count: {}.", fault_english(fault))
            }
            Self::Structure => {
                "The mail says that it is signed, but is not put together so.".to_owned()
            }
            Self::TooManyLayers => "The mail is wrapped too many times.".to_owned(),
            Self::Undecipherable => "The mail cannot be decrypted.".to_owned(),
            Self::UnsupportedAlgorithm(name) => {
                format!("The mail uses an unknown algorithm ({name}).")
            }
            Self::Untrusted { signer, error } => {
                format!("The certificate of {signer} is not trusted: {error}.")
            }
        }
    }

    pub(super) fn german(&self) -> String {
        match self {
            Self::AddressMismatch { author, signers } => {
                format!("Die Mail gibt {author} als Absender an, unterschrieben hat aber {}.", signers.join(", "))
            }
            Self::AuthorMissing => "Die Mail sagt nicht, wer sie geschrieben hat.".to_owned(),
            Self::Compressed => "Die Mail ist komprimiert und kann hier nicht gelesen werden.".to_owned(),
            Self::ContentTwice => "Die Mail enthält zwei Texte, von denen nur einer unterschrieben ist.".to_owned(),
            Self::Damaged => "Die Mail ist beschädigt.".to_owned(),
            Self::DisplayName { name, address } => {
                format!("Angezeigt wird der Name {name:?}, die Mail ist aber von {address}.")
            }
            Self::ExpiredSince { signer, signed } => format!(
                "Das Zertifikat von {signer} ist abgelaufen; es war gültig am {}, als die Mail laut Absender unterschrieben wurde.",
                day(*signed)
            ),
            Self::InnerAuthor { inner } => {
                format!("Die unterschriebene Mail darin ist von {inner}, nicht vom angezeigten Absender.")
            }
            Self::KeyRefused => "Der Schlüssel hat nicht geantwortet; bitte noch einmal versuchen.".to_owned(),
            Self::Malleable { cipher } => {
                format!("Verschlüsselt mit {cipher}: Teile davon könnten unterwegs verändert worden sein.")
            }
            Self::NoContent => "Die Unterschrift kam ohne den Text, der unterschrieben wurde.".to_owned(),
            Self::NoMail => "Der Inhalt ist keine Mail.".to_owned(),
            Self::NoSignature => "Die Mail gibt an, unterschrieben zu sein, trägt aber keine Unterschrift.".to_owned(),
            Self::NotForUs => "Die Mail ist für einen anderen Schlüssel verschlüsselt.".to_owned(),
            Self::OldCipher { cipher } => {
                format!("Verschlüsselt mit {cipher}; das Verfahren ist alt und kann gebrochen werden.")
            }
            Self::OldDigest { signer, digest } => {
                format!(
                    "Die Unterschrift von {signer} ist mit {digest} gemacht: Wer genug Aufwand treibt, kann so eine fälschen."
                )
            }
            Self::OnBehalf { author, sender } => {
                format!("Unterschrieben hat {sender} als Übermittler, nicht {author} als Verfasser.")
            }
            Self::OnlyAPart => {
                "Nur ein Teil der Mail ist unterschrieben oder verschlüsselt; sie gilt als ungeschützt.".to_owned()
            }
            Self::OutsideOnly => {
                "Wer die verschlüsselte Mail unterschrieben hat, muss ihren Text nicht kennen.".to_owned()
            }
            Self::SeveralAuthors => "Die Mail nennt ihren Absender mehrfach.".to_owned(),
            Self::Signature { signer, fault } => {
                let whose = if signer.is_empty() { String::new() } else { format!(" von {signer}") };
                format!("Die Unterschrift{whose} gilt nicht: {}.", fault_german(fault))
            }
            Self::Structure => {
                "Die Mail gibt an, unterschrieben zu sein, ist aber nicht so aufgebaut.".to_owned()
            }
            Self::TooManyLayers => "Die Mail ist zu oft verpackt.".to_owned(),
            Self::Undecipherable => "Die Mail lässt sich nicht entschlüsseln.".to_owned(),
            Self::UnsupportedAlgorithm(name) => {
                format!("Die Mail verwendet ein unbekanntes Verfahren ({name}).")
            }
            Self::Untrusted { signer, error } => {
                format!("Dem Zertifikat von {signer} wird nicht vertraut: {}.", distrust_german(error))
            }
        }
    }
}

pub(super) fn day(moment: OffsetDateTime) -> Date {
    moment.date()
}

fn fault_english(fault: &SignerFault) -> String {
    fault.to_string()
}

fn fault_german(fault: &SignerFault) -> String {
    match fault {
        SignerFault::Ambiguous => {
            "was unterschrieben ist, lässt sich auf zwei Arten lesen".to_owned()
        }
        SignerFault::ContentChanged => {
            "der Text wurde nach dem Unterschreiben verändert".to_owned()
        }
        SignerFault::Damaged => "sie ist beschädigt".to_owned(),
        SignerFault::NoCertificate => "das Zertifikat des Unterzeichners fehlt".to_owned(),
        SignerFault::NotForSigning => "das Zertifikat ist nicht zum Unterschreiben da".to_owned(),
        SignerFault::OtherCertificate => "sie gehört zu einem anderen Zertifikat".to_owned(),
        SignerFault::Signature => "sie ist falsch".to_owned(),
        SignerFault::UnsupportedAlgorithm(name) => format!("das Verfahren {name} ist unbekannt"),
        SignerFault::WeakAlgorithm(name) => format!("das Verfahren {name} kann gefälscht werden"),
    }
}

fn distrust_german(error: &Distrusted) -> String {
    let Fault { subject, reason, .. } = &*error.fault;

    format!("{subject}: {}", reason_german(reason))
}

fn reason_german(reason: &Reason) -> String {
    match reason {
        Reason::Algorithm(algorithm) => {
            format!(
                "mit einem unbekannten oder zu schwachen Verfahren unterschrieben ({algorithm})"
            )
        }
        Reason::DamagedExtension(extension) => {
            format!("die Erweiterung {extension} ist beschädigt")
        }
        Reason::DamagedName => "der Name ist beschädigt".to_owned(),
        Reason::Expired(until) => format!("abgelaufen am {}", day(*until)),
        Reason::ForbiddenName { name, authority } => {
            format!("{name} darf von {authority} nicht beglaubigt werden")
        }
        Reason::NoPolicy => "keine der verlangten Richtlinien gilt".to_owned(),
        Reason::NotAnAuthority => "darf keine Zertifikate ausstellen".to_owned(),
        Reason::NotFor(purpose) => format!("nicht für {}", use_german(*purpose)),
        Reason::NotYetValid(since) => format!("erst gültig ab {}", day(*since)),
        Reason::OtherName { asked, .. } => format!("nicht für {asked} ausgestellt"),
        Reason::PathTooLong => "zu viele Aussteller darunter".to_owned(),
        Reason::PolicyMapping => "eine Richtlinie wird falsch übersetzt".to_owned(),
        Reason::Revoked(revocation) => format!("gesperrt am {}", day(revocation.since)),
        Reason::RevocationUnknown(unknown) => {
            format!("ob es gesperrt ist, ist nicht bekannt ({})", unknown_german(unknown))
        }
        Reason::Signature { issuer } => format!("die Unterschrift ist nicht von {issuer}"),
        Reason::TooMuchWork => "zu viele Zertifikate liegen bei".to_owned(),
        Reason::UnknownExtension(extension) => {
            format!("die Erweiterung {extension} ist unbekannt")
        }
        Reason::UnknownIssuer { issuer } => {
            format!("dem Aussteller {issuer} wird nicht vertraut")
        }
        Reason::WeakKey(_) => "der Schlüssel ist zu kurz oder von unbekannter Art".to_owned(),
    }
}

fn use_german(purpose: Use) -> &'static str {
    match purpose {
        Use::Any => "irgendetwas",
        Use::DocumentSigning => "Unterschriften unter Dokumenten",
        Use::Mail => "Mail",
        Use::MailEncryption => "die Verschlüsselung von Mail",
        Use::MailSigning => "Unterschriften unter Mail",
        Use::TlsClient => "die Anmeldung an Servern",
        Use::TlsServer => "Server",
    }
}

fn unknown_german(unknown: &Unknown) -> &'static str {
    match unknown {
        Unknown::Nothing => "weder Sperrliste noch OCSP-Antwort liegt vor",
        Unknown::Partial => "die Sperrlisten betreffen nicht alle Gründe",
        Unknown::NotKnown => "der OCSP-Dienst kennt es nicht",
        Unknown::Outdated => "was vorliegt, ist nicht von dieser Zeit",
        Unknown::NotUnderstood => "eine Sperrliste enthält Unbekanntes",
        Unknown::Unsigned => "was vorliegt, hat niemand Berechtigtes unterschrieben",
    }
}
