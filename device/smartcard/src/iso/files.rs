//! The files of a card (ISO/IEC 7816-4 §7.1 to §7.3): selected one below the other by their identifiers,
//! which every card takes, and read in pieces.

use super::objects::{Path, Source};
use crate::apdu::{Channel, Command};
use crate::{Error, tlv};

/// The most octets of a file that are read: what an offset of fifteen bits reaches.
const LONGEST: usize = 0x8000;

/// The most pieces that a file comes in.
const MOST_PIECES: usize = 512;

/// The most records that are read.
const MOST_RECORDS: u8 = 32;

pub(super) const MASTER: [u8; 2] = [0x3f, 0x00];

/// The most octets of a file that describes something: some thirty objects.
const LONGEST_DESCRIPTION: u16 = 0x2000;

/// Where the application is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Location {
    /// The name by which it is selected.
    pub(super) name: Option<Vec<u8>>,
    /// The path from the master file that is followed from there; empty if the name leads to its files.
    pub(super) path: Vec<u8>,
}

impl Location {
    /// Goes there, and tells whether it is there.
    pub(crate) fn enter(&self, card: &dyn Channel) -> Result<bool, Error> {
        if let Some(name) = &self.name
            && !select(card, [0x04, 0x0c], name)?
        {
            return Ok(false);
        }

        follow(card, &self.path)
    }

    /// Goes to the file at `path`, from anywhere.
    pub(super) fn go(&self, card: &dyn Channel, path: &[u8]) -> Result<bool, Error> {
        if !path.starts_with(&MASTER) {
            return Ok(self.enter(card)? && follow(card, path)?);
        }
        if let Some(name) = &self.name {
            // The files of an applet can be reached only while it is selected.
            select(card, [0x04, 0x0c], name)?;
        }

        follow(card, path)
    }

    /// Goes to the file at `path` from where [`enter`](Self::enter) led: the name is not selected again,
    /// because that can make a card forget that the PIN was entered.
    pub(super) fn go_on(&self, card: &dyn Channel, path: &[u8]) -> Result<bool, Error> {
        let below = path.strip_prefix(&self.path[..]).filter(|_| !self.path.is_empty());

        follow(card, below.unwrap_or(path))
    }

    /// Reads a file that describes something, or the part of it that `path` names; `None` if it is not
    /// there.
    pub(super) fn read(&self, card: &dyn Channel, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        if !self.go(card, &path.file)? {
            return Ok(None);
        }
        let (start, length) = path.range.unwrap_or((0, LONGEST_DESCRIPTION));

        content(card, start.into(), length.min(LONGEST_DESCRIPTION).into(), |_| false)
    }

    /// Returns the first element of `source`: a certificate, for example.
    pub(super) fn element(
        &self,
        card: &dyn Channel,
        source: &Source,
    ) -> Result<Option<Vec<u8>>, Error> {
        let content = match source {
            Source::Here(content) => Some(content.clone()),
            Source::File(path) => {
                if !self.go(card, &path.file)? {
                    return Ok(None);
                }
                let (start, length) = path.range.unwrap_or((0, 0x7fff));
                content(card, start.into(), length.into(), tlv::complete)?
            }
        };

        Ok(content.map(|mut content| {
            content.truncate(tlv::length(&content).unwrap_or(content.len()));
            content
        }))
    }
}

/// Selects one file below the other.
fn follow(card: &dyn Channel, path: &[u8]) -> Result<bool, Error> {
    for identifier in path.chunks(2) {
        if !select(card, [0x00, 0x0c], identifier)? {
            return Ok(false);
        }
    }

    Ok(true)
}

/// Selects by what `parameters` say, without asking for a description; with one where the card gives
/// nothing less.
fn select(card: &dyn Channel, parameters: [u8; 2], data: &[u8]) -> Result<bool, Error> {
    let answer = card.send(&Command { instruction: 0xa4, parameters, data, asks: false })?;
    if !matches!(answer.status, 0x6a86 | 0x6700) {
        return Ok(answer.status == 0x9000);
    }
    let parameters = [parameters[0], 0x00];
    let command = Command { instruction: 0xa4, parameters, data, asks: true };

    Ok(card.send(&command)?.status == 0x9000)
}

/// Reads the selected file from `start` on, at most `length` octets, or until it is `enough`.
pub(super) fn content(
    card: &dyn Channel,
    start: usize,
    length: usize,
    enough: fn(&[u8]) -> bool,
) -> Result<Option<Vec<u8>>, Error> {
    let mut content = Vec::new();
    for _ in 0..MOST_PIECES {
        let offset = start + content.len();
        if content.len() >= length || offset >= LONGEST || enough(&content) {
            content.truncate(length);
            return Ok(Some(content));
        }
        let [.., high, low] = offset.to_be_bytes();
        let command = Command { instruction: 0xb0, parameters: [high, low], data: b"", asks: true };
        let answer = card.send(&command)?;
        match answer.status {
            // The second: the file ended before.
            0x9000 | 0x6282 if !answer.data.is_empty() => {
                content.extend_from_slice(&answer.data);
                if answer.status == 0x9000 {
                    continue;
                }
            }
            0x9000 | 0x6282 => {}
            0x6981 if content.is_empty() => return records(card).map(Some),
            0x6a82 | 0x6b00 if content.is_empty() => return Ok(None),
            // Beyond its end.
            _ if !content.is_empty() && answer.status >> 8 != 0x69 => {}
            _ => return Err(answer.refused()),
        }
        content.truncate(length);

        return Ok(Some(content));
    }

    Err(Error::Damaged("a file that comes in too many pieces"))
}

/// Reads the selected file's records in a row (ISO/IEC 7816-4 §7.3.3).
fn records(card: &dyn Channel) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    for number in 1..=MOST_RECORDS {
        let command =
            Command { instruction: 0xb2, parameters: [number, 0x04], data: b"", asks: true };
        let answer = card.send(&command)?;
        if answer.status != 0x9000 || content.len() > LONGEST {
            break;
        }
        content.extend_from_slice(&answer.data);
    }

    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apdu::Answer;
    use std::cell::RefCell;
    use zeroize::Zeroizing;

    /// Answers what it is told to, and notes what it was asked.
    struct Script<F>(RefCell<Vec<Vec<u8>>>, F);

    impl<F: Fn(&[u8]) -> (Vec<u8>, u16)> Channel for Script<F> {
        fn send(&self, command: &Command<'_>) -> Result<Answer, Error> {
            let [first, second] = command.parameters;
            let sent = [&[command.instruction, first, second], command.data].concat();
            let (data, status) = (self.1)(&sent);
            self.0.borrow_mut().push(sent);

            Ok(Answer { data: Zeroizing::new(data), status })
        }
    }

    fn read(answer: impl Fn(&[u8]) -> (Vec<u8>, u16)) -> (Result<Option<Vec<u8>>, Error>, usize) {
        let script = Script(RefCell::default(), answer);
        let read = content(&script, 0, 0x7fff, |_| false);

        (read, script.0.take().len())
    }

    #[test]
    fn a_file_is_read_to_its_end_however_the_card_tells_it() {
        let file: Vec<u8> = (0..600_u16).map(|number| number.to_be_bytes()[1]).collect();
        for (end, piece) in [(0x6b00, 256), (0x6282, 256), (0x9000, 100), (0x6a86, 231)] {
            let (read, _) = read(|command| {
                let offset = usize::from(u16::from_be_bytes([command[1], command[2]]));
                let rest = file.get(offset..).unwrap_or_default();
                let given = rest[..rest.len().min(piece)].to_vec();
                if rest.is_empty() { (given, end) } else { (given, 0x9000) }
            });
            assert_eq!(read.unwrap().unwrap(), file, "{end:04x}");
        }
        let (short, asked) = read(|_| (vec![1, 2], 0x6282));
        assert_eq!((short.unwrap().unwrap(), asked), (vec![1, 2], 1));
    }

    #[test]
    fn a_file_without_an_end_ends() {
        let (long, asked) = read(|_| (vec![7; 256], 0x9000));
        assert_eq!((long.unwrap().unwrap().len(), asked), (0x7fff, 128));
        let (slow, asked) = read(|_| (vec![7], 0x9000));
        assert!(matches!(slow, Err(Error::Damaged(_))) && asked == MOST_PIECES);
        let (large, _) = read(|_| (vec![7; 60_000], 0x9000));
        assert_eq!(large.unwrap().unwrap().len(), 0x7fff);
        let (records, asked) =
            read(|command| if command[0] == 0xb0 { (vec![], 0x6981) } else { (vec![1], 0x9000) });
        assert_eq!((records.unwrap().unwrap().len(), asked), (32, 33));
    }

    #[test]
    fn whatever_a_card_answers_reading_ends() {
        let mut state = 0x9e37_79b9_u32;
        for _ in 0..5_000 {
            let draws = RefCell::new(state);
            let draw = || {
                let mut state = draws.borrow_mut();
                *state ^= *state << 13;
                *state ^= *state >> 17;
                *state ^= *state << 5;
                *state
            };
            let statuses = [0x9000, 0x9000, 0x9000, 0x6282, 0x6981, 0x6a82, 0x6b00, 0x6982, 0x6f00];
            let (read, asked) = read(|_| {
                let length = usize::try_from(draw() % 300).unwrap();
                (vec![7; length], statuses[usize::try_from(draw()).unwrap() % statuses.len()])
            });
            assert!(asked <= MOST_PIECES + usize::from(MOST_RECORDS), "{asked}");
            let longest = LONGEST + 300;
            assert!(read.is_err() || read.unwrap().is_none_or(|it| it.len() <= longest));
            state = draw();
        }
    }

    #[test]
    fn a_file_that_is_not_there_or_guarded_is_told_apart() {
        assert!(read(|_| (vec![], 0x6a82)).0.unwrap().is_none());
        assert!(matches!(read(|_| (vec![], 0x6982)).0, Err(Error::PinRequired)));
        assert!(matches!(read(|_| (vec![], 0x6f00)).0, Err(Error::Refused(0x6f00))));
    }

    #[test]
    fn paths_are_followed_from_the_master_file_or_from_the_application() {
        #[track_caller]
        fn check(name: Option<&[u8]>, from: &[u8], path: &[u8], on: bool, wanted: &[&[u8]]) {
            let script = Script(RefCell::default(), |_: &[u8]| (vec![], 0x9000));
            let location = Location { name: name.map(<[u8]>::to_vec), path: from.to_vec() };
            let go = if on { Location::go_on } else { Location::go };
            assert!(go(&location, &script, path).unwrap());
            let asked = script.0.take();
            let ids: Vec<_> = asked.iter().map(|command| &command[3..]).collect();
            assert_eq!(ids, wanted);
        }

        let (home, file): (&[u8], &[u8]) = (&[0x3f, 0, 0x50, 0x15], &[0x44, 0x01]);
        let whole = [home, file].concat();
        check(None, home, file, false, &[&MASTER, &[0x50, 0x15], file]);
        check(None, home, &whole, false, &[&MASTER, &[0x50, 0x15], file]);
        check(Some(b"name"), b"", file, false, &[b"name", file]);
        check(Some(b"name"), home, &whole, false, &[b"name", &MASTER, &[0x50, 0x15], file]);
        check(Some(b"name"), home, &whole, true, &[file]);
        check(Some(b"name"), home, home, true, &[]);
        check(Some(b"name"), b"", &whole, true, &[&MASTER, &[0x50, 0x15], file]);
    }
}
