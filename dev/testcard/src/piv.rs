use crate::SmartCard;
use crate::make::{agree, ec, element, self_signed};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Padding, Rsa};
use std::fmt;

/// What a new card takes as its PIN: digits that nothing else has, so that they can be looked for.
pub const PIN: &str = "73519842";

const APPLET: [u8; 11] = [0xa0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0];
const TRIES: u8 = 3;

/// A card with the PIV applet (NIST SP 800-73-4): 9A on P-384, 9C on P-256, 9D on RSA of 2048 bits, and
/// in 82 an old key of RSA whose certificate can be packed.
pub struct Piv {
    history: bool,
    left: u8,
    verified: bool,
    fresh: bool,
    objects: Vec<([u8; 3], Vec<u8>)>,
    keys: Vec<(u8, PKey<Private>)>,
    chain: Vec<u8>,
    rest: Vec<u8>,
    commands: Vec<Vec<u8>>,
}

impl Default for Piv {
    fn default() -> Self {
        let mut card = Self {
            history: false,
            left: TRIES,
            verified: false,
            fresh: false,
            objects: vec![],
            keys: vec![],
            chain: vec![],
            rest: vec![],
            commands: vec![],
        };
        card.put(0x9a, 0x05, ec(Nid::SECP384R1));
        card.put(0x9c, 0x0a, ec(Nid::X9_62_PRIME256V1));
        card.put(0x9d, 0x0b, PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());

        card
    }
}

impl Piv {
    /// A card whose answer to reset names the applet: others OpenSC takes for cards without curves. When
    /// this one is pulled out, OpenSC 0.23 waits for itself in `C_GetTokenInfo`, for ever.
    pub fn with_history() -> Self {
        Self { history: true, ..Self::default() }
    }

    /// Puts a key and a certificate for it into a slot; `object` is the last octet of the name of the
    /// certificate's object.
    pub fn put(&mut self, slot: u8, object: u8, key: PKey<Private>) {
        let certificate = self_signed(&key);
        self.put_certificate(object, &certificate, 0);
        self.keys.retain(|(known, _)| *known != slot);
        self.keys.push((slot, key));
    }

    /// Puts the bytes of a certificate into an object, with the octet of information about it.
    pub fn put_certificate(&mut self, object: u8, certificate: &[u8], information: u8) {
        let content = [element(0x70, certificate), vec![0x71, 1, information, 0xfe, 0]].concat();
        let name = [0x5f, 0xc1, object];
        self.objects.retain(|(known, _)| *known != name);
        self.objects.push((name, element(0x53, &content)));
    }

    /// Returns the key of a slot, to check the card against.
    pub fn key(&self, slot: u8) -> PKey<Private> {
        self.keys.iter().find(|(known, _)| *known == slot).unwrap().1.clone()
    }

    /// Returns how many wrong PINs are left.
    pub fn tries_left(&self) -> u8 {
        self.left
    }

    /// Returns the commands that came so far.
    pub fn commands(&self) -> &[Vec<u8>] {
        &self.commands
    }

    /// At most 256 octets at once.
    fn part(&mut self, status: u16) -> Vec<u8> {
        let end = self.rest.len().min(256);
        let mut part: Vec<_> = self.rest.drain(..end).collect();
        match self.rest.len() {
            0 => part.extend(status.to_be_bytes()),
            more => part.extend([0x61, u8::try_from(more).unwrap_or(0)]),
        }

        part
    }

    fn select(&mut self, name: &[u8]) -> u16 {
        if name.len() < 5 || !APPLET.starts_with(name) {
            return 0x6a82;
        }
        let authority = element(0x79, &element(0x4f, &APPLET[..5]));
        self.rest = element(0x61, &[element(0x4f, &APPLET[5..]), authority].concat());

        0x9000
    }

    fn object(&mut self, name: &[u8]) -> u16 {
        let Some(found) = self.objects.iter().find(|(known, _)| name.ends_with(known)) else {
            return 0x6a82;
        };
        self.rest.clone_from(&found.1);

        0x9000
    }

    fn verify(&mut self, pin: &[u8]) -> u16 {
        if pin.is_empty() && self.verified {
            return 0x9000;
        }
        if self.left == 0 {
            return 0x6983;
        }
        if !pin.is_empty() {
            let mut right = PIN.as_bytes().to_vec();
            right.resize(8, 0xff);
            self.verified = pin == right;
            self.fresh = self.verified;
            self.left = if self.verified { TRIES } else { self.left - 1 };
            if self.verified {
                return 0x9000;
            }
        }

        0x63c0 | u16::from(self.left)
    }

    fn compute(&mut self, algorithm: u8, slot: u8, template: &[u8]) -> u16 {
        let fresh = std::mem::take(&mut self.fresh);
        if !self.verified || (slot == 0x9c && !fresh) {
            return 0x6982;
        }
        let Some((_, key)) = self.keys.iter().find(|(known, _)| *known == slot) else {
            return 0x6a88;
        };
        let expected = match (key.id(), key.bits()) {
            (Id::RSA, 2048) => 0x07,
            (Id::EC, 256) => 0x11,
            (Id::EC, 384) => 0x14,
            _ => return 0x6a80,
        };
        if algorithm != expected {
            return 0x6a86;
        }
        let Some((tag, input)) = challenge(template) else { return 0x6a80 };
        let output = match (key.id(), tag) {
            (Id::RSA, 0x81) if input.len() == 256 => {
                let mut output = vec![0; 256];
                key.rsa()
                    .unwrap()
                    .private_decrypt(input, &mut output, Padding::NONE)
                    .map(|_| output)
            }
            (Id::EC, 0x81) => {
                EcdsaSig::sign(input, &key.ec_key().unwrap()).and_then(|value| value.to_der())
            }
            (Id::EC, 0x85) => agree(key, input),
            _ => return 0x6a80,
        };
        let Ok(output) = output else { return 0x6a80 };
        self.rest = element(0x7c, &element(0x82, &output));

        0x9000
    }
}

impl SmartCard for Piv {
    fn atr(&self) -> Vec<u8> {
        if !self.history {
            return vec![0x3b, 0x80, 0x80, 0x01, 0x01];
        }
        let mut atr = [&[0x3b, 0x8d, 0x80, 0x01, 0x80, 0xfb], &APPLET[..]].concat();
        atr.push(atr.iter().skip(1).fold(0, |sum, octet| sum ^ octet));

        atr
    }

    fn reset(&mut self) {
        (self.verified, self.fresh) = (false, false);
        self.chain.clear();
        self.rest.clear();
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        self.commands.push(command.to_vec());
        let [class, instruction, first, second, rest @ ..] = command else {
            return vec![0x67, 0x00];
        };
        let data = match rest {
            [] | [_] => &[][..],
            [length, rest @ ..] => match rest.get(..usize::from(*length)) {
                Some(data) => data,
                None => return vec![0x67, 0x00],
            },
        };
        if *instruction == 0xc0 {
            return self.part(0x9000);
        }
        self.chain.extend_from_slice(data);
        if class & 0x10 != 0 {
            return vec![0x90, 0x00];
        }
        let data = std::mem::take(&mut self.chain);
        self.rest.clear();
        let status = match (*instruction, *first, *second) {
            (0xa4, 0x04, _) => self.select(&data),
            (0xcb, 0x3f, 0xff) => self.object(&data),
            (0x20, 0, 0x80) => self.verify(&data),
            (0x87, algorithm, slot) => self.compute(algorithm, slot, &data),
            _ => 0x6d00,
        };

        self.part(status)
    }
}

impl fmt::Debug for Piv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Piv({} tries left)", self.left)
    }
}

/// The one element with content in a dynamic authentication template.
fn challenge(template: &[u8]) -> Option<(u8, &[u8])> {
    let (0x7c, mut rest, []) = split(template)? else { return None };
    while !rest.is_empty() {
        let (tag, value, after) = split(rest)?;
        if tag != 0x82 {
            return Some((tag, value));
        }
        rest = after;
    }

    None
}

fn split(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (length, rest) = match octets.get(1..)? {
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [0x81, length, rest @ ..] | [length, rest @ ..] => (usize::from(*length), rest),
        [] => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;

    Some((octets[0], value, rest))
}
