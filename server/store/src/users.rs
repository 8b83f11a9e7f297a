//! People, their mail addresses and their certificates.

use crate::changes::Touched;
use crate::error::{SaveUserError, StoreError, is_unique_violation};
use crate::millis::Millis;
use crate::search::{contains, each_word, searchable};
use crate::sequence::unsigned;
use crate::tables::{addresses, certificates, devices, groups, invitations, users};
use crate::work::{Store, UnitOfWork};
use fleet::device::StateKind;
use fleet::list::{Listing, Page, UserFilter, UserItem};
use fleet::user::{Addresses, Block, User, UserCertificate};
use fleet::{DeviceId, GroupId, Login, MailAddress, Name, Reason, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use std::collections::BTreeMap;
use uuid::Uuid;

impl Store {
    /// Finds a person.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<UserItem>, StoreError> {
        let row = users::Entity::find_by_id(id.0).one(&self.0).await?;

        Ok(self.user_items(row.into_iter().collect()).await?.pop())
    }

    /// Finds a person by login name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn user_by_login(&self, login: &Login) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find()
            .filter(users::Column::LoginKey.eq(login.key()))
            .one(&self.0)
            .await?;

        Ok(load(&self.0, row.into_iter().collect()).await?.pop())
    }

    /// Lists people by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn users(
        &self,
        filter: &UserFilter,
        page: Page,
    ) -> Result<Listing<UserItem>, StoreError> {
        let mut condition = each_word(&filter.search, |word| contains(users::Column::Search, word));
        if let Some(group) = filter.group {
            condition = condition.add(users::Column::GroupId.eq(group.0));
        }

        let query = users::Entity::find().filter(condition);
        let total = query.clone().count(&self.0).await?;
        let rows = query
            .order_by_asc(users::Column::Name)
            .order_by_asc(users::Column::Id)
            .offset(page.offset)
            .limit(page.limit())
            .all(&self.0)
            .await?;

        Ok(Listing { total, items: self.user_items(rows).await? })
    }

    /// Counts the people.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn user_count(&self) -> Result<u64, StoreError> {
        Ok(users::Entity::find().count(&self.0).await?)
    }

    async fn user_items(&self, rows: Vec<users::Model>) -> Result<Vec<UserItem>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let group_ids: Vec<Uuid> = rows.iter().map(|row| row.group_id).collect();
        let names = group_names(&self.0, group_ids).await?;
        let counts = self.licensed_devices(ids).await?;

        load(&self.0, rows)
            .await?
            .into_iter()
            .map(|user| {
                let devices = counts.get(&user.id.0).copied().unwrap_or(0);
                let group_name = names
                    .get(&user.group.0)
                    .cloned()
                    .ok_or_else(|| StoreError::damaged("users", user.id, "group"))?;
                Ok(UserItem { user, group_name, devices: unsigned("devices", devices)? })
            })
            .collect()
    }

    async fn licensed_devices(&self, ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, i64>, StoreError> {
        let counts = devices::Entity::find()
            .select_only()
            .column(devices::Column::UserId)
            .column_as(devices::Column::Id.count(), "devices")
            .filter(devices::Column::UserId.is_in(ids))
            .filter(devices::Column::State.is_in(licensed_states()))
            .group_by(devices::Column::UserId)
            .into_tuple::<(Uuid, i64)>()
            .all(&self.0)
            .await?;

        Ok(counts.into_iter().collect())
    }
}

impl UnitOfWork {
    /// Finds a person and locks them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = users::Entity::find_by_id(id.0).lock_exclusive().one(&self.transaction).await?;

        Ok(load(&self.transaction, row.into_iter().collect()).await?.pop())
    }

    /// Finds whose a mail address is, in lower case.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn owner_of_address(&self, address: &str) -> Result<Option<UserId>, StoreError> {
        let owned = addresses::Entity::find_by_id(address).one(&self.transaction).await?;

        Ok(owned.map(|owned| UserId(owned.user_id)))
    }

    /// Adds a person.
    ///
    /// # Errors
    ///
    /// [`SaveUserError`] if the login name or an address is taken.
    pub async fn insert_user(&self, user: &User) -> Result<(), SaveUserError> {
        users::Entity::insert(columns(user))
            .exec_without_returning(&self.transaction)
            .await
            .map_err(login_taken)?;

        self.insert_addresses(user).await
    }

    /// Saves a person that was found before; their devices hear of it.
    ///
    /// # Errors
    ///
    /// [`SaveUserError`] if the login name or an address is taken.
    pub async fn save_user(&mut self, user: &User) -> Result<(), SaveUserError> {
        users::Entity::update(columns(user))
            .exec_without_returning(&self.transaction)
            .await
            .map_err(login_taken)?;
        self.remove_addresses(user.id).await?;
        self.insert_addresses(user).await?;
        self.save_certificate(user).await?;

        Ok(self.tell_devices_of(user.id).await?)
    }

    /// Has a device hear that something of its has changed; once, after everything else.
    pub fn tell_device(&mut self, id: DeviceId) {
        if !self.touched.contains(&Touched::Device(id)) {
            self.touched.push(Touched::Device(id));
        }
    }

    /// Has a person's devices hear that something of theirs has changed; once, after everything else.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn tell_devices_of(&mut self, id: UserId) -> Result<(), StoreError> {
        for device in self.lock_devices_of(id).await? {
            self.tell_device(device);
        }

        Ok(())
    }

    /// Removes a person, with their invitations and retired devices.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn remove_user(&mut self, id: UserId) -> Result<(), StoreError> {
        let db = &self.transaction;
        let devices = self.lock_devices_of(id).await?;
        crate::registrations::remove_attempts_of(db, id).await?;
        invitations::Entity::delete_many()
            .filter(invitations::Column::UserId.eq(id.0))
            .exec(db)
            .await?;
        devices::Entity::delete_many().filter(devices::Column::UserId.eq(id.0)).exec(db).await?;
        certificates::Entity::delete_by_id(id.0).exec(db).await?;
        crate::certificate_files::remove_of(db, id).await?;
        self.remove_addresses(id).await?;
        users::Entity::delete_by_id(id.0).exec(db).await?;
        self.touched.extend(devices.into_iter().map(Touched::Device));

        Ok(())
    }

    /// Counts the person's devices that are not retired, invited ones included.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn devices_left(&self, id: UserId) -> Result<u64, StoreError> {
        let query = devices::Entity::find()
            .filter(devices::Column::UserId.eq(id.0))
            .filter(devices::Column::State.ne(StateKind::Retired.name()));

        Ok(query.count(&self.transaction).await?)
    }

    async fn lock_devices_of(&self, id: UserId) -> Result<Vec<DeviceId>, StoreError> {
        let rows = devices::Entity::find()
            .filter(devices::Column::UserId.eq(id.0))
            .order_by_asc(devices::Column::Id)
            .lock_exclusive()
            .all(&self.transaction)
            .await?;

        Ok(rows.into_iter().map(|row| DeviceId(row.id)).collect())
    }

    async fn insert_addresses(&self, user: &User) -> Result<(), SaveUserError> {
        for (position, address) in (0..).zip(user.addresses.iter()) {
            let row = addresses::ActiveModel {
                address_key: Set(address.key()),
                address: Set(address.as_str().to_owned()),
                user_id: Set(user.id.0),
                position: Set(position),
            };
            addresses::Entity::insert(row)
                .exec_without_returning(&self.transaction)
                .await
                .map_err(address_taken)?;
        }

        Ok(())
    }

    async fn remove_addresses(&self, id: UserId) -> Result<(), StoreError> {
        addresses::Entity::delete_many()
            .filter(addresses::Column::UserId.eq(id.0))
            .exec(&self.transaction)
            .await?;

        Ok(())
    }

    async fn save_certificate(&self, user: &User) -> Result<(), StoreError> {
        let db = &self.transaction;
        certificates::Entity::delete_by_id(user.id.0).exec(db).await?;
        let Some(certificate) = &user.certificate else { return Ok(()) };
        let row = certificates::ActiveModel {
            user_id: Set(user.id.0),
            der: Set(certificate.der.clone()),
            fingerprint: Set(certificate.fingerprint.to_vec()),
            subject: Set(certificate.subject.clone()),
            addresses: Set(certificate.addresses.join("\n")),
            not_before: Set(Millis::from(certificate.not_before)),
            not_after: Set(Millis::from(certificate.not_after)),
        };
        certificates::Entity::insert(row).exec_without_returning(db).await?;

        Ok(())
    }
}

/// Puts people together from their rows, in the order of the rows.
pub(crate) async fn load(
    db: &impl ConnectionTrait,
    rows: Vec<users::Model>,
) -> Result<Vec<User>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut addresses = addresses_of(db, ids.clone()).await?;
    let mut certificates = certificates_of(db, ids).await?;

    rows.into_iter()
        .map(|row| {
            let damaged = |what| StoreError::damaged("users", row.id, what);
            let addresses = addresses.remove(&row.id).unwrap_or_default();
            Ok(User {
                id: UserId(row.id),
                login: Login::parse(&row.login).map_err(|_| damaged("login"))?,
                name: Name::parse(&row.name).map_err(|_| damaged("name"))?,
                addresses: Addresses::parse(addresses).map_err(|_| damaged("addresses"))?,
                group: GroupId(row.group_id),
                certificate: certificates.remove(&row.id),
                block: block(&row)?,
            })
        })
        .collect()
}

/// Returns the mail addresses of people, each person's primary one first.
pub(crate) async fn addresses_of(
    db: &impl ConnectionTrait,
    users: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<MailAddress>>, StoreError> {
    let rows = addresses::Entity::find()
        .filter(addresses::Column::UserId.is_in(users))
        .order_by_asc(addresses::Column::Position)
        .all(db)
        .await?;

    let mut found: BTreeMap<Uuid, Vec<MailAddress>> = BTreeMap::new();
    for row in rows {
        let address = MailAddress::parse(&row.address)
            .map_err(|_| StoreError::damaged("user_addresses", row.user_id, "address"))?;
        found.entry(row.user_id).or_default().push(address);
    }

    Ok(found)
}

/// Returns the names of groups.
pub(crate) async fn group_names(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, Name>, StoreError> {
    let rows: Vec<(Uuid, String)> = groups::Entity::find()
        .select_only()
        .columns([groups::Column::Id, groups::Column::Name])
        .filter(groups::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;

    rows.into_iter()
        .map(|(id, name)| {
            let name = Name::parse(&name).map_err(|_| StoreError::damaged("groups", id, "name"))?;
            Ok((id, name))
        })
        .collect()
}

/// Returns the names of the states that the licence counts.
pub(crate) fn licensed_states() -> impl Iterator<Item = &'static str> {
    StateKind::ALL.iter().filter(|kind| kind.is_licensed()).map(|kind| kind.name())
}

/// Demands that a word occurs in what is known of a person.
pub(crate) fn user_mentions(word: &str) -> Condition {
    contains(users::Column::Search, word)
}

async fn certificates_of(
    db: &impl ConnectionTrait,
    users: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, UserCertificate>, StoreError> {
    let rows = certificates::Entity::find()
        .filter(certificates::Column::UserId.is_in(users))
        .all(db)
        .await?;

    rows.into_iter()
        .map(|row| {
            let fingerprint = row.fingerprint.try_into().map_err(|_| {
                StoreError::damaged("user_certificates", row.user_id, "fingerprint")
            })?;
            let certificate = UserCertificate {
                der: row.der,
                fingerprint,
                subject: row.subject,
                addresses: row.addresses.lines().map(str::to_owned).collect(),
                not_before: row.not_before.into(),
                not_after: row.not_after.into(),
            };
            Ok((row.user_id, certificate))
        })
        .collect()
}

/// Reads whether, and why, a person is blocked.
pub(crate) fn block(row: &users::Model) -> Result<Option<Block>, StoreError> {
    let damaged = || StoreError::damaged("users", row.id, "block");
    match (&row.block_reason, &row.block_by, row.block_since) {
        (None, None, None) => Ok(None),
        (Some(reason), Some(by), Some(since)) => Ok(Some(Block {
            reason: Reason::parse(reason).map_err(|_| damaged())?,
            by: by.clone(),
            since: since.into(),
        })),
        _ => Err(damaged()),
    }
}

fn columns(user: &User) -> users::ActiveModel {
    let block = user.block.as_ref();
    let texts = [user.name.as_str(), user.login.as_str()];
    let search =
        searchable(texts.into_iter().chain(user.addresses.iter().map(MailAddress::as_str)));

    users::ActiveModel {
        id: Set(user.id.0),
        login: Set(user.login.as_str().to_owned()),
        login_key: Set(user.login.key()),
        name: Set(user.name.as_str().to_owned()),
        group_id: Set(user.group.0),
        search: Set(search),
        block_reason: Set(block.map(|block| block.reason.as_str().to_owned())),
        block_by: Set(block.map(|block| block.by.clone())),
        block_since: Set(block.map(|block| block.since.into())),
    }
}

fn login_taken(error: DbErr) -> SaveUserError {
    if is_unique_violation(&error) {
        return SaveUserError::LoginTaken;
    }

    SaveUserError::Store(error.into())
}

fn address_taken(error: DbErr) -> SaveUserError {
    if is_unique_violation(&error) {
        return SaveUserError::AddressTaken;
    }

    SaveUserError::Store(error.into())
}
