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

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::pkey::PKey;
    use openssl::x509::X509;
    use rustls::{ServerConnection, StreamOwned};
    use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener};
    use std::process::{Command, Stdio};

    #[test]
    fn old_clients_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &str| {
            let mut command = Command::new("openssl");
            command.args(arguments.split(' ')).current_dir(&folder);
            let done = command.stderr(Stdio::null()).status().unwrap();
            assert!(done.success(), "{arguments}");
        };
        for (name, key) in [("rsa", "rsa:2048"), ("ec", "ec -pkeyopt ec_paramgen_curve:P-256")] {
            run(&format!(
                "req -x509 -newkey {key} -nodes -keyout {name}.key -out {name}.pem -subj /CN=a"
            ));
        }
        for (kind, client, taken) in [
            ("ec", "-tls1_3", true),
            ("rsa", "-tls1_3", true),
            ("ec", "-tls1_2", true),
            ("ec", "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", true),
            ("rsa", "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305", true),
            ("ec", "-tls1_1 -cipher ALL:@SECLEVEL=0", false),
            ("rsa", "-tls1 -cipher ALL:@SECLEVEL=0", false),
            // No authenticated encryption.
            ("ec", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", false),
            ("rsa", "-tls1_2 -cipher ECDHE-RSA-AES256-SHA", false),
            // No forward secrecy.
            ("rsa", "-tls1_2 -cipher AES256-GCM-SHA384", false),
            ("rsa", "-tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384", false),
        ] {
            let read =
                |name: &str| std::fs::read(folder.path().join(format!("{kind}.{name}"))).unwrap();
            let certificate = X509::from_pem(&read("pem")).unwrap().to_der().unwrap();
            let key = PKey::private_key_from_pem(&read("key")).unwrap();
            let key = PrivatePkcs8KeyDer::from(key.private_key_to_pkcs8().unwrap());
            let identity = TlsIdentity {
                chain: vec![certificate.clone().into()],
                key: PrivateKeyDer::from(key),
            };
            let authority = Certificate::from_der(&certificate).unwrap();
            for config in [console(&identity).unwrap(), gateway(&identity, &authority).unwrap()] {
                let address = answer_once(config);
                let mut command = Command::new("openssl");
                command.args(["s_client", "-quiet", "-ign_eof", "-connect", &address.to_string()]);
                command.args(client.split(' ')).stdin(Stdio::null());
                let said = command.output().unwrap();
                assert_eq!(said.stdout == b"hello", taken, "{kind} {client}: {said:?}");
            }
        }
    }

    /// Says `hello` to one client.
    fn answer_once(config: ServerConfig) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut tls =
                StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
            if tls.write_all(b"hello").is_ok() {
                tls.conn.send_close_notify();
                drop(tls.flush());
                drop(tls.read(&mut [0]));
            }
        });

        address
    }
}
