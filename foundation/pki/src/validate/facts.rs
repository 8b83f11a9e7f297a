//! What a certificate says, read once.

use crate::name::DistinguishedName;
use const_oid::db::{rfc5280, rfc6960};
use der::Decode as _;
use der::asn1::{Null, ObjectIdentifier};
use std::collections::BTreeSet;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::constraints::name::NameConstraints;
use x509_cert::ext::pkix::crl::CrlDistributionPoints;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage,
    InhibitAnyPolicy, KeyUsage, PolicyConstraints, PolicyMappings, SubjectAltName,
    SubjectKeyIdentifier,
};

/// `anyPolicy` (RFC 5280 §4.2.1.4).
pub(crate) const ANY_POLICY: ObjectIdentifier = rfc5280::ANY_POLICY;

/// The extensions of a certificate and its names, as far as validation looks at them.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Nothing if it cannot be compared.
    pub(crate) subject: Option<DistinguishedName>,
    pub(crate) issuer: Option<DistinguishedName>,
    pub(crate) names: Vec<GeneralName>,
    pub(crate) basic: Option<BasicConstraints>,
    pub(crate) usage: Option<KeyUsage>,
    pub(crate) purposes: Option<Vec<ObjectIdentifier>>,
    pub(crate) policies: Option<BTreeSet<ObjectIdentifier>>,
    /// Pairs of a policy of the issuer's and one of the subject's domain.
    pub(crate) mappings: Vec<(ObjectIdentifier, ObjectIdentifier)>,
    pub(crate) require_explicit_policy: Option<u32>,
    pub(crate) inhibit_policy_mapping: Option<u32>,
    pub(crate) inhibit_any_policy: Option<u32>,
    pub(crate) constraints: Option<NameConstraints>,
    pub(crate) distribution_points: Vec<DistributionPoint>,
    pub(crate) key_identifier: Option<Vec<u8>>,
    pub(crate) authority_key_identifier: Option<Vec<u8>>,
    /// The holder's OCSP answers are trusted without asking for the holder (RFC 6960 §4.2.2.2.1).
    pub(crate) no_check: bool,
    /// Extensions that cannot be read, or break a rule of their own.
    pub(crate) damaged: Vec<ObjectIdentifier>,
    /// Critical extensions that nothing here understands.
    pub(crate) unknown: Vec<ObjectIdentifier>,
}

impl Facts {
    pub(crate) fn read(
        subject: &[u8],
        issuer: &[u8],
        version: Version,
        extensions: &[Extension],
    ) -> Self {
        let mut facts = Self {
            subject: DistinguishedName::read(subject).ok(),
            issuer: DistinguishedName::read(issuer).ok(),
            ..Self::default()
        };
        for extension in extensions {
            // Extensions came with version 3; what another version says by them is in doubt.
            if version != Version::V3 || facts.take(extension).is_none() {
                facts.damaged.push(extension.extn_id);
            }
        }

        facts
    }

    /// Tells whether subject and issuer are the same (RFC 5280 §6.1, "self-issued").
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject.is_some() && self.subject == self.issuer
    }

    pub(crate) fn is_authority(&self) -> bool {
        self.basic.as_ref().is_some_and(|basic| basic.ca)
    }

    /// Reads one extension; nothing if it is damaged.
    fn take(&mut self, extension: &Extension) -> Option<()> {
        let der = extension.extn_value.as_bytes();
        match extension.extn_id {
            rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER => {
                let identifier = AuthorityKeyIdentifier::from_der(der).ok()?;
                self.authority_key_identifier =
                    identifier.key_identifier.map(|it| it.as_bytes().to_vec());
            }
            rfc5280::ID_CE_BASIC_CONSTRAINTS => {
                self.basic = Some(BasicConstraints::from_der(der).ok()?);
            }
            rfc5280::ID_CE_CERTIFICATE_POLICIES => self.take_policies(der, extension.critical)?,
            rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS => {
                self.distribution_points = CrlDistributionPoints::from_der(der).ok()?.0;
            }
            rfc5280::ID_CE_EXT_KEY_USAGE => {
                let ExtendedKeyUsage(purposes) = ExtendedKeyUsage::from_der(der).ok()?;
                self.purposes = Some(purposes).filter(|purposes| !purposes.is_empty());
                self.purposes.as_ref()?;
            }
            // Where to look for deltas: whoever gives the lists has looked.
            rfc5280::ID_CE_FRESHEST_CRL => {}
            rfc5280::ID_CE_INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy = Some(InhibitAnyPolicy::from_der(der).ok()?.0);
            }
            // Nothing depends on other names of the issuer.
            rfc5280::ID_CE_ISSUER_ALT_NAME => {}
            rfc5280::ID_CE_KEY_USAGE => self.usage = Some(KeyUsage::from_der(der).ok()?),
            rfc5280::ID_CE_NAME_CONSTRAINTS => {
                self.constraints = Some(NameConstraints::from_der(der).ok()?);
            }
            rfc5280::ID_CE_POLICY_CONSTRAINTS => {
                let constraints = PolicyConstraints::from_der(der).ok()?;
                self.require_explicit_policy = constraints.require_explicit_policy;
                self.inhibit_policy_mapping = constraints.inhibit_policy_mapping;
            }
            rfc5280::ID_CE_POLICY_MAPPINGS => {
                let mappings = PolicyMappings::from_der(der).ok()?.0.into_iter();
                self.mappings = mappings
                    .map(|it| (it.issuer_domain_policy, it.subject_domain_policy))
                    .collect();
            }
            rfc5280::ID_CE_SUBJECT_ALT_NAME => {
                self.names = SubjectAltName::from_der(der).ok()?.0;
            }
            rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER => {
                let identifier = SubjectKeyIdentifier::from_der(der).ok()?;
                self.key_identifier = Some(identifier.0.as_bytes().to_vec());
            }
            rfc6960::ID_PKIX_OCSP_NOCHECK => {
                Null::from_der(der).ok()?;
                self.no_check = true;
            }
            unknown if extension.critical => self.unknown.push(unknown),
            _ => {}
        }

        Some(())
    }

    fn take_policies(&mut self, der: &[u8], critical: bool) -> Option<()> {
        const KNOWN: [ObjectIdentifier; 2] = [rfc5280::ID_QT_CPS, rfc5280::ID_QT_UNOTICE];
        let CertificatePolicies(read) = CertificatePolicies::from_der(der).ok()?;
        let qualifiers = || read.iter().filter_map(|it| it.policy_qualifiers.as_ref()).flatten();
        if critical && !qualifiers().all(|it| KNOWN.contains(&it.policy_qualifier_id)) {
            self.unknown.push(rfc5280::ID_CE_CERTIFICATE_POLICIES);
        }
        let policies: BTreeSet<_> = read.iter().map(|it| it.policy_identifier).collect();
        // Each policy once, and at least one (RFC 5280 §4.2.1.4).
        let whole = policies.len() == read.len() && !policies.is_empty();
        self.policies = Some(policies);

        whole.then_some(())
    }
}
