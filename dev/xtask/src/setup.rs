//! What a fresh Debian machine lacks, installed with visible progress.

use crate::step;
use anyhow::{Context as _, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;
use xshell::{Shell, cmd};

/// Package, and what it is for.
const PACKAGES: &[(&str, &str)] = &[
    ("build-essential", "compiles the C libraries (OpenSSL, SQLCipher, AWS-LC)"),
    ("perl", "configures OpenSSL"),
    ("cmake", "configures AWS-LC on some machines"),
    ("dbus", "the session bus of the app's key store in the tests"),
    ("faketime", "other times in the tests"),
    ("gpgsm", "a second opinion on signed and encrypted mail in the tests"),
    ("gnome-keyring", "a Secret Service for the app's keys in the tests"),
    ("libwbxml2-utils", "a second opinion on WBXML in the tests"),
    ("php-cli", "runs Horde in the tests"),
    ("php-horde-activesync", "a second opinion on the messages of ActiveSync 16.0 in the tests"),
    ("php-mbstring", "part of it"),
    ("pkg-config|pkgconf", "finds the library of the smart card readers"),
    ("libpcsclite-dev", "the library of the smart card readers"),
    ("pcscd", "the service of the smart card readers in the tests"),
    ("vsmartcard-vpcd", "a smart card reader for cards of software in the tests"),
    ("opensc", "a second opinion on smart cards in the tests"),
    ("opensc-pkcs11", "PKCS#11 on smart cards in the tests"),
    ("iproute2", "a network of its own for that reader"),
    ("slapd", "a directory that speaks LDAP in the tests"),
    ("softhsm2", "PKCS#11 tokens in the tests"),
    ("p11-kit", "a service with such tokens, which is ended and started in the tests"),
    ("p11-kit-modules", "the module that knows that service"),
    ("sqlite3", "puts databases of earlier versions before the server in the tests"),
    ("openssl", "makes foreign certificates in the tests"),
    ("postgresql", "one of the two databases of the server"),
    ("chromium", "the browser of the end-to-end tests"),
    ("fonts-noto-core", "letters for the screenshots"),
    ("fonts-noto-color-emoji", "emoji for the screenshots"),
    ("nginx-light|nginx", "part of the SOGo peer; a peer of the gateway in benchmarks"),
    ("curl", "asks the peers whether they are up"),
    ("sogo", "a real ActiveSync server in the tests"),
    ("sogo-activesync", "part of it"),
    ("memcached", "part of it"),
    ("dovecot-imapd", "its mailboxes"),
    ("dovecot-lmtpd", "part of them"),
    ("dovecot-managesieved", "part of them"),
    ("dovecot-sieve", "part of them"),
    ("exim4-daemon-light", "its delivery"),
    ("python3", "fills its mailboxes"),
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
    for folder in NPM_FOLDERS {
        npm(sh, folder)?;
    }

    Ok(())
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
pub(crate) fn postgres_folder() -> Option<PathBuf> {
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

/// Where Node.js lies that was fetched because the machine has none, or one that is too old.
static FETCHED_NODE: OnceLock<PathBuf> = OnceLock::new();

/// What vite needs.
const NODE: (u32, u32) = (20, 19);

/// The program that runs JavaScript outside of a browser.
pub(crate) fn node_program() -> PathBuf {
    FETCHED_NODE.get().map_or_else(|| PathBuf::from("node"), |folder| folder.join("node"))
}

fn node(sh: &Shell) -> Result<()> {
    if node_version(sh).is_some_and(|version| version >= NODE) {
        return Ok(());
    }
    if cmd!(sh, "npm --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        packages(sh, &[("nodejs", "builds the web pages"), ("npm", "fetches their parts")])?;
        if node_version(sh).is_some_and(|version| version >= NODE) {
            return Ok(());
        }
    }
    // Debian 12 has Node.js 18; a newer one comes from the same place as all parts of the pages.
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        "x86_64" => "x64",
        other => bail!(
            "the web pages need Node.js {}.{} or later: install it for {other}",
            NODE.0,
            NODE.1
        ),
    };
    let package = format!("node-linux-{architecture}");
    let tools = sh.current_dir().join("target/node");
    let folder = tools.join("node_modules").join(&package).join("bin");
    if !folder.join("node").exists() {
        step(
            "fetching Node.js 22 into target/node: this machine's is too old for the web pages",
            || {
                let quiet = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];

                Ok(cmd!(
                    sh,
                    "npm install --prefix {tools} --ignore-scripts {quiet...} {package}@22"
                )
                .run()?)
            },
        )?;
    }
    let path = std::env::var("PATH").unwrap_or_default();
    sh.set_var("PATH", format!("{}:{path}", folder.display()));
    FETCHED_NODE.get_or_init(|| folder);
    ensure!(
        node_version(sh).is_some_and(|version| version >= NODE),
        "the web pages need Node.js {}.{} or later, and the one in {} does not run",
        NODE.0,
        NODE.1,
        tools.display()
    );

    Ok(())
}

fn node_version(sh: &Shell) -> Option<(u32, u32)> {
    let text = cmd!(sh, "node --version").quiet().ignore_stderr().read().ok()?;
    let mut numbers = text.trim_start_matches('v').split('.').map(|number| number.parse().ok());

    Some((numbers.next()??, numbers.next()??))
}

/// Where npm packages are: the pages, and an identity provider for tests.
const NPM_FOLDERS: &[&str] = &["web", "dev/peers/oidc"];

fn npm(sh: &Shell, folder: &str) -> Result<()> {
    let lock = format!("{folder}/package-lock.json");
    let done = format!("{folder}/node_modules/.package-lock.json");
    let time = |path: &str| {
        sh.path_exists(path)
            .then(|| std::fs::metadata(sh.current_dir().join(path)).ok()?.modified().ok())
            .flatten()
    };
    let fresh = |done: SystemTime| time(&lock).is_some_and(|lock| lock <= done);
    if time(&done).is_some_and(fresh) {
        return Ok(());
    }
    let _folder = sh.push_dir(folder);

    step(&format!("fetching the npm packages of {lock}"), || {
        Ok(cmd!(sh, "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error").run()?)
    })
}
