//! The OpenAPI document, from which the page's types are made.

use insta::assert_snapshot;
use serde_json::Value;
use std::path::Path;

#[test]
fn the_committed_document_is_the_current_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/portal/src/api/schema.json");
    let committed = std::fs::read_to_string(path).expect("the document is committed");
    let current = portal::openapi().to_pretty_json().unwrap();

    assert_eq!(
        committed.trim_end(),
        current,
        "write it again: cordon openapi > web/portal/src/api/schema.json"
    );
}

#[test]
fn the_routes_are_those_that_are_promised() {
    let document: Value = serde_json::from_str(&portal::openapi().to_json().unwrap()).unwrap();
    let mut lines = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            lines.push(format!("{} {path} {id}", method.to_uppercase()));
        }
    }

    assert_snapshot!(lines.join("\n"), @r#"
        GET /api/v1/administrators list_administrators
        POST /api/v1/administrators create_administrator
        DELETE /api/v1/administrators/{id} remove_administrator
        GET /api/v1/audit list_events
        GET /api/v1/authorities list_authorities
        POST /api/v1/authorities/lists publish_lists
        GET /api/v1/authorities/{fingerprint}/certificate download_authority
        GET /api/v1/authorities/{fingerprint}/list download_list
        GET /api/v1/certificates list_certificates
        POST /api/v1/certificates issue_certificate
        GET /api/v1/certificates/{serial} read_certificate
        GET /api/v1/certificates/{serial}/file download_issued
        POST /api/v1/certificates/{serial}/hold hold_certificate
        POST /api/v1/certificates/{serial}/release release_certificate
        POST /api/v1/certificates/{serial}/renew renew_certificate
        POST /api/v1/certificates/{serial}/revoke revoke_certificate
        GET /api/v1/devices list_devices
        POST /api/v1/devices add_device
        GET /api/v1/devices/{id} read_device
        PATCH /api/v1/devices/{id} rename_device
        POST /api/v1/devices/{id}/block block_device
        GET /api/v1/devices/{id}/history list_device_history
        POST /api/v1/devices/{id}/retire retire_device
        POST /api/v1/devices/{id}/unblock unblock_device
        POST /api/v1/devices/{id}/wipe wipe_device
        GET /api/v1/groups list_groups
        POST /api/v1/groups create_group
        DELETE /api/v1/groups/{id} remove_group
        PATCH /api/v1/groups/{id} rename_group
        GET /api/v1/groups/{id}/settings read_settings
        PUT /api/v1/groups/{id}/settings change_settings
        GET /api/v1/invitations list_invitations
        POST /api/v1/invitations create_invitation
        DELETE /api/v1/invitations/{id} revoke_invitation
        GET /api/v1/overview read_overview
        GET /api/v1/people list_people
        POST /api/v1/people create_person
        DELETE /api/v1/people/{id} remove_person
        GET /api/v1/people/{id} read_person
        PUT /api/v1/people/{id} change_person
        POST /api/v1/people/{id}/block block_person
        GET /api/v1/people/{id}/certificate download_certificate
        PUT /api/v1/people/{id}/certificate deposit_certificate
        GET /api/v1/people/{id}/certificate-files list_certificate_files
        POST /api/v1/people/{id}/certificate-files deposit_certificate_file
        DELETE /api/v1/people/{id}/certificate-files/{file} remove_certificate_file
        POST /api/v1/people/{id}/key-file make_key_file
        POST /api/v1/people/{id}/unblock unblock_person
        GET /api/v1/refusals list_refusals
        DELETE /api/v1/session sign_out
        GET /api/v1/session read_session
        POST /api/v1/session sign_in
        PUT /api/v1/session/password change_password
    "#);
}
