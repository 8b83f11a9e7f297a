//! Cookies of the mail server, by which it or a proxy before it finds the mailbox again; 16.x demands that they come back.
//!
//! They live as long as the session and go to ActiveSync's own path alone.

use cookie::Cookie;
use http::HeaderMap;
use http::HeaderValue;
use http::header::SET_COOKIE;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// More than a load balancer and Exchange need; a server cannot make every request large.
const MOST: usize = 20;
const LONGEST: usize = 4096;

/// What one mail server wants to see again.
#[derive(Debug, Default)]
pub(super) struct Cookies(BTreeMap<String, Kept>);

#[derive(Debug)]
struct Kept {
    value: String,
    until: Option<OffsetDateTime>,
}

impl Cookies {
    /// Takes what an answer sets, and forgets what it takes back.
    pub(super) fn take(&mut self, headers: &HeaderMap, now: OffsetDateTime) {
        let texts = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        for cookie in texts.filter_map(|text| Cookie::parse(text).ok()) {
            // Max-Age comes before Expires (RFC 6265, 5.3).
            let until = match cookie.max_age() {
                Some(age) => now.checked_add(age),
                None => cookie.expires_datetime(),
            };
            let fits = cookie.name().len() + cookie.value().len() <= LONGEST
                && (self.0.len() < MOST || self.0.contains_key(cookie.name()));
            if until.is_some_and(|until| until <= now) {
                self.0.remove(cookie.name());
            } else if fits {
                let kept = Kept { value: cookie.value().to_owned(), until };
                self.0.insert(cookie.name().to_owned(), kept);
            }
        }
    }

    /// Returns the header of the next request; nothing if there is nothing to say.
    pub(super) fn header(&self, now: OffsetDateTime) -> Option<HeaderValue> {
        let pairs: Vec<_> = self
            .0
            .iter()
            .filter(|(_, kept)| kept.until.is_none_or(|until| until > now))
            .map(|(name, kept)| format!("{name}={}", kept.value))
            .collect();
        let mut value = HeaderValue::from_str(&pairs.join("; ")).ok()?;
        value.set_sensitive(true);

        (!pairs.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    fn answer(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|text| (SET_COOKIE, HeaderValue::from_str(text).unwrap())).collect()
    }

    fn shown(cookies: &Cookies, now: OffsetDateTime) -> String {
        cookies.header(now).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn what_is_set_comes_back_until_its_time_or_until_it_is_taken_back() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut cookies = Cookies::default();
        assert_eq!(cookies.header(now), None);

        cookies.take(
            &answer(&[
                "X-BackEndCookie=S-1-5=u56Lnp2ejJqB; expires=Fri, 02-Jan-1970 00:00:00 GMT; path=/; HttpOnly",
                "ClientId=A1; Max-Age=60",
                "nothing",
            ]),
            now,
        );
        assert_eq!(shown(&cookies, now), "ClientId=A1; X-BackEndCookie=S-1-5=u56Lnp2ejJqB");
        let later = now + Duration::minutes(2);
        assert_eq!(shown(&cookies, later), "X-BackEndCookie=S-1-5=u56Lnp2ejJqB");

        cookies.take(&answer(&["X-BackEndCookie=; Max-Age=0", "ClientId=B2"]), later);
        assert_eq!(shown(&cookies, later), "ClientId=B2");
    }

    #[test]
    fn a_server_cannot_make_requests_grow_without_end() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut cookies = Cookies::default();
        let many: Vec<_> = (0..100).map(|number| format!("c{number}=1")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        cookies.take(&answer(&many), now);
        cookies.take(&answer(&[&format!("long={}", "x".repeat(LONGEST)), "c0=2"]), now);

        let header = shown(&cookies, now);
        assert_eq!(header.split("; ").count(), MOST);
        assert!(header.starts_with("c0=2; ") && !header.contains("long"), "{header}");
    }
}
