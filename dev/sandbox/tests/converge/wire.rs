//! Between the requests of the device and the sandbox, without a network.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use activesync::query::{DeviceId, Form, Query};
use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, Response};
use pim::{Answer, Verb};
use time::Duration;

use crate::clock;

pub(crate) const PERSON: &str = "alice";
pub(crate) const PASSWORD: &str = "correct";
const PATH: &str = "/Microsoft-Server-ActiveSync";

/// An answer that may come later; nothing if it is lost.
pub(crate) type Held = Pin<Box<dyn Future<Output = Option<Response<Full<Bytes>>>>>>;

pub(crate) fn request(
    request: &pim::Request,
    body: Vec<u8>,
    device: &str,
    password: &str,
) -> Request<Bytes> {
    let mut written = Request::builder();
    match request.verb {
        Verb::Options => written = written.method(Method::OPTIONS).uri(PATH),
        Verb::Command { command, version, policy_key, multipart } => {
            let query = Query {
                command,
                user: Some(PERSON.to_owned()),
                device_id: DeviceId::new(device.to_owned()).unwrap(),
                device_type: "Model".to_owned(),
                version: None,
                policy_key: None,
                locale: None,
                parameters: request.parameters.clone(),
                form: Form::Plain,
            };
            written = written
                .method(Method::POST)
                .uri(format!("{PATH}?{}", query.to_plain()))
                .header("MS-ASProtocolVersion", version.name());
            if let Some(key) = policy_key {
                written = written.header("X-MS-PolicyKey", key);
            }
            if multipart {
                written = written.header("MS-ASAcceptMultiPart", "T");
            }
        }
    }
    let credentials = BASE64.encode(format!("{PERSON}:{password}").as_bytes());
    written.header(AUTHORIZATION, format!("Basic {credentials}")).body(body.into()).unwrap()
}

pub(crate) fn answer(response: Response<Full<Bytes>>) -> Answer {
    let (head, body) = response.into_parts();
    let text = |name: &str| {
        head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let pause = text(RETRY_AFTER.as_str()).map(|pause| Duration::seconds(pause.parse().unwrap()));
    Answer {
        status: head.status.as_u16(),
        content_type: text(CONTENT_TYPE.as_str()),
        versions: text("ms-asprotocolversions"),
        location: text("x-ms-location"),
        wants_token: false,
        start_anew: false,
        retry_at: pause.map(|pause| clock::now() + pause),
        body: at_once(body.collect()).unwrap().to_bytes().to_vec(),
    }
}

/// What is ready already.
pub(crate) fn ready<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What is never held.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    ready(std::pin::pin!(future)).expect("it is answered at once")
}
