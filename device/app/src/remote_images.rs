//! Pictures from outside, fetched because the user asked for them.
//!
//! The sender learns that the mail was opened; that is what the user was asked about. Nothing else goes out: no cookie, no referrer, no
//! certificate, and no second request to wherever an answer points. Nor does a mail make the app knock at this machine or
//! at the networks that it is in: every address that the name leads to has to be one of the internet, and the connection
//! goes to an address that was looked at.

use crate::http::{Address, Client, Reach, Request, Trust};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use mail::html::Picture;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

const MOST: usize = 50;
const LARGEST: usize = 5 * 1024 * 1024;
const EACH: Duration = Duration::from_secs(10);
const ALL: Duration = Duration::from_secs(20);

/// Fetches what can be fetched over HTTPS and is a picture; the rest stays out.
pub(crate) async fn fetch(addresses: &[String]) -> BTreeMap<String, Picture> {
    let mut requests = JoinSet::new();
    for address in addresses.iter().take(MOST).cloned() {
        requests.spawn(async move {
            let picture = one(&address).await;
            picture.map(|picture| (address, picture))
        });
    }
    let mut pictures = BTreeMap::new();
    let collecting = async {
        while let Some(ended) = requests.join_next().await {
            if let Ok(Some((address, picture))) = ended {
                pictures.insert(address, picture);
            }
        }
    };
    // Those that are late stay out.
    drop(timeout(ALL, collecting).await);

    pictures
}

async fn one(address: &str) -> Option<Picture> {
    let uri: Uri = address.parse().ok()?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    if uri.scheme_str() != Some("https") {
        return None;
    }
    let address = Address::parse(authority.as_str()).ok()?;
    let client = Client::within(Reach::Internet, address, &Trust::Platform, None).ok()?;
    let request = Request {
        method: Method::GET,
        path: uri.path_and_query()?.as_str().to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        within: EACH,
        largest: LARGEST,
    };
    let answer = client.send(request).await.ok()?;

    answer.status.is_success().then(|| Picture::recognise(answer.body.to_vec())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::HttpError;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn nobody_in_the_own_network_is_knocked_at() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let Ok(listener) = TcpListener::bind((host.trim_matches(['[', ']']), 0)).await else {
                // This machine does not have the sixth version; the address is refused by the table all the same.
                assert_eq!(host, "[::1]");
                continue;
            };
            let place = format!("{host}:{}", listener.local_addr().unwrap().port());

            let pictures = fetch(&[format!("https://{place}/picture.gif")]).await;

            assert!(pictures.is_empty());
            let knocked = timeout(Duration::from_millis(100), listener.accept()).await;
            assert!(knocked.is_err(), "{place} was reached");
            let address = Address::parse(&place).unwrap();
            let client = Client::within(Reach::Internet, address, &Trust::Platform, None).unwrap();
            let refused = client.connect().await;
            assert!(matches!(refused, Err(HttpError::NotPublic { .. })), "{refused:?}");
        }
    }
}
