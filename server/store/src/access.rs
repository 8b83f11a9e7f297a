//! What gateways have to know of devices.

use crate::devices::device;
use crate::error::StoreError;
use crate::tables::{devices, users};
use crate::users::{addresses_of, block};
use crate::work::Store;
use ca::SerialNumber;
use fleet::device::DeviceCertificate;
use fleet::user::Block;
use fleet::{DeviceId, Login, MailAddress};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A device with the names its owner signs in with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnedDevice {
    /// The device.
    pub device: fleet::device::Device,
    /// The owner's login name.
    pub login: Login,
    /// The owner's mail addresses.
    pub addresses: Vec<MailAddress>,
    /// Whether, and why, the owner is blocked.
    pub block: Option<Block>,
    /// SHA-256 of those of its certificates that are revoked or on hold.
    pub revoked: Vec<[u8; 32]>,
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
        let devices = rows.into_iter().map(|row| Ok((row.user_id, device(row)?)));
        let devices = devices.collect::<Result<Vec<_>, StoreError>>()?;
        let certificates = devices.iter().flat_map(|(_, device)| device.certificates());
        let serials = certificates.filter_map(|it| SerialNumber::parse(&it.serial));
        let revoked = self.revoked_among(serials.collect()).await?;

        let mut owned = Vec::with_capacity(devices.len());
        for (user, device) in devices {
            // A device whose owner vanished between the two reads is about to be reported as removed.
            let Some(owner) = people.get(&user) else { continue };
            let block = block(owner)?;
            let login = Login::parse(&owner.login)
                .map_err(|_| StoreError::damaged("users", user, "login"))?;
            let addresses = addresses.get(&user).cloned().unwrap_or_default();
            let is_revoked = |it: &&DeviceCertificate| {
                SerialNumber::parse(&it.serial).is_some_and(|serial| revoked.contains(&serial))
            };
            let revoked = device.certificates().filter(is_revoked).map(|it| it.fingerprint);
            let revoked = revoked.collect();
            owned.push(OwnedDevice { device, login, addresses, block, revoked });
        }

        Ok(owned)
    }
}
