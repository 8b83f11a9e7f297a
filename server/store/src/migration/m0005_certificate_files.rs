//! Certificate files that wait for the app.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, text, text_null, uuid,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0005_certificate_files"
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait declares it without, and the macro tells the two apart"
)]
#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("certificate_files")
            .col(uuid("id").primary_key().take())
            .col(uuid("user_id"))
            .col(text("name"))
            .col(binary("digest"))
            .col(big_integer("size"))
            .col(text("source"))
            .col(text_null("sender"))
            .col(binary_null("mail"))
            .col(big_integer("deposited_at"))
            .col(big_integer_null("handed_out_at"))
            .col(text_null("end"))
            .col(big_integer_null("ended_at"))
            .col(binary_null("sealed"))
            .foreign_key(
                ForeignKey::create()
                    .name("certificate_files_user_id")
                    .from("certificate_files", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Restrict),
            )
            .to_owned();
        manager.create_table(table).await?;
        let mut index = Index::create();
        index.table("certificate_files").name("certificate_files_by_user_id_digest");
        index.col("user_id").col("digest").unique();

        manager.create_index(index).await
    }
}
