//! Commands and answers (ISO 7816-4): short ones in chains, which every card takes.

use crate::Error;
use zeroize::Zeroizing;

/// The most octets of an answer that are read, all its parts together.
const MAX_ANSWER: usize = 64 * 1024;

/// What a command carries at most (ISO 7816-4 §5.1).
const SHORT: usize = 255;

/// A command without its length fields.
pub(crate) struct Command<'a> {
    pub(crate) instruction: u8,
    pub(crate) parameters: [u8; 2],
    pub(crate) data: &'a [u8],
}

/// An answer with its status word (ISO 7816-4 §5.6).
pub(crate) struct Answer {
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) status: u16,
}

impl Answer {
    /// The data of an answer that says that all went well.
    pub(crate) fn done(self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self.status {
            0x9000 => Ok(self.data),
            0x6982 => Err(Error::PinRequired),
            0x6983 => Err(Error::Blocked),
            status => Err(Error::Refused(status)),
        }
    }
}

/// Sends a command in as many parts as it needs and gathers the answer.
pub(crate) fn exchange(
    command: &Command<'_>,
    mut transmit: impl FnMut(&[u8]) -> Result<Zeroizing<Vec<u8>>, Error>,
) -> Result<Answer, Error> {
    let mut parts = command.data.chunks(SHORT).peekable();
    let mut answer = loop {
        let part = parts.next().unwrap_or_default();
        let last = parts.peek().is_none();
        let class = if last { 0x00 } else { 0x10 };
        let answer = split(transmit(&encode(class, command, part))?)?;
        if last || answer.status != 0x9000 {
            break answer;
        }
    };
    while answer.status >> 8 == 0x61 {
        let length = answer.status.to_be_bytes()[1];
        let more = split(transmit(&[0x00, 0xc0, 0x00, 0x00, length])?)?;
        answer.data.extend_from_slice(&more.data);
        answer.status = more.status;
        if answer.data.len() > MAX_ANSWER || (more.data.is_empty() && more.status >> 8 == 0x61) {
            return Err(Error::Damaged("an answer without an end"));
        }
    }

    Ok(answer)
}

fn encode(class: u8, command: &Command<'_>, data: &[u8]) -> Zeroizing<Vec<u8>> {
    let [first, second] = command.parameters;
    let mut octets = Zeroizing::new(Vec::with_capacity(6 + SHORT));
    octets.extend([class, command.instruction, first, second]);
    if let Some(length) = u8::try_from(data.len()).ok().filter(|length| *length > 0) {
        octets.push(length);
        octets.extend_from_slice(data);
    }
    // Asks for all there is.
    octets.push(0);

    octets
}

fn split(mut octets: Zeroizing<Vec<u8>>) -> Result<Answer, Error> {
    let start = octets.len().checked_sub(2).ok_or(Error::Damaged("an answer without a status"))?;
    let status = match octets.get(start..) {
        Some([high, low]) => u16::from_be_bytes([*high, *low]),
        Some(_) | None => return Err(Error::Damaged("an answer without a status")),
    };
    octets.truncate(start);

    Ok(Answer { data: octets, status })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(data: &[u8], answers: &[&[u8]]) -> (Vec<Vec<u8>>, Result<Answer, Error>) {
        let command = Command { instruction: 0x87, parameters: [7, 0x9d], data };
        let mut sent = Vec::new();
        let mut answers = answers.iter();
        let answer = exchange(&command, |octets| {
            sent.push(octets.to_vec());
            Ok(Zeroizing::new(answers.next().expect("no more is asked").to_vec()))
        });

        (sent, answer)
    }

    #[test]
    fn a_long_command_goes_in_a_chain_and_a_long_answer_comes_in_parts() {
        let (sent, answer) =
            run(&[5; 300], &[&[0x90, 0], &[1, 2, 0x61, 2], &[3, 4, 0x61, 0], &[5, 0x90, 0]]);

        let [first, second, more, rest] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!((&first[..5], first.len()), (&[0x10, 0x87, 7, 0x9d, 255][..], 261));
        assert_eq!((&second[..5], second.len()), (&[0x00, 0x87, 7, 0x9d, 45][..], 51));
        assert_eq!((&more[..], &rest[..]), (&[0, 0xc0, 0, 0, 2][..], &[0, 0xc0, 0, 0, 0][..]));
        assert_eq!(answer.unwrap().done().unwrap().as_slice(), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_a_card_refuses_is_told() {
        let (sent, answer) = run(&[5; 300], &[&[0x69, 0x82]]);
        assert_eq!(sent.len(), 1);
        assert!(matches!(answer.unwrap().done(), Err(Error::PinRequired)));
        let (_, answer) = run(b"", &[&[0x6a, 0x82]]);
        assert!(matches!(answer.unwrap().done(), Err(Error::Refused(0x6a82))));
        assert!(run(b"", &[&[0x90]]).1.is_err());
        assert!(run(b"", &[&[0x61, 0], &[0x61, 0]]).1.is_err());
    }
}
