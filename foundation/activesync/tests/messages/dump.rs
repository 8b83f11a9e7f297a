use std::fmt::Write as _;

use activesync::wbxml::{Event, Reader};

/// Writes every byte of a document: tokens as hex with their names, text in quotes, opaque bytes as hex.
pub(crate) fn dump(document: &[u8]) -> String {
    let mut reader = Reader::new(document).unwrap();
    let mut output = hex(&document[..reader.offset()]);
    let mut depth = 0;
    let mut after_end = false;
    let mut has_children = false;
    loop {
        let start = reader.offset();
        let Some(event) = reader.event().unwrap() else { return output };
        let bytes = &document[start..reader.offset()];
        match event {
            Event::Start { tag, .. } => {
                write!(output, "\n{}{} {tag}", "  ".repeat(depth), hex(bytes))
            }
            Event::Text(text) => {
                write!(output, " {} {:?} 00", hex(&bytes[..1]), String::from_utf8_lossy(text))
            }
            Event::End if bytes.is_empty() => Ok(()),
            Event::End if has_children && !after_end => {
                write!(output, "\n{}{}", "  ".repeat(depth - 1), hex(bytes))
            }
            Event::Opaque(_) | Event::End => write!(output, " {}", hex(bytes)),
        }
        .unwrap();
        match event {
            Event::Start { .. } => depth += 1,
            Event::End => depth -= 1,
            Event::Opaque(_) | Event::Text(_) => {}
        }
        after_end = event == Event::End && has_children;
        has_children = event == Event::End;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Writes the elements of a document on one line each, without bytes.
pub(crate) fn outline(document: &[u8]) -> String {
    let mut reader = Reader::new(document).unwrap();
    let mut output = String::new();
    while let Some(piece) = reader.event().unwrap() {
        let depth = reader.depth();
        match piece {
            Event::Start { tag, .. } => {
                write!(output, "\n{}{tag}", "  ".repeat(depth - 1)).unwrap()
            }
            Event::Text(text) => write!(output, " {:?}", String::from_utf8_lossy(text)).unwrap(),
            Event::Opaque(bytes) => write!(output, " {bytes:02x?}").unwrap(),
            Event::End => {}
        }
    }
    output.trim_start().to_owned()
}
