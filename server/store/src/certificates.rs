//! The register of certificates that were issued.

mod rows;

use crate::error::{InsertError, StoreError};
use crate::millis::Millis;
use crate::search::{contains, contains_in_any_case};
use crate::tables::{addresses, certificates, devices, issued, issued_addresses, users};
use crate::work::{Store, UnitOfWork};
use ca::{Holder, Issued, Profile, SerialNumber, Standing};
use fleet::list::{Listing, Page};
use fleet::{DeviceId, Login, Name, UserId};
use pki::Fingerprint;
use pki::validate::RevocationReason;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set,
};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

/// Which certificates are meant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IssuedFilter {
    /// Only those of this profile.
    pub profile: Option<Profile>,
    /// Only those whose subject, serial number or mail address contains this.
    pub search: String,
    /// Only those that are revoked or on hold, or only the others.
    pub revoked: Option<bool>,
    /// Only those that stand like this.
    pub standing: Option<Standing>,
    /// Only those of this device.
    pub device: Option<DeviceId>,
    /// Only those of this person and their devices.
    pub user: Option<UserId>,
}

/// What those are called whose certificates are shown; whoever is gone is not in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HolderNames {
    /// The names of devices.
    pub devices: BTreeMap<DeviceId, Name>,
    /// The login names and names of people.
    pub users: BTreeMap<UserId, (Login, Name)>,
}

impl Store {
    /// Finds a certificate.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn issued(&self, serial: &SerialNumber) -> Result<Option<Issued>, StoreError> {
        let row = issued::Entity::find_by_id(serial.as_str()).one(&self.0).await?;

        Ok(rows::load(&self.0, row.into_iter().collect()).await?.pop())
    }

    /// Lists certificates as they stand at `now`, the last one that was issued first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn issued_certificates(
        &self,
        filter: &IssuedFilter,
        page: Page,
        now: OffsetDateTime,
    ) -> Result<Listing<Issued>, StoreError> {
        let query = issued::Entity::find().filter(condition(filter, now));
        let total = query.clone().count(&self.0).await?;
        let found = query
            .order_by_desc(issued::Column::IssuedAt)
            .order_by_asc(issued::Column::Serial)
            .offset(page.offset)
            .limit(page.limit())
            .all(&self.0)
            .await?;

        Ok(Listing { total, items: rows::load(&self.0, found).await? })
    }

    /// Finds those of these certificates that are revoked or on hold.
    pub(crate) async fn revoked_among(
        &self,
        serials: Vec<SerialNumber>,
    ) -> Result<BTreeSet<SerialNumber>, StoreError> {
        let rows: Vec<String> = issued::Entity::find()
            .select_only()
            .column(issued::Column::Serial)
            .filter(issued::Column::Serial.is_in(serials.iter().map(SerialNumber::as_str)))
            .filter(issued::Column::RevokedAt.is_not_null())
            .into_tuple()
            .all(&self.0)
            .await?;

        Ok(rows.iter().filter_map(|serial| SerialNumber::parse(serial)).collect())
    }

    /// Finds what the holders of certificates are called.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn holder_names(&self, holders: &[Holder]) -> Result<HolderNames, StoreError> {
        let of_devices: BTreeSet<_> = holders.iter().filter_map(|it| Some(it.device?.0)).collect();
        let of_users: BTreeSet<_> = holders.iter().filter_map(|it| Some(it.user?.0)).collect();
        let mut names = HolderNames::default();
        let found = devices::Entity::find().filter(devices::Column::Id.is_in(of_devices));
        for row in found.all(&self.0).await? {
            let name = Name::parse(&row.name)
                .map_err(|_| StoreError::damaged("devices", row.id, "name"))?;
            names.devices.insert(DeviceId(row.id), name);
        }
        let found = users::Entity::find().filter(users::Column::Id.is_in(of_users));
        for row in found.all(&self.0).await? {
            let damaged = |what| StoreError::damaged("users", row.id, what);
            let login = Login::parse(&row.login).map_err(|_| damaged("login"))?;
            let name = Name::parse(&row.name).map_err(|_| damaged("name"))?;
            names.users.insert(UserId(row.id), (login, name));
        }

        Ok(names)
    }

    /// Finds the certificates with a mail address, in lower case, that are valid at `now` and not revoked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn issued_for_address(
        &self,
        address: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<Issued>, StoreError> {
        let found = issued::Entity::find()
            .filter(
                issued::Column::Serial
                    .in_subquery(serials_of(issued_addresses::Column::Address.eq(address).into())),
            )
            .filter(issued::Column::RevokedAt.is_null())
            .filter(issued::Column::NotBefore.lte(Millis::from(now)))
            .filter(issued::Column::NotAfter.gte(Millis::from(now)))
            .order_by_desc(issued::Column::IssuedAt)
            .order_by_asc(issued::Column::Serial)
            .all(&self.0)
            .await?;

        rows::load(&self.0, found).await
    }

    /// Finds the certificate that is deposited for the person with a mail address, in lower case.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn deposited_for_address(
        &self,
        address: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(owned) = addresses::Entity::find_by_id(address).one(&self.0).await? else {
            return Ok(None);
        };
        let row = certificates::Entity::find_by_id(owned.user_id).one(&self.0).await?;

        Ok(row.map(|row| row.der))
    }

    /// Names the issuer of certificates from before there was a register.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn name_issuer(&self, issuer: Fingerprint) -> Result<(), StoreError> {
        issued::Entity::update_many()
            .col_expr(issued::Column::Issuer, Expr::value(issuer.to_string()))
            .filter(issued::Column::Issuer.eq(""))
            .exec(&self.0)
            .await?;

        Ok(())
    }
}

impl UnitOfWork {
    /// Enters a certificate into the register, before it leaves.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if its serial number was given before.
    pub async fn insert_issued(&self, certificate: &Issued) -> Result<(), InsertError> {
        let db = &self.transaction;
        issued::Entity::insert(rows::columns(certificate)).exec_without_returning(db).await?;
        for address in &certificate.addresses {
            let row = issued_addresses::ActiveModel {
                key: Set(format!("{address} {}", certificate.serial)),
                address: Set(address.clone()),
                serial: Set(certificate.serial.as_str().to_owned()),
            };
            issued_addresses::Entity::insert(row).exec_without_returning(db).await?;
        }

        Ok(())
    }

    /// Finds a certificate and locks it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn issued(&self, serial: &SerialNumber) -> Result<Option<Issued>, StoreError> {
        let db = &self.transaction;
        let row = issued::Entity::find_by_id(serial.as_str()).lock_exclusive().one(db).await?;

        Ok(rows::load(db, row.into_iter().collect()).await?.pop())
    }

    /// Finds the certificates of a device and locks them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn issued_to_device(&self, device: DeviceId) -> Result<Vec<Issued>, StoreError> {
        self.issued_where(issued::Column::DeviceId.eq(device.0)).await
    }

    /// Finds the certificates of a person and their devices and locks them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn issued_to_user(&self, user: UserId) -> Result<Vec<Issued>, StoreError> {
        self.issued_where(issued::Column::UserId.eq(user.0)).await
    }

    async fn issued_where(&self, condition: Expr) -> Result<Vec<Issued>, StoreError> {
        let db = &self.transaction;
        let found = issued::Entity::find()
            .filter(condition)
            .order_by_asc(issued::Column::Serial)
            .lock_exclusive()
            .all(db)
            .await?;

        rows::load(db, found).await
    }

    /// Saves whether a certificate that was found before is revoked; its issuer's list has to say so.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn save_revocation(&self, certificate: &Issued) -> Result<(), StoreError> {
        let revocation = certificate.revocation;
        issued::Entity::update_many()
            .col_expr(
                issued::Column::RevokedAt,
                Expr::value(revocation.map(|it| Millis::from(it.since).0)),
            )
            .col_expr(
                issued::Column::RevocationReason,
                Expr::value(revocation.map(|it| it.reason.name())),
            )
            .filter(issued::Column::Serial.eq(certificate.serial.as_str()))
            .exec(&self.transaction)
            .await?;

        self.outdate_list(certificate.issuer).await
    }

    /// Returns the certificates of an issuer that are revoked or on hold, and not expired before `ended`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn revoked_by(
        &self,
        issuer: Fingerprint,
        ended: OffsetDateTime,
    ) -> Result<Vec<Issued>, StoreError> {
        let found = issued::Entity::find()
            .filter(issued::Column::Issuer.eq(issuer.to_string()))
            .filter(issued::Column::RevokedAt.is_not_null())
            .filter(issued::Column::NotAfter.gte(Millis::from(ended)))
            .order_by_asc(issued::Column::RevokedAt)
            .order_by_asc(issued::Column::Serial)
            .all(&self.transaction)
            .await?;

        rows::load(&self.transaction, found).await
    }
}

fn condition(filter: &IssuedFilter, now: OffsetDateTime) -> Condition {
    let mut condition = Condition::all();
    if let Some(profile) = filter.profile {
        condition = condition.add(issued::Column::Profile.eq(profile.name()));
    }
    match filter.revoked {
        Some(true) => condition = condition.add(issued::Column::RevokedAt.is_not_null()),
        Some(false) => condition = condition.add(issued::Column::RevokedAt.is_null()),
        None => {}
    }
    if let Some(device) = filter.device {
        condition = condition.add(issued::Column::DeviceId.eq(device.0));
    }
    if let Some(user) = filter.user {
        condition = condition.add(issued::Column::UserId.eq(user.0));
    }
    if let Some(standing) = filter.standing {
        condition = condition.add(stands(standing, now));
    }
    let search = filter.search.trim();
    if search.is_empty() {
        return condition;
    }
    let serial = search.to_lowercase().replace(':', "");
    let addressed = contains(issued_addresses::Column::Address, &search.to_lowercase());

    condition.add(
        Condition::any()
            .add(contains_in_any_case(issued::Column::Subject, search))
            .add(contains(issued::Column::Serial, &serial))
            .add(issued::Column::Serial.in_subquery(serials_of(addressed))),
    )
}

/// Says of rows what [`Issued::standing`] says of certificates.
fn stands(standing: Standing, now: OffsetDateTime) -> Condition {
    use issued::Column;
    let hold = RevocationReason::CertificateHold.name();
    let good = || {
        Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(Column::NotAfter.gte(Millis::from(now)))
    };
    // Three times what is left is less than its life.
    let (soon, thrice) =
        (Millis::from(now + Standing::SOON), Millis::from(now).0.saturating_mul(3));
    let last_third =
        Expr::col(Column::NotAfter).mul(2).add(Expr::col(Column::NotBefore)).lt(thrice);
    let ends_soon = Condition::all().add(Column::NotAfter.lt(soon)).add(last_third);
    match standing {
        Standing::Expired => Condition::all()
            .add(Column::RevokedAt.is_null())
            .add(Column::NotAfter.lt(Millis::from(now))),
        Standing::Expiring => good().add(ends_soon),
        Standing::Good => good().add(ends_soon.not()),
        Standing::OnHold => Condition::all().add(Column::RevocationReason.eq(hold)),
        Standing::Revoked => Condition::all()
            .add(Column::RevokedAt.is_not_null())
            .add(Column::RevocationReason.ne(hold)),
    }
}

fn serials_of(condition: Condition) -> sea_orm::sea_query::SelectStatement {
    issued_addresses::Entity::find()
        .select_only()
        .column(issued_addresses::Column::Serial)
        .filter(condition)
        .into_query()
}

/// Returns the mail addresses in certificates, each with its serial number.
async fn addresses_of(
    db: &impl ConnectionTrait,
    serials: Vec<String>,
) -> Result<Vec<issued_addresses::Model>, StoreError> {
    Ok(issued_addresses::Entity::find()
        .filter(issued_addresses::Column::Serial.is_in(serials))
        .order_by_asc(issued_addresses::Column::Key)
        .all(db)
        .await?)
}
