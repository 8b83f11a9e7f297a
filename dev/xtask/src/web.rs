//! The web pages: checked, built, and their API types held against the servers'.

use crate::{demo, step};
use anyhow::{Result, ensure};
use xshell::{Shell, cmd};

/// What to do with the API types that are generated and committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Types {
    Check,
    Write,
}

/// Each page, and the program whose API it calls.
const PAGES: &[(&str, &str)] = &[("portal", "cordon"), ("pim", "cordon-pim")];

/// Checks, tests and builds both pages.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    let _folder = sh.push_dir("web");
    step("checking the web pages", || Ok(cmd!(sh, "npm run --silent check").run()?))?;
    step("testing the web pages", || Ok(cmd!(sh, "npm run --silent test").run()?))?;

    bundle(sh)
}

/// Builds the pages if they are not there or older than their sources.
pub(crate) fn build_if_stale(sh: &Shell) -> Result<()> {
    let newest = |folder: &str| -> Result<String> {
        let paths = cmd!(
            sh,
            "find {folder} -type f -not -path */node_modules/* -not -path */dist/* -not -path */e2e/* -newer web/portal/dist/index.html"
        );
        Ok(paths.quiet().ignore_stderr().read()?)
    };
    let built = PAGES.iter().all(|(page, _)| sh.path_exists(format!("web/{page}/dist/index.html")));
    if built && newest("web")?.is_empty() {
        return Ok(());
    }
    let _folder = sh.push_dir("web");

    bundle(sh)
}

fn bundle(sh: &Shell) -> Result<()> {
    step("building the web pages", || {
        // Without the list of the hundreds of files that come out.
        Ok(cmd!(sh, "npm run --silent build --workspaces --if-present -- --logLevel warn").run()?)
    })
}

/// Holds the committed description of each API against what its program prints, or writes it anew.
pub(crate) fn api_types(sh: &Shell, types: Types) -> Result<()> {
    // All of them, not with -p: that would choose other features of dependencies, and compile them anew.
    cmd!(sh, "cargo build --quiet --workspace --bins").run()?;
    for (page, program) in PAGES {
        let schema = format!("web/{page}/src/api/schema.json");
        let built = demo::program(program);
        let now = cmd!(sh, "{built} openapi").read()? + "\n";
        match types {
            Types::Write => sh.write_file(&schema, &now)?,
            Types::Check => ensure!(
                sh.read_file(&schema)? == now,
                "{schema} is not what `{program} openapi` prints; run: cargo xtask web --generate"
            ),
        }
    }
    if types == Types::Write {
        let _folder = sh.push_dir("web");
        cmd!(sh, "npm run --silent api --workspaces --if-present").run()?;
    }

    Ok(())
}
