//! Devices.

mod rows;

use crate::changes::{self, Touched};
use crate::error::{InsertError, StoreError};
use crate::millis::Millis;
use crate::search::{contains, each_word};
use crate::sequence::{self, Counter, unsigned};
use crate::tables::{devices, groups, users};
use crate::users::{block, group_names, licensed_states, load, user_mentions};
use crate::work::{Store, UnitOfWork};
use fleet::device::{Device, StateKind};
use fleet::group::Group;
use fleet::list::{DeviceFilter, DeviceItem, DeviceOrder, Listing, Page, search_form};
use fleet::user::User;
use fleet::{DeviceId, EasId, Login, Name};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub(crate) use rows::{columns, device};

/// How many devices are in each state.
pub type CountByState = BTreeMap<StateKind, u64>;

/// A device with everything that its app is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceStatus {
    /// The device.
    pub device: Device,
    /// Its owner.
    pub user: User,
    /// The group of its owner.
    pub group: Group,
    /// How many certificate files wait for its owner's app.
    pub certificate_files: u64,
    /// Rises whenever one of them changes.
    pub sequence: u64,
}

impl Store {
    /// Finds a device.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn device(&self, id: DeviceId) -> Result<Option<DeviceItem>, StoreError> {
        let row = devices::Entity::find_by_id(id.0).one(&self.0).await?;

        Ok(self.device_items(row.into_iter().collect()).await?.pop())
    }

    /// Finds the devices that somebody may mean: the one with this identifier or ActiveSync identifier, or else all
    /// that have this name, in whatever case, in the order of their identifiers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn devices_called(&self, text: &str) -> Result<Vec<DeviceItem>, StoreError> {
        let mut exact = Condition::any();
        if let Ok(id) = Uuid::parse_str(text) {
            exact = exact.add(devices::Column::Id.eq(id));
        }
        if let Ok(eas_id) = EasId::parse(text) {
            exact = exact.add(devices::Column::EasId.eq(eas_id.as_str()));
        }
        if !exact.is_empty() {
            let row = devices::Entity::find().filter(exact).one(&self.0).await?;
            if row.is_some() {
                return self.device_items(row.into_iter().collect()).await;
            }
        }

        let Ok(name) = Name::parse(text) else { return Ok(Vec::new()) };
        // The search column holds the name in lower case, among other things; SQLite cannot lower all letters.
        let rows = devices::Entity::find()
            .filter(contains(devices::Column::Search, &search_form(name.as_str())))
            .order_by_asc(devices::Column::Id)
            .all(&self.0)
            .await?;
        let named = rows.into_iter().filter(|row| search_form(&row.name) == name.key()).collect();

        self.device_items(named).await
    }

    /// Finds the device that proves itself with the certificate of this SHA-256 fingerprint, the present one or the next.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn device_by_certificate(
        &self,
        fingerprint: [u8; 32],
    ) -> Result<Option<Device>, StoreError> {
        let fingerprint = fingerprint.to_vec();
        let either = Condition::any()
            .add(devices::Column::CertificateFingerprint.eq(fingerprint.clone()))
            .add(devices::Column::NextCertificateFingerprint.eq(fingerprint));
        let row = devices::Entity::find().filter(either).one(&self.0).await?;

        row.map(device).transpose()
    }

    /// Finds a device with everything that its app is told.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn device_status(&self, id: DeviceId) -> Result<Option<DeviceStatus>, StoreError> {
        // First, so that whatever is not in the answer yet has a higher number.
        let sequence = changes::last_of(&self.0, id).await?;
        let Some(row) = devices::Entity::find_by_id(id.0).one(&self.0).await? else {
            return Ok(None);
        };
        let owner = users::Entity::find_by_id(row.user_id).one(&self.0).await?;
        let Some(user) = load(&self.0, owner.into_iter().collect()).await?.pop() else {
            return Err(StoreError::damaged("devices", row.id, "owner"));
        };
        let Some(group_row) = groups::Entity::find_by_id(user.group.0).one(&self.0).await? else {
            return Err(StoreError::damaged("users", user.id, "group"));
        };
        let group = crate::groups::group(group_row)?;

        let certificate_files = crate::certificate_files::waiting(&self.0, user.id).await?;

        Ok(Some(DeviceStatus { device: device(row)?, user, group, certificate_files, sequence }))
    }

    /// Lists devices.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn devices(
        &self,
        filter: &DeviceFilter,
        page: Page,
    ) -> Result<Listing<DeviceItem>, StoreError> {
        let query = devices::Entity::find().filter(condition(filter));
        let total = query.clone().count(&self.0).await?;
        let rows = ordered(query, filter.order)
            .offset(page.offset)
            .limit(page.limit())
            .all(&self.0)
            .await?;

        Ok(Listing { total, items: self.device_items(rows).await? })
    }

    /// Counts the devices in each state; a state without devices is missing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn devices_by_state(&self) -> Result<CountByState, StoreError> {
        let rows = devices::Entity::find()
            .select_only()
            .column(devices::Column::State)
            .column_as(devices::Column::Id.count(), "devices")
            .group_by(devices::Column::State)
            .into_tuple::<(String, i64)>()
            .all(&self.0)
            .await?;

        rows.into_iter()
            .map(|(state, count)| {
                let kind = StateKind::parse(&state)
                    .ok_or_else(|| StoreError::damaged("devices", state, "state"))?;
                Ok((kind, unsigned("devices", count)?))
            })
            .collect()
    }

    /// Notes that a device was heard of at `now`, unless it was within the last `interval`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn record_contact(
        &self,
        id: DeviceId,
        app_version: &str,
        now: OffsetDateTime,
        interval: Duration,
    ) -> Result<(), StoreError> {
        let due = Condition::all().add(devices::Column::Id.eq(id.0)).add(
            Condition::any()
                .add(devices::Column::LastSeen.is_null())
                .add(devices::Column::LastSeen.lte(Millis::from(now - interval))),
        );
        // A read first: on SQLite every update, even of no row, waits for all other writers.
        if devices::Entity::find().filter(due.clone()).count(&self.0).await? == 0 {
            return Ok(());
        }
        devices::Entity::update_many()
            .col_expr(devices::Column::LastSeen, Expr::value(Millis::from(now)))
            .col_expr(devices::Column::AppVersion, Expr::value(app_version))
            .filter(due)
            .exec(&self.0)
            .await?;

        Ok(())
    }

    async fn device_items(&self, rows: Vec<devices::Model>) -> Result<Vec<DeviceItem>, StoreError> {
        let owners: BTreeMap<Uuid, users::Model> = users::Entity::find()
            .filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)))
            .all(&self.0)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let groups = owners.values().map(|owner| owner.group_id).collect();
        let names = group_names(&self.0, groups).await?;

        rows.into_iter()
            .map(|row| {
                let damaged = |what| StoreError::damaged("devices", row.id, what);
                let owner = owners.get(&row.user_id).ok_or_else(|| damaged("owner"))?;
                let group_name =
                    names.get(&owner.group_id).cloned().ok_or_else(|| damaged("group"))?;
                Ok(DeviceItem {
                    owner_login: Login::parse(&owner.login).map_err(|_| damaged("owner"))?,
                    owner_name: Name::parse(&owner.name).map_err(|_| damaged("owner"))?,
                    group: fleet::GroupId(owner.group_id),
                    group_name,
                    owner_block: block(owner)?,
                    device: device(row)?,
                })
            })
            .collect()
    }
}

impl UnitOfWork {
    /// Finds a device and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let row = devices::Entity::find_by_id(id.0).lock_exclusive().one(&self.transaction).await?;

        row.map(device).transpose()
    }

    /// Counts the devices that the licence counts. Nobody else can do so until this unit of work ends; it comes
    /// before everything else that is locked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn licence_in_use(&self) -> Result<u64, StoreError> {
        sequence::lock(&self.transaction, Counter::Licence).await?;
        let query = devices::Entity::find().filter(devices::Column::State.is_in(licensed_states()));

        Ok(query.count(&self.transaction).await?)
    }

    /// Adds a device.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if another one has its ActiveSync identifier or its certificate.
    pub async fn insert_device(&mut self, device: &Device) -> Result<(), InsertError> {
        devices::Entity::insert(columns(device)).exec_without_returning(&self.transaction).await?;
        self.touched.push(Touched::Device(device.id));

        Ok(())
    }

    /// Saves a device that was found before.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if another one has its ActiveSync identifier or its certificate.
    pub async fn save_device(&mut self, device: &Device) -> Result<(), InsertError> {
        devices::Entity::update(columns(device)).exec_without_returning(&self.transaction).await?;
        self.touched.push(Touched::Device(device.id));

        Ok(())
    }

    /// Removes a device that was never registered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn remove_device(&mut self, id: DeviceId) -> Result<(), StoreError> {
        devices::Entity::delete_by_id(id.0).exec(&self.transaction).await?;
        self.touched.push(Touched::Device(id));

        Ok(())
    }

    /// Takes an ActiveSync identifier from the retired device that still shows it, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn release_eas_id(&mut self, eas_id: &EasId) -> Result<(), StoreError> {
        let retired = Condition::all()
            .add(devices::Column::EasId.eq(eas_id.as_str()))
            .add(devices::Column::State.eq(StateKind::Retired.name()));
        let row =
            devices::Entity::find().filter(retired).lock_exclusive().one(&self.transaction).await?;
        let Some(row) = row else { return Ok(()) };

        let id = DeviceId(row.id);
        let without = Device { eas_id: None, ..device(row)? };
        devices::Entity::update(columns(&without))
            .exec_without_returning(&self.transaction)
            .await?;
        self.touched.push(Touched::Device(id));

        Ok(())
    }
}

fn condition(filter: &DeviceFilter) -> Condition {
    let mut condition = each_word(&filter.search, |word| {
        Condition::any()
            .add(contains(devices::Column::Search, word))
            .add(owner_is(user_mentions(word)))
    });
    if !filter.states.is_empty() {
        let names = filter.states.iter().map(|state| state.name());
        condition = condition.add(devices::Column::State.is_in(names));
    }
    if let Some(client) = filter.client {
        condition = condition.add(devices::Column::Client.eq(client.name()));
    }
    if let Some(user) = filter.user {
        condition = condition.add(devices::Column::UserId.eq(user.0));
    }
    if let Some(group) = filter.group {
        let in_group = Condition::all().add(users::Column::GroupId.eq(group.0));
        condition = condition.add(owner_is(in_group));
    }

    condition
}

fn owner_is(condition: Condition) -> Condition {
    let owners = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(condition)
        .into_query();

    Condition::all().add(devices::Column::UserId.in_subquery(owners))
}

fn ordered(query: Select<devices::Entity>, order: DeviceOrder) -> Select<devices::Entity> {
    let query = match order {
        DeviceOrder::Newest => query.order_by_desc(devices::Column::CreatedAt),
        DeviceOrder::Name => query.order_by_asc(devices::Column::Name),
        DeviceOrder::LastSeen => query
            .order_by_asc(devices::Column::LastSeen.is_null())
            .order_by_desc(devices::Column::LastSeen),
    };

    query.order_by_desc(devices::Column::Id)
}
