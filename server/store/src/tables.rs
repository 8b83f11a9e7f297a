//! The tables, as the current version of the program sees them.

use crate::millis::Millis;
use sea_orm::entity::prelude::*;

/// Declares a table: its name, and its columns with the key first.
macro_rules! table {
    ($module:ident $name:literal { $key:ident: $key_type:ty, $($column:ident: $type:ty,)* }) => {
        #[allow(missing_docs, unreachable_pub, reason = "the derive writes public items")]
        pub(crate) mod $module {
            #[allow(unused_imports, reason = "not every table has moments")]
            use super::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub $key: $key_type,
                $(pub $column: $type,)*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(meta "meta" {
    key: String,
    value: Vec<u8>,
});

table!(counters "counters" {
    name: String,
    value: i64,
});

table!(groups "groups" {
    id: Uuid,
    name: String,
    name_key: String,
    settings: String,
    revision: i64,
    changed_at: Millis,
});

table!(users "users" {
    id: Uuid,
    login: String,
    login_key: String,
    name: String,
    group_id: Uuid,
    search: String,
    block_reason: Option<String>,
    block_by: Option<String>,
    block_since: Option<Millis>,
});

table!(addresses "user_addresses" {
    address_key: String,
    address: String,
    user_id: Uuid,
    position: i32,
});

table!(certificates "user_certificates" {
    user_id: Uuid,
    der: Vec<u8>,
    fingerprint: Vec<u8>,
    subject: String,
    addresses: String,
    not_before: Millis,
    not_after: Millis,
});

table!(certificate_files "certificate_files" {
    id: Uuid,
    user_id: Uuid,
    name: String,
    digest: Vec<u8>,
    size: i64,
    source: String,
    sender: Option<String>,
    mail: Option<Vec<u8>>,
    deposited_at: Millis,
    handed_out_at: Option<Millis>,
    end: Option<String>,
    ended_at: Option<Millis>,
    sealed: Option<Vec<u8>>,
});

table!(devices "devices" {
    id: Uuid,
    user_id: Uuid,
    name: String,
    model: String,
    system: String,
    client: String,
    eas_id: Option<String>,
    state: String,
    state_since: Option<Millis>,
    block_reason: Option<String>,
    wipe_order: Option<String>,
    wipe_confirmed_at: Option<Millis>,
    certificate_fingerprint: Option<Vec<u8>>,
    certificate_serial: Option<String>,
    certificate_not_after: Option<Millis>,
    app_version: String,
    created_at: Millis,
    registered_at: Option<Millis>,
    last_seen: Option<Millis>,
    search: String,
    next_certificate_fingerprint: Option<Vec<u8>>,
    next_certificate_serial: Option<String>,
    next_certificate_not_after: Option<Millis>,
});

table!(invitations "invitations" {
    id: Uuid,
    user_id: Uuid,
    device_id: Uuid,
    code_hash: Vec<u8>,
    created_by: String,
    created_at: Millis,
    expires_at: Millis,
    wrong_answers: i64,
    fate: String,
    fate_at: Option<Millis>,
});

table!(attempts "registration_attempts" {
    id: Uuid,
    invitation_id: Uuid,
    data: Vec<u8>,
    expires_at: Millis,
});

table!(administrators "administrators" {
    id: Uuid,
    name: String,
    name_key: String,
    password_hash: String,
    created_at: Millis,
});

table!(guards "sign_in_guards" {
    name_key: String,
    failures: i64,
    last_failure: Option<Millis>,
});

table!(sessions "administrator_sessions" {
    token_hash: Vec<u8>,
    administrator_id: Uuid,
    created_at: Millis,
    used_at: Millis,
});

table!(audit_events "audit_events" {
    sequence: i64,
    at: Millis,
    actor_kind: String,
    actor_name: String,
    action: String,
    subject_kind: String,
    subject_id: Uuid,
    subject_label: String,
    outcome: String,
    reason: Option<String>,
    detail: String,
});

table!(changes "changes" {
    sequence: i64,
    device_id: Option<Uuid>,
    group_id: Option<Uuid>,
});

table!(issued "issued_certificates" {
    serial: String,
    issuer: String,
    profile: String,
    subject: String,
    device_id: Option<Uuid>,
    user_id: Option<Uuid>,
    not_before: Millis,
    not_after: Millis,
    issued_at: Millis,
    der: Option<Vec<u8>>,
    revoked_at: Option<Millis>,
    revocation_reason: Option<String>,
});

table!(issued_addresses "issued_addresses" {
    key: String,
    address: String,
    serial: String,
});

table!(revocation_lists "revocation_lists" {
    issuer: String,
    number: i64,
    changes: i64,
    covered: i64,
    this_update: Option<Millis>,
    next_update: Option<Millis>,
    der: Option<Vec<u8>>,
});
