//! Questions to DNS: by UDP, and by TCP where the answer is too long for that (RFC 7766).

use super::srv;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

const RESOLVERS: &str = "/etc/resolv.conf";
const PORT: u16 = 53;
/// How long a server may take before the next is asked.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often all servers are asked.
const ROUNDS: usize = 2;

/// Asks the machine's servers, or a given one.
pub(super) struct Resolver(Option<SocketAddr>);

impl Resolver {
    pub(super) fn new(server: Option<SocketAddr>) -> Self {
        Self(server)
    }

    /// Hosts and ports of a service, the best first; the error says why there are none.
    pub(super) async fn srv(&self, name: &str) -> Result<Vec<(String, u16)>, String> {
        let servers = match self.0 {
            Some(server) => vec![server],
            None => machine_servers().await?,
        };
        let mut failure = format!("{RESOLVERS} names no server");
        for server in servers.iter().cycle().take(ROUNDS * servers.len()) {
            let mut id = [0; 2];
            getrandom::fill(&mut id).map_err(|error| error.to_string())?;
            let query = srv::query(id, name).ok_or_else(|| "no name of DNS".to_owned())?;
            match timeout(PATIENCE, ask(*server, &query)).await {
                Ok(Ok(answer)) => {
                    return srv::hosts(&query, &answer).map_err(|error| error.to_string());
                }
                Ok(Err(error)) => failure = format!("DNS at {server} does not answer: {error}"),
                Err(_) => failure = format!("DNS at {server} does not answer"),
            }
        }

        Err(failure)
    }
}

async fn ask(server: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    socket.send(query).await?;
    let mut buffer = vec![0; 4096];
    let answer = loop {
        let length = socket.recv(&mut buffer).await?;
        let answer = buffer.get(..length).unwrap_or_default();
        // What answers another question may be a forgery; the true answer still comes.
        if srv::answers(query, answer) {
            break answer.to_vec();
        }
    };

    if srv::is_cut(&answer) { ask_by_tcp(server, query).await } else { Ok(answer) }
}

async fn ask_by_tcp(server: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(query.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), query].concat()).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;

    Ok(answer)
}

async fn machine_servers() -> Result<Vec<SocketAddr>, String> {
    let text = tokio::fs::read_to_string(RESOLVERS).await;
    let text = text.map_err(|error| format!("cannot read {RESOLVERS}: {error}"))?;
    let servers = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let addresses = servers.filter_map(|server| server.trim().parse().ok());

    Ok(addresses.map(|address| SocketAddr::new(address, PORT)).collect())
}
