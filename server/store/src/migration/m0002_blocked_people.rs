//! People may be blocked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, text_null};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0002_blocked_people"
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
        for column in
            [text_null("block_reason"), text_null("block_by"), big_integer_null("block_since")]
        {
            manager
                .alter_table(Table::alter().table("users").add_column(column).to_owned())
                .await?;
        }

        Ok(())
    }
}
