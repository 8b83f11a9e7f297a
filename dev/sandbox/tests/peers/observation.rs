use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;

use tokio::task::JoinError;

/// What was seen of a server, by scenario and thing.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    things: BTreeMap<String, String>,
    /// Scenarios that broke off.
    broken: Vec<String>,
}

/// Where the sandbox is not like SOGo.
#[derive(Debug)]
struct Difference<'a> {
    sandbox: &'a str,
    sogo: &'a str,
    reason: &'a str,
}

impl Seen {
    pub(crate) fn note(&mut self, what: &str, value: impl Debug) {
        let before = self.things.insert(what.to_owned(), format!("{value:?}"));
        assert_eq!(before, None, "{what} is noted twice");
    }

    /// Takes what a scenario saw.
    pub(crate) fn take(&mut self, scenario: &str, part: Result<Self, JoinError>) {
        match part {
            Ok(part) => self.things.extend(part.things),
            Err(error) => self.broken.push(format!("{scenario}: {error}")),
        }
    }
}

/// The list of differences: four lines each, the thing, what the sandbox does, what SOGo does, and the reason.
fn listed(text: &str) -> BTreeMap<&str, Difference<'_>> {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let mut list = BTreeMap::new();
    while let Some(what) = lines.next() {
        let mut line = |start| {
            let line = lines.next().unwrap_or_default();
            line.strip_prefix(start).unwrap_or_else(|| panic!("{what}: {line:?} is not {start:?}"))
        };
        let difference = Difference {
            sandbox: line("  sandbox "),
            sogo: line("  SOGo    "),
            reason: line("  because "),
        };
        assert!(list.insert(what, difference).is_none(), "{what} is listed twice");
    }
    list
}

/// Fails unless the servers differ in what is listed, exactly so, and in nothing else.
pub(crate) fn compare(sandbox: &Seen, sogo: &Seen) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/differences.txt");
    let text = fs::read_to_string(file).unwrap();
    let listed = listed(&text);
    let of = |seen: &Seen, what: &str| {
        seen.things.get(what).cloned().unwrap_or_else(|| "nothing seen".to_owned())
    };
    let names: BTreeSet<_> =
        sandbox.things.keys().chain(sogo.things.keys()).map(String::as_str).collect();
    let mut problems = Vec::new();
    for what in &names {
        let (ours, theirs) = (of(sandbox, what), of(sogo, what));
        let is_right = match listed.get(what) {
            None => ours == theirs,
            Some(one) => ours != theirs && one.sandbox == ours && one.sogo == theirs,
        };
        if !is_right {
            let reason = listed.get(what).map_or("it is not listed", |one| one.reason);
            problems
                .push(format!("{what}\n  sandbox {ours}\n  SOGo    {theirs}\n  because {reason}"));
        }
    }
    let unknown = listed.keys().filter(|what| !names.contains(**what));
    problems.extend(unknown.map(|what| format!("{what} is listed, and no scenario notes it")));
    problems.extend(sandbox.broken.iter().map(|broken| format!("sandbox: {broken}")));
    problems.extend(sogo.broken.iter().map(|broken| format!("SOGo: {broken}")));
    assert!(problems.is_empty(), "{} problems\n\n{}", problems.len(), problems.join("\n\n"));
}
