//! Whose process is at the other end of a loopback connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The owner of the other end of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    /// Another user of this machine, or nobody that the system knows.
    Foreign,
    /// The user who runs this program.
    Ours,
}

/// Finds out who connected from `client` to `server`.
#[cfg(target_os = "linux")]
pub(crate) fn identify(client: SocketAddr, server: SocketAddr) -> Peer {
    let ours = rustix::process::geteuid().as_raw();
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let owner = tables
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .find_map(|table| owner(&table, client, server));
    if owner == Some(ours) { Peer::Ours } else { Peer::Foreign }
}

/// Finds out who connected from `client` to `server`; this system does not tell, so the ticket alone decides.
#[cfg(not(target_os = "linux"))]
pub(crate) fn identify(_client: SocketAddr, _server: SocketAddr) -> Peer {
    Peer::Ours
}

/// Returns the user id that owns the socket at `client` which is connected to `server`, from a table in the format of
/// `/proc/net/tcp` (Linux, `Documentation/networking/proc_net_tcp.rst`).
fn owner(table: &str, client: SocketAddr, server: SocketAddr) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let local = address(fields.nth(1)?)?;
        let remote = address(fields.next()?)?;
        let user = fields.nth(4)?;
        (local == client && remote == server).then(|| user.parse().ok()).flatten()
    })
}

/// Reads `0100007F:1F90`: the bytes of the address as the processor orders them in words, then the port.
fn address(field: &str) -> Option<SocketAddr> {
    let (host, port) = field.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Option<Vec<u8>> = host
        .as_bytes()
        .chunks(8)
        .map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok())
        .flat_map(|word| {
            word.map_or_else(|| vec![None], |word| word.to_ne_bytes().map(Some).to_vec())
        })
        .collect();
    let host = match words?.as_slice() {
        &[a, b, c, d] => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        bytes => IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
    };
    Some(SocketAddr::new(host, port))
}

#[cfg(test)]
#[cfg(target_endian = "little")]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_owner_of_the_clients_socket_is_found() {
        check(TCP, "127.0.0.1:40446", Some(1000));
        check(TCP, "127.0.0.1:40448", Some(65_534));
        check(TCP6, "127.0.0.1:40450", Some(1001));
    }

    #[test]
    fn the_servers_socket_and_sockets_to_elsewhere_do_not_count() {
        check(TCP, "127.0.0.1:8080", None);
        check(TCP, "127.0.0.1:40452", None);
        check(TCP6, "127.0.0.1:40446", None);
    }

    #[test]
    fn nonsense_is_nobody() {
        check("", "127.0.0.1:40446", None);
        check(
            "head\n\n0:\n 0: xx:yy zz:00\n 0: 0100007F:9DFE 0100007F:1F90 01",
            "127.0.0.1:40446",
            None,
        );
        check("head\n 0: 0100:9DFE 0100:1F90 01 0 0 0 7 0", "127.0.0.1:40446", None);
    }

    #[test]
    fn a_connection_of_this_process_is_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let client = TcpStream::connect(server).unwrap();

        assert_eq!(identify(client.local_addr().unwrap(), server), Peer::Ours);
        assert_eq!(identify("127.0.0.1:1".parse().unwrap(), server), Peer::Foreign);
    }

    #[track_caller]
    fn check(table: &str, client: &str, expected: Option<u32>) {
        assert_eq!(
            owner(table, client.parse().unwrap(), "127.0.0.1:8080".parse().unwrap()),
            expected
        );
    }

    const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0 100 0 0 10 0
   1: 0100007F:9DFE 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 31338 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:9DFE 01 00000000:00000000 00:00000000 00000000  1000        0 31339 1 0 20 4 30 10 -1
   3: 0100007F:9E00 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 65534        0 31340 1 0 20 4 30 10 -1
   4: 0100007F:9E04 0100007F:1F91 01 00000000:00000000 00:00000000 00000000  1000        0 31341 1 0 20 4 30 10 -1
";
    const TCP6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:9E02 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 31342 1 0 20 4 30 10 -1
";
}
