//! No document makes a reader take more than a small multiple of its size.
//!
//! Each document repeats the shortest thing that stands for much: an item with room for all its properties, or a long text.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a check that cannot go on has failed"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use activesync::messages::multipart;
use activesync::messages::*;
use activesync::wbxml::ReadErrorKind;
use activesync::xml::{from_body, to_body};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a document may take: what stays, and as much again for a moment, while lists and texts move to larger places.
fn most(document: &[u8]) -> usize {
    2 * (64 * document.len() + (1 << 20))
}

/// Reads a document and returns how many bytes that took at most.
fn taken<T>(document: &[u8], read: impl Fn(&[u8]) -> T) -> (T, usize) {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = black_box(read(black_box(document)));
    (result, MEMORY.peak_usage() - before)
}

/// Many times `entry` between `start` and `end`, as WBXML.
fn repeated(start: &str, entry: &str, end: &str) -> Vec<u8> {
    let whole = |entries: &str| to_body(&format!("{start}{entries}{end}")).unwrap();
    // The entries are repeated in WBXML, since that much XML takes long.
    let two = whole(&entry.repeat(2));
    let three = whole(&entry.repeat(3));
    let size = three.len() - two.len();
    let tail = (0..).find(|tail| {
        let cut = two.len() - tail;
        [&two[..cut], &two[cut - size..cut], &two[cut..]].concat() == three
    });
    let cut = two.len() - tail.unwrap();
    let elements = entry.matches('<').count() - entry.matches("</").count();
    let times = 300_000 / elements;
    [&two[..cut], &two[cut - size..cut].repeat(times), &two[cut..]].concat()
}

fn sync(start: &str, entry: &str, end: &str) -> Vec<u8> {
    repeated(
        &format!(
            "<Sync xmlns='AirSync' xmlns:c='Calendar' xmlns:e='Email' xmlns:p='Contacts' xmlns:t='Tasks' xmlns:b='AirSyncBase' \
             xmlns:r='RightsManagement'><Collections><Collection><SyncKey>1</SyncKey><CollectionId>1</CollectionId>{start}"
        ),
        entry,
        &format!("{end}</Collection></Collections></Sync>"),
    )
}

fn item(start: &str, entry: &str, end: &str) -> Vec<u8> {
    let open = "<Commands><Add><ServerId>1</ServerId><ApplicationData>";
    let close = "</ApplicationData></Add></Commands>";
    sync(&format!("{open}{start}"), entry, &format!("{end}{close}"))
}

fn add(properties: &str) -> Vec<u8> {
    let entry =
        format!("<Add><ServerId/><ClientId/><ApplicationData>{properties}</ApplicationData></Add>");
    sync("<Commands>", &entry, "</Commands>")
}

fn holds<T>(name: &str, document: &[u8], read: impl Fn(&[u8]) -> T) -> T {
    let (result, bytes) = taken(document, read);
    let most = most(document);
    assert!(bytes <= most, "{name}: {} bytes took {bytes}, more than {most}", document.len());
    result
}

/// Not several tests: the peak is that of the whole program.
#[test]
fn no_document_takes_more_than_a_multiple_of_its_size() {
    lists();
    items();
    other_answers();
    long_texts();
    pieces();
    overlapping_parts();
    honest_ones_are_read();
}

fn lists() {
    let exceptions = ["<c:Exceptions>", "</c:Exceptions>"];
    let attendees = ["<c:Attendees>", "</c:Attendees>"];
    for (name, [start, end], entry) in [
        ("bare exceptions", exceptions, "<c:Exception/>"),
        ("exceptions", exceptions, "<c:Exception><c:Deleted/></c:Exception>"),
        ("cleared exceptions", exceptions, "<c:Exception><c:EndTime/></c:Exception>"),
        ("bare attendees", attendees, "<c:Attendee/>"),
        ("attendees", attendees, "<c:Attendee><c:Name/></c:Attendee>"),
        ("categories", ["<c:Categories>", "</c:Categories>"], "<c:Category/>"),
        ("unknown elements", ["<c:Subject/>", ""], "<c:Type/>"),
        ("nested unknown elements", ["<c:Subject/><c:Type>", "</c:Type>"], "<c:Type/>"),
        ("elements of any class", ["", ""], "<b:Preview/>"),
        ("attachments", ["<c:Subject/><b:Attachments>", "</b:Attachments>"], "<b:Add/>"),
        (
            "rights",
            ["<e:To/>", ""],
            "<r:RightsManagementLicense><r:Owner/></r:RightsManagementLicense>",
        ),
    ] {
        let document = item(start, entry, end);
        drop(holds(name, &document, SyncAnswer::decode));
        drop(holds(name, &document, SyncRequest::decode));
    }
}

fn items() {
    for properties in [
        "",
        "<e:Read/>",
        "<p:Title/>",
        "<t:Complete/>",
        "<c:Subject/>",
        "<b:Preview/><e:Read/>",
        "<c:Exceptions><c:Exception><c:Deleted/></c:Exception></c:Exceptions>",
        "<e:MeetingRequest><e:Sensitivity/><e:Location/></e:MeetingRequest>",
        "<b:Body><b:Type>1</b:Type></b:Body>",
    ] {
        let document = add(properties);
        drop(holds(properties, &document, SyncAnswer::decode));
        drop(holds(properties, &document, SyncRequest::decode));
    }
}

fn other_answers() {
    let gal = "<Search xmlns='Search' xmlns:g='GAL' xmlns:l='DocumentLibrary'><Status>1</Status><Response><Store><Status>1</Status>";
    let gal_end = "</Store></Response></Search>";
    for property in ["<g:Alias/>", "<l:LinkId/>", ""] {
        let entry = format!("<Result><Properties>{property}</Properties></Result>");
        drop(holds("results", &repeated(gal, &entry, gal_end), SearchAnswer::decode));
    }
    let found = repeated(
        "<Find xmlns='Find'><Status>1</Status><Response><Status>1</Status>",
        "<Result/>",
        "</Response></Find>",
    );
    drop(holds("what is found", &found, FindAnswer::decode));
    let fetched = repeated(
        "<ItemOperations xmlns='ItemOperations'><Status>1</Status><Response>",
        "<Fetch><Status>1</Status></Fetch>",
        "</Response></ItemOperations>",
    );
    drop(holds("fetches", &fetched, ItemOperationsAnswer::decode));
    let names = "<ResolveRecipients xmlns='ResolveRecipients'><Status>1</Status><Response><To/><Status>1</Status>";
    let recipients = repeated(names, "<Recipient/>", "</Response></ResolveRecipients>");
    drop(holds("recipients", &recipients, ResolveRecipientsAnswer::decode));
    let certificates = repeated(
        &format!("{names}<Recipient><Certificates>"),
        "<Certificate>AA==</Certificate>",
        "</Certificates></Recipient></Response></ResolveRecipients>",
    );
    drop(holds("certificates", &certificates, ResolveRecipientsAnswer::decode));
    let checked = repeated(
        "<ValidateCert xmlns='ValidateCert'><Certificates>",
        "<Certificate/>",
        "</Certificates></ValidateCert>",
    );
    drop(holds("certificates to check", &checked, ValidateCertRequest::decode));
    let folders = repeated(
        "<FolderSync xmlns='FolderHierarchy'><Status>1</Status><SyncKey>1</SyncKey><Changes>",
        "<Delete><ServerId/></Delete>",
        "</Changes></FolderSync>",
    );
    drop(holds("folders", &folders, FolderSyncAnswer::decode));
}

/// A document with a table of one text and elements that each refer to it.
fn referring(letter: u8, start: &[u8], entry: &[u8], end: &[u8]) -> Vec<u8> {
    let text = [vec![letter; 0x7FFF], vec![0]].concat();
    let header = [0x03, 0x01, 0x6A, 0x82, 0x80, 0x00];
    [&header[..], &text, start, &entry.repeat(100_000), end].concat()
}

fn long_texts() {
    // Sync, Collections, Collection, Commands, Add, ApplicationData; Day of the page of mail.
    let data = [0x45, 0x5C, 0x4F, 0x56, 0x47, 0x5D, 0x00, 0x02];
    // Not UTF-8, which makes it longer.
    for letter in [b'a', 0xFF] {
        let refer = |start: &[u8], entry: &[u8]| referring(letter, start, entry, &[0x01; 9]);
        // As ids of many collections, and many times as the key of one.
        long_text(&refer(&[0x45, 0x5C], &[0x4F, 0x52, 0x83, 0x00, 0x01, 0x01]));
        long_text(&refer(&[0x45, 0x5C, 0x4F, 0x4B], &[0x83, 0x00]));
        // As categories of a mail, which are kept.
        let categories = [&data[..], &[0x5B]].concat();
        long_text(&refer(&categories, &[0x5C, 0x83, 0x00, 0x01]));
        // As an element that nobody knows.
        long_text(&refer(&[&data[..], &[0x7F]].concat(), &[0x83, 0x00]));
    }
}

fn long_text(document: &[u8]) {
    let answer = holds("a long text", document, SyncAnswer::decode);
    let Err(DecodeError::Unreadable(error)) = answer else { panic!("{answer:?}") };
    assert_eq!(error.kind, ReadErrorKind::TooLarge);
    assert!(holds("a long text as XML", document, from_body).is_err());
}

/// An element in a million pieces is put together once, not once for each piece.
fn pieces() {
    let mut document = vec![0x03, 0x01, 0x6A, 0x00, 0x45, 0x5C, 0x4F];
    document.extend([0x52, 0x03, b'1', 0x00, 0x01, 0x56, 0x47, 0x4D, 0x03, b'1', 0x00, 0x01, 0x5D]);
    // An unknown element of the page of mail.
    document.extend([0x00, 0x02, 0x7F]);
    document.extend([0x03, b'a', 0x00].repeat(1_000_000));
    document.extend([0x01; 7]);
    let answer = holds("pieces", &document, SyncAnswer::decode).unwrap().unwrap();
    let ServerCommand::Add { item: Item::Email(mail), .. } = &answer.collections[0].commands[0]
    else {
        panic!("{answer:?}")
    };
    assert!(matches!(&mail.other[0].content, Content::Text(text) if text.len() == 1_000_000));
}

/// The parts of a multipart answer may lie over each other.
fn overlapping_parts() {
    const PARTS: usize = 2000;
    let mut xml = "<ItemOperations xmlns='ItemOperations'>".to_owned();
    for number in 1..=PARTS {
        write!(xml, "<Part>{number}</Part>").unwrap();
    }
    let wbxml = to_body(&(xml + "</ItemOperations>")).unwrap();
    let honest = multipart::encode(&[&wbxml, &vec![0; 1 << 20]]).unwrap();
    let content = &honest[4 + 2 * 8..];
    let start = 4 + (PARTS + 1) * 8;
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let mut body = number(PARTS + 1).to_vec();
    body.extend([number(start), number(wbxml.len())].concat());
    for _ in 0..PARTS {
        body.extend([number(start + wbxml.len()), number(1 << 20)].concat());
    }
    body.extend(content);
    assert!(holds("parts over each other", &body, from_body).is_err());
}

fn honest_ones_are_read() {
    // A mail that was read is about the least that a server says of an item.
    let read = "<Change><ServerId>5:1</ServerId><ApplicationData><e:Read>1</e:Read></ApplicationData></Change>";
    let document = sync("<Commands>", read, "</Commands>");
    let answer = holds("mails that were read", &document, SyncAnswer::decode);
    assert!(answer.unwrap().unwrap().collections[0].commands.len() > 70_000);
    let exception = "<c:Exception><c:Deleted>1</c:Deleted><c:ExceptionStartTime>20260101T080000Z</c:ExceptionStartTime></c:Exception>";
    let document = item("<c:Exceptions>", exception, "</c:Exceptions>");
    let answer = holds("deleted occurrences", &document, SyncAnswer::decode);
    assert!(answer.is_ok());
}
