//! Attachments from the server: small ones at once, others range by range.

use crate::app::App;
use crate::error::{AccessError, FetchError};
use crate::session::with;
use crate::view::Topic;
use pim::{Fetched, Want};
use vault::Open;
use vault::mail::AttachmentView;

/// The bytes of one range. What is not larger comes at once.
const RANGE: u32 = 1024 * 1024;
/// What a server answers that has no such bytes.
const RANGE_WRONG: &str = "status_8";

impl App {
    /// Fetches an attachment. Ranges are kept as they come, so that the next try goes on where this one was cut off.
    pub(crate) async fn fetch_attachment(
        &self,
        open: &Open,
        stored: &AttachmentView,
        limit_mib: u16,
    ) -> Result<Vec<u8>, FetchError> {
        if stored.size <= RANGE.into() {
            return self.fetch_whole(stored).await;
        }
        let id = stored.id;
        loop {
            let from = in_container(open, move |open| open.mail().attachment_progress(id)).await?;
            let reference = stored.reference.clone();
            let (bytes, total) =
                match self.fetch(Want::Part { reference, from, length: RANGE }).await {
                    Ok(Fetched::Part { bytes, total }) => (bytes, total),
                    // The server does not know ranges.
                    Ok(Fetched::Attachment(bytes)) => return Ok(bytes.to_vec()),
                    Ok(Fetched::Body | Fetched::Head(_) | Fetched::Source) => {
                        return Err(FetchError::Missing);
                    }
                    Err(FetchError::Refused { code }) if code == RANGE_WRONG => {
                        in_container(open, move |open| open.mail().forget_parts(id)).await?;
                        return self.fetch_whole(stored).await;
                    }
                    Err(error) => return Err(error),
                };
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if total.unwrap_or(from + length) > u64::from(limit_mib) * 1024 * 1024 {
                in_container(open, move |open| open.mail().forget_parts(id)).await?;
                return Err(FetchError::TooLarge { limit_mib });
            }
            let is_last = total.map_or(length < RANGE.into(), |total| from + length >= total);
            let kept =
                in_container(open, move |open| open.mail().keep_part(id, from, &bytes)).await?;
            let end = in_container(open, move |open| open.mail().attachment_progress(id)).await?;
            if end == from && !(kept && is_last) {
                return self.taken_elsewhere(open, stored).await;
            }
            self.life.board.changed(Topic::Messages);
            if is_last {
                break;
            }
        }
        let whole = in_container(open, move |open| open.mail().join_parts(id)).await?;
        match whole {
            Some(bytes) => Ok(bytes.to_vec()),
            None => {
                in_container(open, move |open| open.mail().forget_parts(id)).await?;
                self.fetch_whole(stored).await
            }
        }
    }

    /// The bytes that somebody else has fetched meanwhile.
    async fn taken_elsewhere(
        &self,
        open: &Open,
        stored: &AttachmentView,
    ) -> Result<Vec<u8>, FetchError> {
        let id = stored.id;
        let here = in_container(open, move |open| open.mail().attachment_bytes(id)).await?;

        match here {
            Some(bytes) => Ok(bytes.to_vec()),
            None => self.fetch_whole(stored).await,
        }
    }

    async fn fetch_whole(&self, stored: &AttachmentView) -> Result<Vec<u8>, FetchError> {
        match self.fetch(Want::Attachment(stored.reference.clone())).await? {
            // One server answers so for what it cannot take out of a mail; kept, it would look like an empty file for ever.
            Fetched::Attachment(bytes) if bytes.is_empty() && stored.size > 0 => {
                Err(FetchError::Missing)
            }
            Fetched::Attachment(bytes) => Ok(bytes.to_vec()),
            Fetched::Body | Fetched::Head(_) | Fetched::Part { .. } | Fetched::Source => {
                Err(FetchError::Missing)
            }
        }
    }
}

async fn in_container<T: Send + 'static>(
    open: &Open,
    work: impl FnOnce(&Open) -> Result<T, vault::AccessError> + Send + 'static,
) -> Result<T, FetchError> {
    Ok(with(open, work).await.map_err(AccessError::from)?)
}
