//! Texts of entries. HTML is shown as its words; what people write is plain text.

use activesync::messages::{Body, BodyType};

/// Reads the words of a text; absent if there are none.
pub(super) fn read(body: Option<&Body>) -> Option<String> {
    let body = body?;
    let data = String::from_utf8_lossy(body.data.as_ref()?);
    let text = match body.kind {
        BodyType::Html => mail::text::from_html(&data),
        BodyType::Text => data.replace("\r\n", "\n"),
        BodyType::Mime | BodyType::Rtf => return None,
    };

    Some(text).filter(|text| !text.is_empty())
}

/// Writes a text, unless it says what is there already: a text with marks-up would lose them.
pub(super) fn write(text: Option<String>, body: &mut Option<Body>) {
    let Some(text) = text else { return };
    if read(body.as_ref()).unwrap_or_default() == text {
        return;
    }
    *body = (!text.is_empty()).then(|| Body::whole(BodyType::Text, text.replace('\n', "\r\n")));
}

/// Writes a field of text: absent stays, empty is cleared.
pub(super) fn set(text: Option<String>, field: &mut Option<String>) {
    let Some(text) = text else { return };
    if text.is_empty() {
        // A field that was there and empty stays as it is, so that nothing has changed.
        field.take_if(|field| !field.is_empty());
    } else {
        *field = Some(text);
    }
}

/// Writes a list: absent stays, empty is cleared.
pub(super) fn set_list(list: Option<Vec<String>>, field: &mut Option<Vec<String>>) {
    let Some(list) = list else { return };
    if list.is_empty() {
        field.take_if(|field| !field.is_empty());
    } else {
        *field = Some(list);
    }
}

/// Reads a field of text; an empty one is absent.
pub(super) fn some(field: &Option<String>) -> Option<String> {
    field.clone().filter(|text| !text.is_empty())
}

/// Reads a list; an empty one is absent.
pub(super) fn some_list(field: &Option<Vec<String>>) -> Option<Vec<String>> {
    field.clone().filter(|list| !list.is_empty())
}
