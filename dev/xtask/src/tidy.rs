//! Rules about the source tree that the compiler does not know.

use crate::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each wing from the bottom up. A crate stands on the crates before it and on `foundation`.
const WINGS: &[(&str, &[&str])] = &[
    ("foundation", &["keys", "pkcs11", "pki", "mail", "activesync", "apple-mdm", "ldap", "policy"]),
    (
        "server",
        &[
            "audit",
            "fleet",
            "ca",
            "store",
            "operations",
            "app-api",
            "portal",
            "publication",
            "mailbox",
            "gateway",
            "cordon",
        ],
    ),
    ("device", &["pim", "smartcard", "vault", "app", "cordon-pim"]),
];

/// Crates that are handed time, ids and random bytes, and touch nothing outside.
const PURE: &[&str] = &[
    "keys",
    "pki",
    "mail",
    "activesync",
    "apple-mdm",
    "ldap",
    "policy",
    "audit",
    "fleet",
    "ca",
    "pim",
];

/// What a pure crate never names outside its tests.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::process",
    "std::thread",
    "tokio",
    "SystemTime",
    "Instant::now",
    "now_utc",
    "now_local",
    "getrandom",
    "now_v7()",
    "new_v4()",
];

#[test]
fn a_crate_stands_on_lower_floors_only() {
    for (wing, crates) in WINGS {
        for (floor, name) in crates.iter().enumerate() {
            let foundation = if *wing == "foundation" { &[][..] } else { WINGS[0].1 };
            let below: BTreeSet<_> = crates[..floor].iter().chain(foundation).copied().collect();
            for dependency in dependencies(wing, name) {
                if let Some(dependency) = all_crates().get(dependency.as_str()) {
                    assert!(below.contains(dependency), "{name} must not depend on {dependency}");
                }
            }
        }
    }
}

#[test]
fn every_crate_has_a_floor() {
    for (wing, crates) in WINGS {
        let folders: BTreeSet<_> = folders(&root().join(wing));
        let known: BTreeSet<_> = crates.iter().map(|name| (*name).to_owned()).collect();

        assert_eq!(folders, known, "WINGS in dev/xtask/src/tidy.rs lists the crates of {wing}/");
    }
}

#[test]
fn the_faces_know_their_place() {
    for face in ["app-api", "portal", "publication", "gateway"] {
        let dependencies = dependencies("server", face);
        assert!(!dependencies.contains("store"), "{face} calls operations, never the store");
        for other in ["app-api", "portal", "publication", "gateway"] {
            assert!(!dependencies.contains(other), "{face} must not know {other}");
        }
    }
    assert!(
        !dependencies("server", "gateway").contains("operations"),
        "the gateway holds verdicts in memory and knows no database"
    );
}

#[test]
fn only_the_store_names_the_database_library() {
    for (path, text) in sources(&["foundation", "server", "device", "dev"]) {
        let store = path.starts_with(root().join("server/store"));
        let named = text.contains("sea_orm");
        assert!(store || !named || path.ends_with("tidy.rs"), "{}", path.display());
    }
}

#[test]
fn pure_crates_touch_nothing_outside() {
    for (wing, crates) in WINGS {
        for name in crates.iter().filter(|name| PURE.contains(name)) {
            for (path, text) in sources(&[&format!("{wing}/{name}/src")]) {
                if path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests")) {
                    continue;
                }
                let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
                for word in IMPURE {
                    let line = shipped
                        .lines()
                        .find(|line| !line.trim_start().starts_with("//") && names(line, word));
                    assert!(line.is_none(), "{} names {word}: {line:?}", path.display());
                }
            }
        }
    }
}

#[test]
fn every_crate_says_what_it_is() {
    for (path, text) in sources(&["foundation", "server", "device", "dev"]) {
        if path.ends_with("src/lib.rs") || path.ends_with("src/main.rs") {
            let lines = text.lines().take_while(|line| line.starts_with("//!")).count();
            assert!(lines >= 3, "{} needs crate documentation", path.display());
        }
    }
}

#[test]
fn architecture_names_every_crate() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (wing, crates) in WINGS {
        for name in *crates {
            assert!(text.contains(&format!("`{wing}/{name}`")), "{wing}/{name}");
        }
    }
}

#[test]
fn the_tests_that_status_names_exist() {
    let text = fs::read_to_string(root().join("docs/status.md")).unwrap();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    let tests = all_tests();
    let mut seen = 0;
    for row in rows {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, id, state, shown, ..] = cells[..] else { panic!("a row has five cells: {row}") };
        let number = id.strip_prefix(|c| "PMGCDB".contains(c)).unwrap_or("-");
        let requirement = number.chars().all(|c| c.is_ascii_digit());
        if !requirement {
            continue;
        }
        seen += 1;
        assert!(["works", "partly", "not yet"].contains(&state), "{row}");
        let named: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
        assert!(state == "not yet" || !named.is_empty(), "no test is named: {row}");
        for name in named {
            assert!(tests.contains(name), "there is no test {name}: {row}");
        }
    }
    assert!(seen >= 70, "every requirement has a row");
}

#[test]
fn the_source_tree_speaks_of_no_machine() {
    for (path, text) in sources(&["foundation", "server", "device", "dev", "web", "docs"]) {
        for word in ["/root/", "/work/", "/home/"] {
            let line = text.lines().find(|line| line.contains(word));
            let excused = path.ends_with("tidy.rs");
            assert!(line.is_none() || excused, "{} names {word}: {line:?}", path.display());
        }
    }
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let mut pictures = BTreeSet::new();
    for (path, text) in documents() {
        let folder = path.parent().unwrap();
        for link in links(&text).filter(|link| !link.contains(':') && !link.starts_with('#')) {
            let file = folder.join(link.split('#').next().unwrap_or_default());
            assert!(file.exists(), "{} links to {link}, which is not there", path.display());
            pictures.insert(file.canonicalize().unwrap());
        }
    }
    for entry in fs::read_dir(root().join("docs/images")).unwrap() {
        let picture = entry.unwrap().path().canonicalize().unwrap();
        assert!(pictures.contains(&picture), "no document shows {}", picture.display());
    }
}

#[test]
fn links_are_found() {
    let text = "[a](b.md) and ![c](images/d.png), [e](f.md#g)\n| [h](https://i) | `j(k)` |";

    assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "images/d.png", "f.md#g", "https://i"]);
}

/// Names of crates as written in manifests, with their static spelling.
fn all_crates() -> BTreeMap<&'static str, &'static str> {
    WINGS.iter().flat_map(|(_, crates)| crates.iter().map(|name| (*name, *name))).collect()
}

/// The names below `[dependencies]`, without those that only tests use.
fn dependencies(wing: &str, name: &str) -> BTreeSet<String> {
    let path = root().join(wing).join(name).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));

    text.lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Test functions, steps of the demo, and end-to-end scripts, by name.
fn all_tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for (path, text) in sources(&["foundation", "server", "device", "dev", "web/e2e"]) {
        let mut test = false;
        for line in text.lines().map(str::trim) {
            test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            if let Some(name) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ") {
                if test {
                    tests.insert(name.split('(').next().unwrap_or_default().to_owned());
                }
                test = false;
            }
        }
        if path.extension().is_some_and(|extension| extension == "mjs") {
            let name = path.strip_prefix(root()).unwrap_or(&path);
            tests.insert(name.display().to_string());
        }
    }
    tests.insert("cargo xtask demo --check".to_owned());
    tests.insert("cargo xtask demo --check --browser".to_owned());

    tests
}

/// Every document: at the top, in `docs`, and beside the sources.
fn documents() -> Vec<(PathBuf, String)> {
    let mut files = sources(&["docs", "foundation", "server", "device", "dev", "web"]);
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "md") {
            files.push((path.clone(), fs::read_to_string(path).unwrap()));
        }
    }
    files.retain(|(path, _)| path.extension().is_some_and(|extension| extension == "md"));

    files
}

/// Where the links and pictures of a document lead to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn sources(below: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in below {
        collect(&root().join(folder), &mut files);
    }
    files.sort();
    assert!(!files.is_empty(), "{below:?}");

    files
        .into_iter()
        .filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text)))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["node_modules", "dist", "target", "corpus", "test-results"].contains(&&*name) {
                collect(&path, files);
            }
        } else if [".rs", ".ts", ".svelte", ".mjs", ".md"].iter().any(|end| name.ends_with(end)) {
            files.push(path);
        }
    }
}

fn folders(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
