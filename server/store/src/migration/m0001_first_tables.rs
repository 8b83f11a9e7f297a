//! People, groups, devices, invitations, administrators, the audit log and the feed of changes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, integer, text, text_null, uuid, uuid_null,
};
use sea_orm_migration::sea_query::ColumnDef;

pub(crate) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0001_first_tables"
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait declares it without, and the macro tells the two apart"
)]
#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            meta(),
            counters(),
            groups(),
            users(),
            user_addresses(),
            user_certificates(),
            devices(),
            invitations(),
            registration_attempts(),
            administrators(),
            sign_in_guards(),
            administrator_sessions(),
            audit_events(),
            changes(),
        ] {
            manager.create_table(table).await?;
        }
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        for counter in ["audit", "change", "licence"] {
            let mut row = Query::insert();
            row.into_table("counters")
                .columns(["name", "value"])
                .values_panic([counter.into(), 0_i64.into()]);
            manager.execute(row).await?;
        }

        Ok(())
    }
}

/// What is looked up by other columns than the key.
const INDEXES: &[(&str, &[&str])] = &[
    ("users", &["group_id"]),
    ("user_addresses", &["user_id"]),
    ("devices", &["user_id"]),
    ("devices", &["state"]),
    ("invitations", &["user_id"]),
    ("invitations", &["device_id"]),
    ("registration_attempts", &["expires_at"]),
    ("administrator_sessions", &["administrator_id"]),
    ("audit_events", &["subject_kind", "subject_id", "sequence"]),
    ("audit_events", &["actor_kind", "actor_name", "sequence"]),
    ("audit_events", &["action", "sequence"]),
    ("changes", &["device_id", "sequence"]),
    ("changes", &["group_id", "sequence"]),
];

fn meta() -> TableCreateStatement {
    table("meta", [key(text("key")), binary("value")])
}

fn counters() -> TableCreateStatement {
    table("counters", [key(text("name")), big_integer("value")])
}

fn groups() -> TableCreateStatement {
    table(
        "groups",
        [
            key(uuid("id")),
            text("name"),
            unique(text("name_key")),
            text("settings"),
            big_integer("revision"),
            big_integer("changed_at"),
        ],
    )
}

fn users() -> TableCreateStatement {
    table(
        "users",
        [
            key(uuid("id")),
            text("login"),
            unique(text("login_key")),
            text("name"),
            uuid("group_id"),
            text("search"),
        ],
    )
    .foreign_key(&mut refers("users", "group_id", "groups"))
    .to_owned()
}

fn user_addresses() -> TableCreateStatement {
    table(
        "user_addresses",
        [key(text("address_key")), text("address"), uuid("user_id"), integer("position")],
    )
    .foreign_key(&mut refers("user_addresses", "user_id", "users"))
    .to_owned()
}

fn user_certificates() -> TableCreateStatement {
    table(
        "user_certificates",
        [
            key(uuid("user_id")),
            binary("der"),
            binary("fingerprint"),
            text("subject"),
            text("addresses"),
            big_integer("not_before"),
            big_integer("not_after"),
        ],
    )
    .foreign_key(&mut refers("user_certificates", "user_id", "users"))
    .to_owned()
}

fn devices() -> TableCreateStatement {
    table(
        "devices",
        [
            key(uuid("id")),
            uuid("user_id"),
            text("name"),
            text("model"),
            text("system"),
            text("client"),
            unique(text_null("eas_id")),
            text("state"),
            big_integer_null("state_since"),
            text_null("block_reason"),
            text_null("wipe_order"),
            big_integer_null("wipe_confirmed_at"),
            unique(binary_null("certificate_fingerprint")),
            text_null("certificate_serial"),
            big_integer_null("certificate_not_after"),
            text("app_version"),
            big_integer("created_at"),
            big_integer_null("registered_at"),
            big_integer_null("last_seen"),
            text("search"),
        ],
    )
    .foreign_key(&mut refers("devices", "user_id", "users"))
    .to_owned()
}

fn invitations() -> TableCreateStatement {
    table(
        "invitations",
        [
            key(uuid("id")),
            uuid("user_id"),
            uuid("device_id"),
            unique(binary("code_hash")),
            text("created_by"),
            big_integer("created_at"),
            big_integer("expires_at"),
            big_integer("wrong_answers"),
            text("fate"),
            big_integer_null("fate_at"),
        ],
    )
    .foreign_key(&mut refers("invitations", "user_id", "users"))
    .to_owned()
}

fn registration_attempts() -> TableCreateStatement {
    table(
        "registration_attempts",
        [key(uuid("id")), uuid("invitation_id"), binary("data"), big_integer("expires_at")],
    )
    .foreign_key(&mut refers("registration_attempts", "invitation_id", "invitations"))
    .to_owned()
}

fn administrators() -> TableCreateStatement {
    table(
        "administrators",
        [
            key(uuid("id")),
            text("name"),
            unique(text("name_key")),
            text("password_hash"),
            big_integer("created_at"),
        ],
    )
}

fn sign_in_guards() -> TableCreateStatement {
    table(
        "sign_in_guards",
        [key(text("name_key")), big_integer("failures"), big_integer_null("last_failure")],
    )
}

fn administrator_sessions() -> TableCreateStatement {
    table(
        "administrator_sessions",
        [
            key(binary("token_hash")),
            uuid("administrator_id"),
            big_integer("created_at"),
            big_integer("used_at"),
        ],
    )
    .foreign_key(&mut refers("administrator_sessions", "administrator_id", "administrators"))
    .to_owned()
}

fn audit_events() -> TableCreateStatement {
    table(
        "audit_events",
        [
            key(big_integer("sequence")),
            big_integer("at"),
            text("actor_kind"),
            text("actor_name"),
            text("action"),
            text("subject_kind"),
            uuid("subject_id"),
            text("subject_label"),
            text("outcome"),
            text_null("reason"),
            text("detail"),
        ],
    )
}

fn changes() -> TableCreateStatement {
    table("changes", [key(big_integer("sequence")), uuid_null("device_id"), uuid_null("group_id")])
}

fn table<const N: usize>(name: &'static str, columns: [ColumnDef; N]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }

    table
}

fn key(mut column: ColumnDef) -> ColumnDef {
    column.primary_key().take()
}

fn unique(mut column: ColumnDef) -> ColumnDef {
    column.unique_key().take()
}

/// Makes a column refer to the key of another table; rows that are referred to stay.
fn refers(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}"))
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Restrict)
        .to_owned()
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.table(table).name(format!("{table}_by_{}", columns.join("_")));
    for column in columns {
        index.col(*column);
    }

    index
}
