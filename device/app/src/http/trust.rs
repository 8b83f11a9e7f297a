//! Whom the app believes to be its server.

use data_encoding::HEXLOWER;
use pki::Certificate;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Who may certify the server; the platform's authorities, too, but for [`Trust::Roots`].
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// Cordon's authority, known since the registration.
    Authority(Certificate),
    /// The authority with this SHA-256, which the server sends with its chain.
    Pin([u8; 32]),
    /// Nobody else.
    Platform,
    /// None but these.
    Roots {
        /// Authorities that are known.
        known: Vec<Certificate>,
        /// Authorities by the SHA-256 of their certificates, in hexadecimal, which the server sends with its chain.
        named: Vec<String>,
    },
}

/// What the app shows of itself.
#[derive(Debug)]
pub(crate) struct ClientIdentity {
    /// The device's certificate, DER.
    pub(crate) certificate: Vec<u8>,
    /// The device's key, PKCS#8.
    pub(crate) key: Zeroizing<Vec<u8>>,
}

/// As [`config`], for HTTP/1.1.
pub(super) fn for_http(
    trust: &Trust,
    identity: Option<ClientIdentity>,
) -> Result<ClientConfig, Error> {
    let mut config = config(trust, identity)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];

    Ok(config)
}

/// TLS 1.2 and 1.3, and nothing that is not verified.
pub(crate) fn config(
    trust: &Trust,
    identity: Option<ClientIdentity>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(Verifier {
        platform: match trust {
            Trust::Authority(_) | Trust::Pin(_) | Trust::Platform => platform(&provider),
            Trust::Roots { .. } => None,
        },
        trust: trust.clone(),
        provider: Arc::clone(&provider),
    });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        Some(identity) => {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.to_vec()));
            builder.with_client_auth_cert(vec![CertificateDer::from(identity.certificate)], key)?
        }
        None => builder.with_no_client_auth(),
    };
    config.require_ems = true;

    Ok(config)
}

#[derive(Debug)]
struct Verifier {
    platform: Option<Arc<WebPkiServerVerifier>>,
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let own = match &self.trust {
            Trust::Authority(authority) => Some(vec![CertificateDer::from(authority.as_der())]),
            Trust::Pin(pin) => {
                let pinned =
                    intermediates.iter().find(|part| Sha256::digest(part).as_slice() == pin);
                pinned.map(|pinned| vec![pinned.clone()])
            }
            Trust::Platform => None,
            Trust::Roots { known, named } => {
                let known = known.iter().map(|one| CertificateDer::from(one.as_der()));
                let is_named = |part: &&CertificateDer<'_>| {
                    named.contains(&HEXLOWER.encode(&Sha256::digest(part)))
                };
                Some(known.chain(intermediates.iter().filter(is_named).cloned()).collect())
            }
        };
        let by_own = own.map(|authorities| {
            let mut roots = RootCertStore::empty();
            // One that cannot be understood vouches for nothing.
            roots.add_parsable_certificates(authorities);
            verifier(roots, &self.provider)?.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            )
        });
        if let Some(Ok(verified)) = by_own {
            return Ok(verified);
        }
        let by_platform = self.platform.as_ref().map(|platform| {
            let (end, chain) = (end_entity, intermediates);
            platform.verify_server_cert(end, chain, server_name, ocsp_response, now)
        });
        if let Some(Ok(verified)) = by_platform {
            return Ok(verified);
        }
        let unknown = || Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));

        // Cordon's own authority says more about what is wrong than the platform's many.
        by_own.or(by_platform).unwrap_or_else(unknown)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;

        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;

        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| Error::General(error.to_string()))
}

/// The platform's authorities; none on a machine that has none.
fn platform(provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);

    verifier(roots, provider).ok()
}
