//! How families of cards differ where ISO/IEC 7816-8 leaves it open: how the key and the algorithm are
//! named, and what the bare operation takes.

use super::objects::KeyType;
use super::token::AlgorithmObject;

/// A family of cards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Family {
    /// CardOS M4: keys by tag 83, PINs by numbers from 80 on, RSA bare or with the padding put on by
    /// the card, as the key was made.
    CardOs4,
    /// CardOS 5: key and algorithm in one number.
    CardOs5,
    /// The `IsoApplet` for Java cards (JCOP and others): RSA with the padding put on and taken off by the card.
    IsoApplet,
    /// A card that does as the standard says, with what it tells of its algorithms.
    Standard,
}

/// What a key is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// To agree on a secret.
    Agree,
    /// To decipher.
    Decipher,
    /// To sign.
    Sign,
}

/// What goes into the operation of an RSA key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Block {
    /// The whole block; the operation is bare.
    Whole,
    /// What the card pads, or takes out of a padding.
    Inner,
}

/// A way to have a key compute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Way {
    pub(crate) block: Block,
    /// By what the command names the algorithm; nothing leaves it to the key.
    pub(crate) algorithm: Option<u8>,
}

/// The ways that are left to be tried, and whether the card said which one it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Ways {
    pub(crate) ways: Vec<Way>,
    pub(crate) known: bool,
}

/// Numbers of mechanisms (PKCS #11).
const RSA_PKCS: u16 = 0x0001;
const RSA_X_509: u16 = 0x0003;
const ECDSA: u16 = 0x1041;
const ECDH1_DERIVE: u16 = 0x1050;

impl Family {
    /// Tells the family by the answer to reset: CardOS has its version there, and nothing else.
    pub(crate) fn of(atr: &[u8]) -> Self {
        match historical(atr) {
            Some([0xc8, _]) => Self::CardOs4,
            Some([0xc9, _]) => Self::CardOs5,
            Some(_) | None => Self::Standard,
        }
    }

    /// By what number a command names a PIN.
    pub(crate) fn pin_reference(self, reference: u8) -> u8 {
        match self {
            // Also looked for in the directories above.
            Self::CardOs4 | Self::CardOs5 => reference | 0x80,
            Self::IsoApplet | Self::Standard => reference,
        }
    }

    /// The control reference template that names key and algorithm (ISO/IEC 7816-4 §10.3).
    pub(crate) fn template(self, reference: Option<u8>, algorithm: Option<u8>) -> Vec<u8> {
        let mut template = Vec::new();
        let mut name = |tag: u8, value: u8| template.extend([tag, 1, value]);
        match self {
            Self::CardOs4 => {
                name(0x83, reference.unwrap_or_default());
            }
            Self::CardOs5 => {
                let reference = reference.unwrap_or_default();
                name(0x84, reference & 0x0f);
                name(0x95, 0x40);
                let algorithm = Some(reference & 0xf0).filter(|high| *high != 0).or(algorithm);
                algorithm.into_iter().for_each(|algorithm| name(0x80, algorithm));
            }
            Self::IsoApplet | Self::Standard => {
                algorithm.into_iter().for_each(|algorithm| name(0x80, algorithm));
                reference.into_iter().for_each(|reference| name(0x84, reference));
            }
        }

        template
    }

    /// How a key is had to compute, with what the card says of its algorithms.
    pub(crate) fn ways(self, key: KeyType, purpose: Purpose, offers: &[AlgorithmObject]) -> Ways {
        use {Block::Inner, Block::Whole};
        let known = |block, algorithm| Ways { ways: vec![Way { block, algorithm }], known: true };
        let guess = |inner| Ways {
            ways: vec![
                Way { block: Whole, algorithm: None },
                Way { block: Inner, algorithm: inner },
            ],
            known: false,
        };
        match (self, key, purpose) {
            (Self::IsoApplet, KeyType::Rsa, _) => known(Inner, Some(0x11)),
            (Self::IsoApplet, KeyType::Ec, Purpose::Agree) => known(Whole, Some(0x23)),
            (Self::IsoApplet, KeyType::Ec, _) => known(Whole, Some(0x22)),
            (Self::CardOs4, KeyType::Rsa, Purpose::Sign) => {
                let has = |one, other| {
                    let named =
                        |a: &AlgorithmObject| a.command == Some(one) || a.command == Some(other);
                    offers.iter().any(|algorithm| algorithm.signs && named(algorithm))
                };
                // Bare, or with the padding (CardOS M4.0 manual: RSA_PURE_SIG and RSA_SIG).
                match (has(0x8a, 0x8c), has(0x86, 0x88)) {
                    (true, false) => known(Whole, None),
                    (false, true) => known(Inner, None),
                    (true, true) | (false, false) => guess(None),
                }
            }
            (Self::CardOs5, KeyType::Rsa, _) => guess(Some(0x10)),
            (Self::CardOs4, KeyType::Rsa, _) => guess(None),
            (Self::CardOs5, KeyType::Ec, Purpose::Sign) => known(Whole, Some(0x30)),
            (Self::CardOs4 | Self::CardOs5, KeyType::Ec, _) => Ways { ways: vec![], known: true },
            (Self::Standard, KeyType::Rsa, _) => {
                let find = |mechanism| offered(offers, mechanism, purpose);
                match (find(RSA_X_509), find(RSA_PKCS)) {
                    (Some(bare), _) => known(Whole, bare.command),
                    (None, Some(padded)) => known(Inner, padded.command),
                    (None, None) => guess(None),
                }
            }
            (Self::Standard, KeyType::Ec, _) => {
                let mechanism = if purpose == Purpose::Agree { ECDH1_DERIVE } else { ECDSA };
                let found = offered(offers, mechanism, purpose);
                known(Whole, found.and_then(|algorithm| algorithm.command))
            }
        }
    }
}

fn offered(
    offers: &[AlgorithmObject],
    mechanism: u16,
    purpose: Purpose,
) -> Option<&AlgorithmObject> {
    offers.iter().find(|algorithm| {
        algorithm.mechanism == mechanism
            && match purpose {
                Purpose::Sign => algorithm.signs,
                Purpose::Decipher => algorithm.deciphers,
                // No bit of its own in the first edition.
                Purpose::Agree => true,
            }
    })
}

/// The historical bytes of an answer to reset (ISO/IEC 7816-3 §8.2).
fn historical(atr: &[u8]) -> Option<&[u8]> {
    let [_, format, rest @ ..] = atr else { return None };
    let (count, mut present, mut rest) = (usize::from(format & 0x0f), format >> 4, rest);
    while present != 0 {
        let after = present & 0x08 != 0;
        let interface = present.count_ones() as usize;
        let (bytes, left) = rest.split_at_checked(interface)?;
        present = if after { bytes.last()? >> 4 } else { 0 };
        rest = left;
    }

    rest.get(..count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.split(' ').map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect()
    }

    #[test]
    fn families_are_told_by_their_answer_to_reset() {
        #[track_caller]
        fn check(atr: &str, family: Family) {
            assert_eq!(Family::of(&hex(atr)), family);
        }

        check("3b f2 18 00 ff c1 0a 31 fe 55 c8 06 8a", Family::CardOs4);
        check("3b d2 18 02 c1 0a 31 fe 58 c8 0d 51", Family::CardOs4);
        check("3b d2 18 00 81 31 fe 58 c9 01 14", Family::CardOs5);
        check("3b d2 18 00 81 31 fe 58 c9 03 16", Family::CardOs5);
        check("3b 80 80 01 01", Family::Standard);
        check("3b f2 18 00 ff c1 0a", Family::Standard);
        check("3b", Family::Standard);
        check("3b 02 c8", Family::Standard);
        check("3b f0 80 80 80 f0 80 80 80 f0", Family::Standard);
    }

    #[test]
    fn keys_are_named_as_the_family_does() {
        let name = |family: Family, algorithm| family.template(Some(0x12), algorithm);
        assert_eq!(name(Family::CardOs4, Some(0x8c)), [0x83, 1, 0x12]);
        assert_eq!(name(Family::CardOs5, Some(0x30)), [0x84, 1, 2, 0x95, 1, 0x40, 0x80, 1, 0x10]);
        assert_eq!(name(Family::IsoApplet, Some(0x11)), [0x80, 1, 0x11, 0x84, 1, 0x12]);
        assert_eq!(name(Family::Standard, None), [0x84, 1, 0x12]);
        let plain = Family::CardOs5.template(Some(2), Some(0x30));
        assert_eq!(plain, [0x84, 1, 2, 0x95, 1, 0x40, 0x80, 1, 0x30]);
        assert_eq!(Family::CardOs4.pin_reference(1), 0x81);
    }

    #[test]
    fn what_a_card_says_of_its_algorithms_is_taken() {
        let offer = |mechanism, signs, command| AlgorithmObject {
            reference: 1,
            mechanism,
            signs,
            deciphers: !signs,
            command: Some(command),
        };
        let ways = |family: Family, purpose, offers: &[AlgorithmObject]| {
            let ways = family.ways(KeyType::Rsa, purpose, offers);
            (ways.known, ways.ways.iter().map(|way| (way.block, way.algorithm)).collect::<Vec<_>>())
        };
        let offers = [offer(RSA_PKCS, true, 2), offer(RSA_X_509, false, 7)];
        let standard = |purpose| ways(Family::Standard, purpose, &offers);
        assert_eq!(standard(Purpose::Sign), (true, vec![(Block::Inner, Some(2))]));
        assert_eq!(standard(Purpose::Decipher), (true, vec![(Block::Whole, Some(7))]));
        let guess = ways(Family::Standard, Purpose::Sign, &[]);
        assert_eq!(guess, (false, vec![(Block::Whole, None), (Block::Inner, None)]));
        let pure = ways(Family::CardOs4, Purpose::Sign, &[offer(RSA_PKCS, true, 0x8c)]);
        assert_eq!(pure, (true, vec![(Block::Whole, None)]));
        let applet = ways(Family::IsoApplet, Purpose::Sign, &[]);
        assert_eq!(applet, (true, vec![(Block::Inner, Some(0x11))]));
    }
}
