//! Administrators and their sessions.

use crate::error::{InsertError, StoreError};
use crate::millis::Millis;
use crate::tables::{administrators, guards, sessions};
use crate::work::{Store, UnitOfWork};
use fleet::administrator::{Administrator, Session, SignInGuard};
use fleet::{AdministratorId, Login};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use std::fmt;
use time::OffsetDateTime;

/// The salted hash of a password, in the PHC string format.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// SHA-256 of the token of a session; the token itself is stored nowhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenHash(pub [u8; 32]);

impl Store {
    /// Finds an administrator by name, with the hash of the password.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn administrator_by_name(
        &self,
        name: &Login,
    ) -> Result<Option<(Administrator, PasswordHash)>, StoreError> {
        let row = administrators::Entity::find()
            .filter(administrators::Column::NameKey.eq(name.key()))
            .one(&self.0)
            .await?;

        row.map(with_password).transpose()
    }

    /// Lists all administrators by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn administrators(&self) -> Result<Vec<Administrator>, StoreError> {
        let rows = administrators::Entity::find()
            .order_by_asc(administrators::Column::NameKey)
            .all(&self.0)
            .await?;

        rows.into_iter().map(|row| with_password(row).map(|(found, _)| found)).collect()
    }

    /// Returns how many passwords given for a name were wrong.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn guard(&self, name: &Login) -> Result<SignInGuard, StoreError> {
        let row = guards::Entity::find_by_id(name.key()).one(&self.0).await?;

        row.map_or_else(|| Ok(SignInGuard::default()), guard)
    }

    /// Forgets the wrong passwords of names for which the last one was given before this moment.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn forget_guards(&self, before: OffsetDateTime) -> Result<(), StoreError> {
        guards::Entity::delete_many()
            .filter(guards::Column::LastFailure.lte(Millis::from(before)))
            .exec(&self.0)
            .await?;

        Ok(())
    }

    /// Finds the session with this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn session(&self, token: TokenHash) -> Result<Option<Session>, StoreError> {
        let Some(row) = sessions::Entity::find_by_id(token.0).one(&self.0).await? else {
            return Ok(None);
        };
        let account = administrators::Entity::find_by_id(row.administrator_id);
        let Some(account) = account.one(&self.0).await? else { return Ok(None) };
        let (account, _) = with_password(account)?;

        Ok(Some(Session {
            administrator: account.id,
            name: account.name,
            created_at: row.created_at.into(),
            used_at: row.used_at.into(),
        }))
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn touch_session(
        &self,
        token: TokenHash,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sessions::Entity::update_many()
            .col_expr(sessions::Column::UsedAt, Expr::value(Millis::from(now)))
            .filter(sessions::Column::TokenHash.eq(token.0.to_vec()))
            .exec(&self.0)
            .await?;

        Ok(())
    }

    /// Forgets the sessions that began or were used last before the given moments.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn forget_sessions(
        &self,
        begun_before: OffsetDateTime,
        used_before: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let over = Condition::any()
            .add(sessions::Column::CreatedAt.lte(Millis::from(begun_before)))
            .add(sessions::Column::UsedAt.lte(Millis::from(used_before)));
        sessions::Entity::delete_many().filter(over).exec(&self.0).await?;

        Ok(())
    }
}

impl UnitOfWork {
    /// Finds an administrator and locks the account.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn administrator(
        &self,
        id: AdministratorId,
    ) -> Result<Option<(Administrator, PasswordHash)>, StoreError> {
        let row = administrators::Entity::find_by_id(id.0)
            .lock_exclusive()
            .one(&self.transaction)
            .await?;

        row.map(with_password).transpose()
    }

    /// Locks all administrator accounts and counts them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn administrator_count(&self) -> Result<u64, StoreError> {
        let rows = administrators::Entity::find()
            .order_by_asc(administrators::Column::Id)
            .lock_exclusive()
            .all(&self.transaction)
            .await?;

        Ok(u64::try_from(rows.len()).expect("accounts in memory are countable"))
    }

    /// Adds an administrator.
    ///
    /// # Errors
    ///
    /// [`InsertError::Taken`] if another one has the name.
    pub async fn insert_administrator(
        &self,
        administrator: &Administrator,
        password: &PasswordHash,
    ) -> Result<(), InsertError> {
        let row = administrators::ActiveModel {
            id: Set(administrator.id.0),
            name: Set(administrator.name.as_str().to_owned()),
            name_key: Set(administrator.name.key()),
            password_hash: Set(password.0.clone()),
            created_at: Set(administrator.created_at.into()),
        };
        administrators::Entity::insert(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Returns how many passwords given for a name were wrong, and locks the count.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn guard(&self, name: &Login) -> Result<SignInGuard, StoreError> {
        let db = &self.transaction;
        let none = guards::ActiveModel {
            name_key: Set(name.key()),
            failures: Set(0),
            last_failure: Set(None),
        };
        guards::Entity::insert(none)
            .on_conflict_do_nothing_on([guards::Column::NameKey])
            .exec_without_returning(db)
            .await?;
        let row = guards::Entity::find_by_id(name.key()).lock_exclusive().one(db).await?;

        row.map_or_else(|| Ok(SignInGuard::default()), guard)
    }

    /// Saves how many passwords given for a name were wrong.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn save_guard(&self, name: &Login, guard: SignInGuard) -> Result<(), StoreError> {
        let row = guards::ActiveModel {
            name_key: Set(name.key()),
            failures: Set(guard.failures().into()),
            last_failure: Set(guard.last_failure().map(Into::into)),
        };
        guards::Entity::update(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Forgets the wrong passwords given for a name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn remove_guard(&self, name: &Login) -> Result<(), StoreError> {
        guards::Entity::delete_by_id(name.key()).exec(&self.transaction).await?;

        Ok(())
    }

    /// Saves an administrator's password, and ends all sessions of the account.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn save_password(
        &self,
        id: AdministratorId,
        password: &PasswordHash,
    ) -> Result<(), StoreError> {
        administrators::Entity::update_many()
            .col_expr(administrators::Column::PasswordHash, Expr::value(password.0.clone()))
            .filter(administrators::Column::Id.eq(id.0))
            .exec(&self.transaction)
            .await?;

        self.remove_sessions_of(id).await
    }

    /// Removes an administrator, and ends all sessions of the account.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn remove_administrator(&self, id: AdministratorId) -> Result<(), StoreError> {
        self.remove_sessions_of(id).await?;
        administrators::Entity::delete_by_id(id.0).exec(&self.transaction).await?;

        Ok(())
    }

    /// Adds a session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn insert_session(
        &self,
        token: TokenHash,
        session: &Session,
    ) -> Result<(), StoreError> {
        let row = sessions::ActiveModel {
            token_hash: Set(token.0.to_vec()),
            administrator_id: Set(session.administrator.0),
            created_at: Set(session.created_at.into()),
            used_at: Set(session.used_at.into()),
        };
        sessions::Entity::insert(row).exec_without_returning(&self.transaction).await?;

        Ok(())
    }

    /// Removes a session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn remove_session(&self, token: TokenHash) -> Result<(), StoreError> {
        sessions::Entity::delete_by_id(token.0).exec(&self.transaction).await?;

        Ok(())
    }

    async fn remove_sessions_of(&self, id: AdministratorId) -> Result<(), StoreError> {
        sessions::Entity::delete_many()
            .filter(sessions::Column::AdministratorId.eq(id.0))
            .exec(&self.transaction)
            .await?;

        Ok(())
    }
}

fn with_password(row: administrators::Model) -> Result<(Administrator, PasswordHash), StoreError> {
    let damaged = |what| StoreError::damaged("administrators", row.id, what);
    let administrator = Administrator {
        id: AdministratorId(row.id),
        name: Login::parse(&row.name).map_err(|_| damaged("name"))?,
        created_at: row.created_at.into(),
    };

    Ok((administrator, PasswordHash(row.password_hash)))
}

fn guard(row: guards::Model) -> Result<SignInGuard, StoreError> {
    let failures = u32::try_from(row.failures)
        .map_err(|_| StoreError::damaged("sign_in_guards", &row.name_key, "failures"))?;

    Ok(SignInGuard::new(failures, row.last_failure.map(Into::into)))
}
