//! Names found by a hash, in tables that the compiler builds.

/// Where each name of a list stands.
pub(super) struct Index {
    /// Positions in the list, each at the hash of its name or at the next place that was free.
    places: [u8; 256],
}

const FREE: u8 = u8::MAX;

impl Index {
    /// Takes a list of numbers and names, which has to be shorter than 255.
    #[expect(clippy::indexing_slicing, reason = "a byte is an index of 256 places")]
    pub(super) const fn of(names: &[(u8, &str)]) -> Self {
        let mut places = [FREE; 256];
        let mut rest = names;
        let mut position = 0;
        while let [(_, name), others @ ..] = rest {
            let mut place = hash(name.as_bytes());
            while places[place as usize] != FREE {
                place = place.wrapping_add(1);
            }
            places[place as usize] = position;
            position += 1;
            rest = others;
        }

        Self { places }
    }

    /// Finds the number of `name` in the list that the index is of.
    pub(super) fn find(&self, names: &[(u8, &str)], name: &str) -> Option<u8> {
        let mut place = hash(name.as_bytes());
        loop {
            let position = *self.places.get(usize::from(place))?;
            // Beyond the list is a free place.
            let (number, known) = names.get(usize::from(position))?;
            if *known == name {
                return Some(*number);
            }
            place = place.wrapping_add(1);
        }
    }
}

/// Factors with which no name of a code page stands more than two places behind its hash.
const fn hash(name: &[u8]) -> u8 {
    let ([first, ..], [.., last]) = (name, name) else { return 0 };
    let length = (name.len() as u8).wrapping_mul(37);

    length.wrapping_add(first.wrapping_mul(2)).wrapping_add(last.wrapping_mul(19))
}
