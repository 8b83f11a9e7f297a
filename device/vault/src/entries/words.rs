//! The words by which an entry is found.

use activesync::messages::{Body, BodyType, Contact, Event, Item, Note, Task};

/// The texts of an entry, by the parts that can be searched by themselves.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) people: String,
    pub(super) content: String,
    pub(super) categories: String,
}

impl Words {
    pub(super) fn of(item: &Item) -> Self {
        match item {
            Item::Any(_) | Item::Email(_) => Self::default(),
            Item::Contact(contact) => of_contact(contact),
            Item::Event(event) => of_event(event),
            Item::Note(note) => of_note(note),
            Item::Task(task) => of_task(task),
        }
    }
}

fn of_contact(contact: &Contact) -> Words {
    let titles = [
        &contact.file_as,
        &contact.title,
        &contact.first_name,
        &contact.middle_name,
        &contact.last_name,
        &contact.suffix,
        &contact.nick_name,
        &contact.yomi_first_name,
        &contact.yomi_last_name,
        &contact.company_name,
        &contact.yomi_company_name,
    ];
    let people = [
        &contact.email1_address,
        &contact.email2_address,
        &contact.email3_address,
        &contact.im_address,
        &contact.im_address2,
        &contact.im_address3,
        &contact.spouse,
        &contact.assistant_name,
        &contact.manager_name,
        &contact.alias,
    ];
    let phones = [
        &contact.assistant_phone_number,
        &contact.business_phone_number,
        &contact.business2_phone_number,
        &contact.business_fax_number,
        &contact.car_phone_number,
        &contact.company_main_phone,
        &contact.home_phone_number,
        &contact.home2_phone_number,
        &contact.home_fax_number,
        &contact.mobile_phone_number,
        &contact.pager_number,
        &contact.radio_phone_number,
    ];
    let content = [
        &contact.department,
        &contact.job_title,
        &contact.office_location,
        &contact.business_address_street,
        &contact.business_address_postal_code,
        &contact.business_address_city,
        &contact.business_address_state,
        &contact.business_address_country,
        &contact.home_address_street,
        &contact.home_address_postal_code,
        &contact.home_address_city,
        &contact.home_address_state,
        &contact.home_address_country,
        &contact.other_address_street,
        &contact.other_address_postal_code,
        &contact.other_address_city,
        &contact.other_address_state,
        &contact.other_address_country,
        &contact.web_page,
        &contact.customer_id,
        &contact.government_id,
        &contact.account_name,
    ];
    let mut people = lines(people);
    for phone in phones.into_iter().flatten() {
        people.push_str(&dialled(phone));
        people.push('\n');
    }
    Words {
        title: lines(titles),
        people,
        content: lines(content) + &text(contact.body.as_ref()),
        categories: list(contact.categories.as_deref()),
    }
}

fn of_event(event: &Event) -> Words {
    let mut words = Words {
        title: lines([&event.subject]),
        people: lines([&event.organizer_name, &event.organizer_email]),
        content: lines([&event.location]),
        categories: list(event.categories.as_deref()),
    };
    words.content.push_str(&text(event.body.as_ref()));
    if let Some(place) = &event.place {
        let place = [&place.display_name, &place.street, &place.city, &place.country];
        words.content.push_str(&lines(place));
    }
    for attendee in event.attendees.iter().flatten() {
        words.people.push_str(&lines([&attendee.name, &attendee.email]));
    }
    for exception in event.exceptions.iter().flatten() {
        words.title.push_str(&lines([&exception.subject]));
        words.content.push_str(&lines([&exception.location]));
        words.content.push_str(&text(exception.body.as_ref()));
    }
    words
}

fn of_note(note: &Note) -> Words {
    Words {
        title: lines([&note.subject]),
        people: String::new(),
        content: text(note.body.as_ref()),
        categories: list(note.categories.as_deref()),
    }
}

fn of_task(task: &Task) -> Words {
    Words {
        title: lines([&task.subject]),
        people: String::new(),
        content: text(task.body.as_ref()),
        categories: list(task.categories.as_deref()),
    }
}

fn lines<const N: usize>(texts: [&Option<String>; N]) -> String {
    texts.into_iter().flatten().filter(|text| !text.is_empty()).fold(
        String::new(),
        |mut lines, text| {
            lines.push_str(text);
            lines.push('\n');
            lines
        },
    )
}

fn list(texts: Option<&[String]>) -> String {
    texts.unwrap_or_default().join("\n")
}

fn text(body: Option<&Body>) -> String {
    let Some(data) = body.and_then(|body| body.data.as_ref()) else { return String::new() };
    let data = String::from_utf8_lossy(data);
    match body.map(|body| body.kind) {
        Some(BodyType::Html) => ::mail::text::from_html(&data),
        Some(BodyType::Text) => data.into_owned(),
        Some(BodyType::Mime | BodyType::Rtf) | None => String::new(),
    }
}

/// Writes a number as it stands, and as it is dialled: without what is between its digits, with and without the prefix.
fn dialled(phone: &str) -> String {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let all = digits(phone);
    let after_prefix = phone.split_once([' ', '/', '-', ')']).map(|(_, rest)| digits(rest));
    let local = after_prefix.map(|rest| format!("0{rest}")).unwrap_or_default();
    format!("{phone} {all} {local}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_as_it_is_written_and_dialled() {
        assert_eq!(dialled("+49 30 123-456"), "+49 30 123-456 4930123456 030123456");
        assert_eq!(dialled("110"), "110 110 ");
    }

    #[test]
    fn texts_that_are_not_for_people_have_no_words() {
        let body = |kind, data: &str| text(Some(&Body::whole(kind, data.to_owned())));
        assert_eq!(body(BodyType::Text, "Guten Tag"), "Guten Tag");
        assert_eq!(body(BodyType::Html, "<p>Guten</p> Tag").trim(), "Guten\nTag");
        assert_eq!(body(BodyType::Rtf, "e1xydGYx"), "");
        assert_eq!(text(None), "");
    }
}
