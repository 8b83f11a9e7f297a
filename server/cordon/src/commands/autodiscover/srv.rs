//! Which hosts serve something, in the words of DNS (RFC 1035, RFC 2782).

const SRV: u16 = 33;
const INTERNET: u16 = 1;
const HEADER: usize = 12;
/// Names point backwards, but a bad answer may point in a circle.
const MOST_POINTERS: usize = 16;
/// Code of an answer that says that there is no such name.
const NO_SUCH_NAME: u8 = 3;

/// Why DNS names no host.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum SrvError {
    /// There is no such record.
    #[error("DNS has no such record")]
    Absent,
    /// The server failed, with this code of RFC 1035.
    #[error("DNS failed with code {0}")]
    Failed(u8),
    /// The answer cannot be read.
    #[error("the answer of DNS cannot be read")]
    Unreadable,
}

/// Writes a question; nothing if the name is none.
pub(super) fn query(id: [u8; 2], name: &str) -> Option<Vec<u8>> {
    // One question, and the server may ask others.
    let mut message = vec![id[0], id[1], 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&SRV.to_be_bytes());
    message.extend_from_slice(&INTERNET.to_be_bytes());

    (message.len() <= HEADER + 255 + 4).then_some(message)
}

/// Tells whether a message answers the question: same id, same name.
pub(super) fn answers(query: &[u8], message: &[u8]) -> bool {
    let is_answer = message.get(2).is_some_and(|flags| flags & 0x80 != 0);
    let asked = |message: &[u8]| message.get(HEADER..query.len()).map(<[u8]>::to_ascii_lowercase);

    is_answer && message.get(..2) == query.get(..2) && asked(message) == asked(query)
}

/// Tells whether the answer was too long for UDP.
pub(super) fn is_cut(answer: &[u8]) -> bool {
    answer.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// Reads the answer to [`query`]: hosts and ports, in the order in which to try them.
pub(super) fn hosts(query: &[u8], answer: &[u8]) -> Result<Vec<(String, u16)>, SrvError> {
    if !answers(query, answer) {
        return Err(SrvError::Unreadable);
    }
    match answer.get(3).map(|flags| flags & 0x0f) {
        Some(0) => {}
        Some(NO_SUCH_NAME) => return Err(SrvError::Absent),
        Some(code) => return Err(SrvError::Failed(code)),
        None => return Err(SrvError::Unreadable),
    }
    let mut found = records(query, answer).ok_or(SrvError::Unreadable)?;
    // A service that says "." is not offered.
    found.retain(|record| !record.host.is_empty() && record.port > 0);
    found.sort_by_key(|record| (record.priority, u16::MAX - record.weight));
    if found.is_empty() {
        return Err(SrvError::Absent);
    }

    Ok(found.into_iter().map(|record| (record.host, record.port)).collect())
}

struct Record {
    priority: u16,
    weight: u16,
    port: u16,
    host: String,
}

fn records(query: &[u8], answer: &[u8]) -> Option<Vec<Record>> {
    let mut at = query.len();
    let mut found = Vec::new();
    for _ in 0..number(answer, 6)? {
        at = name(answer, at)?.1;
        let (kind, length) = (number(answer, at)?, usize::from(number(answer, at + 8)?));
        let data = at + 10;
        if kind == SRV && length >= 7 {
            found.push(Record {
                priority: number(answer, data)?,
                weight: number(answer, data + 2)?,
                port: number(answer, data + 4)?,
                host: name(answer, data + 6)?.0,
            });
        }
        at = data + length;
    }

    Some(found)
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    let bytes = message.get(at..at.checked_add(2)?)?;

    bytes.try_into().ok().map(u16::from_be_bytes)
}

/// Reads a name, and where what follows it stands.
fn name(message: &[u8], start: usize) -> Option<(String, usize)> {
    let (mut at, mut end, mut pointers) = (start, None, 0);
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => {
                at += 1;
                break;
            }
            1..=63 => {
                let label = str::from_utf8(message.get(at + 1..at + 1 + length)?).ok()?;
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
                labels.push(label.bytes().all(fits).then_some(label)?);
                at += 1 + length;
            }
            0xc0.. => {
                pointers += 1;
                if pointers > MOST_POINTERS {
                    return None;
                }
                end = end.or(Some(at + 2));
                at = usize::from(number(message, at)? & 0x3fff);
            }
            _ => return None,
        }
    }
    let host = labels.join(".");

    (host.len() <= 253).then_some((host, end.unwrap_or(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: [u8; 2] = [0xab, 0xcd];

    fn question() -> Vec<u8> {
        query(ID, "_autodiscover._tcp.example.org").unwrap()
    }

    /// An answer with hosts in the domain that was asked for, whose names end in a pointer to the question.
    fn answer(hosts: &[(u16, u16, u16, &str)]) -> Vec<u8> {
        let mut message = question();
        message[2] |= 0x80;
        message[7] = u8::try_from(hosts.len()).unwrap();
        // Behind the two labels before "example".
        let domain = u8::try_from(HEADER + "._autodiscover._tcp".len()).unwrap();
        for (priority, weight, port, host) in hosts {
            message.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60]);
            let length = u16::try_from(6 + 1 + host.len() + 2).unwrap();
            message.extend(length.to_be_bytes());
            for number in [priority, weight, port] {
                message.extend(number.to_be_bytes());
            }
            message.push(u8::try_from(host.len()).unwrap());
            message.extend(host.as_bytes());
            message.extend([0xc0, domain]);
        }
        message
    }

    fn read(answer: &[u8]) -> Result<Vec<(String, u16)>, SrvError> {
        hosts(&question(), answer)
    }

    #[test]
    fn hosts_come_by_priority_and_then_by_weight() {
        let answer = answer(&[(20, 9, 443, "far"), (10, 1, 443, "light"), (10, 5, 8443, "mail")]);
        let expected = [
            ("mail.example.org".to_owned(), 8443),
            ("light.example.org".to_owned(), 443),
            ("far.example.org".to_owned(), 443),
        ];
        assert_eq!(read(&answer), Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_no_answer_names_no_host() {
        let good = answer(&[(1, 1, 443, "mail")]);
        assert_eq!(
            hosts(&query([0, 0], "_autodiscover._tcp.example.org").unwrap(), &good),
            Err(SrvError::Unreadable)
        );
        assert_eq!(
            hosts(&query(ID, "_autodiscover._tcp.example.net").unwrap(), &good),
            Err(SrvError::Unreadable)
        );
        for (code, expected) in [(2, SrvError::Failed(2)), (3, SrvError::Absent)] {
            let mut refused = good.clone();
            refused[3] |= code;
            assert_eq!(read(&refused), Err(expected));
        }
        for length in 0..good.len() {
            assert_eq!(read(&good[..length]), Err(SrvError::Unreadable), "{length}");
        }
        let mut circle = good;
        let last = circle.len();
        circle[last - 1] = u8::try_from(last - 2).unwrap();
        assert_eq!(read(&circle), Err(SrvError::Unreadable));
        assert_eq!(read(&answer(&[(1, 1, 443, "a b")])), Err(SrvError::Unreadable));
        assert_eq!(read(&answer(&[])), Err(SrvError::Absent));
        assert_eq!(read(&answer(&[(1, 1, 0, "mail")])), Err(SrvError::Absent));
    }

    #[test]
    fn a_cut_answer_is_told_from_a_whole_one() {
        let mut message = answer(&[]);
        assert!(!is_cut(&message));
        message[2] |= 0x02;
        assert!(is_cut(&message) && answers(&question(), &message));
    }

    #[test]
    fn names_that_are_none_are_not_asked_for() {
        let long = "x".repeat(63);
        let names =
            [String::new(), "a..b".to_owned(), "x".repeat(64), [long.as_str(); 5].join(".")];
        for name in names {
            assert_eq!(query(ID, &name), None, "{name}");
        }
    }
}
