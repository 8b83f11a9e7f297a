use super::views::moment;
use crate::output::Output;
use anyhow::Result;
use operations::Operations;
use serde_json::json;
use std::fmt::Write as _;

/// Shows how the fleet stands.
pub(super) async fn run(operations: &Operations, output: Output) -> Result<()> {
    let figures = operations.figures().await?;
    let devices: serde_json::Map<_, _> = figures
        .devices
        .iter()
        .map(|(kind, count)| (kind.name().to_owned(), json!(count)))
        .collect();
    let last = figures.last_change.map(moment).transpose()?;
    let mut text = String::new();
    for (kind, count) in &figures.devices {
        writeln!(text, "{:<20}{count}", format!("devices {}", kind.name()))?;
    }
    write!(
        text,
        "{:<20}{} of {}\n{:<20}{}\n{:<20}{}\n{:<20}{}\n{:<20}{}",
        "licence",
        figures.licensed_in_use,
        figures.licence.devices,
        "people",
        figures.users,
        "groups",
        figures.groups,
        "open invitations",
        figures.open_invitations,
        "last change",
        last.as_deref().unwrap_or("none"),
    )?;
    let value = json!({
        "devices": devices,
        "licence": { "devices": figures.licence.devices, "in_use": figures.licensed_in_use },
        "users": figures.users,
        "groups": figures.groups,
        "open_invitations": figures.open_invitations,
        "last_change": last,
    });

    output.print(&value, text)
}
