use policy::{CertificateSettings, OwnCertificate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which certificates the apps trust.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CertificatesView {
    /// The authorities that are trusted, by the SHA-256 of their certificates: 64 lower-case hexadecimal digits each; at most 50.
    roots: Vec<String>,
    /// Whether the authorities of the platform are trusted, too.
    platform_roots: bool,
    /// Whether issuers that are missing are fetched from where certificates say.
    fetch_issuers: bool,
    /// Whether a certificate counts only while it is known that it was not revoked.
    require_revocation: bool,
    own: OwnCertificateView,
}

/// What a person's own certificate has to be for the container to open.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OwnCertificateView {
    Fresh,
    Unchecked,
    Valid,
}

impl Default for CertificatesView {
    fn default() -> Self {
        CertificateSettings::default().into()
    }
}

impl From<CertificateSettings> for CertificatesView {
    fn from(settings: CertificateSettings) -> Self {
        let CertificateSettings { roots, platform_roots, fetch_issuers, require_revocation, own } =
            settings;

        Self {
            roots,
            platform_roots,
            fetch_issuers,
            require_revocation,
            own: match own {
                OwnCertificate::Fresh => OwnCertificateView::Fresh,
                OwnCertificate::Unchecked => OwnCertificateView::Unchecked,
                OwnCertificate::Valid => OwnCertificateView::Valid,
            },
        }
    }
}

impl From<CertificatesView> for CertificateSettings {
    fn from(view: CertificatesView) -> Self {
        let CertificatesView { roots, platform_roots, fetch_issuers, require_revocation, own } =
            view;

        Self {
            roots,
            platform_roots,
            fetch_issuers,
            require_revocation,
            own: match own {
                OwnCertificateView::Fresh => OwnCertificate::Fresh,
                OwnCertificateView::Unchecked => OwnCertificate::Unchecked,
                OwnCertificateView::Valid => OwnCertificate::Valid,
            },
        }
    }
}
