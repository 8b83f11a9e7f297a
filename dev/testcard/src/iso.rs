mod description;

use crate::make::{agree, ec, element};
use crate::{PIN, SmartCard};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Padding, Rsa};
use std::fmt;

const NAME: &[u8] = b"\xa0\0\0\0cPKCS-15";
const ISO_APPLET: &[u8] = b"\xf2\x76\xa2\x88\xbc\xfb\xa6\x9d\x34\xf3\x10\x01";
const TRIES: u8 = 3;

/// The directory of the application.
const HOME: [u8; 4] = [0x3f, 0x00, 0x50, 0x15];

/// Whose manners a card has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flavour {
    /// CardOS M4: bare RSA that leaves a zero at the beginning away, no chains of commands, no tries told.
    CardOs,
    /// The `IsoApplet` for Java cards: it pads by itself, and is selected by a name of its own.
    IsoApplet,
    /// It says which algorithms it has and wants to be told which one is meant.
    Standard,
}

/// A card with the application of ISO/IEC 7816-15.
///
/// Key 1 is of RSA with 2048 bits; but for CardOS, key 2 is on P-256 and wants the PIN at each use, and key 3
/// is on P-384.
pub struct Iso {
    flavour: Flavour,
    left: u8,
    verified: bool,
    fresh: bool,
    files: Vec<(Vec<u8>, Content)>,
    keys: Vec<(u8, PKey<Private>)>,
    /// The path of the selected file.
    selected: Option<Vec<u8>>,
    /// The template's kind, the algorithm, the key.
    environment: Option<(u8, Option<u8>, u8)>,
    chain: Vec<u8>,
    rest: Vec<u8>,
    commands: Vec<Vec<u8>>,
}

enum Content {
    Directory,
    /// However far one reads, there is more.
    Endless,
    Records(Vec<Vec<u8>>),
    Transparent(Vec<u8>),
}

impl Iso {
    /// Makes a card with new keys.
    pub fn new(flavour: Flavour) -> Self {
        let mut card = Self {
            flavour,
            left: TRIES,
            verified: false,
            fresh: false,
            files: vec![],
            keys: vec![],
            selected: None,
            environment: None,
            chain: vec![],
            rest: vec![],
            commands: vec![],
        };
        card.files.push((HOME[..2].to_vec(), Content::Directory));
        card.files.push((HOME.to_vec(), Content::Directory));
        card.keys.push((1, PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()));
        if flavour != Flavour::CardOs {
            card.keys.push((2, ec(Nid::X9_62_PRIME256V1)));
            card.keys.push((3, ec(Nid::SECP384R1)));
        }
        card.describe();

        card
    }

    /// Puts a file into the application, or another one in its place.
    pub fn put(&mut self, identifier: u16, content: &[u8]) {
        self.set(identifier, Content::Transparent(content.to_vec()));
    }

    /// Makes a file of the application one that never ends.
    pub fn make_endless(&mut self, identifier: u16) {
        self.set(identifier, Content::Endless);
    }

    /// Returns a file of the application.
    pub fn file(&self, identifier: u16) -> Vec<u8> {
        let path = [&HOME[..], &identifier.to_be_bytes()].concat();
        match self.find(&path) {
            Some(Content::Transparent(content)) => content.clone(),
            _ => panic!("no file {identifier:04x}"),
        }
    }

    /// Returns a key by its number, to check the card against.
    pub fn key(&self, number: u8) -> PKey<Private> {
        self.keys.iter().find(|(known, _)| *known == number).unwrap().1.clone()
    }

    /// Returns how many wrong PINs are left.
    pub fn tries_left(&self) -> u8 {
        self.left
    }

    /// Returns the commands that came so far.
    pub fn commands(&self) -> &[Vec<u8>] {
        &self.commands
    }

    fn set(&mut self, identifier: u16, content: Content) {
        let path = [&HOME[..], &identifier.to_be_bytes()].concat();
        self.files.retain(|(known, _)| *known != path);
        self.files.push((path, content));
    }

    fn find(&self, path: &[u8]) -> Option<&Content> {
        self.files.iter().find(|(known, _)| known == path).map(|(_, content)| content)
    }

    fn select(&mut self, how: u8, what: &[u8], described: bool) -> u16 {
        let path = match how {
            0x04 => {
                let mine = match self.flavour {
                    Flavour::CardOs => return 0x6a82,
                    Flavour::IsoApplet => ISO_APPLET,
                    Flavour::Standard => NAME,
                };
                if what.is_empty() || !mine.starts_with(what) {
                    return 0x6a82;
                }
                // Selecting anew is a way to make a card forget.
                (self.verified, self.fresh) = (false, false);
                if self.flavour == Flavour::IsoApplet { HOME[..2].to_vec() } else { HOME.to_vec() }
            }
            _ if self.selected.is_none() && self.flavour == Flavour::IsoApplet => return 0x6a82,
            0x00 if what == &HOME[..2] => what.to_vec(),
            0x00 | 0x01 | 0x02 | 0x09 => [&self.directory()[..], what].concat(),
            0x08 => [&HOME[..2], what].concat(),
            _ => return 0x6a86,
        };
        let Some(content) = self.find(&path) else { return 0x6a82 };
        if described {
            let (size, kind) = match content {
                Content::Directory => (0, 0x38),
                Content::Endless => (0x7fff, 0x01),
                Content::Records(_) => (0, 0x04),
                Content::Transparent(content) => (u16::try_from(content.len()).unwrap(), 0x01),
            };
            let fields = [
                element(0x80, &size.to_be_bytes()),
                element(0x82, &[kind]),
                element(0x83, &path[path.len() - 2..]),
            ];
            self.rest = element(0x6f, &fields.concat());
            if how == 0x04 && self.flavour == Flavour::IsoApplet {
                // Version 0.6, with keys on curves.
                self.rest = vec![0, 6, 4];
            }
        }
        self.selected = Some(path);

        0x9000
    }

    /// The directory that is selected, or that the selected file is in.
    fn directory(&self) -> Vec<u8> {
        let path = self.selected.clone().unwrap_or_else(|| HOME[..2].to_vec());
        match self.find(&path) {
            Some(Content::Directory) => path,
            _ => path[..path.len() - 2].to_vec(),
        }
    }

    fn read(&mut self, offset: usize) -> u16 {
        let content = match self.selected.as_ref().and_then(|path| self.find(path)) {
            Some(Content::Transparent(content)) => content.clone(),
            Some(Content::Endless) => vec![0x30; offset + 256],
            Some(Content::Directory | Content::Records(_)) => return 0x6981,
            None => return 0x6986,
        };
        if offset >= content.len() {
            return 0x6b00;
        }
        self.rest = content[offset..content.len().min(offset + 256)].to_vec();

        0x9000
    }

    fn record(&mut self, number: u8) -> u16 {
        let Some(Content::Records(records)) =
            self.selected.as_ref().and_then(|path| self.find(path))
        else {
            return 0x6981;
        };
        match records.get(usize::from(number).wrapping_sub(1)) {
            Some(record) => self.rest = record.clone(),
            None => return 0x6a83,
        }

        0x9000
    }

    /// What CardOS says of itself: its number, and how much a command may carry.
    fn of_the_system(&mut self, what: u8) -> u16 {
        self.rest = match what {
            0x81 => vec![7; 32],
            0x8d => vec![0x02, 0x00],
            _ => return 0x6a88,
        };

        0x9000
    }

    fn verify(&mut self, reference: u8, pin: &[u8]) -> u16 {
        let (known, stored) = match self.flavour {
            Flavour::CardOs => (0x81, 8),
            Flavour::IsoApplet => (0x01, 16),
            Flavour::Standard => (0x01, PIN.len()),
        };
        if reference != known {
            return 0x6a88;
        }
        let tells = self.flavour != Flavour::CardOs;
        if pin.is_empty() {
            return match (tells, self.verified, self.left) {
                (false, _, _) => 0x6700,
                (true, true, _) => 0x9000,
                (true, false, 0) => 0x6983,
                (true, false, left) => 0x63c0 | u16::from(left),
            };
        }
        if self.left == 0 {
            return 0x6983;
        }
        let mut right = PIN.as_bytes().to_vec();
        right.resize(stored, 0);
        self.verified = pin == right;
        self.fresh = self.verified;
        self.left = if self.verified { TRIES } else { self.left - 1 };
        match (self.verified, tells) {
            (true, _) => 0x9000,
            (false, true) => 0x63c0 | u16::from(self.left),
            (false, false) => 0x6300,
        }
    }

    fn set_environment(&mut self, kind: u8, mut template: &[u8]) -> u16 {
        let (mut algorithm, mut key) = (None, None);
        while let [tag, length, rest @ ..] = template {
            let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else {
                return 0x6a80;
            };
            match (tag, self.flavour, value) {
                (0x80, _, [value]) => algorithm = Some(*value),
                // Where the key is.
                (0x81, _, _) => {}
                (0x83, Flavour::CardOs, [value])
                | (0x84, Flavour::Standard | Flavour::IsoApplet, [value]) => key = Some(*value),
                _ => return 0x6a80,
            }
            template = rest;
        }
        let Some(key) = key.filter(|key| self.keys.iter().any(|(known, _)| known == key)) else {
            return 0x6a88;
        };
        self.environment = Some((kind, algorithm, key));

        0x9000
    }

    fn operate(&mut self, deciphers: bool, input: &[u8]) -> u16 {
        let fresh = std::mem::take(&mut self.fresh);
        let Some((kind, algorithm, number)) = self.environment else { return 0x6985 };
        if kind != if deciphers { 0xb8 } else { 0xb6 } {
            return 0x6985;
        }
        if !self.verified || (number == 2 && !fresh) {
            return 0x6982;
        }
        let key = self.key(number);
        let wanted = match (self.flavour, key.id(), deciphers) {
            (Flavour::CardOs, _, _) => None,
            (Flavour::IsoApplet, Id::RSA, _) => Some(0x11),
            (Flavour::IsoApplet, _, false) => Some(0x22),
            (Flavour::IsoApplet, _, true) => Some(0x23),
            (Flavour::Standard, Id::RSA, _) => Some(0x02),
            (Flavour::Standard, _, false) => Some(0x04),
            (Flavour::Standard, _, true) => Some(0x05),
        };
        if algorithm != wanted {
            return 0x6a81;
        }
        let input = match (deciphers, input) {
            (true, [0x00, input @ ..]) => input,
            (true, _) => return 0x6a80,
            (false, input) => input,
        };
        let output = match (key.id(), deciphers) {
            (Id::RSA, true) => self.decipher(&key, input),
            (Id::RSA, false) => self.sign(&key, input),
            (_, true) => agree(&key, input).map_err(|_| 0x6a80),
            (_, false) => self.sign_ec(&key, input),
        };
        match output {
            Ok(output) => self.rest = output,
            Err(status) => return status,
        }

        0x9000
    }

    fn sign(&self, key: &PKey<Private>, input: &[u8]) -> Result<Vec<u8>, u16> {
        if self.flavour != Flavour::IsoApplet {
            return bare(key, input);
        }
        let mut output = vec![0; 256];
        key.rsa()
            .unwrap()
            .private_encrypt(input, &mut output, Padding::PKCS1)
            .map_err(|_| 0x6700_u16)?;

        Ok(output)
    }

    fn sign_ec(&self, key: &PKey<Private>, input: &[u8]) -> Result<Vec<u8>, u16> {
        let signature = EcdsaSig::sign(input, &key.ec_key().unwrap()).map_err(|_| 0x6a80_u16)?;
        if self.flavour == Flavour::IsoApplet {
            return Ok(signature.to_der().unwrap());
        }
        let size = i32::try_from(key.bits().div_ceil(8)).unwrap();
        let numbers =
            [signature.r(), signature.s()].map(|number| number.to_vec_padded(size).unwrap());

        Ok(numbers.concat())
    }

    fn decipher(&self, key: &PKey<Private>, input: &[u8]) -> Result<Vec<u8>, u16> {
        let block = bare(key, input)?;
        match self.flavour {
            Flavour::Standard => Ok(block),
            Flavour::CardOs => Ok(block.strip_prefix(&[0]).unwrap_or(&block).to_vec()),
            Flavour::IsoApplet => {
                let end =
                    block.iter().skip(2).position(|octet| *octet == 0).filter(|end| *end >= 8);
                match (block.starts_with(&[0, 2]), end) {
                    (true, Some(end)) => Ok(block[end + 3..].to_vec()),
                    (true, None) | (false, _) => Err(0x6a80),
                }
            }
        }
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
}

impl SmartCard for Iso {
    fn atr(&self) -> Vec<u8> {
        match self.flavour {
            // CardOS 4.4.
            Flavour::CardOs => {
                vec![0x3b, 0xd2, 0x18, 0x02, 0xc1, 0x0a, 0x31, 0xfe, 0x58, 0xc8, 0x0d, 0x51]
            }
            Flavour::IsoApplet | Flavour::Standard => vec![0x3b, 0x80, 0x80, 0x01, 0x01],
        }
    }

    fn reset(&mut self) {
        (self.verified, self.fresh) = (false, false);
        (self.selected, self.environment) = (None, None);
        self.chain.clear();
        self.rest.clear();
    }

    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        self.commands.push(command.to_vec());
        let [class, instruction, first, second, rest @ ..] = command else {
            return vec![0x67, 0x00];
        };
        let length = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
        let data = match rest {
            [] | [_] => Some(&[][..]),
            [0, high, low, rest @ ..] => rest.get(..length(*high, *low)),
            [length, rest @ ..] => rest.get(..usize::from(*length)),
        };
        let Some(data) = data else { return vec![0x67, 0x00] };
        if *instruction == 0xc0 {
            return self.part(0x9000);
        }
        if class & 0x10 != 0 {
            if self.flavour == Flavour::CardOs {
                return vec![0x68, 0x84];
            }
            self.chain.extend_from_slice(data);
            return vec![0x90, 0x00];
        }
        let data = [std::mem::take(&mut self.chain), data.to_vec()].concat();
        self.rest.clear();
        let status = match (*instruction, *first, *second) {
            (0xa4, how, what) => self.select(how, &data, what & 0x0c == 0),
            (0xb0, high, low) => self.read(length(high, low)),
            (0xb2, number, 0x04) => self.record(number),
            (0xca, 0x01, what) if self.flavour == Flavour::CardOs => self.of_the_system(what),
            (0x20, 0x00, reference) => self.verify(reference, &data),
            (0x22, 0x41 | 0x01, kind @ (0xb6 | 0xb8)) => self.set_environment(kind, &data),
            (0x2a, 0x9e, 0x9a) => self.operate(false, &data),
            (0x2a, 0x80, 0x86) => self.operate(true, &data),
            _ => 0x6d00,
        };

        self.part(status)
    }
}

impl fmt::Debug for Iso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iso({:?}, {} tries left)", self.flavour, self.left)
    }
}

fn bare(key: &PKey<Private>, input: &[u8]) -> Result<Vec<u8>, u16> {
    let mut output = vec![0; 256];
    if input.len() != 256 {
        return Err(0x6700);
    }
    key.rsa()
        .unwrap()
        .private_decrypt(input, &mut output, Padding::NONE)
        .map_err(|_| 0x6a80_u16)?;

    Ok(output)
}
