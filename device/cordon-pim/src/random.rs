//! Random secrets and how they are written.

use data_encoding::BASE64URL_NOPAD;

/// Returns 256 fresh random bits.
///
/// # Errors
///
/// The system's generator failed.
pub(crate) fn make_secret() -> anyhow::Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| anyhow::anyhow!("the random generator failed: {error}"))?;
    Ok(secret)
}

/// Writes a secret as 43 characters that fit into addresses and headers.
pub(crate) fn make_token(secret: &[u8; 32]) -> String {
    BASE64URL_NOPAD.encode(secret)
}

/// Reads what [`make_token`] wrote.
pub(crate) fn token_bytes(token: &str) -> Option<[u8; 32]> {
    BASE64URL_NOPAD.decode(token.as_bytes()).ok()?.try_into().ok()
}
