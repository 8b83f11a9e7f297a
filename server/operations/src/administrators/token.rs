use crate::Fault;
use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use store::TokenHash;
use zeroize::Zeroizing;

/// Draws the token of a session: 256 bits, as 43 characters.
pub(super) fn make_token() -> Result<SecretString, Fault> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())?;

    Ok(BASE64URL_NOPAD.encode(bytes.as_slice()).into())
}

/// Returns SHA-256 of a token, which is all that is stored of it.
pub(super) fn token_hash(token: &SecretString) -> TokenHash {
    TokenHash(Sha256::digest(token.expose_secret().as_bytes()).into())
}
