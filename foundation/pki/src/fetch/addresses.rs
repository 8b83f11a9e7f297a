//! The addresses that a certificate gives.

use crate::Certificate;
use const_oid::db::{rfc5280, rfc5912};
use der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::ext::pkix::crl::FreshestCrl;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

/// The most addresses of one kind that are looked at.
const MOST: usize = 4;

/// The longest address, in bytes.
const LONGEST: usize = 1024;

/// Where the issuer's certificate is (RFC 5280 §4.2.2.1, `id-ad-caIssuers`).
pub(super) fn issuers(certificate: &Certificate) -> Vec<String> {
    access(certificate, rfc5912::ID_AD_CA_ISSUERS)
}

/// Where it is answered whether the certificate was revoked (`id-ad-ocsp`).
pub(super) fn ocsp(certificate: &Certificate) -> Vec<String> {
    access(certificate, rfc5912::ID_AD_OCSP)
}

/// Where lists are (RFC 5280 §4.2.1.13), and behind them the deltas to them (§4.2.1.15).
pub(super) fn lists(certificate: &Certificate) -> Vec<String> {
    let complete = &certificate.facts().distribution_points;
    let deltas = extension::<FreshestCrl>(certificate, rfc5280::ID_CE_FRESHEST_CRL);
    let deltas = deltas.map(|deltas| deltas.0).unwrap_or_default();

    complete.iter().chain(&deltas).flat_map(full_names).filter_map(http).take(MOST).collect()
}

fn access(certificate: &Certificate, method: ObjectIdentifier) -> Vec<String> {
    let access =
        extension::<AuthorityInfoAccessSyntax>(certificate, rfc5280::ID_PE_AUTHORITY_INFO_ACCESS);
    let access = access.map(|access| access.0).unwrap_or_default();
    let places = access.iter().filter(|it| it.access_method == method);

    places.filter_map(|it| http(&it.access_location)).take(MOST).collect()
}

fn full_names(point: &DistributionPoint) -> &[GeneralName] {
    match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => names,
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => &[],
    }
}

/// Other schemes, as of directories, are not fetched.
fn http(name: &GeneralName) -> Option<String> {
    let GeneralName::UniformResourceIdentifier(address) = name else { return None };
    let address = address.as_str();
    let is_http = ["http://", "https://"].iter().any(|scheme| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let is_plain = address.len() <= LONGEST && address.bytes().all(|it| it.is_ascii_graphic());

    (is_http && is_plain).then(|| address.to_owned())
}

fn extension<'a, T: der::Decode<'a, Error = der::Error>>(
    certificate: &'a Certificate,
    oid: ObjectIdentifier,
) -> Option<T> {
    let found = certificate.extensions().iter().find(|it| it.extn_id == oid)?;

    T::from_der(found.extn_value.as_bytes()).ok()
}
