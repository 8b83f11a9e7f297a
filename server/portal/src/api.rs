//! The API: one file per subject, and views that several of them share.

mod administrators;
mod audit_log;
mod authorities;
mod certificate_files;
mod certificates;
mod devices;
mod groups;
mod invitations;
mod issuing;
mod key_files;
mod orders;
mod overview;
mod people;
mod refused;
mod session;
mod settings;
mod views;

use crate::Console;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Says what the API is; the routes add themselves.
pub(crate) fn description() -> OpenApi {
    let licence = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Cordon console")
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(licence))
        .build();

    OpenApiBuilder::new().info(info).build()
}

/// The routes that need no session.
pub(crate) fn open() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(session::read_session, session::sign_in))
}

/// The routes that need a session.
pub(crate) fn protected() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(session::sign_out))
        .routes(routes!(administrators::change_password))
        .routes(routes!(administrators::list_administrators, administrators::create_administrator))
        .routes(routes!(administrators::remove_administrator))
        .routes(routes!(overview::read_overview))
        .routes(routes!(devices::list_devices, devices::add_device))
        .routes(routes!(devices::read_device, devices::rename_device))
        .routes(routes!(devices::list_device_history))
        .routes(routes!(orders::block_device))
        .routes(routes!(orders::unblock_device))
        .routes(routes!(orders::wipe_device))
        .routes(routes!(orders::retire_device))
        .routes(routes!(people::list_people, people::create_person))
        .routes(routes!(people::read_person, people::change_person, people::remove_person))
        .routes(routes!(people::download_certificate, people::deposit_certificate))
        .routes(routes!(key_files::make_key_file))
        .routes(routes!(
            certificate_files::list_certificate_files,
            certificate_files::deposit_certificate_file
        ))
        .routes(routes!(certificate_files::remove_certificate_file))
        .routes(routes!(people::block_person))
        .routes(routes!(people::unblock_person))
        .routes(routes!(groups::list_groups, groups::create_group))
        .routes(routes!(groups::rename_group, groups::remove_group))
        .routes(routes!(settings::read_settings, settings::change_settings))
        .routes(routes!(invitations::list_invitations, invitations::create_invitation))
        .routes(routes!(invitations::revoke_invitation))
        .routes(routes!(certificates::list_certificates, issuing::issue_certificate))
        .routes(routes!(certificates::read_certificate))
        .routes(routes!(certificates::download_issued))
        .routes(routes!(issuing::renew_certificate))
        .routes(routes!(issuing::revoke_certificate))
        .routes(routes!(issuing::hold_certificate))
        .routes(routes!(issuing::release_certificate))
        .routes(routes!(authorities::list_authorities))
        .routes(routes!(authorities::publish_lists))
        .routes(routes!(authorities::download_authority))
        .routes(routes!(authorities::download_list))
        .routes(routes!(audit_log::list_events))
        .routes(routes!(refused::list_refusals))
}
