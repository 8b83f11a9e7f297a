//! Which certificates the app trusts, and what it does to find out.

use crate::settings::Violation;
use serde::{Deserialize, Serialize};

/// The most roots that are named.
pub const MOST_ROOTS: usize = 50;

/// Which certificates the app trusts: of people whose mail it reads and to whom it writes, and the own one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateSettings {
    /// The authorities that are trusted, by the SHA-256 of their certificates: 64 lower-case hexadecimal digits each. None: for mail the
    /// authority of the person's own certificate.
    pub roots: Vec<String>,
    /// Whether the authorities of the platform are trusted, too.
    pub platform_roots: bool,
    /// Whether the certificate of an issuer that is missing is fetched from where a certificate says. Whoever made that
    /// certificate can learn of it.
    pub fetch_issuers: bool,
    /// Whether a certificate counts only while it is known that it was not revoked.
    pub require_revocation: bool,
    /// What the person's own certificate has to be for the container to open.
    pub own: OwnCertificate,
}

/// What the person's own certificate has to be for the container to open.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnCertificate {
    /// Valid, and by what its authority says at present it was not revoked.
    Fresh,
    /// Whatever it is.
    #[default]
    Unchecked,
    /// Valid, and not known to be revoked.
    Valid,
}

impl Default for CertificateSettings {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            platform_roots: true,
            fetch_issuers: true,
            require_revocation: false,
            own: OwnCertificate::Unchecked,
        }
    }
}

impl CertificateSettings {
    pub(crate) fn check(&self) -> Vec<Violation> {
        const REASON: &str =
            "must be at most 50 SHA-256 fingerprints of 64 lower-case hexadecimal digits";
        const NOBODY: &str = "must name a root, or the platform's must be trusted, if the own certificate is checked";
        let is_fingerprint = |root: &String| {
            root.len() == 64 && root.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
        };
        let fits = self.roots.len() <= MOST_ROOTS && self.roots.iter().all(is_fingerprint);
        let nobody =
            self.roots.is_empty() && !self.platform_roots && self.own != OwnCertificate::Unchecked;
        let violation =
            |reason: &str| Violation { place: "certificates.roots", reason: reason.to_owned() };

        [(!fits).then(|| violation(REASON)), nobody.then(|| violation(NOBODY))]
            .into_iter()
            .flatten()
            .collect()
    }
}
