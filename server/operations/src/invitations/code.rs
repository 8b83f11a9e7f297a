use crate::Fault;
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use std::fmt;
use store::CodeHash;
use zeroize::Zeroizing;

/// The length of a code in bytes: 128 bits, which nobody guesses.
const LENGTH: usize = 16;

/// The code of an invitation: 26 letters and digits (base32, RFC 4648 section 6, without padding), in either case.
#[derive(Clone)]
pub struct InvitationCode(Zeroizing<String>);

impl InvitationCode {
    /// Draws a code.
    pub(crate) fn make() -> Result<Self, Fault> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        getrandom::fill(bytes.as_mut_slice())?;

        Ok(Self(Zeroizing::new(BASE32_NOPAD.encode(bytes.as_slice()))))
    }

    /// Reads a code, or finds that it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let code = Zeroizing::new(text.trim().to_ascii_uppercase());
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(code.as_bytes()).ok()?);

        (bytes.len() == LENGTH).then_some(Self(code))
    }

    /// Returns the code in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns SHA-256 of the code in capitals, which is all that is stored of it.
    pub fn hash(&self) -> CodeHash {
        CodeHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for InvitationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_either_case() {
        let code = InvitationCode::make().unwrap();
        let again = InvitationCode::parse(&code.as_str().to_lowercase()).unwrap();

        assert_eq!(code.as_str().len(), 26);
        assert_eq!(again.hash(), code.hash());
    }

    #[test]
    fn what_cannot_be_a_code_is_not_read() {
        let code = "AAAQEAYEAUDAOCAJBIFQYDIOB4";
        assert!(InvitationCode::parse(code).is_some());
        for bad in [
            "",
            "AAAQ",
            "AAAQEAYEAUDAOCAJBIFQYDIOB5",
            "AAAQEAYEAUDAOCAJBIFQYDIOB1",
            "AAAQEAYEAUDAOCAJBIFQYDIOB4A=",
        ] {
            assert!(InvitationCode::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn two_codes_differ() {
        let [one, other] = [InvitationCode::make().unwrap(), InvitationCode::make().unwrap()];

        assert_ne!(one.hash(), other.hash());
    }
}
