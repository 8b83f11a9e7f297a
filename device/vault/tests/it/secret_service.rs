//! Device-bound keys in the desktop's Secret Service, served by GNOME Keyring on a bus of its own.
//!
//! A process chooses its bus by environment, so each test runs itself a second time with the right one.

use crate::ground::{Ground, make_identity, new_container, password, place};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use vault::{Container, DeviceKeys, OpenError, Presence, Warning};
use zbus_secret_service_keyring_store::Store;

#[test]
fn the_secret_service_keeps_the_keys_from_the_first_to_the_last_day() {
    if let Some(root) = role() {
        return live(&root);
    }
    let ground = Ground::new();
    let _desktop = Desktop::start(ground.path());

    run_again(
        "secret_service::the_secret_service_keeps_the_keys_from_the_first_to_the_last_day",
        ground.path(),
    );
}

#[test]
fn without_a_secret_service_the_keys_go_to_files_with_a_warning() {
    if let Some(root) = role() {
        return live_without(&root);
    }
    let ground = Ground::new();

    run_again(
        "secret_service::without_a_secret_service_the_keys_go_to_files_with_a_warning",
        ground.path(),
    );
}

fn live(root: &Path) {
    let store = wait_for_the_service();
    let identity = make_identity();
    let container = Container::at(on_platform(root)).unwrap();
    container.create(&new_container(&identity, 2)).unwrap().lock();

    assert_eq!(container.warnings().unwrap(), []);
    assert!(!root.join("keys").exists());
    assert_eq!(items(&store).len(), 3);
    assert!(matches!(
        container.open(&"wrong".into()),
        Err(OpenError::WrongPassword { attempts_left: 1 })
    ));
    drop(container);
    let container = Container::at(on_platform(root)).unwrap();
    assert_eq!(container.attempts_left().unwrap(), Some(1));
    container.open(&password()).unwrap().lock();
    container.wipe_key(vault::KeyWipe::Ordered).unwrap();
    assert_eq!(items(&store).len(), 2);
    container.wipe_data().unwrap();
    assert_eq!(items(&store), Vec::<String>::new());
    assert_eq!(container.presence().unwrap(), Presence::Wiped);
}

fn live_without(root: &Path) {
    let container = Container::at(on_platform(root)).unwrap();
    container.create(&new_container(&make_identity(), 2)).unwrap().lock();

    assert_eq!(container.warnings().unwrap(), [Warning::DeviceKeyInFile]);
    assert_eq!(Warning::DeviceKeyInFile.code(), "device_key_in_file");
    container.open(&password()).unwrap();
}

fn on_platform(root: &Path) -> vault::Place {
    vault::Place { device_keys: DeviceKeys::Platform, ..place(root) }
}

/// Returns the names under which the service lists our keys.
fn items(store: &Store) -> Vec<String> {
    use keyring_core::api::CredentialStoreApi;

    let found = store.search(&[("service", "cordon-pim")].into()).unwrap();
    found.iter().map(|entry| entry.get_attributes().unwrap()["username"].clone()).collect()
}

fn wait_for_the_service() -> std::sync::Arc<Store> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match Store::new() {
            Ok(store) => return store,
            Err(error) => assert!(Instant::now() < end, "no Secret Service: {error}"),
        }
        std::thread::yield_now();
    }
}

const CHILD: &str = "CORDON_VAULT_TEST_DESKTOP";

fn role() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

fn run_again(test: &str, root: &Path) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", test])
        .env(CHILD, root)
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket(root).display()))
        .status()
        .unwrap();
    assert!(status.success());
}

fn socket(root: &Path) -> PathBuf {
    root.join("bus")
}

/// A session bus with a Secret Service whose default collection is open.
struct Desktop {
    processes: Vec<Child>,
}

impl Desktop {
    fn start(root: &Path) -> Self {
        let configuration = root.join("bus.conf");
        std::fs::write(&configuration, bus_configuration(&socket(root))).unwrap();
        let bus = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg(format!("--config-file={}", configuration.display()))
            .spawn()
            .expect("dbus-daemon of Debian's package dbus starts");
        let mut desktop = Self { processes: vec![bus] };
        wait_for_the_bus(&socket(root));
        let mut keyring = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .envs(["HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"].map(|name| (name, root)))
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket(root).display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon of Debian's package gnome-keyring starts");
        keyring.stdin.take().unwrap().write_all(b"the login password").unwrap();
        desktop.processes.push(keyring);
        desktop
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn wait_for_the_bus(socket: &Path) {
    let end = Instant::now() + Duration::from_secs(30);
    while UnixStream::connect(socket).is_err() {
        assert!(Instant::now() < end, "the bus does not listen");
        std::thread::yield_now();
    }
}

/// Starts no services by itself, so that only the daemon of this test answers.
fn bus_configuration(socket: &Path) -> String {
    format!(
        r#"<busconfig>
          <type>session</type>
          <listen>unix:path={}</listen>
          <policy context="default">
            <allow send_destination="*" eavesdrop="true"/>
            <allow eavesdrop="true"/>
            <allow own="*"/>
          </policy>
        </busconfig>"#,
        socket.display()
    )
}
