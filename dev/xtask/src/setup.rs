//! What a fresh Debian machine lacks, installed with visible progress.

use crate::step;
use anyhow::{Context as _, Result, bail, ensure};
use std::path::Path;
use std::time::SystemTime;
use xshell::{Shell, cmd};

/// Package, and what it is for.
const PACKAGES: &[(&str, &str)] = &[
    ("build-essential", "compiles the C libraries (OpenSSL, SQLCipher, AWS-LC)"),
    ("perl", "configures OpenSSL"),
    ("cmake", "configures AWS-LC on some machines"),
    ("dbus", "the session bus of the app's key store in the tests"),
    ("gnome-keyring", "a Secret Service for the app's keys in the tests"),
    ("libwbxml2-utils", "a second opinion on WBXML in the tests"),
    ("openssl", "makes foreign certificates in the tests"),
    ("postgresql", "one of the two databases of the server"),
    ("chromium", "the browser of the end-to-end tests"),
    ("fonts-noto-core", "letters for the screenshots"),
    ("fonts-noto-color-emoji", "emoji for the screenshots"),
    ("nginx-light|nginx", "part of the SOGo peer; a peer of the gateway in benchmarks"),
    ("curl", "asks the peers whether they are up"),
];

/// Packages that only `cargo xtask bench` needs.
pub(crate) const BENCH_PACKAGES: &[(&str, &str)] = &[
    ("haproxy", "a peer of the gateway"),
    ("libwbxml2-dev", "a peer of the WBXML codec"),
    ("pkg-config|pkgconf", "finds it"),
    ("wrk", "makes the load"),
];

const CARGO_TOOLS: &[(&str, &str)] =
    &[("cargo-nextest", "runs the tests"), ("cargo-deny", "checks licences and sources")];

/// Installs whatever is missing.
pub(crate) fn run(sh: &Shell) -> Result<()> {
    rust_is_new_enough(sh)?;
    packages(sh, PACKAGES)?;
    for (tool, purpose) in CARGO_TOOLS {
        if cmd!(sh, "{tool} --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
            step(&format!("installing {tool}: {purpose}"), || {
                Ok(cmd!(sh, "cargo install --locked {tool}").run()?)
            })?;
        }
    }
    node(sh)?;

    npm(sh)
}

/// Installs those of `packages` that are missing; `a|b` is satisfied by either.
pub(crate) fn packages(sh: &Shell, packages: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<_> = packages
        .iter()
        .filter(|(names, _)| !names.split('|').any(|name| installed(sh, name)))
        .map(|(names, purpose)| (names.split('|').next().unwrap_or(names), purpose))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("── Debian packages to install:");
    for (name, purpose) in &missing {
        eprintln!("   {name:<24} {purpose}");
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    let as_root = if root(sh)? { "env" } else { "sudo" };
    let no_questions = "DEBIAN_FRONTEND=noninteractive";

    step("installing Debian packages", || {
        cmd!(sh, "{as_root} apt-get update -qq").run().context("apt-get update")?;
        // Services of these packages stay off: the tests start their own, on free ports.
        cmd!(
            sh,
            "{as_root} {no_questions} RUNLEVEL=1 apt-get install -y -qq --no-install-recommends {names...}"
        )
        .run()
        .context("apt-get install")?;

        Ok(())
    })
}

fn installed(sh: &Shell, package: &str) -> bool {
    // A build of PostgreSQL, Node or Chromium that did not come as a package serves as well.
    let program = match package {
        "postgresql" => return postgres_folder().is_some(),
        "nginx-light" | "nginx" => "/usr/sbin/nginx",
        "chromium" => "/usr/bin/chromium",
        _ => {
            let format = "${db:Status-Status}";
            let status = cmd!(sh, "dpkg-query -W -f={format} {package}");
            return status.quiet().ignore_stderr().read().is_ok_and(|text| text == "installed");
        }
    };

    Path::new(program).exists()
}

/// The folder with `initdb` and `postgres`, newest version first.
pub(crate) fn postgres_folder() -> Option<std::path::PathBuf> {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    versions.sort();

    versions.pop()
}

fn root(sh: &Shell) -> Result<bool> {
    if cmd!(sh, "id -u").quiet().read()? == "0" {
        return Ok(true);
    }
    ensure!(
        cmd!(sh, "sudo -v").run().is_ok(),
        "Debian packages are missing: run as root, or with sudo installed"
    );

    Ok(false)
}

fn rust_is_new_enough(sh: &Shell) -> Result<()> {
    let text = cmd!(sh, "rustc --version").quiet().read()?;
    let minor = text.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    ensure!(
        minor.is_some_and(|minor| minor >= 95),
        "Cordon needs Rust 1.95 or later, this is {text:?}; run: rustup update stable"
    );

    Ok(())
}

fn node(sh: &Shell) -> Result<()> {
    let version = cmd!(sh, "node --version").quiet().ignore_stderr().read().unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    match major {
        Some(20..) => Ok(()),
        Some(major @ 0..) => {
            let _: u32 = major;
            bail!("the web pages need Node.js 20 or later, this is {version}")
        }
        None => packages(sh, &[("nodejs", "builds the web pages"), ("npm", "fetches their parts")]),
    }
}

fn npm(sh: &Shell) -> Result<()> {
    let (lock, done) = ("web/package-lock.json", "web/node_modules/.package-lock.json");
    let time = |path: &str| {
        sh.path_exists(path)
            .then(|| std::fs::metadata(sh.current_dir().join(path)).ok()?.modified().ok())
            .flatten()
    };
    let fresh = |done: SystemTime| time(lock).is_some_and(|lock| lock <= done);
    if time(done).is_some_and(fresh) {
        return Ok(());
    }
    let _folder = sh.push_dir("web");

    step("fetching the npm packages of web/package-lock.json", || {
        Ok(cmd!(sh, "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error").run()?)
    })
}
