//! What a certificate is shown for, and for whom (RFC 5280 §4.2.1.3, §4.2.1.12, RFC 8550 §4.4, RFC 9525).

use super::facts::Facts;
use super::fault::Reason;
use crate::{Certificate, Purpose};
use const_oid::db::{rfc5280, rfc5912};
use der::asn1::ObjectIdentifier;
use std::fmt;
use std::net::IpAddr;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

/// What a certificate is shown for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Use {
    /// Anything: neither key usage nor extended key usage of the leaf matters.
    Any,
    /// Signing documents that people or programs rely on (RFC 9336).
    DocumentSigning,
    /// Mail, to sign or to encrypt it.
    Mail,
    /// To encrypt mail.
    MailEncryption,
    /// To sign mail.
    MailSigning,
    /// The client's end of TLS.
    TlsClient,
    /// The server's end of TLS.
    TlsServer,
}

impl From<Purpose> for Use {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::DocumentSigning => Self::DocumentSigning,
            Purpose::EmailProtection => Self::Mail,
            Purpose::TlsClient => Self::TlsClient,
            Purpose::TlsServer => Self::TlsServer,
        }
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "anything",
            Self::DocumentSigning => "signing documents",
            Self::Mail => "mail",
            Self::MailEncryption => "encrypting mail",
            Self::MailSigning => "signing mail",
            Self::TlsClient => "TLS clients",
            Self::TlsServer => "TLS servers",
        })
    }
}

impl Use {
    fn purpose(self) -> Option<Purpose> {
        match self {
            Self::Any => None,
            Self::DocumentSigning => Some(Purpose::DocumentSigning),
            Self::Mail | Self::MailEncryption | Self::MailSigning => Some(Purpose::EmailProtection),
            Self::TlsClient => Some(Purpose::TlsClient),
            Self::TlsServer => Some(Purpose::TlsServer),
        }
    }

    /// The bits of the key usage of which the leaf needs one.
    fn usages(self) -> &'static [KeyUsages] {
        use KeyUsages::{DigitalSignature, KeyAgreement, KeyEncipherment, NonRepudiation};

        match self {
            Self::Any => &[],
            Self::DocumentSigning | Self::MailSigning => &[DigitalSignature, NonRepudiation],
            Self::Mail => &[DigitalSignature, NonRepudiation, KeyEncipherment, KeyAgreement],
            Self::MailEncryption => &[KeyEncipherment, KeyAgreement],
            Self::TlsClient => &[DigitalSignature, KeyAgreement],
            Self::TlsServer => &[DigitalSignature, KeyAgreement, KeyEncipherment],
        }
    }

    /// Tells whether the key and extended key usage of a certificate are good for it.
    pub(crate) fn fits(self, leaf: &Certificate) -> bool {
        self.fits_leaf(leaf.facts())
    }

    /// Tells whether the key and extended key usage of a leaf are good for it.
    pub(super) fn fits_leaf(self, facts: &Facts) -> bool {
        let Some(purpose) = self.purpose() else {
            return true;
        };
        let usages = self.usages();
        let usable = |KeyUsage(bits): &KeyUsage| usages.iter().any(|usage| bits.contains(*usage));
        // Only for mail does "any" stand for the purpose (RFC 8550 §4.4.4).
        let any = purpose == Purpose::EmailProtection;
        let meant = |purposes: &Vec<ObjectIdentifier>| {
            purposes.contains(&purpose.oid())
                || (any && purposes.contains(&rfc5912::ANY_EXTENDED_KEY_USAGE))
        };

        facts.usage.as_ref().is_none_or(usable) && facts.purposes.as_ref().is_none_or(meant)
    }

    /// Tells whether an authority may issue certificates for it.
    pub(super) fn fits_authority(self, facts: &Facts) -> bool {
        let (Some(purpose), Some(purposes)) = (self.purpose(), &facts.purposes) else {
            return true;
        };

        purposes.contains(&purpose.oid()) || purposes.contains(&rfc5912::ANY_EXTENDED_KEY_USAGE)
    }
}

/// Whom a certificate has to be for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PeerName {
    /// A host with this name.
    Dns(String),
    /// The owner of this mail address; upper and lower case are the same, as mail servers have it.
    Email(String),
    /// A host with this address.
    Ip(IpAddr),
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Email(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

impl PeerName {
    /// Checks that a certificate is for it.
    pub(super) fn check(&self, leaf: &Certificate) -> Result<(), Reason> {
        let known = match self {
            Self::Dns(_) => leaf.dns_names(),
            Self::Email(_) => leaf.emails(),
            Self::Ip(_) => leaf.ip_addresses().iter().map(ToString::to_string).collect(),
        };
        let fits = match self {
            Self::Dns(name) => known.iter().any(|pattern| is_host(&name.to_lowercase(), pattern)),
            Self::Email(address) => known.contains(&address.to_lowercase()),
            Self::Ip(address) => leaf.ip_addresses().contains(address),
        };

        if fits { Ok(()) } else { Err(Reason::OtherName { asked: self.to_string(), known }) }
    }
}

/// Compares a host with a name that may have a wildcard for its whole first label (RFC 9525 §6.3).
fn is_host(name: &str, pattern: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    match pattern.strip_prefix("*.") {
        Some(domain) => name.split_once('.').is_some_and(|(label, rest)| {
            !label.is_empty() && rest == domain && domain.contains('.')
        }),
        None => name == pattern && !name.is_empty(),
    }
}

/// Tells whether the key may sign revocation lists.
pub(super) fn may_sign_lists(facts: &Facts) -> bool {
    facts.usage.as_ref().is_none_or(KeyUsage::crl_sign)
}

/// Tells whether the certificate is one to sign OCSP answers with (RFC 6960 §4.2.2.2).
pub(super) fn may_sign_answers(facts: &Facts) -> bool {
    let usable = |usage: &KeyUsage| usage.digital_signature() || usage.non_repudiation();
    let meant = |purposes: &Vec<_>| purposes.contains(&rfc5280::ID_KP_OCSP_SIGNING);

    facts.usage.as_ref().is_none_or(usable) && facts.purposes.as_ref().is_some_and(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_whole_label() {
        for (name, pattern, expected) in [
            ("a.example.com", "a.example.com", true),
            ("a.example.com.", "a.example.com", true),
            ("a.example.com", "*.example.com", true),
            ("a.b.example.com", "*.example.com", false),
            ("example.com", "*.example.com", false),
            ("a.example.com", "a*.example.com", false),
            ("a.example.com", "*.*.com", false),
            ("example.com", "*.com", false),
            ("", "", false),
        ] {
            assert_eq!(is_host(name, pattern), expected, "{name} for {pattern}");
        }
    }
}
