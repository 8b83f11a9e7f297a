use zeroize::Zeroizing;

/// A password in the forms that programs feed to a key derivation.
pub(super) struct Password {
    utf8: Zeroizing<Vec<u8>>,
    /// For the derivation of RFC 7292, the most likely first.
    wide: Vec<Zeroizing<Vec<u8>>>,
    proven: bool,
}

impl Password {
    pub(super) fn new(password: &str) -> Self {
        let utf8 = Zeroizing::new(password.as_bytes().to_vec());
        let mut wide = vec![widened(password.encode_utf16())];
        if password.is_empty() {
            // No password at all is something else than an empty one, which ends with a zero character.
            wide.push(Zeroizing::new(Vec::new()));
        } else if !password.is_ascii() {
            // What OpenSSL before 1.1 made of UTF-8: each byte became a character.
            wide.push(widened(password.bytes().map(u16::from)));
        }

        Self { utf8, wide, proven: false }
    }

    /// Returns the form for the derivations of PKCS#5 (RFC 8018), UTF-8.
    pub(super) fn utf8(&self) -> &[u8] {
        &self.utf8
    }

    /// Returns the forms for PBES2: UTF-8, and if the password is known to be right the wide form, which old versions
    /// of NSS took.
    pub(super) fn pbes2(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.utf8()).chain(self.wide().take(usize::from(self.proven)))
    }

    /// Returns the forms for the derivation of RFC 7292 §B.1: two bytes for each character and at the end.
    pub(super) fn wide(&self) -> impl Iterator<Item = &[u8]> {
        self.wide.iter().map(|form| form.as_slice())
    }

    /// Keeps in mind that the password is right, and which wide form of it.
    pub(super) fn prove(&mut self, index: usize) {
        self.proven = true;
        if index < self.wide.len() {
            self.wide.swap(0, index);
        }
    }
}

fn widened(units: impl Iterator<Item = u16> + Clone) -> Zeroizing<Vec<u8>> {
    let units = units.chain([0]);
    // Sized in advance, so that growing leaves no copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * units.clone().count()));
    bytes.extend(units.flat_map(u16::to_be_bytes));

    bytes
}
