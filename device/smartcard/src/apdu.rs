//! Commands and answers (ISO 7816-4): short ones in chains, and one of extended length for a card that
//! takes no chains.

use crate::Error;
use zeroize::Zeroizing;

/// The most octets of an answer that are read, all its parts together.
const MAX_ANSWER: usize = 64 * 1024;

/// What a command carries at most (ISO 7816-4 §5.1).
const SHORT: usize = 255;

/// "Command chaining not supported" (ISO 7816-4 §5.6).
const NO_CHAINS: u16 = 0x6884;

const NO_SUCH_CLASS: u16 = 0x6e00;

/// A command without its length fields.
pub(crate) struct Command<'a> {
    pub(crate) instruction: u8,
    pub(crate) parameters: [u8; 2],
    pub(crate) data: &'a [u8],
    /// Whether data is to come back.
    pub(crate) asks: bool,
}

/// A card that one can talk to.
pub(crate) trait Channel {
    /// Sends a command and gathers the answer.
    fn send(&self, command: &Command<'_>) -> Result<Answer, Error>;
}

/// An answer with its status word (ISO 7816-4 §5.6).
pub(crate) struct Answer {
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) status: u16,
}

impl Answer {
    /// The data of an answer that says that all went well.
    pub(crate) fn done(self) -> Result<Zeroizing<Vec<u8>>, Error> {
        if self.status == 0x9000 { Ok(self.data) } else { Err(self.refused()) }
    }

    /// What a status that does not say that all went well means.
    pub(crate) fn refused(&self) -> Error {
        match self.status {
            0x6982 => Error::PinRequired,
            0x6983 => Error::Blocked,
            status => Error::Refused(status),
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
        let answer = once(&mut transmit, encode(class, command, part), command.asks)?;
        if !last && matches!(answer.status, NO_CHAINS | NO_SUCH_CLASS) {
            break split(transmit(&encode_extended(command))?)?;
        }
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

/// Sends one command, again if the card says how much it wants to be asked for.
fn once(
    transmit: &mut impl FnMut(&[u8]) -> Result<Zeroizing<Vec<u8>>, Error>,
    mut command: Zeroizing<Vec<u8>>,
    asks: bool,
) -> Result<Answer, Error> {
    let answer = split(transmit(&command)?)?;
    match (answer.status.to_be_bytes(), command.last_mut()) {
        ([0x6c, length], Some(last)) if asks => {
            *last = length;
            split(transmit(&command)?)
        }
        (_, Some(_) | None) => Ok(answer),
    }
}

fn encode(class: u8, command: &Command<'_>, data: &[u8]) -> Zeroizing<Vec<u8>> {
    let [first, second] = command.parameters;
    let mut octets = Zeroizing::new(Vec::with_capacity(6 + SHORT));
    octets.extend([class, command.instruction, first, second]);
    if let Some(length) = u8::try_from(data.len()).ok().filter(|length| *length > 0) {
        octets.push(length);
        octets.extend_from_slice(data);
    }
    if command.asks {
        // For all there is.
        octets.push(0);
    }

    octets
}

/// With fields of extended length (ISO 7816-4 §5.2).
fn encode_extended(command: &Command<'_>) -> Zeroizing<Vec<u8>> {
    let [first, second] = command.parameters;
    let [.., high, low] = command.data.len().to_be_bytes();
    let mut octets = Zeroizing::new(Vec::with_capacity(9 + command.data.len()));
    octets.extend([0x00, command.instruction, first, second, 0, high, low]);
    octets.extend_from_slice(command.data);
    if command.asks {
        octets.extend([0, 0]);
    }

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
        let command = Command { instruction: 0x87, parameters: [7, 0x9d], data, asks: true };
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

    #[test]
    fn a_card_without_chains_gets_one_long_command() {
        let (sent, answer) = run(&[5; 300], &[&[0x68, 0x84], &[1, 0x90, 0]]);
        let [_, whole] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!((&whole[..7], whole.len()), (&[0x00, 0x87, 7, 0x9d, 0, 1, 44][..], 309));
        assert_eq!(answer.unwrap().done().unwrap().as_slice(), [1]);
    }

    /// Whatever a card says, it is asked so often and no more, and gives so much and no more.
    #[test]
    fn no_card_keeps_anybody_for_long() {
        let mut state = 0x2545_f491_u32;
        let mut draw = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        const STATUSES: [[u8; 2]; 9] = [
            [0x90, 0],
            [0x61, 0],
            [0x61, 1],
            [0x6c, 0],
            [0x6c, 9],
            [0x68, 0x84],
            [0x6e, 0],
            [0x69, 0x82],
            [0, 0],
        ];
        for _ in 0..20_000 {
            let data = vec![5; usize::try_from(draw() % 700).unwrap()];
            let command = Command {
                instruction: 0x87,
                parameters: [0, 0],
                data: &data,
                asks: draw() % 2 == 0,
            };
            let mut asked = 0;
            let answer = exchange(&command, |octets| {
                asked += 1;
                assert!(octets.len() >= 4);
                let mut said = vec![7; usize::try_from(draw() % 300).unwrap()];
                if draw() % 8 > 0 {
                    said.extend(STATUSES[usize::try_from(draw()).unwrap() % STATUSES.len()]);
                }
                Ok(Zeroizing::new(said))
            });
            assert!(asked <= 8 + MAX_ANSWER, "{asked}");
            assert!(answer.is_err() || answer.unwrap().data.len() <= MAX_ANSWER + 300);
        }
    }

    #[test]
    fn a_card_says_how_much_it_has() {
        let (sent, answer) = run(b"", &[&[0x6c, 3], &[1, 2, 3, 0x90, 0]]);
        assert_eq!(sent, [[0, 0x87, 7, 0x9d, 0], [0, 0x87, 7, 0x9d, 3]]);
        assert_eq!(answer.unwrap().done().unwrap().as_slice(), [1, 2, 3]);
        let (sent, answer) = run(b"", &[&[0x6c, 3], &[0x6c, 4]]);
        assert_eq!((sent.len(), answer.unwrap().status), (2, 0x6c04));
    }
}
