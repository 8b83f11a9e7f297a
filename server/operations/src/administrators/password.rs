use crate::{Fault, Operations};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version, password_hash};
use secrecy::{ExposeSecret, SecretString};
use std::sync::OnceLock;
use store::PasswordHash;
use tokio::task::spawn_blocking;

/// 32 MiB, three passes, one lane: beyond the least that OWASP recommends (19 MiB, two passes).
const MEMORY_KIB: u32 = 32 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

impl Operations {
    /// Hashes a password with Argon2id (RFC 9106) and a fresh salt.
    pub(super) async fn hash(&self, password: &SecretString) -> Result<PasswordHash, Fault> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt)?;
        let password = password.clone();

        self.compute(move || hash(&password, &salt)).await
    }

    /// Tells whether `password` is the one that was hashed. Without a hash it takes as long, and it is not.
    pub(super) async fn verify(
        &self,
        password: &SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<bool, Fault> {
        let password = password.clone();

        self.compute(move || verify(&password, hash.as_ref())).await
    }

    /// Runs something that keeps a processor busy for long, not too often at the same time.
    async fn compute<T: Send + 'static>(
        &self,
        run: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, Fault> {
        let permit = self.hashing().acquire().await;
        let _permit = permit.map_err(|error| Fault::broken("waiting for a processor", error))?;

        spawn_blocking(run)
            .await
            .map_err(|error| Fault::broken("hashing a password", error))?
            .map_err(|error| Fault::broken("hashing a password", error))
    }
}

fn hash(password: &SecretString, salt: &[u8]) -> Result<PasswordHash, password_hash::Error> {
    let salt = SaltString::encode_b64(salt)?;
    let hash = hasher()?.hash_password(password.expose_secret().as_bytes(), &salt)?;

    Ok(PasswordHash(hash.to_string()))
}

fn verify(
    password: &SecretString,
    hash: Option<&PasswordHash>,
) -> Result<bool, password_hash::Error> {
    let exists = hash.is_some();
    let hash = match hash {
        Some(hash) => hash,
        None => nobodys()?,
    };
    let hash = argon2::PasswordHash::new(&hash.0)?;
    match hasher()?.verify_password(password.expose_secret().as_bytes(), &hash) {
        Ok(()) => Ok(exists),
        Err(password_hash::Error::Password) => Ok(false),
        Err(error) => Err(error),
    }
}

fn hasher() -> Result<Argon2<'static>, password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;

    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Returns the hash that is verified for names without an account.
fn nobodys() -> Result<&'static PasswordHash, password_hash::Error> {
    static NOBODYS: OnceLock<PasswordHash> = OnceLock::new();
    if let Some(hash) = NOBODYS.get() {
        return Ok(hash);
    }
    let made = hash(&SecretString::from("nobody has this password"), &[0; 16])?;

    Ok(NOBODYS.get_or_init(|| made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised() {
        let made = hash(&"correct horse battery".into(), &[7; 16]).unwrap();

        assert!(made.0.starts_with("$argon2id$v=19$m=32768,t=3,p=1$"), "{}", made.0);
        assert!(verify(&"correct horse battery".into(), Some(&made)).unwrap());
        assert!(!verify(&"correct horse batterz".into(), Some(&made)).unwrap());
    }

    #[test]
    fn nobody_has_no_password() {
        assert!(!verify(&"nobody has this password".into(), None).unwrap());
    }

    #[test]
    fn a_damaged_hash_is_a_fault() {
        assert!(verify(&"x".into(), Some(&PasswordHash("plain".into()))).is_err());
    }
}
