use crate::Issuer;
use keys::PrivateKey;
use pki::Certificate;
use pki::validate::{Distrusted, Inputs, Use, validate};
use std::sync::Arc;
use time::OffsetDateTime;

/// What a running server signs with: the authority and the portal's signing key.
#[derive(Clone, Debug)]
pub struct Authority {
    issuer: Issuer,
    portal: Signer,
    root: Option<Issuer>,
}

/// A key with its certificate.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: Arc<dyn PrivateKey>,
}

impl Authority {
    /// Joins an authority and the portal's signing key.
    ///
    /// # Errors
    ///
    /// [`AuthorityError`] if they do not belong together or are not valid at `now`.
    pub fn new(
        issuer: Issuer,
        portal: Signer,
        now: OffsetDateTime,
    ) -> Result<Self, AuthorityError> {
        if portal.certificate.public_key() != portal.key.public_key() {
            return Err(AuthorityError::Mismatch);
        }
        let anchors = std::slice::from_ref(issuer.certificate());
        validate(&portal.certificate, &Inputs::new(anchors, now, Use::DocumentSigning))
            .map_err(AuthorityError::Portal)?;

        Ok(Self { issuer, portal, root: None })
    }

    /// Adds the root that is above the authority.
    #[must_use]
    pub fn below(self, root: Issuer) -> Self {
        Self { root: Some(root.above()), ..self }
    }

    /// Returns the authority that issues, and that the app trusts.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Returns the root above the authority, unless that is its own.
    pub fn root(&self) -> Option<&Issuer> {
        self.root.as_ref()
    }

    /// Returns every authority whose revocation lists are made here.
    pub fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        std::iter::once(&self.issuer).chain(&self.root)
    }

    /// Returns the portal's signing key and certificate.
    pub fn portal(&self) -> &Signer {
        &self.portal
    }
}

/// Why a root and a signing key were not joined.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The key does not belong to the portal's certificate.
    #[error("the key does not belong to the portal's signing certificate")]
    Mismatch,
    /// The portal's certificate is not one of this root, or has expired.
    #[error("the portal's signing certificate is not valid under the root")]
    Portal(#[source] Distrusted),
}
