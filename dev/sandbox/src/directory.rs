//! Who works here: the accounts, and with samples some people more, among them several of one name.

use activesync::messages::{GalEntry, GalPicture, PictureWish};
use activesync::status::Status;
use bytes::Bytes;

use crate::options::Options;
use crate::photo;

const NO_PICTURE: Status = Status(173);
const PICTURE_TOO_LARGE: Status = Status(174);
const ENOUGH_PICTURES: Status = Status(175);
/// Largest photo that the protocol knows, in bytes.
const LARGEST_PICTURE: u32 = 102_400;

/// Everybody, in the order of their names.
#[derive(Debug)]
pub(crate) struct Directory(Vec<Person>);

#[derive(Debug)]
pub(crate) struct Person {
    first: String,
    last: String,
    alias: String,
    pub(crate) address: String,
    title: &'static str,
    /// The last digits of all numbers.
    extension: usize,
    office: &'static str,
    company: String,
    photo: Option<Bytes>,
}

/// Alias, names, title, office, and of how many squares the photo is; 0 for none.
type Entry = (&'static str, &'static str, &'static str, &'static str, &'static str, u8);

const ACCOUNTS: [Entry; 5] = [
    ("alice", "Alice", "Lindqvist", "Head of sales", "2.14", 8),
    ("bob", "Bob", "Marsh", "Purchasing", "2.09", 12),
    ("carol", "Carol", "Okoye", "Legal counsel", "3.01", 0),
    ("dave", "Dave", "Novak", "IT operations", "0.07", 48),
    ("erin", "Erin", "Fuchs", "Quality", "1.20", 8),
];

const COLLEAGUES: [Entry; 6] = [
    ("anna.schmidt", "Anna", "Schmidt", "Accounting", "1.02", 8),
    ("anna.schmitz", "Anna", "Schmitz", "Personnel", "1.03", 0),
    ("lena.vogt", "Lena", "Vogt", "Controlling", "2.11", 16),
    ("peter.schmidt", "Peter", "Schmidt", "Logistics", "0.12", 8),
    ("joerg.schaefer", "Jörg", "Schäfer", "Works council", "1.15", 0),
    ("hanako.yamada", "花子", "山田", "Engineering", "3.08", 12),
];

impl Directory {
    pub(crate) fn new(options: &Options) -> Self {
        let colleagues: &[Entry] = if options.samples { &COLLEAGUES } else { &[] };
        let accounts = options.accounts.iter();
        let free = colleagues.iter().filter(|entry| !options.accounts.iter().any(|a| a == entry.0));
        let mut people: Vec<_> = accounts
            .map(|name| {
                let known = ACCOUNTS.iter().find(|entry| entry.0.eq_ignore_ascii_case(name));
                known.map_or_else(|| Person::named(name), Person::new)
            })
            .chain(free.map(Person::new))
            .collect();
        for (index, person) in people.iter_mut().enumerate() {
            person.address = format!("{}@{}", person.alias, options.domain);
            person.company.clone_from(&options.domain);
            person.extension = index + 10;
        }
        people.sort_by_key(|person| person.display_name().to_lowercase());
        Self(people)
    }

    pub(crate) fn by_address(&self, address: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.address.eq_ignore_ascii_case(address))
    }

    /// Returns everybody of whom something begins with each word of `text`; nobody if there is no word.
    pub(crate) fn find(&self, text: &str) -> Vec<&Person> {
        let text = text.to_lowercase();
        let words: Vec<_> = text.split_whitespace().collect();
        let fits = |person: &&Person| words.iter().all(|word| person.begins(word));
        self.0.iter().filter(fits).filter(|_| !words.is_empty()).collect()
    }
}

impl Person {
    fn new(&(alias, first, last, title, office, squares): &Entry) -> Self {
        let seed = alias.bytes().fold(7, |seed: u32, byte| seed.wrapping_mul(31) + u32::from(byte));
        Self {
            first: first.to_owned(),
            last: last.to_owned(),
            alias: alias.to_owned(),
            address: String::new(),
            title,
            extension: 0,
            office,
            company: String::new(),
            photo: (squares > 0).then(|| photo::jpeg(squares, seed).into()),
        }
    }

    /// Somebody of whom only the account's name is known.
    fn named(name: &str) -> Self {
        let mut letters = name.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters);
        let first = first.collect();
        Self { first, alias: name.to_owned(), ..Self::new(&("", "", "", "", "", 0)) }
    }

    pub(crate) fn display_name(&self) -> String {
        format!("{} {}", self.first, self.last).trim_end().to_owned()
    }

    /// Returns the properties that the directory has of somebody.
    pub(crate) fn entry(&self, picture: Option<GalPicture>) -> GalEntry {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let number = |prefix: &str| Some(format!("{prefix} {}", self.extension));
        GalEntry {
            display_name: Some(self.display_name()),
            phone: number("+49 40 5550"),
            office: given(self.office),
            title: given(self.title),
            company: given(&self.company),
            alias: given(&self.alias),
            first_name: given(&self.first),
            last_name: given(&self.last),
            mobile_phone: number("+49 151 5550"),
            email_address: given(&self.address),
            picture,
            ..GalEntry::default()
        }
    }

    fn begins(&self, word: &str) -> bool {
        [self.first.as_str(), &self.last, &self.alias, &self.address, self.office]
            .iter()
            .any(|text| text.to_lowercase().starts_with(word))
    }
}

/// Gives photos as long as some are wanted.
#[derive(Debug)]
pub(crate) struct Pictures {
    wish: Option<PictureWish>,
    given: u32,
}

impl Pictures {
    pub(crate) fn new(wish: Option<PictureWish>) -> Self {
        Self { wish, given: 0 }
    }

    /// Returns somebody's photo, or why there is none; nothing if nobody asked.
    pub(crate) fn of(&mut self, person: &Person) -> Option<GalPicture> {
        let wish = self.wish?;
        let largest = wish.max_size.unwrap_or(LARGEST_PICTURE).min(LARGEST_PICTURE) as usize;
        let refused = |status| Some(GalPicture { status, data: None });
        let Some(photo) = &person.photo else { return refused(NO_PICTURE) };
        if wish.max_pictures.is_some_and(|most| self.given >= most) {
            return refused(ENOUGH_PICTURES);
        }
        if photo.len() > largest {
            return refused(PICTURE_TOO_LARGE);
        }
        self.given += 1;
        Some(GalPicture { status: Status::OK, data: Some(photo.clone()) })
    }
}
