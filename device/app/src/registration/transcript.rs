use sha2::{Digest as _, Sha256};

/// What begins every text that is hashed, signed or encrypted.
const PREFIX: &str = "cordon-registration/1";

/// The hash of everything that went over a connection so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Transcript([u8; 32]);

/// A message after the first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The body of the second request.
    Finish,
    /// The bytes of the offer.
    Offer,
    /// The bytes of the result.
    Result,
}

impl Transcript {
    /// Begins with the exporter of a connection and the body of the first request.
    pub(super) fn start(exporter: &[u8; 32], body: &[u8]) -> Self {
        Self(*exporter).hash("start", body)
    }

    /// Goes on with the bytes of the next message.
    #[must_use]
    pub(super) fn then(self, step: Step, bytes: &[u8]) -> Self {
        match step {
            Step::Finish => self.hash("finish", bytes),
            Step::Offer => self.hash("offer", bytes),
            Step::Result => self.hash("result", bytes),
        }
    }

    /// Returns what a challenge begins with, given the transcript of the start.
    pub(super) fn challenge(self) -> Vec<u8> {
        self.labelled("challenge")
    }

    /// Returns what the portal signs, given the transcript of the offer.
    pub(super) fn offered(self) -> Vec<u8> {
        self.labelled("portal offers")
    }

    /// Returns what the proof authenticates, given the transcript of the offer.
    pub(super) fn proved(self) -> Vec<u8> {
        self.labelled("proof")
    }

    /// Returns what the device signs, given the transcript of the offer.
    pub(super) fn signed_by_device(self, proof: &[u8]) -> Vec<u8> {
        [self.labelled("device").as_slice(), proof].concat()
    }

    /// Returns what the portal signs, given the transcript of the result.
    pub(super) fn granted(self) -> Vec<u8> {
        self.labelled("portal grants")
    }

    fn hash(self, label: &str, bytes: &[u8]) -> Self {
        let bytes = Sha256::digest(bytes);

        Self(Sha256::digest([self.labelled(label).as_slice(), bytes.as_slice()].concat()).into())
    }

    fn labelled(self, label: &str) -> Vec<u8> {
        [format!("{PREFIX} {label}\n").as_bytes(), &self.0].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// The server's side is tested against the same file.
    #[test]
    fn a_run_gives_the_documented_values() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../../docs/registration-vectors.json"))
                .unwrap();
        let text = |name: &str| vectors[name].as_str().unwrap();
        let hex = |name: &str| HEXLOWER.decode(text(name).as_bytes()).unwrap();
        let exporter = hex("exporter").try_into().unwrap();

        let start = Transcript::start(&exporter, text("start").as_bytes());
        assert_eq!(start.0.as_slice(), hex("start_hash"));
        assert_eq!([start.challenge(), hex("secret")].concat(), hex("challenge"));
        let offer = start.then(Step::Offer, text("offer").as_bytes());
        assert_eq!(offer.offered(), hex("offer_signed"));
        let proof = super::super::hmac_sha256(&hex("secret"), &offer.proved()).unwrap();
        assert_eq!(proof, hex("proof"));
        assert_eq!(offer.signed_by_device(&proof), hex("device_signed"));
        let finish = offer.then(Step::Finish, text("finish").as_bytes());
        assert_eq!(finish.0.as_slice(), hex("finish_hash"));
        let result = finish.then(Step::Result, text("result").as_bytes());
        assert_eq!(result.granted(), hex("result_signed"));
    }
}
