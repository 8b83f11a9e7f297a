use serde_json::{Value, json};

use super::{Answer, AutodiscoverError, LARGEST, Server, is_https};

/// Returns the address of the JSON form on `host`; it needs no sign-in.
pub fn json_url(host: &str, email: &str) -> String {
    let mut escaped = String::new();
    for byte in email.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    format!(
        "https://{host}/autodiscover/autodiscover.json/v1.0/{escaped}?Protocol=ActiveSync&RedirectCount=1"
    )
}

/// Reads an answer of the JSON form.
pub fn json_answer(text: &str) -> Result<Answer, AutodiscoverError> {
    if text.len() > LARGEST {
        return Err(AutodiscoverError::TooLarge);
    }
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| AutodiscoverError::Unreadable(error.to_string()))?;
    let field = |name: &str| value.get(name).and_then(Value::as_str);
    if let Some(code) = field("ErrorCode") {
        let message = field("ErrorMessage").unwrap_or_default().to_owned();
        return Ok(Answer::Error { code: None, message, debug: code.to_owned() });
    }
    let active_sync =
        field("Protocol").is_none_or(|protocol| protocol.eq_ignore_ascii_case("ActiveSync"));
    let url = field("Url").filter(|url| active_sync && is_https(url));
    let server = Server::active_sync(url.ok_or(AutodiscoverError::Incomplete)?);
    Ok(Answer::Settings { display_name: None, email: None, servers: vec![server] })
}

/// Writes the answer of the JSON form that names a server.
pub fn write_json(url: &str) -> String {
    json!({ "Protocol": "ActiveSync", "Url": url }).to_string()
}
