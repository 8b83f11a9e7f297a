//! The web page, which is part of the program.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use http::{HeaderValue, StatusCode};
use rust_embed::RustEmbed;
use std::borrow::Cow;

/// The built page; read from the disk in debug builds, so that it can be rebuilt alone.
#[derive(RustEmbed)]
#[folder = "../../web/pim/dist"]
#[allow_missing = true]
struct Dist;

/// A file of the page.
pub(crate) struct File {
    bytes: Cow<'static, [u8]>,
    media_type: String,
    hash: [u8; 32],
}

#[cfg(test)]
impl File {
    pub(crate) fn for_test(bytes: &'static [u8], media_type: &str) -> Self {
        Self { bytes: Cow::Borrowed(bytes), media_type: media_type.to_owned(), hash: [7; 32] }
    }
}

/// Where the files of the page come from.
pub(crate) type Source = fn(&str) -> Option<File>;

/// Returns a file of the page that is built into the program.
pub(crate) fn built_in(path: &str) -> Option<File> {
    let file = Dist::get(path)?;
    let (hash, media_type) = (file.metadata.sha256_hash(), file.metadata.mimetype().to_owned());
    Some(File { bytes: file.data, media_type, hash })
}

/// Answers a request for a file of the page, or for one of the page's own addresses.
pub(crate) fn serve(source: Source, path: &str) -> Response {
    let name = path.trim_start_matches('/');
    let is_file = name.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let name = if is_file { name } else { "index.html" };
    match source(name) {
        Some(file) => found(name, file),
        None if is_file => StatusCode::NOT_FOUND.into_response(),
        None => missing(),
    }
}

fn found(name: &str, file: File) -> Response {
    let mut response = file.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    let text = file.media_type.starts_with("text/");
    let kind = if text { format!("{}; charset=utf-8", file.media_type) } else { file.media_type };
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(CONTENT_TYPE, kind);
    }
    // The builder puts a hash of the content into the names below assets/.
    if name.starts_with("assets/") {
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=31536000, immutable"),
        );
    }
    let hash = data_encoding::HEXLOWER.encode(&file.hash);
    if let Ok(hash) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        headers.insert(ETAG, hash);
    }
    // The decoders of the PDF viewer are WebAssembly and run in this worker alone.
    if name.starts_with("assets/pdf.worker") {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER_POLICY));
    }
    response
}

/// What the PDF viewer's worker may do.
const WORKER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
     font-src 'self'; base-uri 'none'; object-src 'none'";

fn missing() -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, MISSING).into_response()
}

const MISSING: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Cordon</title>\n\
    <h1>The page was not built into this program</h1>\n\
    <p>Run <code>npm ci</code> and <code>npm run build --workspace pim</code> in the folder <code>web</code>, then build \
    <code>cordon-pim</code> again. The command line works without the page: <code>cordon-pim --help</code>.</p>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_pages_addresses_give_the_page_and_missing_files_are_missing() {
        check("/", "200 OK, text/html; charset=utf-8, -, index").await;
        check("/folders/7", "200 OK, text/html; charset=utf-8, -, index").await;
        check(
            "/assets/index-abc.js",
            "200 OK, text/javascript; charset=utf-8, private, max-age=31536000, immutable, script",
        )
        .await;
        check("/assets/other.js", "404 Not Found, -, -, ").await;
        check("/favicon.ico", "404 Not Found, -, -, ").await;
    }

    #[tokio::test]
    async fn a_program_without_the_page_says_how_to_get_one() {
        let response = serve(|_| None, "/");

        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("npm run build"));
    }

    #[test]
    fn the_page_built_into_this_program_leaves_its_folder_for_nobody() {
        assert!(built_in("../package.json").is_none());
        assert!(built_in("../../Cargo.toml").is_none());
        assert!(built_in("/etc/passwd").is_none());
    }

    async fn check(path: &str, expected: &str) {
        let response = serve(page, path);
        let header = |name| {
            response
                .headers()
                .get(name)
                .map_or("-", |value: &HeaderValue| value.to_str().unwrap())
                .to_owned()
        };
        let (kind, cache, status) =
            (header(CONTENT_TYPE), header(CACHE_CONTROL), response.status());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();

        assert_eq!(
            format!("{status}, {kind}, {cache}, {}", String::from_utf8_lossy(&body)),
            expected,
            "{path}"
        );
    }

    fn page(path: &str) -> Option<File> {
        let (bytes, media_type): (&[u8], &str) = match path {
            "index.html" => (b"index", "text/html"),
            "assets/index-abc.js" => (b"script", "text/javascript"),
            _ => return None,
        };
        Some(File::for_test(bytes, media_type))
    }
}
