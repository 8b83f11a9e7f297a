//! Certificate files that wait for the app, and what is remembered of those that did.

use crate::error::StoreError;
use crate::millis::Millis;
use crate::tables::certificate_files;
use crate::work::{Store, UnitOfWork};
use fleet::certificate_file::{CertificateFile, End, Source};
use fleet::{CertificateFileId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Set,
};
use time::OffsetDateTime;

const TABLE: &str = "certificate_files";

/// A certificate file as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredFile {
    /// What is known of it.
    pub file: CertificateFile,
    /// SHA-256 of the mail that it came in.
    pub mail: Option<[u8; 32]>,
    /// Its content, sealed, while it waits.
    pub sealed: Option<Vec<u8>>,
}

impl Store {
    /// Lists the certificate files of a person, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn certificate_files(
        &self,
        user: UserId,
    ) -> Result<Vec<CertificateFile>, StoreError> {
        Ok(of(&self.0, user).await?.into_iter().map(|stored| stored.file).collect())
    }

    /// Finds the certificate files that wait since before `moment`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn certificate_files_since_before(
        &self,
        moment: OffsetDateTime,
    ) -> Result<Vec<CertificateFile>, StoreError> {
        let rows = certificate_files::Entity::find()
            .filter(certificate_files::Column::End.is_null())
            .filter(certificate_files::Column::DepositedAt.lt(Millis::from(moment)))
            .order_by_asc(certificate_files::Column::DepositedAt)
            .all(&self.0)
            .await?;

        rows.into_iter().map(|row| Ok(stored(row)?.file)).collect()
    }

    /// Forgets the certificate files whose wait ended before `moment`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn forget_certificate_files(&self, moment: OffsetDateTime) -> Result<(), StoreError> {
        certificate_files::Entity::delete_many()
            .filter(certificate_files::Column::EndedAt.lt(Millis::from(moment)))
            .exec(&self.0)
            .await?;

        Ok(())
    }
}

impl UnitOfWork {
    /// Finds the certificate files of a person who is locked, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn certificate_files(&self, user: UserId) -> Result<Vec<StoredFile>, StoreError> {
        of(&self.transaction, user).await
    }

    /// Saves a certificate file of a person who is locked, in place of an earlier one with the same identifier.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database fails.
    pub async fn save_certificate_file(&self, stored: &StoredFile) -> Result<(), StoreError> {
        let StoredFile { file, mail, sealed } = stored;
        let (source, sender) = match &file.source {
            Source::Administrator => ("administrator", None),
            Source::Mail { sender } => ("mail", Some(sender.clone())),
        };
        let row = certificate_files::ActiveModel {
            id: Set(file.id.0),
            user_id: Set(file.user.0),
            name: Set(file.name.clone()),
            digest: Set(file.digest.to_vec()),
            size: Set(file.size.into()),
            source: Set(source.to_owned()),
            sender: Set(sender),
            mail: Set(mail.map(|mail| mail.to_vec())),
            deposited_at: Set(file.deposited_at.into()),
            handed_out_at: Set(file.handed_out_at.map(Millis::from)),
            end: Set(file.end.map(|(end, _)| end.name().to_owned())),
            ended_at: Set(file.end.map(|(_, at)| at.into())),
            sealed: Set(sealed.clone()),
        };
        let db = &self.transaction;
        certificate_files::Entity::delete_by_id(file.id.0).exec(db).await?;
        certificate_files::Entity::insert(row).exec_without_returning(db).await?;

        Ok(())
    }
}

/// Counts the certificate files that wait for a person's app.
pub(crate) async fn waiting(db: &impl ConnectionTrait, user: UserId) -> Result<u64, StoreError> {
    let query = certificate_files::Entity::find()
        .filter(certificate_files::Column::UserId.eq(user.0))
        .filter(certificate_files::Column::End.is_null());

    Ok(query.count(db).await?)
}

pub(crate) async fn remove_of(db: &impl ConnectionTrait, user: UserId) -> Result<(), StoreError> {
    certificate_files::Entity::delete_many()
        .filter(certificate_files::Column::UserId.eq(user.0))
        .exec(db)
        .await?;

    Ok(())
}

async fn of(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<StoredFile>, StoreError> {
    let rows = certificate_files::Entity::find()
        .filter(certificate_files::Column::UserId.eq(user.0))
        .order_by_desc(certificate_files::Column::DepositedAt)
        .order_by_asc(certificate_files::Column::Id)
        .all(db)
        .await?;

    rows.into_iter().map(stored).collect()
}

fn stored(row: certificate_files::Model) -> Result<StoredFile, StoreError> {
    let id = row.id;
    let damaged = |what| StoreError::damaged(TABLE, id, what);
    let source = match (row.source.as_str(), row.sender) {
        ("administrator", None) => Source::Administrator,
        ("mail", Some(sender)) => Source::Mail { sender },
        _ => return Err(damaged("source")),
    };
    let end = match (row.end, row.ended_at) {
        (None, None) => None,
        (Some(end), Some(at)) => Some((End::parse(&end).ok_or_else(|| damaged("end"))?, at.into())),
        _ => return Err(damaged("end")),
    };
    let file = CertificateFile {
        id: CertificateFileId(id),
        user: UserId(row.user_id),
        name: row.name,
        digest: row.digest.try_into().map_err(|_| damaged("digest"))?,
        size: u32::try_from(row.size).map_err(|_| damaged("size"))?,
        source,
        deposited_at: row.deposited_at.into(),
        handed_out_at: row.handed_out_at.map(OffsetDateTime::from),
        end,
    };
    let mail = row.mail.map(|mail| mail.try_into().map_err(|_| damaged("mail"))).transpose()?;

    Ok(StoredFile { file, mail, sealed: row.sealed })
}
