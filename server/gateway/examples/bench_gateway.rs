//! A gateway with 100,000 devices, to be measured beside other proxies.
//!
//! `bench_gateway LISTEN UPSTREAM CERTIFICATE KEY`: two addresses with port, and two PEM files. The devices are `D000000` to
//! `D099999`, owned by the user of the load and by `u0` to `u99999`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use fleet::DeviceId;
use fleet::access::{DeviceAccess, FeedMessage, Standing};
use gateway::{Gateway, GatewayConfig, UpstreamConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use time::macros::datetime;
use tokio::net::TcpSocket;
use tokio::sync::mpsc;
use tokio::time::sleep;
use uuid::Uuid;

const DEVICES: u32 = 100_000;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, upstream, certificate, key] = arguments.as_slice() else {
        return Err("usage: bench_gateway LISTEN UPSTREAM CERTIFICATE KEY".into());
    };
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<_, _>>()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    let upstream = UpstreamConfig::parse(&format!("http://{upstream}"), RootCertStore::empty())?;
    // Moments appear only in answers of the gateway's own, which are not measured.
    let mut config = GatewayConfig::new(upstream, || datetime!(2026-01-01 00:00 UTC));
    // All clients of the measurement have one address.
    config.limits.connections_per_address = config.limits.connections;
    config.limits.handshakes_per_address = config.limits.connections;

    let (sender, feed) = mpsc::channel(8);
    tokio::spawn(feed_devices(sender));
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(listen.parse()?)?;
    let gateway = Gateway::new(config, Arc::new(tls), Router::new(), feed);
    gateway.serve(socket.listen(8192)?, std::future::pending()).await;
    Ok(())
}

async fn feed_devices(sender: mpsc::Sender<FeedMessage>) {
    let devices = (0..DEVICES).map(device).collect();
    let mut message = FeedMessage::Snapshot { sequence: 1, devices };
    while sender.send(message).await.is_ok() {
        sleep(Duration::from_secs(1)).await;
        message = FeedMessage::Alive { sequence: 1 };
    }
}

fn device(number: u32) -> DeviceAccess {
    DeviceAccess {
        device: DeviceId(Uuid::from_u128(number.into())),
        eas_id: format!("d{number:06}"),
        owner_names: vec!["user".into(), format!("u{number}")],
        standing: Standing::Managed,
        certificates: Vec::new(),
    }
}
