//! How long the server's certificates are good, and what to do when they come to their end.

use crate::config::Config;
use ca::Authority;
use pki::Certificate;
use time::{Duration, OffsetDateTime};

/// How long before its end a certificate is warned about.
const WARNED: Duration = Duration::days(30);

/// The end of one certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Expiry {
    /// Whose certificate it is: `authority`, `portal` or `tls`.
    pub(crate) certificate: &'static str,
    /// Its last moment.
    pub(crate) not_after: OffsetDateTime,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl Expiry {
    /// Tells whether it is time to do something.
    pub(crate) fn is_near(&self, now: OffsetDateTime) -> bool {
        self.not_after - now < WARNED
    }
}

/// Lists the certificates that a server needs, with the one that it shows to its clients, if that is known.
pub(crate) fn expiries(
    config: &Config,
    authority: &Authority,
    tls: Option<&Certificate>,
) -> Vec<Expiry> {
    let renewed = "start `cordon serve` anew: it renews this certificate by itself";
    let tls_remedy = match &config.tls.certificate {
        Some(path) => {
            format!("put a new certificate into {} and start `cordon serve` anew", path.display())
        }
        None => renewed.to_owned(),
    };
    let no_successor =
        "it has no successor: set up a new server before, and register every device there";

    let of_authority = [
        Expiry {
            certificate: "authority",
            not_after: authority.issuer().certificate().not_after(),
            remedy: no_successor.to_owned(),
        },
        Expiry {
            certificate: "portal",
            not_after: authority.portal().certificate.not_after(),
            remedy: renewed.to_owned(),
        },
    ];
    let of_tls = tls.map(|tls| Expiry {
        certificate: "tls",
        not_after: tls.not_after(),
        remedy: tls_remedy,
    });

    of_authority.into_iter().chain(of_tls).collect()
}

/// Writes a line to the log for each certificate that comes to its end.
pub(crate) fn warn(expiries: &[Expiry], now: OffsetDateTime) {
    for Expiry { certificate, not_after, remedy } in
        expiries.iter().filter(|expiry| expiry.is_near(now))
    {
        let days = (*not_after - now).whole_days();
        tracing::warn!(certificate, %not_after, days, remedy, "A certificate expires soon, or has expired");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn thirty_days_before_its_end_a_certificate_is_warned_about() {
        let not_after = datetime!(2027-03-31 12:00 UTC);
        let expiry = Expiry { certificate: "tls", not_after, remedy: String::new() };

        assert!(!expiry.is_near(datetime!(2027-03-01 12:00 UTC)));
        assert!(expiry.is_near(datetime!(2027-03-01 12:00:01 UTC)));
        assert!(expiry.is_near(datetime!(2028-01-01 00:00 UTC)), "and when it is too late");
    }
}
