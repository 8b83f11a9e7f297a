use super::body::BodyPreference;
use super::decode::{DecodeError, Values, keep};
use super::item::Class;
use crate::codepage::{air_sync as page, air_sync_base, rights_management};
use crate::query::Version;
use crate::wbxml::{Reader, Writer};

/// How old items may be, or which of them are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Filter {
    All = 0,
    OneDay = 1,
    ThreeDays = 2,
    OneWeek = 3,
    TwoWeeks = 4,
    OneMonth = 5,
    ThreeMonths = 6,
    SixMonths = 7,
    OpenTasks = 8,
}

impl Filter {
    const ALL: [Self; 9] = [
        Self::All,
        Self::OneDay,
        Self::ThreeDays,
        Self::OneWeek,
        Self::TwoWeeks,
        Self::OneMonth,
        Self::ThreeMonths,
        Self::SixMonths,
        Self::OpenTasks,
    ];

    /// Returns the number on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads the number on the wire.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.code() == code)
    }

    /// Returns the smallest mail filter that covers `days`; 0 and more than a month mean all mail.
    pub fn covering_days(days: u16) -> Self {
        match days {
            1 => Self::OneDay,
            2..=3 => Self::ThreeDays,
            4..=7 => Self::OneWeek,
            8..=14 => Self::TwoWeeks,
            15..=31 => Self::OneMonth,
            0 | 32.. => Self::All,
        }
    }

    /// Returns whether a collection of this class knows the filter; status 4 otherwise.
    pub fn fits(self, class: Class) -> bool {
        match class {
            Class::Calendar => matches!(
                self,
                Self::All | Self::TwoWeeks | Self::OneMonth | Self::ThreeMonths | Self::SixMonths
            ),
            Class::Contacts | Class::Notes => self == Self::All,
            Class::Email => self <= Self::OneMonth,
            Class::Tasks => matches!(self, Self::All | Self::OpenTasks),
        }
    }

    /// Returns how many days back it reaches, or `None` for all.
    pub fn days(self) -> Option<u16> {
        match self {
            Self::All | Self::OpenTasks => None,
            Self::OneDay => Some(1),
            Self::ThreeDays => Some(3),
            Self::OneWeek => Some(7),
            Self::TwoWeeks => Some(14),
            Self::OneMonth => Some(31),
            Self::ThreeMonths => Some(92),
            Self::SixMonths => Some(183),
        }
    }
}

/// Which mails may come as MIME.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MimeSupport {
    #[default]
    Never = 0,
    OnlySmime = 1,
    All = 2,
}

impl MimeSupport {
    /// Reads the number on the wire.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Never, Self::OnlySmime, Self::All].into_iter().find(|known| *known as u8 == code)
    }
}

/// How a collection is wanted. The server remembers it until it is sent anew, and then replaces it whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncOptions {
    /// How old items may be.
    pub filter: Option<Filter>,
    /// Class the options are for, when it is not the folder's own.
    pub class: Option<String>,
    /// Whether the client's version wins a conflict.
    pub client_wins: Option<bool>,
    /// Forms of the body, at most one per form.
    pub body_preferences: Vec<BodyPreference>,
    /// Which mails may come as MIME.
    pub mime_support: Option<MimeSupport>,
    /// Most characters of MIME in steps 0 to 8.
    pub mime_truncation: Option<u8>,
    /// How much is wanted of the part that is new in its conversation, as HTML; since 14.1.
    pub body_part_preference: Option<BodyPreference>,
    /// Whether protected mail is wanted in the clear; since 14.1, and only from who enforces its licence.
    pub rights_management: Option<bool>,
    /// Most entries of the recipient cache; since 14.0.
    pub max_items: Option<u32>,
}

impl SyncOptions {
    /// Takes away what a protocol version does not have.
    pub(super) fn prepare(&mut self, version: Version) {
        if version < Version::V14_1 {
            self.body_part_preference = None;
            self.rights_management = None;
        }
        if version < Version::V14_0 {
            self.class = None;
            self.max_items = None;
            self.body_preferences.iter_mut().for_each(|preference| preference.preview = None);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut options = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::FILTER_TYPE => {
                    options.filter = reader.number_if_any()?.and_then(Filter::from_code)
                }
                page::CLASS => options.class = Some(reader.string()?),
                page::CONFLICT => options.client_wins = Some(!reader.boolean()?),
                page::MIME_SUPPORT => {
                    options.mime_support = reader.number_if_any()?.and_then(MimeSupport::from_code);
                }
                page::MIME_TRUNCATION => options.mime_truncation = reader.number_if_any()?,
                air_sync_base::BODY_PREFERENCE => {
                    keep(&mut options.body_preferences, BodyPreference::read(reader)?, reader)?
                }
                air_sync_base::BODY_PART_PREFERENCE => {
                    options.body_part_preference = BodyPreference::read(reader)?;
                }
                rights_management::RIGHTS_MANAGEMENT_SUPPORT => {
                    options.rights_management = Some(reader.boolean()?);
                }
                page::MAX_ITEMS => options.max_items = reader.number_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(options)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::OPTIONS, |options| {
            if let Some(filter) = self.filter {
                options.number(page::FILTER_TYPE, filter.code());
            }
            if let Some(class) = &self.class {
                options.text(page::CLASS, class);
            }
            self.body_preferences.iter().for_each(|preference| preference.write(options));
            if let Some(client_wins) = self.client_wins {
                options.boolean(page::CONFLICT, !client_wins);
            }
            if let Some(support) = self.mime_support {
                options.number(page::MIME_SUPPORT, support as u8);
            }
            if let Some(truncation) = self.mime_truncation {
                options.number(page::MIME_TRUNCATION, truncation);
            }
            if let Some(items) = self.max_items {
                options.number(page::MAX_ITEMS, items);
            }
            if let Some(preference) = &self.body_part_preference {
                preference.write_as(options, air_sync_base::BODY_PART_PREFERENCE);
            }
            if let Some(support) = self.rights_management {
                options.boolean(rights_management::RIGHTS_MANAGEMENT_SUPPORT, support);
            }
        });
    }
}
