//! The code pages: which number stands for which element.
//!
//! Only elements of the protocol versions 12.1 to 16.1 have a constant. Elements of older versions have a name, those of vendors
//! have none; typed readers skip both.

use std::fmt;

/// Declares one module of [`Tag`] constants and one [`Page`] per code page.
macro_rules! page {
    ($($module:ident = $number:literal $page:literal { $($token:literal $constant:ident $name:literal,)* })*) => {
        $(
            #[doc = concat!("Code page ", stringify!($number), ", `", $page, "`.")]
            pub mod $module {
                use super::{Index, Page, Tag};

                const NAMES: &[(u8, &str)] = &[$(($token, $name)),*];
                pub(in crate::codepage) const PAGE: Page =
                    Page { name: $page, names: NAMES, index: Index::of(NAMES) };
                $(
                    #[doc = concat!("`", $page, ":", $name, "`.")]
                    pub const $constant: Tag = Tag::new($number, $token);
                )*
            }
        )*
    };
}

mod commands;
mod index;
mod items;
mod older;

pub use commands::*;
use index::Index;
pub use items::*;

/// An element's name on the wire: its code page and its token without the content bit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Code page, 0 to 24 and 25 in ActiveSync.
    pub page: u8,
    /// Token within the page, 0x05 to 0x3F.
    pub token: u8,
}

impl Tag {
    /// Names the element `token` of `page`.
    pub const fn new(page: u8, token: u8) -> Self {
        Self { page, token }
    }

    /// Returns the element's name without its page, or `None` for an element that no version has.
    pub fn name(self) -> Option<&'static str> {
        let names = page(self.page).map(|page| page.names).unwrap_or_default();
        match names.binary_search_by_key(&self.token, |(token, _)| *token) {
            Ok(found) => names.get(found).map(|(_, name)| *name),
            Err(_) => older::name(self),
        }
    }

    /// Returns the name of the element's code page.
    pub fn page_name(self) -> Option<&'static str> {
        page(self.page)
            .map(|page| page.name)
            .or((self.page == older::PAGE.0).then_some(older::PAGE.1))
    }

    /// Finds the element called `name` on a code page.
    pub fn on_page(number: u8, name: &str) -> Option<Self> {
        let token = page(number).and_then(|page| page.index.find(page.names, name));

        token.map(|token| Self::new(number, token)).or_else(|| older::find(number, name))
    }

    /// Finds the element called `name` on the code page called `page_name`.
    pub fn by_name(page_name: &str, name: &str) -> Option<Self> {
        Self::on_page(page_number(page_name)?, name)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes `Page:Name`, or numbers where there is no name.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.page_name(), self.name()) {
            (Some(page), Some(name)) => write!(f, "{page}:{name}"),
            (Some(page), None) => write!(f, "{page}:{:#04x}", self.token),
            (None, _) => write!(f, "{}:{:#04x}", self.page, self.token),
        }
    }
}

struct Page {
    name: &'static str,
    names: &'static [(u8, &'static str)],
    index: Index,
}

static PAGES: [Option<&Page>; 26] = [
    Some(&air_sync::PAGE),
    Some(&contacts::PAGE),
    Some(&email::PAGE),
    None,
    Some(&calendar::PAGE),
    Some(&move_items::PAGE),
    Some(&get_item_estimate::PAGE),
    Some(&folder_hierarchy::PAGE),
    Some(&meeting_response::PAGE),
    Some(&tasks::PAGE),
    Some(&resolve_recipients::PAGE),
    Some(&validate_cert::PAGE),
    Some(&contacts2::PAGE),
    Some(&ping::PAGE),
    Some(&provision::PAGE),
    Some(&search::PAGE),
    Some(&gal::PAGE),
    Some(&air_sync_base::PAGE),
    Some(&settings::PAGE),
    Some(&document_library::PAGE),
    Some(&item_operations::PAGE),
    Some(&compose_mail::PAGE),
    Some(&email2::PAGE),
    Some(&notes::PAGE),
    Some(&rights_management::PAGE),
    Some(&find::PAGE),
];

fn page(number: u8) -> Option<&'static Page> {
    PAGES.get(usize::from(number)).copied().flatten()
}

/// Finds the number of the code page called `name`.
pub fn page_number(name: &str) -> Option<u8> {
    static NAMES: [(u8, &str); PAGES.len()] = names_of_pages();
    static INDEX: Index = Index::of(&NAMES);

    INDEX.find(&NAMES, name)
}

#[expect(clippy::indexing_slicing, reason = "each number is one of a page")]
const fn names_of_pages() -> [(u8, &'static str); PAGES.len()] {
    let mut names = [older::PAGE; PAGES.len()];
    let mut number = 0;
    while number < PAGES.len() {
        if let Some(page) = PAGES[number] {
            names[number] = (number as u8, page.name);
        }
        number += 1;
    }

    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_used_element_is_there() {
        let pages: Vec<_> = (0..=255).filter_map(page).collect();
        assert_eq!(pages.len(), 25);
        assert_eq!(pages.iter().map(|page| page.names.len()).sum::<usize>(), 586);
    }

    #[test]
    fn tokens_of_a_page_rise_and_stay_in_range() {
        for page in (0..=255).filter_map(page) {
            assert!(page.names.is_sorted_by(|(a, _), (b, _)| a < b), "{}", page.name);
            assert!(
                page.names.iter().all(|(token, _)| (0x05..=0x3f).contains(token)),
                "{}",
                page.name
            );
        }
    }

    #[test]
    fn every_named_element_is_found_by_its_name() {
        let mut named = 0;
        for tag in (0..=255).flat_map(|page| (0..=255).map(move |token| Tag::new(page, token))) {
            if let (Some(page), Some(name)) = (tag.page_name(), tag.name()) {
                assert_eq!(Tag::by_name(page, name), Some(tag));
                named += 1;
            }
        }
        assert_eq!(named, 586 + 68);
    }

    #[test]
    fn tokens_that_shifted_tables_get_wrong() {
        for (tag, page, token) in [
            (air_sync::SYNC, 0, 0x05),
            (air_sync::HEARTBEAT_INTERVAL, 0, 0x29),
            (email::DISALLOW_NEW_TIME_PROPOSAL, 2, 0x3f),
            (folder_hierarchy::FOLDER_SYNC, 7, 0x16),
            (ping::MAX_FOLDERS, 13, 0x0d),
            (provision::DEVICE_PASSWORD_ENABLED, 14, 0x0e),
            (provision::REQUIRE_STORAGE_CARD_ENCRYPTION, 14, 0x10),
            (provision::ATTACHMENTS_ENABLED, 14, 0x13),
            (provision::ACCOUNT_ONLY_REMOTE_WIPE, 14, 0x3b),
            (air_sync_base::INSTANCE_ID, 17, 0x2d),
            (settings::RIGHTS_MANAGEMENT_INFORMATION, 18, 0x2b),
            (item_operations::MOVE_ALWAYS, 20, 0x19),
            (compose_mail::MIME, 21, 0x10),
            (email2::SEND, 22, 0x17),
            (find::PICTURE, 25, 0x22),
        ] {
            assert_eq!((tag.page, tag.token), (page, token), "{tag}");
        }
    }

    #[test]
    fn names_are_found_both_ways() {
        assert_eq!(air_sync_base::ESTIMATED_DATA_SIZE.to_string(), "AirSyncBase:EstimatedDataSize");
        assert_eq!(
            Tag::by_name("AirSyncBase", "EstimatedDataSize"),
            Some(air_sync_base::ESTIMATED_DATA_SIZE)
        );
        assert_eq!(Tag::by_name("AirNotify", "Notify"), Some(Tag::new(3, 5)));
        assert_eq!(Tag::by_name("Email", "AttName"), Some(Tag::new(2, 7)));
        assert_eq!(Tag::by_name("Email", "Nothing"), None);
        assert_eq!(Tag::by_name("Nothing", "Sync"), None);
        assert_eq!(Tag::new(3, 5).to_string(), "AirNotify:Notify");
        assert_eq!(Tag::new(254, 5).to_string(), "254:0x05");
        assert_eq!(Tag::new(0, 0x3e).to_string(), "AirSync:0x3e");
    }
}
