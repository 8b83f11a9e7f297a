use std::borrow::Cow;

/// Text that arrives in pieces. A single piece stays where it is; several are put together in one place, which is used again.
#[derive(Debug, Default)]
pub(super) struct Text<'x> {
    /// The only piece.
    single: &'x str,
    /// All pieces, if there is no single one.
    joined: String,
}

impl<'x> Text<'x> {
    pub(super) fn get(&self) -> &str {
        if self.single.is_empty() { &self.joined } else { self.single }
    }

    pub(super) fn push(&mut self, piece: Cow<'x, str>) {
        if let Cow::Borrowed(piece) = piece
            && self.get().is_empty()
        {
            self.single = piece;
        } else {
            self.join(&piece);
        }
    }

    pub(super) fn push_character(&mut self, character: char) {
        self.join(character.encode_utf8(&mut [0; 4]));
    }

    pub(super) fn clear(&mut self) {
        self.single = "";
        self.joined.clear();
    }

    fn join(&mut self, piece: &str) {
        self.joined.push_str(self.single);
        self.single = "";
        self.joined.push_str(piece);
    }
}
