//! Certificates that were issued, and revocation lists. Those of devices are taken over from the devices.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_null, text, text_null, uuid_null,
};

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0003_issued_certificates"
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait declares it without, and the macro tells the two apart"
)]
#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [issued_certificates(), issued_addresses(), revocation_lists()] {
            manager.create_table(table).await?;
        }
        for (table, columns) in INDEXES {
            let mut index = Index::create();
            index.table(*table).name(format!("{table}_by_{}", columns.join("_")));
            for column in *columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(DEVICES).await?;

        Ok(())
    }
}

const INDEXES: &[(&str, &[&str])] = &[
    ("issued_certificates", &["issued_at"]),
    ("issued_certificates", &["issuer", "revoked_at"]),
    ("issued_addresses", &["address"]),
];

/// Only the authority that had issued all of them is not named yet: the program does that, which knows it. A serial
/// number from then may have an octet of zeros before it, which is not written any more. Their subjects were not kept; the
/// name of the device stands for them.
const DEVICES: &str = "
    INSERT INTO issued_certificates
        (serial, issuer, profile, subject, device_id, user_id, not_before, not_after, issued_at)
    SELECT
        CASE WHEN certificate_serial LIKE '00%' THEN substr(certificate_serial, 3) ELSE certificate_serial END,
        '', 'device', name, id, user_id,
        COALESCE(registered_at, created_at), certificate_not_after, COALESCE(registered_at, created_at)
    FROM devices
    WHERE certificate_serial IS NOT NULL AND certificate_not_after IS NOT NULL";

fn issued_certificates() -> TableCreateStatement {
    Table::create()
        .table("issued_certificates")
        .col(text("serial").primary_key().take())
        .col(text("issuer"))
        .col(text("profile"))
        .col(text("subject"))
        .col(uuid_null("device_id"))
        .col(uuid_null("user_id"))
        .col(big_integer("not_before"))
        .col(big_integer("not_after"))
        .col(big_integer("issued_at"))
        .col(binary_null("der"))
        .col(big_integer_null("revoked_at"))
        .col(text_null("revocation_reason"))
        .to_owned()
}

fn issued_addresses() -> TableCreateStatement {
    Table::create()
        .table("issued_addresses")
        .col(text("key").primary_key().take())
        .col(text("address"))
        .col(text("serial"))
        .foreign_key(
            ForeignKey::create()
                .name("issued_addresses_serial")
                .from("issued_addresses", "serial")
                .to("issued_certificates", "serial")
                .on_delete(ForeignKeyAction::Restrict),
        )
        .to_owned()
}

fn revocation_lists() -> TableCreateStatement {
    Table::create()
        .table("revocation_lists")
        .col(text("issuer").primary_key().take())
        .col(big_integer("number"))
        .col(big_integer("changes"))
        .col(big_integer("covered"))
        .col(big_integer_null("this_update"))
        .col(big_integer_null("next_update"))
        .col(binary_null("der"))
        .to_owned()
}
