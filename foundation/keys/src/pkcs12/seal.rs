use super::{Identity, MAX_ITERATIONS};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::stack::Stack;
use openssl::x509::X509;

/// Seals an identity under a password, stretched `iterations` times for the key, for the
/// certificates and for the MAC each.
///
/// # Errors
///
/// [`SealError`] if the key is not that of the certificate, or the arguments are out of range.
pub fn seal(identity: &Identity, password: &str, iterations: u32) -> Result<Vec<u8>, SealError> {
    // OpenSSL takes passwords as C strings.
    if password.contains('\0') {
        return Err(SealError::Password);
    }
    if iterations == 0 || u64::from(iterations) * 3 > MAX_ITERATIONS {
        return Err(SealError::Iterations(iterations));
    }
    let certificate = X509::from_der(&identity.certificate).map_err(|_| SealError::Certificate)?;
    let public = certificate.public_key().map_err(|_| SealError::Certificate)?;
    if !public.public_eq(identity.key.as_pkey()) {
        return Err(SealError::Mismatch);
    }

    build(identity, &certificate, password, iterations).map_err(SealError::Encryption)
}

/// Why an identity was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The certificate, or one of its chain, is not a certificate.
    #[error("a certificate is damaged")]
    Certificate,
    /// OpenSSL failed; try again later.
    #[error("the encryption failed")]
    Encryption(#[source] ErrorStack),
    /// Choose another number of iterations.
    #[error("{0} iterations are none or too many")]
    Iterations(u32),
    /// The key does not belong to the certificate.
    #[error("the key does not belong to the certificate")]
    Mismatch,
    /// Choose a password without a zero character.
    #[error("the password contains a zero character")]
    Password,
}

fn build(
    identity: &Identity,
    certificate: &X509,
    password: &str,
    iterations: u32,
) -> Result<Vec<u8>, ErrorStack> {
    let mut chain = Stack::new()?;
    for der in &identity.chain {
        chain.push(X509::from_der(der)?)?;
    }

    Pkcs12::builder()
        .pkey(identity.key.as_pkey())
        .cert(certificate)
        .ca(chain)
        .key_algorithm(Nid::AES_256_CBC)
        .cert_algorithm(Nid::AES_256_CBC)
        .key_iter(iterations)
        .mac_iter(iterations)
        .mac_md(MessageDigest::sha256())
        .build2(password)?
        .to_der()
}
