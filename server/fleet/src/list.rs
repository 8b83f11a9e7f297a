//! What somebody wants to see of a long list.

use crate::device::{Client, Device, StateKind};
use crate::group::Group;
use crate::invitation::Invitation;
use crate::user::{Block, User};
use crate::{GroupId, Login, Name, UserId};

/// A part of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Page {
    /// How many items to leave out at the beginning.
    pub offset: u64,
    limit: u64,
}

impl Page {
    /// The most items on one page.
    pub const LONGEST: u64 = 200;

    /// Names the page of at most `limit` items from `offset` on; longer pages are cut at [`LONGEST`](Self::LONGEST).
    pub fn new(offset: u64, limit: u64) -> Self {
        Self { offset, limit: limit.clamp(1, Self::LONGEST) }
    }

    /// Returns the most items that the page holds: 1 to 200.
    pub fn limit(self) -> u64 {
        self.limit
    }
}

impl Default for Page {
    /// The first fifty items.
    fn default() -> Self {
        Self::new(0, 50)
    }
}

/// One page, and how long the whole list is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listing<T> {
    /// The number of items in the whole list.
    pub total: u64,
    /// The items on this page.
    pub items: Vec<T>,
}

/// Selects devices; an empty filter selects all of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeviceFilter {
    /// Words that all have to occur in the names, the model, the system, the ActiveSync identifier, or the owner's
    /// name, login name or addresses.
    pub search: String,
    /// Only devices in these states; any if empty.
    pub states: Vec<StateKind>,
    /// Only devices with this client.
    pub client: Option<Client>,
    /// Only devices of this person.
    pub user: Option<UserId>,
    /// Only devices of people in this group.
    pub group: Option<GroupId>,
    /// Which device comes first.
    pub order: DeviceOrder,
}

/// Which device comes first in a list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DeviceOrder {
    /// The one that was heard of first most recently.
    #[default]
    Newest,
    /// The one that was seen most recently; those never seen come last.
    LastSeen,
    /// The one whose name comes first.
    Name,
}

/// Selects people; an empty filter selects all of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserFilter {
    /// Words that all have to occur in the name, the login name or the addresses.
    pub search: String,
    /// Only people in this group.
    pub group: Option<GroupId>,
}

/// Selects invitations; an empty filter selects all of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InvitationFilter {
    /// Only invitations of this person.
    pub user: Option<UserId>,
    /// Only invitations that can be redeemed at this moment.
    pub open_at: Option<time::OffsetDateTime>,
}

/// A device in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceItem {
    /// The device.
    pub device: Device,
    /// The owner's login name.
    pub owner_login: Login,
    /// The owner's name.
    pub owner_name: Name,
    /// The owner's group.
    pub group: GroupId,
    /// The name of the owner's group.
    pub group_name: Name,
    /// Whether, and why, the owner is blocked.
    pub owner_block: Option<Block>,
}

/// A person in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UserItem {
    /// The person.
    pub user: User,
    /// The name of the person's group.
    pub group_name: Name,
    /// How many of the person's devices the licence counts.
    pub devices: u64,
}

/// A group in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupItem {
    /// The group.
    pub group: Group,
    /// How many people are in it.
    pub users: u64,
}

/// An invitation in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvitationItem {
    /// The invitation.
    pub invitation: Invitation,
    /// The login name of who was invited.
    pub user_login: Login,
    /// The name of who was invited.
    pub user_name: Name,
}

/// Cuts what somebody typed into the words to look for, in the form in which they are compared.
pub fn search_words(text: &str) -> Vec<String> {
    text.split_whitespace().take(MOST_WORDS).map(search_form).collect()
}

/// Returns the form of a text in which searches compare it.
pub fn search_form(text: &str) -> String {
    text.to_lowercase()
}

/// More words than this do not narrow a search down.
const MOST_WORDS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_empty_and_never_long() {
        assert_eq!(Page::new(7, 0).limit(), 1);
        assert_eq!(Page::new(7, 200).limit(), 200);
        assert_eq!(Page::new(7, u64::MAX).limit(), 200);
    }

    #[test]
    fn a_search_is_cut_into_words() {
        assert_eq!(search_words("  Alice  ÄRGER\t50%_x "), ["alice", "ärger", "50%_x"]);
        assert_eq!(search_words(" \t"), Vec::<String>::new());
    }
}
