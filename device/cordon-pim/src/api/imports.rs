//! Certificate files: in a request, or in the import folder.

use crate::api::body::{Base64, Json, Secret};
use crate::api::{Api, Problem};
use crate::imports;
use app::CertificateFile;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use utoipa::ToSchema;

/// What lies in the import folder.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportFolder {
    /// Where it is on this machine.
    folder: String,
    /// The certificate files in it, by name.
    files: Vec<String>,
    /// Those that have just come from the server, the newest first.
    fetched: Vec<String>,
}

/// Shows the certificate files in the import folder.
#[utoipa::path(get, path = "/api/imports", responses((status = 200, body = ImportFolder)))]
pub(crate) async fn list(State(api): State<Api>) -> axum::Json<ImportFolder> {
    axum::Json(look(&api))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FetchRequest {
    /// The invitation link; without it, what waits for the person of the open container.
    #[serde(default)]
    link: Option<String>,
}

/// Fetches the certificate files that wait at Cordon's server into the import folder: for whoever was invited, or for the person of the open
/// container.
#[utoipa::path(
    post,
    path = "/api/imports",
    responses(
        (status = 200, body = ImportFolder),
        (status = 403, body = Problem, description = "`refused` by the server, with its `reason`"),
        (status = 422, body = Problem, description = "`link_unreadable`"),
        (status = 502, body = Problem, description = "`unreachable`, `untrusted`"),
    ),
)]
pub(crate) async fn fetch(
    State(api): State<Api>,
    Json(request): Json<FetchRequest>,
) -> Result<axum::Json<ImportFolder>, Problem> {
    let fetched = api.app.fetch_certificate_files(request.link.as_deref()).await?;

    Ok(axum::Json(ImportFolder { fetched, ..look(&api) }))
}

fn look(api: &Api) -> ImportFolder {
    let files = api.imports.names().unwrap_or_else(|error| {
        tracing::warn!(%error, "The import folder cannot be read");
        Vec::new()
    });
    let folder = api.imports.folder().display().to_string();

    ImportFolder { folder, files, fetched: Vec::new() }
}

/// A certificate file as requests bring it.
pub(super) struct GivenFile {
    pub(super) pkcs12: Option<Base64>,
    pub(super) file: Option<PathBuf>,
    pub(super) imported: Option<String>,
    pub(super) transport_password: Option<Secret>,
}

impl GivenFile {
    /// Takes the certificate file, or the one in the import folder that is named; `None` if there is neither.
    pub(super) fn take(self, api: &Api) -> Result<Option<CertificateFile>, Problem> {
        let (pkcs12, path) = match (self.pkcs12, self.imported) {
            (Some(pkcs12), None) => (pkcs12.0, self.file),
            (None, Some(name)) => {
                let (pkcs12, path) = in_folder(api, &name)?;
                (pkcs12, Some(path))
            }
            (Some(_), Some(_)) => {
                return Err(Problem::bad_request("either pkcs12 or imported, not both"));
            }
            (None, None) if self.transport_password.is_none() => return Ok(None),
            (None, None) => {
                return Err(Problem::bad_request("transport_password belongs to a file"));
            }
        };
        if path.as_ref().is_some_and(|path| path.is_relative()) {
            return Err(Problem::bad_request("file is an absolute path"));
        }
        let password = self.transport_password.ok_or_else(|| {
            Problem::bad_request("a certificate file comes with its transport_password")
        })?;

        Ok(Some(CertificateFile { pkcs12, password: password.0, path }))
    }
}

/// Reads a certificate file in the import folder, and says where it is.
fn in_folder(api: &Api, name: &str) -> Result<(Vec<u8>, PathBuf), Problem> {
    let unreadable = |error: &dyn std::fmt::Display| {
        let detail = format!("{name} cannot be read in the import folder: {error}");
        Problem::unprocessable("import_unreadable", detail)
    };
    let path = api.imports.path(name);
    let path = path.ok_or_else(|| unreadable(&"this is not the name of a certificate file"))?;
    let mut bytes = imports::read(&path).map_err(|error| unreadable(&error))?;

    Ok((std::mem::take(&mut *bytes), path))
}
