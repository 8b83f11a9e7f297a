//! The page, built or not.

use crate::console_for_tests::Console;
use http::Method;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use std::path::Path;

#[tokio::test]
async fn every_address_of_the_page_shows_the_page() {
    let console = Console::new().await;
    let built =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/portal/dist/index.html").exists();

    for path in ["/", "/devices", "/devices/00000000-0000-0000-0000-000000000001"] {
        let answer = console.get(path).await;

        assert_eq!(answer.status, if built { 200 } else { 503 }, "{path}");
        assert!(answer.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
        assert_eq!(answer.text.contains("npm run build"), !built, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_the_page() {
    let console = Console::new().await;

    for path in
        ["/assets/missing.js", "/favicon.png", "/../Cargo.toml", "/assets/..%2f..%2fpackage.json"]
    {
        assert_eq!(console.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_page_takes_no_orders() {
    let console = Console::new().await;

    let answer = console.send(console.request(Method::POST, "/", None)).await;

    assert_eq!(
        (answer.status.as_u16(), &answer.headers[ALLOW]),
        (405, &"GET, HEAD".parse().unwrap())
    );
}
