//! TLS as the server speaks it: 1.2 and 1.3, with forward secrecy and authenticated encryption only.

use crate::identity::TlsIdentity;
use anyhow::{Context as _, Result};
use pki::Certificate;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use std::sync::Arc;

/// For the console: no client certificates.
pub(crate) fn console(identity: &TlsIdentity) -> Result<ServerConfig> {
    let config = builder()?.with_no_client_auth();

    finish(config.with_single_cert(identity.chain.clone(), identity.key.clone_key()))
}

/// For the gateway: a client may show a certificate, and if it does, `authority` must have issued it.
pub(crate) fn gateway(identity: &TlsIdentity, authority: &Certificate) -> Result<ServerConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.as_der().to_vec()))?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .allow_unauthenticated()
        .build()
        .context("the authority cannot certify clients")?;
    let config = builder()?.with_client_cert_verifier(verifier);

    finish(config.with_single_cert(identity.chain.clone(), identity.key.clone_key()))
}

fn builder() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>> {
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];

    Ok(ServerConfig::builder_with_provider(provider()).with_protocol_versions(&versions)?)
}

fn finish(config: Result<ServerConfig, rustls::Error>) -> Result<ServerConfig> {
    let mut config = config.context("TLS certificate and key do not fit")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Without the extended master secret an exporter does not name one connection (RFC 7627).
    config.require_ems = true;

    Ok(config)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
