//! Requests on their way out: what must be stored first, the body, the sign-in.

use super::{Driver, Ended, wire, with};
use crate::sign_in::NoAnswer;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use pim::{Content, Lane, OutboxId, Outcome, Request, mail_body};
use zeroize::Zeroizing;

impl Driver {
    pub(super) async fn send(&mut self, request: Request) -> Result<(), Ended> {
        let (ticket, lane) = (request.ticket, request.lane);
        self.store(request.store_first.clone()).await?;
        let Some(body) = self.body(&request.content).await? else {
            return self.handle(ticket, Outcome::Unreadable).await;
        };
        let mut sent = wire::request(&request, body, &self.place.path, &self.sign_in);
        if self.signs_in_by_token() {
            sent.headers.remove(AUTHORIZATION);
        }
        if let Some(cookies) = self.cookies.header((self.life.clock)()) {
            sent.headers.insert(COOKIE, cookies);
        }
        let client = self.place.client.clone();
        let tokens = self.signs_in_by_token().then(|| self.tokens.clone());
        let task = self.requests.spawn(async move {
            let ended = match tokens {
                Some(tokens) => tokens.send(&client, sent).await,
                None => client.send(sent).await.map_err(NoAnswer::Http),
            };
            (ticket, ended)
        });
        if lane == Lane::Push {
            self.push = Some((ticket, task));
        }

        Ok(())
    }

    /// The bytes of a body; `None` if the mail that it is made of is gone.
    async fn body(&self, content: &Content) -> Result<Option<Vec<u8>>, Ended> {
        match content {
            Content::Empty => Ok(Some(Vec::new())),
            Content::Sync(request) => {
                Ok(Some(self.with_files((**request).clone()).await?.encode()))
            }
            Content::Wbxml(bytes) => Ok(Some(bytes.clone())),
            Content::Mime(mail) => Ok(self.outbox_bytes(*mail).await?.map(|bytes| bytes.to_vec())),
            Content::Mail { mail, client_id, original } => {
                let Some(bytes) = self.outbox_bytes(*mail).await? else { return Ok(None) };
                let mime = Bytes::from(bytes.to_vec());
                Ok(Some(mail_body(client_id, mime, original.as_ref())))
            }
        }
    }

    async fn outbox_bytes(&self, mail: OutboxId) -> Result<Option<Zeroizing<Vec<u8>>>, Ended> {
        Ok(with(&self.open, move |open| open.mail().outbox_bytes(mail)).await?)
    }
}
