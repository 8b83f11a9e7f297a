use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use activesync::codepage::Tag;
use activesync::wbxml::{Event, Reader};
use data_encoding::HEXLOWER;

use crate::messages::Message;

/// Runs the script; PHP and Horde are Debian's packages php-cli, php-mbstring and php-horde-activesync.
fn horde(arguments: &[&str], document: &[u8]) -> Result<String, String> {
    let mut child = Command::new("php")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/horde/horde.php"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("PHP; cargo xtask setup installs it");
    child.stdin.take().unwrap().write_all(document).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8(output.stdout).unwrap())
}

/// Horde's names of elements, by page and token.
pub(crate) fn names() -> BTreeMap<(u8, u8), String> {
    let list = horde(&["names"], b"").unwrap();
    let entry = |line: &str| {
        let [page, token, name] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        ((page.parse().unwrap(), token.parse().unwrap()), name.to_owned())
    };
    list.lines().map(entry).collect()
}

/// What Horde's reader sees: starts of elements by Horde's names, and texts.
pub(crate) fn outline(document: &[u8]) -> Vec<String> {
    let list = horde(&["outline"], document).unwrap();
    list.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lets Horde read and write a message. Returns its properties as JSON, and the document that it made.
pub(crate) fn read_and_write(message: &Message) -> Result<(String, Vec<u8>), String> {
    let output =
        horde(&["message", message.class, message.element, message.command], &message.document)?;
    let (properties, again) = output.trim_end().split_once('\n').unwrap();
    let properties: serde_json::Value = serde_json::from_str(properties).unwrap();
    Ok((format!("{properties:#}"), HEXLOWER.decode(again.as_bytes()).unwrap()))
}

/// Starts of elements and texts of a document, in their order.
pub(crate) fn pieces(document: &[u8]) -> Vec<Result<Tag, String>> {
    let mut reader = Reader::new(document).unwrap();
    let mut pieces = Vec::new();
    while let Some(event) = reader.event().unwrap() {
        match event {
            Event::Start { tag, .. } => pieces.push(Ok(tag)),
            Event::Text(text) | Event::Opaque(text) => {
                pieces.push(Err(String::from_utf8_lossy(text).into_owned()));
            }
            Event::End => {}
        }
    }
    pieces
}

/// What a document says: each element without elements in it, with its text and the way to it from `root`.
pub(crate) fn leaves(document: &[u8], root: Tag) -> BTreeSet<String> {
    let mut reader = Reader::new(document).unwrap();
    let (mut way, mut text, mut is_leaf) = (Vec::<Tag>::new(), String::new(), false);
    let mut leaves = BTreeSet::new();
    while let Some(event) = reader.event().unwrap() {
        match event {
            Event::Start { tag, .. } => {
                way.push(tag);
                text.clear();
                is_leaf = true;
            }
            Event::Text(piece) | Event::Opaque(piece) => {
                text.push_str(&String::from_utf8_lossy(piece));
            }
            Event::End => {
                let inside = way.iter().skip_while(|tag| **tag != root).skip(1);
                let path: Vec<_> = inside.map(Tag::to_string).collect();
                if is_leaf && !path.is_empty() {
                    leaves.insert(format!("{} {text:?}", path.join("/")));
                }
                way.pop();
                is_leaf = false;
            }
        }
    }
    leaves
}
