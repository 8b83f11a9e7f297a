//! Devices may have a second certificate, which takes the place of the first.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, binary_null, text_null};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0004_next_certificates"
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait declares it without, and the macro tells the two apart"
)]
#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            binary_null("next_certificate_fingerprint"),
            text_null("next_certificate_serial"),
            big_integer_null("next_certificate_not_after"),
        ] {
            manager
                .alter_table(Table::alter().table("devices").add_column(column).to_owned())
                .await?;
        }
        let mut index = Index::create();
        index.table("devices").name("devices_by_next_certificate_fingerprint");
        index.col("next_certificate_fingerprint").unique();

        manager.create_index(index).await
    }
}
