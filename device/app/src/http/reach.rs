//! Which addresses may be reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far a client reaches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    /// Wherever the name leads.
    Everywhere,
    /// The internet, and nothing of this machine or of the networks it is in.
    Internet,
}

impl Reach {
    /// Tells whether an address lies within.
    pub(super) fn includes(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Everywhere, _) => true,
            (Self::Internet, IpAddr::V4(address)) => is_public(address),
            (Self::Internet, IpAddr::V6(address)) => is_public_6(address),
        }
    }
}

/// Tells whether the internet routes an address (IANA IPv4 Special-Purpose Address Registry, RFC 6890).
fn is_public(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && second & 0xc0 == 64;
    let protocols = first == 192 && second == 0 && third == 0;
    let benchmarks = first == 198 && second & 0xfe == 18;

    !(first == 0
        || first >= 240
        || shared
        || protocols
        || benchmarks
        || address.is_documentation()
        || address.is_link_local()
        || address.is_loopback()
        || address.is_multicast()
        || address.is_private())
}

/// As [`is_public`]; forms that carry an address of the fourth version are judged by that one.
fn is_public_6(address: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public(Ipv4Addr::new(a, b, c, d))
    };
    match (first, second) {
        (0, 0) if (third, fourth, fifth, sixth) == (0, 0, 0, 0xffff) => embedded(seventh, eighth),
        // NAT64 (RFC 6052).
        (0x64, 0xff9b) if (third, fourth, fifth, sixth) == (0, 0, 0, 0) => {
            embedded(seventh, eighth)
        }
        // 6to4 (RFC 3056).
        (0x2002, _) => embedded(second, third),
        // Teredo, benchmarks, ORCHID, documentation.
        (0x2001, ..0x0200 | 0x0db8) | (0x3fff, ..0x1000) => false,
        (first, _) => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_is_reached() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.251",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!Reach::Internet.includes(address.parse().unwrap()), "{address}");
            assert!(Reach::Everywhere.includes(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
            "2001:4860:4860::8888",
            "2a00:1450:4001::1",
        ] {
            assert!(Reach::Internet.includes(address.parse().unwrap()), "{address}");
        }
    }
}
