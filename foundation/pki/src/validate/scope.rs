//! Which certificates and which reasons a revocation list is about (RFC 5280 §6.3.3 b and d).

use super::crl::{Crl, directory};
use super::facts::Facts;
use crate::name::DistinguishedName;
use der::Encode as _;
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, ReasonFlags};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

/// All reasons for which a certificate may be revoked, as bits (RFC 5280 §4.2.1.13).
pub(super) const ALL_REASONS: u16 = 0b1_1111_1110;

/// Where a certificate says that its revocation is told.
pub(super) struct Point {
    /// Nothing if it gives none.
    names: Option<Vec<PointName>>,
    reasons: u16,
    /// Those who make the list, if not the certificate's issuer.
    issuers: Option<Vec<DistinguishedName>>,
}

#[derive(Eq, PartialEq)]
enum PointName {
    Directory(DistinguishedName),
    Other(Vec<u8>),
}

/// The points of a certificate, and behind them the one that every certificate has: its issuer.
pub(super) fn points(facts: &Facts) -> Vec<Point> {
    let issuer = facts.issuer.as_ref();
    let named = facts.distribution_points.iter();
    let named = named.filter_map(|point| Point::read(point, issuer?).ok());
    let plain = issuer.map(|issuer| Point {
        names: Some(vec![PointName::Directory(issuer.clone())]),
        reasons: ALL_REASONS,
        issuers: None,
    });

    named.chain(plain).collect()
}

impl Point {
    fn read(point: &DistributionPoint, issuer: &DistinguishedName) -> der::Result<Self> {
        let issuers = point.crl_issuer.as_ref().map(|names| directory(names)).transpose()?;
        let issuers: Option<Vec<_>> = issuers.map(|issuer| issuer.into_iter().collect());
        let base = issuers.as_ref().and_then(|issuers| issuers.first()).unwrap_or(issuer);
        let names = point.distribution_point.as_ref().map(|name| names(name, base)).transpose()?;

        Ok(Self { names, reasons: bits(point.reasons), issuers })
    }

    /// Tells whether the certificate's issuer names another who makes the list.
    pub(super) fn is_delegated(&self) -> bool {
        self.issuers.is_some()
    }

    /// Returns the reasons that a list tells of a certificate with this point, if it is one of its lists.
    pub(super) fn reasons_of(&self, crl: &Crl, facts: &Facts) -> Option<u16> {
        let scope = crl.scope();
        let by = match &self.issuers {
            Some(issuers) => {
                issuers.contains(crl.issuer()) && scope.is_some_and(|scope| scope.indirect_crl)
            }
            None => facts.issuer.as_ref() == Some(crl.issuer()),
        };
        let Some(scope) = scope else {
            return by.then_some(self.reasons);
        };
        let wrong_kind = scope.only_contains_attribute_certs
            || (scope.only_contains_user_certs && facts.is_authority())
            || (scope.only_contains_ca_certs && !facts.is_authority());
        if !by || wrong_kind {
            return None;
        }
        if let Some(name) = &scope.distribution_point {
            let theirs = names(name, crl.issuer()).ok()?;
            let own = match (&self.names, &self.issuers) {
                (Some(names), _) => names.iter().any(|name| theirs.contains(name)),
                (None, Some(issuers)) => issuers
                    .iter()
                    .any(|issuer| theirs.contains(&PointName::Directory(issuer.clone()))),
                (None, None) => false,
            };
            if !own {
                return None;
            }
        }

        Some(self.reasons & bits(scope.only_some_reasons))
    }
}

fn bits(reasons: Option<ReasonFlags>) -> u16 {
    reasons.map_or(ALL_REASONS, |reasons| reasons.bits() & ALL_REASONS)
}

fn names(name: &DistributionPointName, base: &DistinguishedName) -> der::Result<Vec<PointName>> {
    match name {
        DistributionPointName::FullName(names) => names.iter().map(full_name).collect(),
        DistributionPointName::NameRelativeToCRLIssuer(part) => {
            Ok(vec![PointName::Directory(base.with(&part.to_der()?)?)])
        }
    }
}

fn full_name(name: &GeneralName) -> der::Result<PointName> {
    Ok(match directory(std::slice::from_ref(name))? {
        Some(name) => PointName::Directory(name),
        None => PointName::Other(name.to_der()?),
    })
}
