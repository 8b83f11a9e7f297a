//! The running app as commands see it: a socket in a folder that is the user's alone.
//!
//! A container has one owner. The process that serves the page owns it and hears commands on this socket; without such
//! a process a command becomes the owner for as long as it works. The container's lock decides who is first.

use crate::api::{self, Api, Problem};
use crate::door::Door;
use crate::place::Folders;
use anyhow::Context as _;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{UnixListener, UnixStream};

/// Where the name of a socket must end, with the zero byte behind it (unix(7)).
const LONGEST_NAME: usize = 107;

/// A socket that hears processes of the same user alone.
pub(crate) struct OwnUser(UnixListener);

/// Opens the socket; the caller holds the container, so one that lies there is left over.
pub(crate) fn listen(folder: &Path, socket: &Path) -> anyhow::Result<OwnUser> {
    anyhow::ensure!(
        socket.as_os_str().len() <= LONGEST_NAME,
        "{} is too long for the name of a socket: choose a shorter folder with --data",
        socket.display()
    );
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o700)))
        .with_context(|| format!("cannot make {}", folder.display()))?;
    match fs::remove_file(socket) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("cannot remove {}", socket.display()));
        }
    }
    let listener = UnixListener::bind(socket)
        .with_context(|| format!("cannot listen on {}", socket.display()))?;
    fs::set_permissions(socket, Permissions::from_mode(0o600))
        .with_context(|| format!("cannot close {} to others", socket.display()))?;
    Ok(OwnUser(listener))
}

/// Builds what commands may ask for: the interface of the page, and a way to it.
pub(crate) fn router(api: Api, door: Arc<Door>, folders: Folders) -> Router {
    let page = Router::new().route("/page", post(page)).with_state((door, folders));
    api::router().split_for_parts().0.with_state(api).merge(page)
}

/// Writes another file that leads to the page.
async fn page(State((door, folders)): State<(Arc<Door>, Folders)>) -> Result<Json<Value>, Problem> {
    let file = door
        .invite(folders.runtime.as_deref(), &std::env::temp_dir())
        .map_err(|error| Problem::internal(&format!("{error:#}")))?;
    Ok(Json(json!({ "page": file })))
}

impl axum::serve::Listener for OwnUser {
    type Io = UnixStream;
    type Addr = tokio::net::unix::SocketAddr;

    async fn accept(&mut self) -> (UnixStream, Self::Addr) {
        loop {
            let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
            let ours = rustix::process::geteuid().as_raw();
            if stream.peer_cred().is_ok_and(|peer| peer.uid() == ours) {
                return (stream, address);
            }
            tracing::warn!("refused a command of another user");
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}
