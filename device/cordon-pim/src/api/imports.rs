//! Certificate files: in a request, or in the import folder.

use crate::api::body::Base64;
use crate::api::{Api, Problem};
use crate::imports;
use axum::extract::State;
use serde::Serialize;
use std::path::PathBuf;
use utoipa::ToSchema;

/// What lies in the import folder.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportFolder {
    /// Where it is on this machine.
    folder: String,
    /// The certificate files in it, by name.
    files: Vec<String>,
}

/// Shows the certificate files in the import folder.
#[utoipa::path(get, path = "/api/imports", responses((status = 200, body = ImportFolder)))]
pub(crate) async fn list(State(api): State<Api>) -> axum::Json<ImportFolder> {
    let files = api.imports.names().unwrap_or_else(|error| {
        tracing::warn!(%error, "The import folder cannot be read");
        Vec::new()
    });
    let folder = api.imports.folder().display().to_string();

    axum::Json(ImportFolder { folder, files })
}

/// Where a certificate file lies that came from the import folder.
pub(crate) struct Imported(Option<PathBuf>);

/// Takes the certificate file of a request, or the one in the import folder that it names.
pub(crate) fn certificate_file(
    api: &Api,
    pkcs12: Option<Base64>,
    imported: Option<&str>,
) -> Result<(Option<Vec<u8>>, Imported), Problem> {
    let name = match (pkcs12, imported) {
        (file, None) => return Ok((file.map(|file| file.0), Imported(None))),
        (None, Some(name)) => name,
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request("either pkcs12 or imported, not both"));
        }
    };
    let unreadable = |error: &dyn std::fmt::Display| {
        let detail = format!("{name} cannot be read in the import folder: {error}");
        Problem::unprocessable("import_unreadable", detail)
    };
    let path = api.imports.path(name);
    let path = path.ok_or_else(|| unreadable(&"this is not the name of a certificate file"))?;
    let mut bytes = imports::read(&path).map_err(|error| unreadable(&error))?;

    Ok((Some(std::mem::take(&mut *bytes)), Imported(Some(path))))
}

impl Imported {
    /// Deletes the file, as its key is in the container now.
    pub(crate) fn delete(self) -> Result<(), Problem> {
        let Some(path) = self.0 else { return Ok(()) };

        imports::destroy(&path).map_err(|error| {
            let path = path.display();
            Problem::not_deleted(format!(
                "the key is in the container, but {path} could not be deleted: {error}"
            ))
        })
    }
}
