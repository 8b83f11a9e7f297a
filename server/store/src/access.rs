//! What gateways have to know of devices.

use crate::devices::device;
use crate::error::StoreError;
use crate::tables::{devices, users};
use crate::users::{addresses_of, block};
use crate::work::Store;
use fleet::device::Device;
use fleet::user::Block;
use fleet::{DeviceId, Login, MailAddress};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A device with the names its owner signs in with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnedDevice {
    /// The device.
    pub device: Device,
    /// The owner's login name.
    pub login: Login,
    /// The owner's mail addresses.
    pub addresses: Vec<MailAddress>,
    /// Whether, and why, the owner is blocked.
    pub block: Option<Block>,
}

impl Store {
    /// Lists at most `limit` devices that have an ActiveSync identifier, in the order of their identifiers, from
    /// the one after `after` on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn devices_with_owners(
        &self,
        after: Option<DeviceId>,
        limit: u64,
    ) -> Result<Vec<OwnedDevice>, StoreError> {
        let mut query = devices::Entity::find()
            .filter(devices::Column::EasId.is_not_null())
            .order_by_asc(devices::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(devices::Column::Id.gt(after.0));
        }

        self.owned(query.all(&self.0).await?).await
    }

    /// Finds those of these devices that exist and have an ActiveSync identifier.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn devices_with_owners_among(
        &self,
        ids: &[DeviceId],
    ) -> Result<Vec<OwnedDevice>, StoreError> {
        let rows = devices::Entity::find()
            .filter(devices::Column::EasId.is_not_null())
            .filter(devices::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .all(&self.0)
            .await?;

        self.owned(rows).await
    }

    async fn owned(&self, rows: Vec<devices::Model>) -> Result<Vec<OwnedDevice>, StoreError> {
        let owners: Vec<Uuid> = rows.iter().map(|row| row.user_id).collect();
        let people: BTreeMap<Uuid, users::Model> = users::Entity::find()
            .filter(users::Column::Id.is_in(owners.iter().copied()))
            .all(&self.0)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let addresses = addresses_of(&self.0, owners).await?;

        let mut owned = Vec::with_capacity(rows.len());
        for row in rows {
            // A device whose owner vanished between the two reads is about to be reported as removed.
            let Some(owner) = people.get(&row.user_id) else { continue };
            let block = block(owner)?;
            let login = Login::parse(&owner.login)
                .map_err(|_| StoreError::damaged("users", row.user_id, "login"))?;
            let addresses = addresses.get(&row.user_id).cloned().unwrap_or_default();
            owned.push(OwnedDevice { device: device(row)?, login, addresses, block });
        }

        Ok(owned)
    }
}
