//! The app with its page, from start to stop.

use crate::api::Api;
use crate::client::Client;
use crate::door::{self, Door, assets};
use crate::failure::Failure;
use crate::imports::Imports;
use crate::output::Output;
use crate::place::{Folders, Place};
use crate::{instance, standby};
use anyhow::Context as _;
use app::{App, ContainerState};
use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How the page is shown to its user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Show {
    /// In the desktop's browser, where there is a desktop.
    Browser,
    /// By name of the file that leads to it.
    File,
}

/// Serves the page until the process is told to stop; if the app runs already, only shows its page.
pub(crate) async fn run(place: &Place, show: Show, output: Output) -> Result<(), Failure> {
    if let Some(running) = Client::running(place).await? {
        let answer = running.post("/page", serde_json::Value::Null).await?;
        let file = answer
            .get("page")
            .and_then(serde_json::Value::as_str)
            .context("the running app named no page")?;
        return show_page(Path::new(file), show, output);
    }
    let mut stop = Stop::listen()?;
    let app = crate::open_app(place)?;
    let folders = Folders::of_environment();
    let (listener, port) = door::listen().await?;
    let commands = instance::listen(&place.run(), &place.socket())?;
    let (api, door) =
        (Api::new(app.clone(), Imports::at(place.imports())), Arc::new(Door::new(port)));
    let page = door::router(api.clone(), door.clone(), assets::built_in)
        .into_make_service_with_connect_info::<door::peer::Peer>();
    let hear = instance::router(api.clone(), door.clone(), folders.clone());
    // Before anybody is heard, whose invitation would else be the one that goes.
    let file = door.invite(folders.runtime.as_deref(), &std::env::temp_dir())?;
    let serving = tokio::spawn(async move { axum::serve(listener, page).await });
    let hearing = tokio::spawn(async move { axum::serve(commands, hear).await });
    let forgetting = tokio::spawn(forget_on_lock(api));
    let watching = tokio::spawn(lock_after_sleep(app.clone()));
    show_page(&file, show, output)?;

    let ended = tokio::select! {
        () = stop.wait() => Ok(()),
        () = door.closed() => Err(Failure::refuse("too_many_tickets", "stopped, because somebody guesses tickets")),
    };
    for task in [forgetting, watching] {
        task.abort();
    }
    serving.abort();
    hearing.abort();
    app.lock().await;
    if let Err(error) = std::fs::remove_file(place.socket()) {
        tracing::debug!(%error, "the socket is gone already");
    }
    ended
}

/// Drops the documents of frames whenever the container is not open.
async fn forget_on_lock(api: Api) {
    let mut known = 0;
    loop {
        known = api.app.wait_for_change(known, Duration::from_secs(3600)).await.sequence;
        if api.app.state().container != ContainerState::Open {
            api.frames.forget_all();
        }
    }
}

async fn lock_after_sleep(app: App) {
    let mut before = moment();
    loop {
        tokio::time::sleep(standby::EVERY).await;
        let after = moment();
        if standby::slept(before, after) {
            tracing::info!("the machine slept: the container is locked");
            app.lock().await;
        }
        before = after;
    }
}

#[expect(clippy::disallowed_methods, reason = "the shipped program reads the clock")]
fn moment() -> standby::Moment {
    standby::Moment { awake: Instant::now(), wall: std::time::SystemTime::now() }
}

/// The signals that end the app.
struct Stop([Signal; 3]);

impl Stop {
    /// Takes the signals from their default action, which would end the process without locking.
    fn listen() -> anyhow::Result<Self> {
        let [hangup, interrupt, terminate] =
            [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        let signals = || -> std::io::Result<_> { Ok([hangup?, interrupt?, terminate?]) };
        signals().map(Self).context("cannot hear signals")
    }

    async fn wait(&mut self) {
        let [hangup, interrupt, terminate] = &mut self.0;
        tokio::select! {
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

fn show_page(file: &Path, show: Show, output: Output) -> Result<(), Failure> {
    let opened = show == Show::Browser && open_browser(file.as_os_str());
    let json = serde_json::json!({ "page": file, "opened": opened });
    let text = if opened {
        "Cordon is open in the browser. Stop it here with Ctrl+C.".to_owned()
    } else {
        format!("Open this file in the browser within 30 seconds: {}", file.display())
    };
    output.answer(&json, &text)
}

/// Starts the desktop's browser with a file or an address; false if there is none.
pub(crate) fn open_browser(place: &OsStr) -> bool {
    let desktop =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !desktop {
        return false;
    }
    let browser = tokio::process::Command::new("xdg-open")
        .arg(place)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match browser {
        Ok(mut browser) => {
            tokio::spawn(async move { browser.wait().await });
            true
        }
        Err(error) => {
            tracing::warn!(%error, "cannot start xdg-open");
            false
        }
    }
}
