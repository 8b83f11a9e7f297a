//! Contacts.

use super::body::{self, set, set_list, some, some_list};
use super::{Fields, Surroundings, moment};
use crate::error::EntryError;
use activesync::messages::{Class, Contact, Item};
use data_encoding::BASE64;
use mail::Mailbox;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, Time};
use utoipa::ToSchema;

/// A person or a company, as screens show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ContactView {
    /// What to call it in a list.
    pub name: String,
    /// There is a picture.
    pub has_photo: bool,
    /// Everything else.
    #[serde(flatten)]
    pub fields: ContactFields,
}

/// Fields of a contact. Empty texts and lists clear a field; lists are written as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ContactFields {
    /// By what it is sorted, such as `Miller, Anna`.
    pub file_as: Option<String>,
    pub title: Option<String>,
    pub first_name: Option<String>,
    pub middle_name: Option<String>,
    pub last_name: Option<String>,
    pub suffix: Option<String>,
    pub nickname: Option<String>,
    pub company: Option<String>,
    pub department: Option<String>,
    pub job_title: Option<String>,
    pub office: Option<String>,
    pub manager: Option<String>,
    pub assistant: Option<String>,
    pub spouse: Option<String>,
    pub children: Option<Vec<String>>,
    /// Mail addresses, at most three.
    pub emails: Option<Vec<String>>,
    /// Addresses for instant messages, at most three.
    pub messengers: Option<Vec<String>>,
    /// Telephone numbers, one of each kind.
    pub phones: Option<Vec<Phone>>,
    /// Postal addresses, one of each kind.
    pub addresses: Option<Vec<Address>>,
    pub web_page: Option<String>,
    /// A date, such as `1980-05-17`.
    pub birthday: Option<String>,
    /// A date, such as `2010-05-17`.
    pub anniversary: Option<String>,
    pub categories: Option<Vec<String>>,
    /// Anything else, as plain text.
    pub notes: Option<String>,
    /// A picture in JPEG, at most 36 KiB, in Base64; only to be written.
    pub photo: Option<String>,
}

/// A telephone number.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Phone {
    pub kind: PhoneKind,
    pub number: String,
}

/// A postal address.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Address {
    pub kind: AddressKind,
    #[serde(default)]
    pub street: String,
    #[serde(default)]
    pub postal_code: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub country: String,
}

/// What a telephone number is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PhoneKind {
    Mobile,
    Work,
    Work2,
    Home,
    Home2,
    Company,
    Assistant,
    Car,
    Pager,
    Radio,
    WorkFax,
    HomeFax,
}

/// What a postal address is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum AddressKind {
    Work,
    Home,
    Other,
}

impl PhoneKind {
    const ALL: [Self; 12] = [
        Self::Mobile,
        Self::Work,
        Self::Work2,
        Self::Home,
        Self::Home2,
        Self::Company,
        Self::Assistant,
        Self::Car,
        Self::Pager,
        Self::Radio,
        Self::WorkFax,
        Self::HomeFax,
    ];

    fn of(self, contact: &mut Contact) -> &mut Option<String> {
        match self {
            Self::Assistant => &mut contact.assistant_phone_number,
            Self::Car => &mut contact.car_phone_number,
            Self::Company => &mut contact.company_main_phone,
            Self::Home => &mut contact.home_phone_number,
            Self::Home2 => &mut contact.home2_phone_number,
            Self::HomeFax => &mut contact.home_fax_number,
            Self::Mobile => &mut contact.mobile_phone_number,
            Self::Pager => &mut contact.pager_number,
            Self::Radio => &mut contact.radio_phone_number,
            Self::Work => &mut contact.business_phone_number,
            Self::Work2 => &mut contact.business2_phone_number,
            Self::WorkFax => &mut contact.business_fax_number,
        }
    }
}

impl AddressKind {
    const ALL: [Self; 3] = [Self::Work, Self::Home, Self::Other];

    /// Street, postal code, city, state, country.
    fn of(self, contact: &mut Contact) -> [&mut Option<String>; 5] {
        match self {
            Self::Home => [
                &mut contact.home_address_street,
                &mut contact.home_address_postal_code,
                &mut contact.home_address_city,
                &mut contact.home_address_state,
                &mut contact.home_address_country,
            ],
            Self::Other => [
                &mut contact.other_address_street,
                &mut contact.other_address_postal_code,
                &mut contact.other_address_city,
                &mut contact.other_address_state,
                &mut contact.other_address_country,
            ],
            Self::Work => [
                &mut contact.business_address_street,
                &mut contact.business_address_postal_code,
                &mut contact.business_address_city,
                &mut contact.business_address_state,
                &mut contact.business_address_country,
            ],
        }
    }
}

impl Fields for ContactFields {
    const CLASS: Class = Class::Contacts;
    type View = ContactView;

    fn view(item: &Item, surroundings: &Surroundings) -> ContactView {
        let fields = Self::read(item, surroundings);
        let has_photo = photo(item).is_some();

        ContactView { name: name(&fields), has_photo, fields }
    }

    fn read(item: &Item, _: &Surroundings) -> Self {
        let Item::Contact(contact) = item else { return Self::default() };
        let mut contact = contact.as_ref().clone();
        let phones = PhoneKind::ALL.into_iter().filter_map(|kind| {
            let number = some(kind.of(&mut contact))?;
            Some(Phone { kind, number })
        });
        let phones: Vec<Phone> = phones.collect();
        let addresses: Vec<Address> =
            AddressKind::ALL.into_iter().filter_map(|kind| address(kind, &mut contact)).collect();
        let emails = [&contact.email1_address, &contact.email2_address, &contact.email3_address];
        let emails: Vec<String> = emails.into_iter().filter_map(some).map(bare).collect();
        let messengers = [&contact.im_address, &contact.im_address2, &contact.im_address3];
        let messengers: Vec<String> = messengers.into_iter().filter_map(some).collect();

        Self {
            file_as: some(&contact.file_as),
            title: some(&contact.title),
            first_name: some(&contact.first_name),
            middle_name: some(&contact.middle_name),
            last_name: some(&contact.last_name),
            suffix: some(&contact.suffix),
            nickname: some(&contact.nick_name),
            company: some(&contact.company_name),
            department: some(&contact.department),
            job_title: some(&contact.job_title),
            office: some(&contact.office_location),
            manager: some(&contact.manager_name),
            assistant: some(&contact.assistant_name),
            spouse: some(&contact.spouse),
            children: some_list(&contact.children),
            emails: full(emails),
            messengers: full(messengers),
            phones: full(phones),
            addresses: full(addresses),
            web_page: some(&contact.web_page),
            birthday: contact.birthday.map(day),
            anniversary: contact.anniversary.map(day),
            categories: some_list(&contact.categories),
            notes: body::read(contact.body.as_ref()),
            photo: None,
        }
    }

    fn write(self, item: &mut Item, _: &Surroundings) -> Result<(), EntryError> {
        let Item::Contact(contact) = item else { return Err(EntryError::Missing) };
        let contact = contact.as_mut();
        let is_new = contact.is_empty();
        let files_itself = self.file_as.is_some();
        set(self.file_as, &mut contact.file_as);
        set(self.title, &mut contact.title);
        set(self.first_name, &mut contact.first_name);
        set(self.middle_name, &mut contact.middle_name);
        set(self.last_name, &mut contact.last_name);
        set(self.suffix, &mut contact.suffix);
        set(self.nickname, &mut contact.nick_name);
        set(self.company, &mut contact.company_name);
        set(self.department, &mut contact.department);
        set(self.job_title, &mut contact.job_title);
        set(self.office, &mut contact.office_location);
        set(self.manager, &mut contact.manager_name);
        set(self.assistant, &mut contact.assistant_name);
        set(self.spouse, &mut contact.spouse);
        set(self.web_page, &mut contact.web_page);
        set_list(self.children, &mut contact.children);
        set_list(self.categories, &mut contact.categories);
        set_date("birthday", self.birthday, &mut contact.birthday)?;
        set_date("anniversary", self.anniversary, &mut contact.anniversary)?;
        body::write(self.notes, &mut contact.body);
        if let Some(emails) = self.emails {
            set_emails(emails, contact)?;
        }
        if let Some(messengers) = self.messengers {
            let slots =
                [&mut contact.im_address, &mut contact.im_address2, &mut contact.im_address3];
            fill("messengers", messengers, slots)?;
        }
        if let Some(phones) = self.phones {
            set_phones(&phones, contact)?;
        }
        if let Some(addresses) = self.addresses {
            set_addresses(&addresses, contact)?;
        }
        if let Some(photo) = self.photo {
            set_photo(&photo, contact)?;
        }
        if is_new && !files_itself {
            contact.file_as = filed(contact);
        }
        if name(&Self::named(contact)).is_empty() {
            let detail = "a contact needs a name, a company, or a mail address";
            return Err(EntryError::bad("last_name", detail));
        }

        Ok(())
    }
}

impl ContactFields {
    /// Reads only what names the contact.
    fn named(contact: &Contact) -> Self {
        Self {
            file_as: some(&contact.file_as),
            first_name: some(&contact.first_name),
            middle_name: some(&contact.middle_name),
            last_name: some(&contact.last_name),
            nickname: some(&contact.nick_name),
            company: some(&contact.company_name),
            emails: some(&contact.email1_address).map(|address| vec![address]),
            ..Self::default()
        }
    }
}

/// Returns the picture of a contact, if there is one.
pub(crate) fn photo(item: &Item) -> Option<Vec<u8>> {
    let Item::Contact(contact) = item else { return None };

    contact.picture.as_ref().filter(|picture| !picture.is_empty()).map(|picture| picture.to_vec())
}

/// What to call a contact: names first, since that is how people speak.
fn name(fields: &ContactFields) -> String {
    let names = [&fields.first_name, &fields.middle_name, &fields.last_name];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    if !names.is_empty() {
        return names.join(" ");
    }
    let others = [
        fields.file_as.clone(),
        fields.company.clone(),
        fields.nickname.clone(),
        fields.emails.as_ref().and_then(|emails| emails.first().cloned()),
    ];

    others.into_iter().flatten().next().unwrap_or_default()
}

/// By what a new contact is sorted, as other programs do it.
fn filed(contact: &Contact) -> Option<String> {
    let first: Vec<String> =
        [&contact.first_name, &contact.middle_name].into_iter().filter_map(some).collect();
    match (some(&contact.last_name), first.join(" ")) {
        (Some(last), first) if first.is_empty() => Some(last),
        (Some(last), first) => Some(format!("{last}, {first}")),
        (None, first) if first.is_empty() => some(&contact.company_name),
        (None, first) => Some(first),
    }
}

fn address(kind: AddressKind, contact: &mut Contact) -> Option<Address> {
    let [street, postal_code, city, state, country] =
        kind.of(contact).map(|part| part.clone().unwrap_or_default());
    let empty = [&street, &postal_code, &city, &state, &country].into_iter().all(String::is_empty);

    (!empty).then_some(Address { kind, street, postal_code, city, state, country })
}

/// Takes the address out of its display form.
fn bare(text: String) -> String {
    Mailbox::recipient(&text).map_or(text, |mailbox| mailbox.address)
}

fn set_emails(emails: Vec<String>, contact: &mut Contact) -> Result<(), EntryError> {
    for email in &emails {
        if Mailbox::recipient(email).is_none() {
            return Err(EntryError::bad("emails", format!("{email:?} is no mail address")));
        }
    }
    let slots =
        [&mut contact.email1_address, &mut contact.email2_address, &mut contact.email3_address];
    // One whose address stays keeps the name that the server put before it.
    let known: Vec<String> = slots.iter().filter_map(|slot| some(slot)).collect();
    let same = |email: String| {
        let known = known.iter().find(|known| bare((*known).clone()) == email);
        known.cloned().unwrap_or(email)
    };

    fill("emails", emails.into_iter().map(same).collect(), slots)
}

fn set_phones(phones: &[Phone], contact: &mut Contact) -> Result<(), EntryError> {
    for kind in PhoneKind::ALL {
        let mut numbers = phones.iter().filter(|phone| phone.kind == kind);
        let number = numbers.next().map(|phone| phone.number.clone());
        if numbers.next().is_some() {
            return Err(EntryError::bad("phones", "two numbers are of the same kind"));
        }
        set(Some(number.unwrap_or_default()), kind.of(contact));
    }

    Ok(())
}

fn set_addresses(addresses: &[Address], contact: &mut Contact) -> Result<(), EntryError> {
    for kind in AddressKind::ALL {
        let mut of_kind = addresses.iter().filter(|address| address.kind == kind);
        let parts = of_kind.next().map_or([""; 5].map(str::to_owned), |address| {
            [
                address.street.clone(),
                address.postal_code.clone(),
                address.city.clone(),
                address.state.clone(),
                address.country.clone(),
            ]
        });
        if of_kind.next().is_some() {
            return Err(EntryError::bad("addresses", "two addresses are of the same kind"));
        }
        for (part, field) in parts.into_iter().zip(kind.of(contact)) {
            set(Some(part), field);
        }
    }

    Ok(())
}

fn set_photo(photo: &str, contact: &mut Contact) -> Result<(), EntryError> {
    if photo.is_empty() {
        contact.picture = None;
        return Ok(());
    }
    let none = |reason: &str| EntryError::bad("photo", reason.to_owned());
    let bytes =
        BASE64.decode(photo.as_bytes()).map_err(|_| none("the picture is not in Base64"))?;
    if !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Err(none("the picture is not in JPEG"));
    }
    if bytes.len() > Contact::MOST_PICTURE {
        return Err(none("the picture is larger than 36 KiB"));
    }
    contact.picture = Some(bytes.into());

    Ok(())
}

fn set_date(
    field: &'static str,
    text: Option<String>,
    date: &mut Option<OffsetDateTime>,
) -> Result<(), EntryError> {
    let Some(text) = text else { return Ok(()) };
    if text.is_empty() {
        *date = None;
        return Ok(());
    }
    let wanted: Date = moment::date(field, &text)?;
    // The server's own hour stays: only the day counts.
    if date.map(|known| known.date()) != Some(wanted) {
        *date = Some(wanted.with_time(Time::MIDNIGHT).assume_utc());
    }

    Ok(())
}

fn fill<const N: usize>(
    field: &'static str,
    texts: Vec<String>,
    slots: [&mut Option<String>; N],
) -> Result<(), EntryError> {
    if texts.len() > N {
        return Err(EntryError::bad(field, format!("a contact has at most {N} of them")));
    }
    let mut texts = texts.into_iter();
    for slot in slots {
        set(Some(texts.next().unwrap_or_default()), slot);
    }

    Ok(())
}

fn day(moment: OffsetDateTime) -> String {
    moment::date_text(moment.date())
}

fn full<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::surroundings;
    use serde_json::json;

    #[test]
    fn a_contact_has_its_shape_and_comes_back_as_it_was_written() {
        let written = json!({
            "first_name": "Anna", "last_name": "Ärmel", "emails": ["anna@example.org"],
            "phones": [{ "kind": "mobile", "number": "110" }],
            "addresses": [{ "kind": "home", "street": "Weg 1", "city": "Ort" }],
            "birthday": "1980-05-17", "notes": "one\ntwo",
        });
        let fields: ContactFields = serde_json::from_value(written).unwrap();
        let mut item = Item::empty(Class::Contacts);
        fields.write(&mut item, &surroundings(false)).unwrap();

        let view = ContactFields::view(&item, &surroundings(false));
        assert_eq!(
            serde_json::to_value(&view).unwrap(),
            json!({
                "name": "Anna Ärmel", "has_photo": false, "file_as": "Ärmel, Anna", "title": null,
                "first_name": "Anna", "middle_name": null, "last_name": "Ärmel", "suffix": null,
                "nickname": null, "company": null, "department": null, "job_title": null,
                "office": null, "manager": null, "assistant": null, "spouse": null,
                "children": null, "emails": ["anna@example.org"], "messengers": null,
                "phones": [{ "kind": "mobile", "number": "110" }],
                "addresses": [{
                    "kind": "home", "street": "Weg 1", "postal_code": "", "city": "Ort",
                    "state": "", "country": "",
                }],
                "web_page": null, "birthday": "1980-05-17", "anniversary": null,
                "categories": null, "notes": "one\ntwo", "photo": null,
            })
        );
        let mut again = item.clone();
        view.fields.write(&mut again, &surroundings(false)).unwrap();
        assert_eq!(again, item, "what was read changes nothing when it is written");
    }

    #[test]
    fn what_is_not_said_stays_and_what_is_empty_goes() {
        let known = Contact {
            last_name: Some("Ärmel".to_owned()),
            job_title: Some("Chefin".to_owned()),
            email1_address: Some("\"Anna\" <anna@example.org>".to_owned()),
            email2_address: Some("old@example.org".to_owned()),
            home_phone_number: Some("1".to_owned()),
            customer_id: Some("42".to_owned()),
            ..Contact::default()
        };
        let mut item: Item = known.clone().into();
        let change = ContactFields {
            job_title: Some(String::new()),
            emails: Some(vec!["new@example.org".to_owned(), "anna@example.org".to_owned()]),
            phones: Some(Vec::new()),
            ..ContactFields::default()
        };
        change.write(&mut item, &surroundings(false)).unwrap();

        let expected = Contact {
            job_title: None,
            email1_address: Some("new@example.org".to_owned()),
            email2_address: known.email1_address.clone(),
            home_phone_number: None,
            ..known
        };
        assert_eq!(item, expected.into());
    }
}
