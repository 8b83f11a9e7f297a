//! Between the requests of `pim` and HTTP.

use crate::http::{HttpError, Request, Response};
use crate::portal::AGENT;
use crate::sign_in::{NoAnswer, challenge};
use activesync::query::{Command, DeviceId, Form, Parameters, Query};
use bytes::Bytes;
use data_encoding::BASE64;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use pim::{Answer, Content, Outcome, Verb};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use zeroize::Zeroizing;

/// The path of ActiveSync, unless a server names another.
pub(super) const PATH: &str = "/Microsoft-Server-ActiveSync";
/// What the app calls its kind of device in ActiveSync.
const DEVICE_TYPE: &str = "CordonPIM";
const MIME: HeaderValue = HeaderValue::from_static("message/rfc822");
const WBXML: HeaderValue = HeaderValue::from_static("application/vnd.ms-sync.wbxml");
const ACCEPT_MULTIPART: HeaderName = HeaderName::from_static("ms-asacceptmultipart");
const POLICY_KEY: HeaderName = HeaderName::from_static("x-ms-policykey");
const VERSION: HeaderName = HeaderName::from_static("ms-asprotocolversion");
const QUICK: Duration = Duration::from_secs(20);
const LARGEST_REFUSAL: usize = 64 * 1024;
/// A server that wants to be left alone for longer is asked again all the same.
const LONGEST_PAUSE: i64 = 24 * 3600;

/// Who asks, and how they sign in.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) eas_id: DeviceId,
    pub(super) user_name: String,
    pub(super) password: Option<SecretString>,
}

/// Writes a request; `body` is what `request.content` stands for.
pub(super) fn request(
    request: &pim::Request,
    body: Vec<u8>,
    path: &str,
    sign_in: &SignIn,
) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(value) = authorization(sign_in) {
        headers.insert(AUTHORIZATION, value);
    }
    if !body.is_empty() {
        let is_mime = matches!(request.content, Content::Mime(_));
        headers.insert(CONTENT_TYPE, if is_mime { MIME } else { WBXML });
    }
    let (method, path) = match request.verb {
        Verb::Options => (Method::OPTIONS, path.to_owned()),
        Verb::Command { command, version, policy_key, multipart } => {
            headers.insert(VERSION, HeaderValue::from_static(version.name()));
            if let Some(key) = policy_key {
                headers.insert(POLICY_KEY, HeaderValue::from(key));
            }
            if multipart {
                headers.insert(ACCEPT_MULTIPART, HeaderValue::from_static("T"));
            }
            let parameters = request.parameters.clone();
            (Method::POST, format!("{path}?{}", query(command, parameters, sign_in)))
        }
    };
    let patience = Duration::try_from(request.patience).unwrap_or_default();

    Request {
        method,
        path,
        headers,
        body: Bytes::from(body),
        within: patience,
        largest: request.largest_answer,
    }
}

/// A request whose refusal tells who gives tokens for the mail server.
pub(crate) fn empty_bearer() -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer"));

    Request {
        method: Method::OPTIONS,
        path: PATH.to_owned(),
        headers,
        body: Bytes::new(),
        within: QUICK,
        largest: LARGEST_REFUSAL,
    }
}

/// Reads how it ended.
pub(super) fn outcome(ended: Result<Response, NoAnswer>, now: OffsetDateTime) -> Outcome {
    let ended = match ended {
        Ok(response) => Ok(response),
        Err(NoAnswer::Http(error)) => Err(error),
        Err(NoAnswer::NoToken) => return Outcome::NoCredentials,
        Err(NoAnswer::Provider(_)) => return Outcome::Unsent,
    };
    match ended {
        Ok(response) => Outcome::Answered(answer(&response, now)),
        Err(HttpError::Connect { .. } | HttpError::NotPublic { .. }) => Outcome::Unsent,
        Err(HttpError::Untrusted { .. }) => Outcome::Untrusted,
        Err(HttpError::TooLarge(_)) => Outcome::Unreadable,
        Err(HttpError::Broken(_) | HttpError::TooSlow) => Outcome::Lost,
    }
}

fn answer(response: &Response, now: OffsetDateTime) -> Answer {
    let text = |name: &str| {
        let value = response.headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let pause = text(RETRY_AFTER.as_str()).and_then(|value| pause(value.trim(), now));

    Answer {
        status: response.status.as_u16(),
        content_type: text(CONTENT_TYPE.as_str()),
        versions: text("ms-asprotocolversions"),
        location: text("x-ms-location").filter(|location| !location.trim().is_empty()),
        wants_token: challenge::wants_token(&response.headers),
        start_anew: response.headers.contains_key("x-ms-rp"),
        retry_at: pause.and_then(|pause| now.checked_add(pause)),
        body: response.body.to_vec(),
    }
}

/// Reads `Retry-After`, which is a number of seconds or a date (RFC 9110, 10.2.3).
fn pause(value: &str, now: OffsetDateTime) -> Option<time::Duration> {
    let seconds = value.parse::<i64>().ok().or_else(|| {
        let moment = OffsetDateTime::parse(value, &Rfc2822).ok()?;
        Some((moment - now).whole_seconds())
    })?;

    Some(time::Duration::seconds(seconds.clamp(0, LONGEST_PAUSE)))
}

fn query(command: Command, parameters: Parameters, sign_in: &SignIn) -> String {
    let query = Query {
        command,
        user: Some(sign_in.user_name.clone()),
        device_id: sign_in.eas_id.clone(),
        device_type: DEVICE_TYPE.to_owned(),
        version: None,
        policy_key: None,
        locale: None,
        parameters,
        form: Form::Plain,
    };

    query.to_plain()
}

fn authorization(sign_in: &SignIn) -> Option<HeaderValue> {
    let password = sign_in.password.as_ref()?;
    let plain = Zeroizing::new(format!("{}:{}", sign_in.user_name, password.expose_secret()));
    let text = Zeroizing::new(format!("Basic {}", BASE64.encode(plain.as_bytes())));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);

    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    #[test]
    fn names_are_encoded_in_the_query() {
        let sign_in = SignIn {
            eas_id: DeviceId::new("abc").unwrap(),
            user_name: "EXAMPLE\\jürgen&x=1".to_owned(),
            password: None,
        };

        assert_eq!(
            query(Command::Ping, Parameters::default(), &sign_in),
            "Cmd=Ping&User=EXAMPLE%5Cj%C3%BCrgen%26x%3D1&DeviceId=abc&DeviceType=CordonPIM"
        );
    }

    #[test]
    fn a_server_may_ask_for_a_pause_but_not_for_ever() {
        let now = OffsetDateTime::UNIX_EPOCH;
        for (header, pause) in [
            ("30", Some(time::Duration::seconds(30))),
            ("999999999", Some(time::Duration::days(1))),
            ("-5", Some(time::Duration::ZERO)),
            ("Thu, 01 Jan 1970 00:02:00 GMT", Some(time::Duration::minutes(2))),
            ("Wed, 31 Dec 1969 00:00:00 GMT", Some(time::Duration::ZERO)),
            ("Fri, 01 Jan 2100 00:00:00 GMT", Some(time::Duration::days(1))),
            ("soon", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(header));
            let response =
                Response { status: StatusCode::SERVICE_UNAVAILABLE, headers, body: Bytes::new() };
            let retry_at = answer(&response, now).retry_at;
            assert_eq!(retry_at, pause.map(|pause| now + pause), "{header}");
        }
    }
}
