//! Where an issuer publishes what is about its certificates.

use super::extension;
use const_oid::db::rfc5280;
use der::asn1::{Ia5String, ObjectIdentifier};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, CertificatePolicies, CrlDistributionPoints,
};

/// What a certificate says about its issuer's services and rules; what is absent is left out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Locations {
    /// The address of the revocation list (RFC 5280 §4.2.1.13).
    pub crl: Option<String>,
    /// The address of the issuer's certificate in DER (RFC 5280 §4.2.2.1).
    pub issuer: Option<String>,
    /// The address of the OCSP responder (RFC 5280 §4.2.2.1).
    pub ocsp: Option<String>,
    /// The policies under which it was issued (RFC 5280 §4.2.1.4).
    pub policies: Vec<ObjectIdentifier>,
}

impl Locations {
    pub(super) fn extensions(&self) -> Result<Vec<Extension>, der::Error> {
        let mut extensions = Vec::new();
        if let Some(crl) = &self.crl {
            let point = DistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(vec![uri(crl)?])),
                reasons: None,
                crl_issuer: None,
            };
            extensions.push(extension(false, &CrlDistributionPoints(vec![point]))?);
        }
        let services =
            [(rfc5280::ID_AD_OCSP, &self.ocsp), (rfc5280::ID_AD_CA_ISSUERS, &self.issuer)];
        let services: Result<Vec<_>, der::Error> = services
            .into_iter()
            .filter_map(|(access_method, address)| Some((access_method, address.as_ref()?)))
            .map(|(access_method, address)| {
                Ok(AccessDescription { access_method, access_location: uri(address)? })
            })
            .collect();
        let services = services?;
        if !services.is_empty() {
            extensions.push(extension(false, &AuthorityInfoAccessSyntax(services))?);
        }
        if !self.policies.is_empty() {
            let policies = self.policies.iter().map(|policy| PolicyInformation {
                policy_identifier: *policy,
                policy_qualifiers: None,
            });
            extensions.push(extension(false, &CertificatePolicies(policies.collect()))?);
        }

        Ok(extensions)
    }
}

fn uri(address: &str) -> Result<GeneralName, der::Error> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(address)?))
}
