//! The figures on the console's first page.

use crate::{Fault, Operations};
use audit::Filter;
use fleet::device::StateKind;
use fleet::licence::Licence;
use fleet::list::Page;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// How the fleet stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Figures {
    /// How many devices are in each state.
    pub devices: BTreeMap<StateKind, u64>,
    /// How many devices may be in service.
    pub licence: Licence,
    /// How many devices the licence counts.
    pub licensed_in_use: u64,
    /// How many people there are.
    pub users: u64,
    /// How many groups there are.
    pub groups: u64,
    /// How many invitations can be redeemed.
    pub open_invitations: u64,
    /// When something was done last.
    pub last_change: Option<OffsetDateTime>,
    /// The number of the last change.
    pub sequence: u64,
}

impl Operations {
    /// Counts what there is.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn figures(&self) -> Result<Figures, Fault> {
        let store = self.store();
        let counted = store.devices_by_state().await?;
        let count = |kind: &StateKind| (*kind, counted.get(kind).copied().unwrap_or(0));
        let devices: BTreeMap<_, _> = StateKind::ALL.iter().map(count).collect();
        let licensed = devices.iter().filter(|(kind, _)| kind.is_licensed());
        let done = Filter { ending: Some(audit::Ending::Done), ..Filter::default() };
        let last = store.audit_events(&done, Page::new(0, 1)).await?.items.pop();

        Ok(Figures {
            licence: self.licence(),
            licensed_in_use: licensed.map(|(_, count)| count).sum(),
            devices,
            users: store.user_count().await?,
            groups: store.group_count().await?,
            open_invitations: store.open_invitations(self.now()).await?,
            last_change: last.map(|event| event.record.at),
            sequence: store.sequence().await?,
        })
    }
}
