/// The policy under which [`page`] must be served: nothing runs, nothing is loaded, links open outside the frame.
pub const CONTENT_SECURITY_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
     img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

/// Makes a complete document out of what [`clean`](super::clean) returned.
///
/// Mail is written for white paper: the page stays light, whatever the colours around it are.
pub fn page(cleaned: &str) -> String {
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title></title><style>{STYLE}</style></head>\
         <body>{cleaned}</body></html>"
    )
}

const STYLE: &str = "html{color-scheme:light}body{margin:16px;background:#fff;color:#1b1b1f;font:14px/1.5 system-ui,sans-serif;\
     overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}\
     blockquote{margin:0 0 0 8px;padding-left:8px;border-left:2px solid #bbb}";
