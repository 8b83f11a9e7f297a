//! Documents as XML and back, and libwbxml's opinion of the same bytes.

use activesync::codepage::{Tag, air_sync, air_sync_base, calendar, email, item_operations, tasks};
use activesync::messages::multipart;
use activesync::wbxml::{Event, HEADER, ReadError, Reader, Writer};
use activesync::xml::{from_body, to_body};
use proptest::prelude::*;
use std::io::{self, Write as _};
use std::process::Command;

/// An answer with what is hard to write: several pages, text that needs escapes, bytes, empty and bare elements.
fn answer() -> Vec<u8> {
    Writer::document(air_sync::SYNC, |writer| {
        writer.container(air_sync::COLLECTIONS, |writer| {
            writer.container(air_sync::COLLECTION, |writer| {
                writer.text(air_sync::SYNC_KEY, "{4711}2");
                writer.empty(air_sync::MORE_AVAILABLE);
                writer.container(air_sync::COMMANDS, |writer| {
                    writer.container(air_sync::ADD, |writer| {
                        writer.text(air_sync::SERVER_ID, "1:7");
                        writer.container(air_sync::APPLICATION_DATA, |writer| {
                            writer.text(email::SUBJECT, "Müller & Söhne <7>\r\nzwei");
                            writer.container(air_sync_base::BODY, |writer| {
                                writer.number(air_sync_base::TYPE, 4);
                                writer.opaque(air_sync_base::DATA, b"\0\x01mime");
                            });
                            writer.text(air_sync_base::PREVIEW, "  two blanks  ");
                            writer.container(email::CATEGORIES, |_| {});
                        });
                    });
                });
            });
        });
    })
}

const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Sync xmlns="AirSync">
  <Collections>
    <Collection>
      <SyncKey>{4711}2</SyncKey>
      <MoreAvailable/>
      <Commands>
        <Add>
          <ServerId>1:7</ServerId>
          <ApplicationData>
            <Subject xmlns="Email">Müller &amp; Söhne &lt;7&gt;&#13;
zwei</Subject>
            <Body xmlns="AirSyncBase">
              <Type>4</Type>
              <Data encoding="opaque-base64">AAFtaW1l</Data>
            </Body>
            <Preview xmlns="AirSyncBase">  two blanks  </Preview>
            <Categories xmlns="Email"></Categories>
          </ApplicationData>
        </Add>
      </Commands>
    </Collection>
  </Collections>
</Sync>
"#;

#[test]
fn a_document_is_shown_as_xml_and_comes_back() {
    assert_eq!(from_body(&answer()).unwrap(), XML);
    assert_eq!(to_body(XML).unwrap(), answer());
}

#[test]
fn prefixes_colons_comments_and_cdata_are_understood() {
    let xml = "\u{FEFF}<!-- by hand --><a:Sync xmlns:a='AirSync:' xmlns:e='Email'>\n\
        <a:Status>&#x31;<![CDATA[<2>]]>&amp;</a:Status><e:To/></a:Sync>";
    let expected = Writer::document(air_sync::SYNC, |writer| {
        writer.text(air_sync::STATUS, "1<2>&");
        writer.empty(email::TO);
    });
    assert_eq!(to_body(xml).unwrap(), expected);
}

#[test]
fn a_namespace_holds_inside_of_its_element() {
    let xml = "<Sync xmlns='AirSync' xmlns:p='Calendar'><p:UID/>\
        <Add xmlns='Email' xmlns:p='Tasks' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><To/><p:Complete/></Add>\
        <p:UID/><Status/></Sync>";
    let error = to_body(xml).unwrap_err();
    assert_eq!(error.to_string(), "byte 49: code page Email has no element Add");
    let xml = xml.replace("Add", "Flag");
    let expected = Writer::document(air_sync::SYNC, |writer| {
        writer.empty(calendar::UID);
        writer.container(email::FLAG, |writer| {
            writer.empty(email::TO);
            writer.empty(tasks::COMPLETE);
        });
        writer.empty(calendar::UID);
        writer.empty(air_sync::STATUS);
    });
    assert_eq!(to_body(&xml).unwrap(), expected);
}

#[test]
fn what_has_no_name_survives() {
    let document = Writer::document(air_sync::SYNC, |writer| {
        writer.text(Tag::new(254, 0x05), "vendor");
        writer.text(Tag::new(0, 0x3F), "unknown");
        writer.text(Tag::new(2, 0x07), "older");
        writer.text(Tag::new(3, 0x07), "older page");
        writer.text_bytes(email::SUBJECT, b"caf\xe9 \x01");
    });
    let xml = from_body(&document).unwrap();
    for line in [
        r#"<Token-05 xmlns="Page-254">vendor</Token-05>"#,
        "<Token-3F>unknown</Token-3F>",
        r#"<AttName xmlns="Email">older</AttName>"#,
        r#"<Version xmlns="AirNotify">older page</Version>"#,
        r#"<Subject xmlns="Email" encoding="string-base64">Y2Fm6SAB</Subject>"#,
    ] {
        assert!(xml.contains(line), "{line} in {xml}");
    }
    assert_eq!(to_body(&xml).unwrap(), document);
}

#[test]
fn a_multipart_answer_is_unpacked_and_packed_again() {
    let wbxml = Writer::document(item_operations::ITEM_OPERATIONS, |writer| {
        writer.container(item_operations::RESPONSE, |writer| {
            writer.number(item_operations::PART, 2);
            writer.number(item_operations::PART, 1);
            writer.number(item_operations::PART, 2);
        });
    });
    let body = multipart::encode(&[&wbxml, b"first", b"second"]).unwrap();
    let xml = from_body(&body).unwrap();
    for line in [
        "<Part part=\"2\" encoding=\"opaque-base64\">c2Vjb25k</Part>",
        "<Part part=\"1\" encoding=\"opaque-base64\">Zmlyc3Q=</Part>",
        "<Part>2</Part>",
    ] {
        assert!(xml.contains(line), "{line} in {xml}");
    }
    assert_eq!(to_body(&xml).unwrap(), body);
}

#[test]
fn parts_that_nothing_refers_to_are_named() {
    let wbxml = Writer::document(item_operations::ITEM_OPERATIONS, |_| {});
    let body = multipart::encode(&[&wbxml, b"seven b"]).unwrap();
    let xml = from_body(&body).unwrap();
    assert!(xml.ends_with("<!-- part 1, 7 bytes, is not referred to -->\n"), "{xml}");
}

#[test]
fn bad_bodies_are_refused_with_their_offset() {
    fn check(body: &[u8], expected: &str) {
        assert_eq!(from_body(body).unwrap_err().to_string(), expected);
    }
    let document = |body: &[u8]| [&HEADER[..], body].concat();
    check(b"", "byte 0: document ends early");
    check(b"\x03\x01\x04\x00", "byte 2: no WBXML header for UTF-8");
    check(&document(&[0x45, 0x4B, 0x03, b'1']), "byte 6: document ends early");
    check(&document(&[0x45, 0x84]), "byte 5: token 0x84 is not part of ActiveSync");
    check(&document(&[0x45, 0x01, 0x05]), "byte 6: misplaced element, text or end");
    check(
        b"<Sync/>",
        "byte 0: neither WBXML nor a multipart answer (the table of parts does not fit the body)",
    );
    check(
        &document(&[0x45, 0x4B, 0xC3, 0x01, b'x', 0x05, 0x01, 0x01]),
        "byte 9: misplaced element, text or end",
    );
    let parts = multipart::encode(&[&document(&[0x45, 0x84])]).unwrap();
    check(&parts, "part 0, byte 17: token 0x84 is not part of ActiveSync");
}

#[test]
fn bad_xml_is_refused_with_its_offset() {
    fn check(xml: &str, expected: &str) {
        assert_eq!(to_body(xml).unwrap_err().to_string(), expected);
    }
    check("", "byte 0: no element");
    check("<Sync/>", "byte 0: namespace \"\" is not the name of a code page");
    check(
        "<Sync xmlns='AirSink'/>",
        "byte 0: namespace \"AirSink\" is not the name of a code page",
    );
    check("<Sync xmlns='AirSync'><Nope/></Sync>", "byte 22: code page AirSync has no element Nope");
    check("<Sync xmlns='AirSync' id='1'/>", "byte 0: attribute id=\"1\" has no meaning here");
    check("<Sync xmlns='AirSync'/><Sync xmlns='AirSync'/>", "byte 23: misplaced element or text");
    check("<Sync xmlns='AirSync'/>text", "byte 23: misplaced element or text");
    check("<Sync xmlns='AirSync'>&copy;</Sync>", "byte 22: entity copy is not known");
    check(
        "<Sync xmlns='AirSync'><Status encoding='opaque-base64'>%</Status></Sync>",
        "byte 56: the content is not base64",
    );
    check(
        "<ItemOperations xmlns='ItemOperations'><Part part='2'>AA==</Part></ItemOperations>",
        "byte 82: parts must be numbered 1, 2, 3, … each once",
    );
    check(
        "<!DOCTYPE Sync [<!ENTITY a 'b'>]><Sync xmlns='AirSync'>&a;</Sync>",
        "byte 55: entity a is not known",
    );
    check("<Sync xmlns='AirSync' xmlns='AirSync'/>", "byte 0: attribute xmlns is there twice");
    check("<Sync xmlns='AirSync' xmlns:xml='Email'/>", {
        "byte 0: attribute xmlns:xml declares a reserved prefix"
    });
    check("<Sync xmlns='AirSync'><e:To/></Sync>", {
        "byte 22: namespace \"\" is not the name of a code page"
    });
    check(
        "<Sync xmlns='AirSync' encoding='opaque-base64' encoding='opaque-base64'/>",
        "byte 0: attribute encoding is there twice",
    );
    check("<Sync xmlns='AirSync' part='1'/>", "byte 0: attribute part=\"1\" has no meaning here");
    let many: String = (0..128).map(|number| format!(" xmlns:p{number}='Email'")).collect();
    check(
        &format!("<Sync xmlns='AirSync'{many}/>"),
        "byte 0: attribute xmlns:p127 is one namespace too many",
    );
    let deep = format!("<Sync xmlns='AirSync'>{}", "<Sync>".repeat(64));
    check(&deep, "byte 400: more than 64 levels of elements");
    assert!(to_body("<Sync xmlns='AirSync'><Status></Sync>").is_err());
    assert!(to_body("<Sync xmlns='AirSync'>").is_err());
}

/// Documents of the protocol's own shape: elements hold elements, or a text, or bytes.
fn any_document() -> impl Strategy<Value = Vec<u8>> {
    #[derive(Clone, Debug)]
    enum Node {
        Bare(Tag),
        Text(Tag, String),
        Bytes(Tag, Vec<u8>),
        Elements(Tag, Vec<Self>),
    }
    fn write(node: &Node, writer: &mut Writer) {
        match node {
            Node::Bare(tag) => writer.empty(*tag),
            Node::Text(tag, text) => writer.text(*tag, text),
            Node::Bytes(tag, bytes) => writer.opaque(*tag, bytes),
            Node::Elements(tag, nodes) => writer.container(*tag, |writer| {
                nodes.iter().for_each(|node| write(node, writer));
            }),
        }
    }
    let tag = (0_u8..28, 5_u8..0x40).prop_map(|(page, token)| Tag::new(page, token));
    let leaf = prop_oneof![
        tag.clone().prop_map(Node::Bare),
        (tag.clone(), any::<String>().prop_map(|text| text.replace('\0', "")))
            .prop_map(|(tag, text)| Node::Text(tag, text)),
        (tag.clone(), any::<Vec<u8>>()).prop_map(|(tag, bytes)| Node::Bytes(tag, bytes)),
    ];
    let node = leaf.prop_recursive(6, 40, 6, move |inner| {
        (tag.clone(), prop::collection::vec(inner, 0..6))
            .prop_map(|(tag, nodes)| Node::Elements(tag, nodes))
    });
    node.prop_map(|node| {
        let mut writer = Writer::new();
        write(&node, &mut writer);
        writer.finish()
    })
}

proptest! {
    #[test]
    fn any_document_comes_back_byte_for_byte(document in any_document()) {
        let xml = from_body(&document).unwrap();
        prop_assert_eq!(to_body(&xml).unwrap(), document, "{}", xml);
    }

    #[test]
    fn no_input_makes_either_side_panic(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        let _ = from_body(&bytes);
        let _ = from_body(&[&HEADER[..], &bytes].concat());
        let _ = to_body(&text);
    }
}

/// Pages, names and texts of a document, in their order; what libwbxml's XML and ours must agree on.
fn outline(document: &[u8]) -> Result<Vec<String>, ReadError> {
    let mut reader = Reader::new(document)?;
    let mut outline = Vec::new();
    while let Some(event) = reader.event()? {
        match event {
            Event::Start { tag, .. } => outline.push(tag.to_string()),
            Event::Text(text) => outline.push(String::from_utf8_lossy(text).into_owned()),
            Event::Opaque(_) | Event::End => {}
        }
    }
    Ok(outline)
}

/// Runs a program of Debian's package libwbxml2-utils.
fn libwbxml(program: &str, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(input)?;
    let output = Command::new(program)
        .args(if program == "wbxml2xml" { &["-l", "ACTIVESYNC"][..] } else { &["-a", "-n"] })
        .args(["-o", "-"])
        .arg(file.path())
        .output()?;
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

#[test]
fn libwbxml_reads_and_writes_the_same_document() {
    let document = Writer::document(air_sync::SYNC, |writer| {
        writer.container(air_sync::COLLECTIONS, |writer| {
            writer.container(air_sync::COLLECTION, |writer| {
                writer.text(air_sync::SYNC_KEY, "2");
                writer.text(air_sync::COLLECTION_ID, "5");
                writer.container(air_sync::COMMANDS, |writer| {
                    writer.container(air_sync::ADD, |writer| {
                        writer.text(air_sync::SERVER_ID, "5:1");
                        writer.container(air_sync::APPLICATION_DATA, |writer| {
                            writer.text(email::SUBJECT, "Müller & Söhne <7>");
                            writer.text(email::FROM, "\"B\" <b@example.org>");
                            writer.text(calendar::UID, "040000008200E0");
                            writer.container(air_sync_base::BODY, |writer| {
                                writer.text(air_sync_base::TYPE, "1");
                                writer.text(air_sync_base::DATA, "a line");
                            });
                        });
                    });
                });
            });
        });
    });
    let theirs = String::from_utf8(libwbxml("wbxml2xml", &document).unwrap()).unwrap();
    assert_eq!(outline(&to_body(&theirs).unwrap()), outline(&document), "{theirs}");
    let again = libwbxml("xml2wbxml", theirs.as_bytes()).unwrap();
    assert_eq!(outline(&again), outline(&document), "{theirs}");
}

/// One document with every element of a page. Where names differ, ours are those of the protocol's documents; libwbxml's are
/// older, or it does not have the element at all. The list has our name first.
#[test]
fn libwbxml_gives_the_elements_the_listed_names() {
    let mut differing = Vec::new();
    for page in 0..=25 {
        let tags: Vec<_> = (5..0x40)
            .map(|token| Tag::new(page, token))
            .filter(|tag| tag.name().is_some())
            .collect();
        let document = Writer::document(air_sync::SYNC, |writer| {
            tags.iter().for_each(|tag| writer.text(*tag, "1"));
        });
        let theirs = String::from_utf8(libwbxml("wbxml2xml", &document).unwrap()).unwrap();
        let names: Vec<_> = theirs
            .lines()
            .filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')?.split_once('>'))
            .map(|(start, _)| start.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        for (tag, name) in tags.iter().zip(&names) {
            if tag.name() != Some(name) {
                differing.push(format!("{tag} {name}"));
            }
        }
        differing.extend(tags.iter().skip(names.len()).map(|tag| format!("{tag} missing")));
    }
    let listed: Vec<_> = include_str!("libwbxml-names.txt").lines().collect();
    assert_eq!(differing, listed);
}
