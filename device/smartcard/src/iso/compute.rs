//! Having a key compute: MANAGE SECURITY ENVIRONMENT and PERFORM SECURITY OPERATION (ISO/IEC 7816-4 §7.5.11,
//! 7816-8 §5).

use super::family::{Purpose, Way, Ways};
use super::{Application, Key};
use crate::Error;
use crate::apdu::{Channel, Command};
use zeroize::Zeroizing;

/// "No further indication" of the padding in front of a cryptogram (ISO/IEC 7816-4 table 43).
const NO_INDICATION: u8 = 0x00;

impl Application {
    /// How a key is had to compute.
    pub(super) fn ways(&self, key: &Key, purpose: Purpose) -> Ways {
        self.family.ways(key.kind, purpose, &key.offers)
    }

    /// Has a key compute one thing, after the PIN: a card may want it at each use.
    pub(super) fn compute(
        &self,
        card: &dyn Channel,
        pin: Option<&[u8]>,
        key: &Key,
        purpose: Purpose,
        way: Way,
        input: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        if self.pin.is_some() {
            self.verify(card, pin.ok_or(Error::PinRequired)?)?;
        }
        if let Some(path) = &key.path {
            // Not every card lets a key's file be selected: then the directory above it counts.
            let _ = self.location.go_on(card, &path.file)?;
        }
        let template = self.family.template(key.reference, way.algorithm);
        let environment = match purpose {
            Purpose::Sign => 0xb6,
            Purpose::Agree | Purpose::Decipher => 0xb8,
        };
        let set = Command {
            instruction: 0x22,
            parameters: [0x41, environment],
            data: &template,
            asks: false,
        };
        card.send(&set)?.done()?;
        let (parameters, input) = match purpose {
            Purpose::Sign => ([0x9e, 0x9a], Zeroizing::new(input.to_vec())),
            Purpose::Agree | Purpose::Decipher => {
                ([0x80, 0x86], Zeroizing::new([&[NO_INDICATION], input].concat()))
            }
        };

        card.send(&Command { instruction: 0x2a, parameters, data: &input, asks: true })?.done()
    }
}
