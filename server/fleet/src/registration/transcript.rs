use sha2::{Digest as _, Sha256};

/// What begins every text that is hashed, signed or encrypted.
const PREFIX: &str = "cordon-registration/1";

/// The hash of everything that went over a connection so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transcript([u8; 32]);

/// A message of a registration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The body of the second request.
    Finish,
    /// The bytes of the offer.
    Offer,
    /// The bytes of the result.
    Result,
    /// The body of the first request.
    Start,
}

impl Transcript {
    /// Begins with the exporter of a connection and the body of the first request.
    pub fn start(exporter: &[u8; 32], body: &[u8]) -> Self {
        Self(*exporter).then(Step::Start, body)
    }

    /// Goes on with the bytes of the next message.
    #[must_use]
    pub fn then(self, step: Step, bytes: &[u8]) -> Self {
        let label = match step {
            Step::Finish => "finish",
            Step::Offer => "offer",
            Step::Result => "result",
            Step::Start => "start",
        };
        let bytes = Sha256::digest(bytes);
        let text = [self.labelled(label).as_slice(), bytes.as_slice()].concat();

        Self(Sha256::digest(text).into())
    }

    /// Returns what is encrypted for the person, given the transcript of the start.
    pub fn challenge(self, secret: &[u8; 32]) -> Vec<u8> {
        [self.labelled("challenge").as_slice(), secret].concat()
    }

    /// Returns what the portal signs, given the transcript of the offer.
    pub fn offered(self) -> Vec<u8> {
        self.labelled("portal offers")
    }

    /// Returns what the proof authenticates, given the transcript of the offer.
    pub fn proved(self) -> Vec<u8> {
        self.labelled("proof")
    }

    /// Returns what the device signs, given the transcript of the offer.
    pub fn signed_by_device(self, proof: &[u8]) -> Vec<u8> {
        [self.labelled("device").as_slice(), proof].concat()
    }

    /// Returns what the portal signs, given the transcript of the result.
    pub fn granted(self) -> Vec<u8> {
        self.labelled("portal grants")
    }

    /// Returns the hash, to be stored.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Takes a hash that was stored.
    pub fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    fn labelled(self, label: &str) -> Vec<u8> {
        [format!("{PREFIX} {label}\n").as_bytes(), &self.0].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// The app's side is tested against the same file.
    #[test]
    fn a_run_gives_the_documented_values() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../../docs/registration-vectors.json"))
                .unwrap();
        let text = |name: &str| vectors[name].as_str().unwrap();
        let hex = |name: &str| HEXLOWER.decode(text(name).as_bytes()).unwrap();
        let fixed = |name: &str| <[u8; 32]>::try_from(hex(name)).unwrap();

        let start = Transcript::start(&fixed("exporter"), text("start").as_bytes());
        assert_eq!(start.to_bytes(), fixed("start_hash"));
        assert_eq!(start.challenge(&fixed("secret")), hex("challenge"));
        let offer = start.then(Step::Offer, text("offer").as_bytes());
        assert_eq!(offer.to_bytes(), fixed("offer_hash"));
        assert_eq!(offer.offered(), hex("offer_signed"));
        assert_eq!(offer.signed_by_device(&hex("proof")), hex("device_signed"));
        let finish = offer.then(Step::Finish, text("finish").as_bytes());
        assert_eq!(finish.to_bytes(), fixed("finish_hash"));
        let result = finish.then(Step::Result, text("result").as_bytes());
        assert_eq!(result.to_bytes(), fixed("result_hash"));
        assert_eq!(result.granted(), hex("result_signed"));
    }

    #[test]
    fn every_part_counts() {
        let start = Transcript::start(&[1; 32], b"body");
        let distinct = [
            start,
            Transcript::start(&[2; 32], b"body"),
            Transcript::start(&[1; 32], b"bodies"),
            start.then(Step::Offer, b"offer"),
            start.then(Step::Finish, b"offer"),
            start.then(Step::Result, b"offer"),
            start.then(Step::Offer, b""),
        ];

        for (place, one) in distinct.iter().enumerate() {
            assert!(!distinct[..place].contains(one), "{place}");
        }
    }
}
