//! People of the company's directory, found by words.

use activesync::{
    messages::{
        FindAnswer, FindContent, FindCriterion, FindRequest, GalEntry, PictureWish, SearchAnswer,
        SearchContent, SearchOptions, SearchQuery, SearchRequest,
    },
    query::{Command, Version},
};
use bytes::Bytes;
use mail::text::line;

use super::{ErrandFailure, Refusal, Terms, finding};

/// Which people are wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectoryQuery {
    /// What was typed: the beginning of a name, an address or another property.
    pub words: String,
    /// How many of the first to leave out.
    pub offset: u32,
    /// How many are wanted.
    pub limit: u32,
    /// The largest photo that is wanted, in bytes; none are if absent.
    pub photos: Option<u32>,
    /// A GUID of this search.
    pub search_id: String,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DirectoryPage {
    /// People found in all, as the server counts them.
    pub total: u32,
    /// Those of this page.
    pub people: Vec<DirectoryPerson>,
}

/// Somebody in the directory. What is not known is empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DirectoryPerson {
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    pub address: String,
    pub alias: String,
    pub title: String,
    pub company: String,
    pub office: String,
    pub phone: String,
    pub mobile_phone: String,
    pub home_phone: String,
    /// A photo, if one was wanted and there is one.
    pub photo: Option<Bytes>,
}

impl DirectoryQuery {
    pub(super) fn check(&self) -> Result<(), ErrandFailure> {
        if self.words.trim().is_empty() {
            Err(ErrandFailure::Impossible("no_words"))
        } else {
            Ok(())
        }
    }

    pub(super) fn request(&self, terms: Terms<'_>) -> (Command, Vec<u8>) {
        let photos = self.photos.filter(|_| terms.version >= Version::V14_1);
        let picture =
            photos.map(|size| PictureWish { max_size: Some(size), max_pictures: Some(self.limit) });
        if terms.find {
            let criterion = FindCriterion::Gal { query: self.words.clone(), picture };
            // A search begins with its first result, and this one does not go on from an earlier request.
            let range = finding::range(0, self.offset.saturating_add(self.limit));
            let request = FindRequest { search_id: self.search_id.clone(), criterion, range };
            return (Command::Find, request.encode());
        }
        let range = finding::range(self.offset, self.limit);
        let options = SearchOptions { range, picture, ..SearchOptions::default() };
        let query = SearchQuery::Gal(self.words.clone());
        (Command::Search, SearchRequest { query, options }.encode())
    }

    pub(crate) fn read(&self, command: Command, body: &[u8]) -> Result<DirectoryPage, Refusal> {
        let (found, range, total) = if command == Command::Find {
            let Some(found) = finding::found(FindAnswer::decode(body))? else {
                return Ok(DirectoryPage::default());
            };
            let people = found.results.into_iter().filter_map(|result| match result.content {
                FindContent::Gal(person) => Some(*person),
                FindContent::Mail(_) => None,
            });
            let skipped = usize::try_from(self.offset).unwrap_or(usize::MAX);
            (people.skip(skipped).collect::<Vec<_>>(), found.range, found.total)
        } else {
            let Some(found) = finding::searched(SearchAnswer::decode(body))? else {
                return Ok(DirectoryPage::default());
            };
            let people = found.results.into_iter().filter_map(|result| match result.content {
                SearchContent::Gal(person) => Some(*person),
                SearchContent::Document(_) | SearchContent::Item(_) => None,
            });
            (people.collect::<Vec<_>>(), found.range, found.total)
        };
        let people: Vec<DirectoryPerson> = found
            .into_iter()
            .map(DirectoryPerson::of)
            .filter(|person| person.is_somebody())
            .collect();
        Ok(DirectoryPage { total: finding::total(total, range, self.offset, people.len()), people })
    }
}

impl DirectoryPerson {
    fn of(entry: GalEntry) -> Self {
        let text = |value: Option<String>| line(&value.unwrap_or_default());
        let first_name = text(entry.first_name);
        let last_name = text(entry.last_name);
        let full = format!("{first_name} {last_name}");
        // One server gives the parts of the name alone.
        let name = Some(text(entry.display_name)).filter(|name| !name.is_empty());
        Self {
            name: name.unwrap_or_else(|| full.trim().to_owned()),
            first_name,
            last_name,
            address: text(entry.email_address),
            alias: text(entry.alias),
            title: text(entry.title),
            company: text(entry.company),
            office: text(entry.office),
            phone: text(entry.phone),
            mobile_phone: text(entry.mobile_phone),
            home_phone: text(entry.home_phone),
            photo: entry.picture.and_then(|picture| picture.data),
        }
    }

    /// Servers write that they found nothing as somebody without properties.
    fn is_somebody(&self) -> bool {
        !self.name.is_empty() || !self.address.is_empty()
    }
}
