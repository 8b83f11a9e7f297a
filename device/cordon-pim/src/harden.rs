//! Keeps the memory of this process to itself.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Forbids core dumps, and other processes of the user to trace this one or to read its memory.
pub(crate) fn apply() -> anyhow::Result<()> {
    use anyhow::Context as _;

    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .context("cannot forbid core dumps")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .context("cannot close this process's memory to others")
}
