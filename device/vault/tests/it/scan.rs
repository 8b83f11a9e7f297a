//! Looks for bytes that must not be on a disk, in every file below a directory.

use std::collections::BTreeMap;
use std::path::Path;

/// What must not be found, each with a word for it, by its first byte.
#[derive(Clone, Debug)]
pub(crate) struct Needles(Vec<Vec<(String, Vec<u8>)>>);

impl Default for Needles {
    fn default() -> Self {
        Self(vec![Vec::new(); 256])
    }
}

impl Needles {
    fn add(&mut self, word: String, needle: Vec<u8>) {
        self.0[usize::from(needle[0])].push((word, needle));
    }

    fn find<'a>(&'a self, content: &'a [u8]) -> impl Iterator<Item = &'a str> {
        content.iter().enumerate().flat_map(move |(at, first)| {
            let candidates = self.0[usize::from(*first)].iter();
            candidates
                .filter(move |(_, needle)| content[at..].starts_with(needle))
                .map(|(word, _)| word.as_str())
        })
    }

    /// Adds bytes, as they are, in hexadecimal and in the three shifts of Base64.
    pub(crate) fn secret(mut self, word: &str, bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 8, "{word} is too short to be told from chance");
        self.add(word.to_owned(), bytes.to_owned());
        self.add(format!("{word} (hex)"), data_encoding::HEXLOWER.encode(bytes).into_bytes());
        self.add(format!("{word} (HEX)"), data_encoding::HEXUPPER.encode(bytes).into_bytes());
        for shift in 0..3 {
            let shifted = data_encoding::BASE64.encode(&[&vec![0; shift], bytes].concat());
            // The first and the last group also depend on what is around.
            let middle = shifted.as_bytes()[4..shifted.len() - 4].to_owned();
            self.add(format!("{word} (base64 {shift})"), middle);
        }
        self
    }

    /// Adds a text, also in UTF-16.
    pub(crate) fn text(mut self, word: &str, text: &str) -> Self {
        let units: Vec<u16> = text.encode_utf16().collect();
        self.add(
            format!("{word} (UTF-16LE)"),
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        );
        self.add(
            format!("{word} (UTF-16BE)"),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        );
        self.secret(word, text.as_bytes())
    }

    /// Adds the numbers that make up an RSA private key, and its usual encodings.
    pub(crate) fn private_key(self, pkcs8: &[u8]) -> Self {
        let rsa = openssl::pkey::PKey::private_key_from_pkcs8(pkcs8).unwrap().rsa().unwrap();
        self.secret("PKCS#8", pkcs8)
            .secret("PKCS#1", &rsa.private_key_to_der().unwrap())
            .secret("d", &rsa.d().to_vec())
            .secret("p", &rsa.p().unwrap().to_vec())
            .secret("q", &rsa.q().unwrap().to_vec())
    }
}

/// What a scan has gone through.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The largest size in which each file was seen, by its name without random parts.
    pub(crate) seen: BTreeMap<String, u64>,
    /// What was found where.
    pub(crate) found: Vec<String>,
}

impl Scan {
    /// Goes through every file below `directory`, also while others write there.
    pub(crate) fn run(&mut self, directory: &Path, needles: &Needles) {
        let Ok(entries) = std::fs::read_dir(directory) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.run(&path, needles);
                continue;
            }
            // A file that went away meanwhile was seen under its last name, or will be.
            let Ok(content) = std::fs::read(&path) else { continue };
            self.note(&path, content.len() as u64);
            self.found
                .extend(needles.find(&content).map(|word| format!("{word} in {}", path.display())));
        }
    }

    fn note(&mut self, path: &Path, size: u64) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let name = match name.split_at_checked(32) {
            Some((id, ending)) if id.parse::<vault::FileId>().is_ok() => format!("<id>{ending}"),
            Some(_) | None => name,
        };
        let largest = self.seen.entry(name).or_default();
        *largest = size.max(*largest);
    }
}

#[test]
fn the_scan_finds_what_it_is_for_in_every_spelling() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("below")).unwrap();
    let path = directory.path().join("below/file");
    let secret = "a secret of some length";
    let needles = Needles::default().text("secret", secret);
    let base64 = |before: &str| {
        data_encoding::BASE64.encode(format!("{before}{secret} and more").as_bytes())
    };
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let spellings = [
        secret.as_bytes().to_vec(),
        data_encoding::HEXLOWER.encode(secret.as_bytes()).into_bytes(),
        base64("").into_bytes(),
        base64("x").into_bytes(),
        base64("xy").into_bytes(),
        utf16,
    ];

    for spelling in spellings {
        std::fs::write(&path, [b"aaa a", spelling.as_slice(), b"zzz"].concat()).unwrap();
        let mut scan = Scan::default();
        scan.run(directory.path(), &needles);
        assert_eq!(scan.found.len(), 1, "{:?}", String::from_utf8_lossy(&spelling));
    }
    std::fs::write(&path, b"nothing").unwrap();
    let mut scan = Scan::default();
    scan.run(directory.path(), &needles);
    assert_eq!(scan.found, Vec::<String>::new());
}
