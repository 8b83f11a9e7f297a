//! The files by which a card describes itself.

use super::{Content, Flavour, HOME, Iso, NAME};
use crate::make::{element, self_signed};
use openssl::pkey::{Id, PKey, Private};

impl Iso {
    /// Writes the files that describe the card.
    pub(super) fn describe(&mut self) {
        let to = |tag: u8, file: u16| element(tag, &path(&file.to_be_bytes()));
        self.put(
            0x5031,
            &[to(0xa0, 0x4401), to(0xa4, 0x4402), to(0xa8, 0x4403), vec![0; 40]].concat(),
        );
        self.put(0x5032, &self.token());
        let keys = self.keys.clone();
        let (mut private, mut certificates) = (vec![], vec![]);
        for (number, key) in &keys {
            let certificate = self_signed(key);
            let file = 0x4300 | u16::from(*number);
            // The last one has its certificate in the directory itself.
            let value =
                if *number == 3 { element(0xa0, &certificate) } else { path(&file.to_be_bytes()) };
            certificates.extend(certificate_object(*number, &value));
            self.put(file, &[&certificate[..], &[0; 300]].concat());
            private.extend(key_object(*number, key));
        }
        self.put(0x4401, &private);
        self.put(0x4402, &[&certificates[..], &[0xff; 20]].concat());
        self.put(0x4403, &self.pin_object());
        let template = |path: &[u8]| {
            let path = if path.is_empty() { vec![] } else { element(0x51, path) };
            element(0x61, &[element(0x4f, NAME), element(0x50, b"Test"), path].concat())
        };
        let other = element(0x61, &element(0x4f, b"\xa0\0\0\0\x01other"));
        let directory = match self.flavour {
            Flavour::CardOs => Content::Transparent([other, template(&HOME), vec![0; 9]].concat()),
            Flavour::IsoApplet => return,
            Flavour::Standard => Content::Records(vec![other, template(b"")]),
        };
        self.files.push((vec![0x3f, 0, 0x2f, 0], directory));
    }

    fn token(&self) -> Vec<u8> {
        let algorithm = |reference: u8, mechanism: &[u8], operations: u8, command: u8| {
            let fields = [
                element(0x02, &[reference]),
                element(0x02, mechanism),
                element(0x05, b""),
                element(0x03, &[0, operations]),
                element(0x02, &[command]),
            ];
            element(0x30, &fields.concat())
        };
        let algorithms = match self.flavour {
            Flavour::Standard => [
                algorithm(1, &[0x03], 0x44, 0x02),
                algorithm(2, &[0x10, 0x41], 0x40, 0x04),
                algorithm(3, &[0x10, 0x50], 0x04, 0x05),
            ]
            .concat(),
            Flavour::CardOs | Flavour::IsoApplet => vec![],
        };
        let algorithms = if algorithms.is_empty() { vec![] } else { element(0xa2, &algorithms) };
        let fields = [
            element(0x02, &[0]),
            element(0x04, b"12345678"),
            element(0x0c, b"Software"),
            element(0x80, b"Card of tests"),
            element(0x03, &[4, 0x10]),
            algorithms,
        ];

        element(0x30, &fields.concat())
    }

    fn pin_object(&self) -> Vec<u8> {
        // Case-sensitive, initialised, and where it is so filled up.
        let (flags, stored) = match self.flavour {
            Flavour::CardOs => ([0, 0x8c], 8),
            Flavour::IsoApplet => ([0, 0x8c], 16),
            Flavour::Standard => ([0, 0x88], 12),
        };
        let attributes = [
            element(0x03, &flags),
            element(0x0a, &[1]),
            element(0x02, &[4]),
            element(0x02, &[stored]),
            element(0x02, &[stored]),
            element(0x80, &[1]),
            element(0x04, &[0]),
            path(&HOME),
        ];
        let common = [element(0x0c, b"PIN"), element(0x03, &[6, 0xc0])].concat();
        let type_ = element(0xa1, &element(0x30, &attributes.concat()));
        let pin = element(
            0x30,
            &[element(0x30, &common), element(0x30, &element(4, &[1])), type_].concat(),
        );
        // One that unblocks stands before it.
        let mut unblocks = pin.clone();
        let at = unblocks.windows(2).position(|pair| pair == flags).unwrap();
        unblocks[at + 1] |= 0x02;

        [unblocks, pin].concat()
    }
}

fn path(file: &[u8]) -> Vec<u8> {
    element(0x30, &element(0x04, file))
}

fn key_object(number: u8, key: &PKey<Private>) -> Vec<u8> {
    let rsa = key.id() == Id::RSA;
    // RSA: decrypt, sign, unwrap. Otherwise: sign, derive.
    let usage = if rsa { vec![2, 0x64] } else { vec![7, 0x20, 0x80] };
    let common = [
        element(0x0c, format!("Key {number}").as_bytes()),
        element(0x03, &[6, 0xc0]),
        element(0x04, &[1]),
        if number == 2 { element(0x02, &[1]) } else { vec![] },
    ];
    let class = [
        element(0x04, &[0x45, number]),
        element(0x03, &usage),
        element(0x03, &[3, 0xb8]),
        element(0x02, &[number]),
    ];
    let bits = u16::try_from(key.bits()).unwrap().to_be_bytes();
    let attributes = element(0x30, &[path(&HOME), element(0x02, &bits)].concat());
    let parts = [
        element(0x30, &common.concat()),
        element(0x30, &class.concat()),
        element(0xa1, &attributes),
    ];

    element(if rsa { 0x30 } else { 0xa0 }, &parts.concat())
}

fn certificate_object(number: u8, value: &[u8]) -> Vec<u8> {
    let label = element(0x0c, format!("Certificate {number}").as_bytes());
    let parts = [
        element(0x30, &label),
        element(0x30, &element(0x04, &[0x45, number])),
        element(0xa1, &element(0x30, value)),
    ];

    element(0x30, &parts.concat())
}
