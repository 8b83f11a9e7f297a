//! Holds TLS Pings through a gateway and tells what each costs it.
//!
//! `bench_hold GATEWAY MAIL COUNT PID[,PID…]`: the gateway's address, the address on which this program plays the mail server, how
//! many Pings, and the processes of the gateway. Prints live Pings and KiB per Ping: growth of Pss, without the kernel's sockets.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Handshakes at the same time.
const AT_ONCE: usize = 64;

/// Time in which freed memory goes back and timers settle.
const SETTLE: Duration = Duration::from_secs(2);

const BODY: &str = "PingPingPingPingPingPingPingPingPingPingPingPingPingPingPingPing";

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [gateway, mail, count, pids] = arguments.as_slice() else {
        return Err("usage: bench_hold GATEWAY MAIL COUNT PID[,PID...]".into());
    };
    let count: usize = count.parse()?;
    let held = Arc::new(AtomicUsize::new(0));
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(mail.parse()?)?;
    let listener = socket.listen(8192)?;
    let counting = Arc::clone(&held);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(hold(tcp, Arc::clone(&counting)));
        }
    });

    let before = pss_kib(pids)?;
    let pings = open(gateway, count).await;
    timeout(Duration::from_secs(30), async {
        while held.load(Ordering::Relaxed) < pings.len() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await?;
    sleep(SETTLE).await;
    let after = pss_kib(pids)?;
    let live = held.load(Ordering::Relaxed);
    let each = (after.saturating_sub(before)) as f64 / live.max(1) as f64;
    writeln!(std::io::stdout(), "{live} {each:.1}")?;
    drop(pings);
    Ok(())
}

/// Opens the Pings and keeps those that came about.
async fn open(gateway: &str, count: usize) -> Vec<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider has the suites of the default versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer(provider)))
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let (sender, mut opened) = mpsc::unbounded_channel();
    for number in 0..count {
        let (connector, places, sender) = (connector.clone(), Arc::clone(&places), sender.clone());
        let gateway = gateway.to_owned();
        tokio::spawn(async move {
            let _place = places.acquire_owned().await;
            if let Ok(ping) = ping(&gateway, &connector, number).await {
                sender.send(ping).unwrap_or_default();
            }
        });
    }
    drop(sender);
    let mut pings = Vec::with_capacity(count);
    while let Some(ping) = opened.recv().await {
        pings.push(ping);
    }
    pings
}

async fn ping(
    gateway: &str,
    connector: &TlsConnector,
    number: usize,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(gateway).await?;
    let name = ServerName::try_from("mail.test").map_err(std::io::Error::other)?;
    let mut stream = connector.connect(name, tcp).await?;
    let request = format!(
        "POST /Microsoft-Server-ActiveSync?Cmd=Ping&User=u{number}&DeviceId=D{number:06}&DeviceType=iPhone HTTP/1.1\r\n\
         Host: mail.test\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nMS-ASProtocolVersion: 16.1\r\n\
         User-Agent: Apple-iPhone15C2/2201.52\r\nAuthorization: Basic dXNlcjpwYXNz\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    Ok(stream)
}

/// Reads a request and holds it until the gateway goes away.
async fn hold(mut tcp: TcpStream, held: Arc<AtomicUsize>) {
    let mut bytes = vec![0; 4096];
    let mut request = Vec::new();
    while !request.ends_with(BODY.as_bytes()) {
        match tcp.read(&mut bytes).await {
            Ok(count @ 1..) => request.extend_from_slice(bytes.get(..count).unwrap_or_default()),
            Ok(_) | Err(_) => return,
        }
    }
    drop((bytes, request));
    held.fetch_add(1, Ordering::Relaxed);
    tcp.read(&mut [0]).await.unwrap_or_default();
    held.fetch_sub(1, Ordering::Relaxed);
}

fn pss_kib(pids: &str) -> Result<u64, Box<dyn Error>> {
    let mut sum = 0;
    for pid in pids.split(',') {
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Pss:"))
            .ok_or("no Pss in smaps_rollup")?;
        sum += line.trim().trim_end_matches(" kB").parse::<u64>()?;
    }
    Ok(sum)
}

/// Accepts every certificate: who the gateway is does not matter for its memory.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
