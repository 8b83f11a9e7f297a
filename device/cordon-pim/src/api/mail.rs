//! Folders, messages and attachments.

use crate::api::body::{Path, Query};
use crate::api::views::{FolderView, MessageView, MessagesView};
use crate::api::{Api, Problem};
use app::{AttachmentId, FolderId, MessageId};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde::Deserialize;
use utoipa::IntoParams;

/// The most messages in one answer.
pub(crate) const PAGE: u32 = 200;
/// What a browser may do with an attachment that it is shown as a document: nothing.
const ATTACHMENT_POLICY: &str = "default-src 'none'; sandbox";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Window {
    /// How many of the newest to leave out.
    #[serde(default)]
    offset: u64,
    /// How many to return, at most 200.
    #[serde(default = "default_limit")]
    limit: u32,
}

/// Lists the folders of the mailbox.
#[utoipa::path(
    get,
    path = "/api/folders",
    responses((status = 200, body = Vec<FolderView>), (status = 423, body = Problem, description = "`locked`")),
)]
pub(crate) async fn folders(
    State(api): State<Api>,
) -> Result<axum::Json<Vec<FolderView>>, Problem> {
    Ok(axum::Json(api.app.folders().await?.into_iter().map(Into::into).collect()))
}

/// Lists messages of a folder, newest first.
#[utoipa::path(
    get,
    path = "/api/folders/{id}/messages",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = MessagesView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn messages(
    State(api): State<Api>,
    Path(folder): Path<i64>,
    Query(window): Query<Window>,
) -> Result<axum::Json<MessagesView>, Problem> {
    let limit = window.limit.min(PAGE);
    Ok(axum::Json(api.app.messages(FolderId(folder), window.offset, limit).await?.into()))
}

/// Shows a message.
#[utoipa::path(
    get,
    path = "/api/messages/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = MessageView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn message(
    State(api): State<Api>,
    Path(message): Path<i64>,
) -> Result<axum::Json<MessageView>, Problem> {
    api.app.touch();
    Ok(axum::Json(api.app.message(MessageId(message)).await?.into()))
}

/// Lists the messages of a message's conversation in all folders, itself among them, newest first and at most 500.
#[utoipa::path(
    get,
    path = "/api/messages/{id}/conversation",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = MessagesView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn conversation(
    State(api): State<Api>,
    Path(message): Path<i64>,
) -> Result<axum::Json<MessagesView>, Problem> {
    api.app.touch();
    Ok(axum::Json(api.app.conversation(MessageId(message)).await?.into()))
}

/// Returns an attachment, fetched from the server if it is not here yet.
#[utoipa::path(
    get,
    path = "/api/attachments/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 413, body = Problem, description = "`too_large` with the `limit_mib`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 502, body = Problem, description = "`refused` by the mail server, with the `reason`"),
        (status = 503, body = Problem, description = "`offline`"),
    ),
)]
pub(crate) async fn attachment(
    State(api): State<Api>,
    Path(attachment): Path<i64>,
) -> Result<Response, Problem> {
    api.app.touch();
    let content = api.app.attachment(AttachmentId(attachment)).await?;
    let mut response = content.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type(&content.media_type));
    headers.insert(CONTENT_DISPOSITION, disposition(&content.name));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(ATTACHMENT_POLICY));
    Ok(response)
}

fn default_limit() -> u32 {
    PAGE
}

/// Returns the type that the sender named if it is one, else one that says nothing.
fn media_type(given: &str) -> HeaderValue {
    let unknown = HeaderValue::from_static("application/octet-stream");
    let is_token = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    match given.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) => {
            HeaderValue::from_str(&given.to_ascii_lowercase()).unwrap_or(unknown)
        }
        Some(_) | None => unknown,
    }
}

/// Writes a file name of any script into a header (RFC 6266, RFC 8187).
fn disposition(name: &str) -> HeaderValue {
    use std::fmt::Write as _;

    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes everything");
        }
    }
    HeaderValue::from_str(&format!("inline; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("inline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_script_fit_into_the_header() {
        check("Bericht.pdf", "inline; filename*=UTF-8''Bericht.pdf");
        check(
            "Übersicht \"1\"\r\nX: y",
            "inline; filename*=UTF-8''%C3%9Cbersicht%20%221%22%0D%0AX%3A%20y",
        );
        check("", "inline; filename*=UTF-8''");
    }

    #[test]
    fn what_is_no_media_type_becomes_an_unknown_one() {
        assert_eq!(media_type("Image/PNG"), "image/png");
        assert_eq!(media_type("application/vnd.ms-excel"), "application/vnd.ms-excel");
        for wrong in [
            "",
            "html",
            "text/",
            "/html",
            "text/html; charset=x",
            "text/ht\nml",
            "text/html/x",
            "té/xt",
        ] {
            assert_eq!(media_type(wrong), "application/octet-stream", "{wrong}");
        }
    }

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(disposition(name), expected);
    }
}
