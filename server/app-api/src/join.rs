//! The page behind an invitation's link, for people who open it in a browser.

use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};

/// The page never sees the code: it stands behind `#`, and there is no script that could read it.
pub(crate) async fn page() -> impl IntoResponse {
    let headers: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];

    (headers, Html(PAGE))
}

const POLICY: &str = "default-src 'none'; \
     style-src 'sha256-VQpEWnWM4MkM8oHtw1syxguyCM2jgcl+ZlVRwCKGlWk='; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("join.html");

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_policy_allows_the_pages_style_and_nothing_else() {
        let style = PAGE.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let hash = BASE64.encode(&Sha256::digest(style));

        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
        assert_eq!(PAGE.matches("<style").count(), 1);
        assert!(!PAGE.contains("<script") && !PAGE.contains(" style="));
    }

    #[test]
    fn the_page_fetches_nothing() {
        for reference in ["src=", "href=", "url(", "http:", "https:", "@import"] {
            assert!(!PAGE.contains(reference), "{reference}");
        }
    }
}
