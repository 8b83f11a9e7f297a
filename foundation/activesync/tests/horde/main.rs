//! What Horde, an implementation of the server's side up to 16.0 that nobody here wrote, makes of our documents.
//!
//! It reads each into its own messages, which know what 16.0 forbids, and writes it again. Wherever that differs from what we
//! said, the difference is listed with its reason, and a listed difference that is none any more fails too.
//!
//! Horde's commands need a mail store, a database and a driver between them that Debian does not have; so what is here is its reader
//! and writer of WBXML and its messages, without its answers. It ends at 16.0: nothing of `Find` is known to it.

#[cfg(test)]
mod differences;
#[cfg(test)]
mod horde;
#[cfg(test)]
mod messages;

use std::collections::BTreeSet;

use activesync::codepage::Tag;

use differences::{DIFFERENCES, REFUSALS};
use horde::{leaves, names, outline, read_and_write};
use messages::messages;

#[test]
fn horde_reads_the_same_elements_and_texts() {
    let names = names();
    for message in messages() {
        let ours: Vec<_> = horde::pieces(&message.document)
            .into_iter()
            .map(|piece| match piece {
                Ok(tag) => format!("<{}", names[&(tag.page, tag.token)]),
                Err(text) => text,
            })
            .collect();
        assert_eq!(outline(&message.document), ours, "{}", message.name);
    }
}

#[test]
fn horde_understands_what_is_said() {
    let mut seen = BTreeSet::new();
    for message in messages() {
        let refusal = REFUSALS.iter().find(|(name, _, _)| *name == message.name);
        let again = match (read_and_write(&message), refusal) {
            (Ok((properties, again)), None) => {
                let name = format!("horde-{}", message.name.replace(' ', "-"));
                insta::assert_snapshot!(name, properties);
                again
            }
            (Err(error), Some((_, listed, _))) if error.contains(listed) => continue,
            (result, _) => {
                let xml = activesync::xml::from_body(&message.document);
                panic!("{}: {refusal:?} is listed, {result:?}\n{}", message.name, xml.unwrap())
            }
        };
        let (ours, theirs) =
            (leaves(&message.document, message.root), leaves(&again, message.root));
        seen.extend(
            ours.difference(&theirs).map(|leaf| format!("{}: only ours: {leaf}", message.name)),
        );
        seen.extend(
            theirs.difference(&ours).map(|leaf| format!("{}: only Horde's: {leaf}", message.name)),
        );
    }
    let listed = DIFFERENCES.iter().map(|(difference, _)| (*difference).to_owned()).collect();
    let unlisted: Vec<_> = seen.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&seen).collect();
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "not listed: {unlisted:#?}\nnot seen: {gone:#?}"
    );
}

/// Horde knows less than we do and names much after older protocols. The list has our name first, and reasons above.
#[test]
fn horde_gives_the_elements_the_listed_names() {
    let theirs = names();
    let mut differing = Vec::new();
    for tag in (0..=255).flat_map(|page| (0..=255).map(move |token| Tag::new(page, token))) {
        let name = theirs.get(&(tag.page, tag.token)).map(|name| name.rsplit(':').next().unwrap());
        if tag.name() != name {
            differing.push(format!("{tag} {}", name.unwrap_or("missing")));
        }
    }
    let listed = include_str!("names.txt").lines().filter(|line| !line.starts_with('#'));
    let mut listed: Vec<_> = listed.map(str::to_owned).collect();
    differing.sort();
    listed.sort();
    assert_eq!(differing, listed);
}
