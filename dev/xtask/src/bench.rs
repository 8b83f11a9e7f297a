//! Figures, measured beside peers in one run. `docs/benchmarks.md` keeps the method and the last table.

use crate::demo::Measured;
use crate::{demo, setup, step};
use anyhow::{Result, bail};
use xshell::{Shell, cmd};

const SUBJECTS: &[&str] = &["gateway", "wbxml", "app", "server", "trust"];

/// Measures the named subjects, or all of them, and prints a table for each.
pub(crate) fn run(sh: &Shell, subjects: &[String]) -> Result<()> {
    if let Some(unknown) = subjects.iter().find(|name| !SUBJECTS.contains(&name.as_str())) {
        bail!("there is no benchmark {unknown:?}; there are {SUBJECTS:?}");
    }
    let wanted = |name: &str| subjects.is_empty() || subjects.iter().any(|subject| subject == name);
    setup::run(sh)?;
    setup::packages(sh, setup::BENCH_PACKAGES)?;
    step("building with optimisation (some minutes)", || {
        Ok(cmd!(
            sh,
            "cargo build --release -p cordon -p cordon-pim -p sandbox -p gateway -p activesync -p vault --bins --examples"
        )
        .run()?)
    })?;
    demo::PROFILE.get_or_init(|| "release");
    if wanted("gateway") {
        cmd!(sh, "dev/bench/gateway/run").run()?;
    }
    if wanted("wbxml") {
        cmd!(sh, "dev/bench/wbxml/run").run()?;
    }
    if wanted("server") {
        print("Server", &demo::measure_server(sh)?);
    }
    if wanted("app") {
        print("App", &demo::measure_app(sh)?);
    }

    if wanted("trust") {
        cmd!(sh, "cargo run --release --quiet -p vault --example bench_trust").run()?;
    }

    Ok(())
}

fn print(title: &str, figures: &[Measured]) {
    println!("\n| {title} | figure | how |\n|---|---|---|");
    for figure in figures {
        println!("| {} | {} | {} |", figure.what, figure.value, figure.how);
    }
}
