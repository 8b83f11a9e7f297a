use super::views::moment;
use crate::cli;
use crate::output::Output;
use ::audit::{Action, Filter, Outcome};
use anyhow::{Context as _, Result};
use fleet::list::Page;
use operations::Operations;
use serde_json::Value;
use std::fmt::Write as _;

/// Shows the newest events.
pub(super) async fn run(operations: &Operations, audit: cli::Audit, output: Output) -> Result<()> {
    let actions = match &audit.action {
        Some(name) => vec![Action::parse(name).with_context(|| {
            let known: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
            format!("there is no action {name:?}; there are {}", known.join(", "))
        })?],
        None => Vec::new(),
    };
    let filter = Filter { actions, ..Filter::default() };
    let events = operations.audit_events(&filter, Page::new(0, audit.limit)).await?;
    let mut text = String::new();
    let mut items = Vec::new();
    for event in &events.items {
        items.push(serde_json::from_str::<Value>(&event.to_json()?)?);
        let record = &event.record;
        let outcome = match &record.outcome {
            Outcome::Done => "done",
            Outcome::Refused { reason } => reason,
        };
        writeln!(
            text,
            "{:>6}  {}  {:<24} {:<28} {:<28} {outcome}",
            event.sequence,
            moment(record.at)?,
            record.action.name(),
            record.actor.to_string(),
            record.subject.label,
        )?;
    }

    output.print(&items, text.trim_end())
}
