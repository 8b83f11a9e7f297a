//! What the commands print of things; the JSON is part of what is promised.

use anyhow::Result;
use fleet::administrator::Administrator;
use fleet::device::State;
use fleet::list::{DeviceItem, GroupItem, UserItem};
use fleet::user::Block;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in RFC 3339, to the second.
pub(super) fn moment(at: OffsetDateTime) -> Result<String> {
    let whole = at.replace_nanosecond(0).unwrap_or(at);

    Ok(whole.format(&Rfc3339)?)
}

#[derive(Debug, Serialize)]
pub(super) struct DeviceView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: &'static str,
    pub(super) owner: String,
    pub(super) owner_name: String,
    pub(super) group: String,
    pub(super) client: &'static str,
    pub(super) model: String,
    pub(super) system: String,
    pub(super) app_version: String,
    pub(super) eas_id: Option<String>,
    pub(super) block_reason: Option<String>,
    pub(super) owner_block_reason: Option<String>,
    pub(super) wipe: Option<&'static str>,
    pub(super) wipe_confirmed_at: Option<String>,
    pub(super) registered_at: Option<String>,
    pub(super) last_seen: Option<String>,
    pub(super) certificate_serial: Option<String>,
}

impl DeviceView {
    pub(super) fn new(item: &DeviceItem) -> Result<Self> {
        let device = &item.device;
        let (mut block_reason, mut wipe, mut wipe_confirmed_at) = (None, None, None);
        match &device.state {
            State::Blocked { reason, .. } => block_reason = Some(reason.to_string()),
            State::Wiped { order, confirmed_at, .. } => {
                wipe = Some(order.name());
                wipe_confirmed_at = confirmed_at.map(moment).transpose()?;
            }
            State::Invited | State::Registered | State::Retired { .. } => {}
        }

        Ok(Self {
            id: device.id.to_string(),
            name: device.name.to_string(),
            state: device.state.kind().name(),
            owner: item.owner_login.to_string(),
            owner_name: item.owner_name.to_string(),
            group: item.group_name.to_string(),
            client: device.client.name(),
            model: device.model.clone(),
            system: device.system.clone(),
            app_version: device.app_version.clone(),
            eas_id: device.eas_id.as_ref().map(ToString::to_string),
            block_reason,
            owner_block_reason: item.owner_block.as_ref().map(|block| block.reason.to_string()),
            wipe,
            wipe_confirmed_at,
            registered_at: device.registered_at.map(moment).transpose()?,
            last_seen: device.last_seen.map(moment).transpose()?,
            certificate_serial: device.certificate.as_ref().map(|facts| facts.serial.clone()),
        })
    }

    /// One line for a list.
    pub(super) fn line(&self) -> String {
        let seen = self.last_seen.as_deref().unwrap_or("never seen");
        let owner = if self.owner_block_reason.is_some() { "  (owner blocked)" } else { "" };

        format!(
            "{}  {:<11} {:<16} {:<28} {seen}{owner}",
            self.id, self.state, self.owner, self.name
        )
    }

    /// Everything, a line each.
    pub(super) fn page(&self) -> String {
        let facts = [
            ("id", Some(self.id.as_str())),
            ("name", Some(self.name.as_str())),
            ("state", Some(self.state)),
            ("reason", self.block_reason.as_deref()),
            ("owner blocked", self.owner_block_reason.as_deref()),
            ("wipe", self.wipe),
            ("wipe confirmed", self.wipe_confirmed_at.as_deref()),
            ("owner", Some(self.owner.as_str())),
            ("group", Some(self.group.as_str())),
            ("client", Some(self.client)),
            ("model", Some(self.model.as_str())),
            ("system", Some(self.system.as_str())),
            ("app version", Some(self.app_version.as_str())),
            ("ActiveSync id", self.eas_id.as_deref()),
            ("certificate", self.certificate_serial.as_deref()),
            ("registered", self.registered_at.as_deref()),
            ("last seen", self.last_seen.as_deref()),
        ];
        let known = facts.iter().filter_map(|(name, value)| Some((name, (*value)?)));
        let lines: Vec<_> = known
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name:<16}{value}"))
            .collect();

        lines.join("\n")
    }
}

#[derive(Debug, Serialize)]
pub(super) struct UserView {
    pub(super) id: String,
    pub(super) login: String,
    pub(super) name: String,
    pub(super) mail: Vec<String>,
    pub(super) group: String,
    pub(super) devices: u64,
    pub(super) certificate: Option<CertificateView>,
    pub(super) block: Option<BlockView>,
}

#[derive(Debug, Serialize)]
pub(super) struct BlockView {
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) since: String,
}

#[derive(Debug, Serialize)]
pub(super) struct CertificateView {
    pub(super) not_after: String,
}

impl UserView {
    pub(super) fn new(item: &UserItem) -> Result<Self> {
        let user = &item.user;
        let certificate = match &user.certificate {
            Some(certificate) => {
                Some(CertificateView { not_after: moment(certificate.not_after)? })
            }
            None => None,
        };

        Ok(Self {
            id: user.id.to_string(),
            login: user.login.to_string(),
            name: user.name.to_string(),
            mail: user.addresses.iter().map(ToString::to_string).collect(),
            group: item.group_name.to_string(),
            devices: item.devices,
            certificate,
            block: user.block.as_ref().map(BlockView::new).transpose()?,
        })
    }

    pub(super) fn line(&self) -> String {
        let certificate = match &self.certificate {
            Some(certificate) => format!("certificate until {}", certificate.not_after),
            None => "no certificate".to_owned(),
        };
        let block = match &self.block {
            Some(block) => {
                format!(", blocked by {} since {}: {}", block.by, block.since, block.reason)
            }
            None => String::new(),
        };

        format!(
            "{:<16} {:<28} {:<32} {:<16} {} devices, {certificate}{block}",
            self.login,
            self.name,
            self.mail.join(", "),
            self.group,
            self.devices,
        )
    }
}

impl BlockView {
    fn new(block: &Block) -> Result<Self> {
        Ok(Self {
            reason: block.reason.to_string(),
            by: block.by.clone(),
            since: moment(block.since)?,
        })
    }
}

#[derive(Debug, Serialize)]
pub(super) struct AdministratorView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created_at: String,
}

impl AdministratorView {
    pub(super) fn new(account: &Administrator) -> Result<Self> {
        Ok(Self {
            id: account.id.to_string(),
            name: account.name.to_string(),
            created_at: moment(account.created_at)?,
        })
    }

    pub(super) fn line(&self) -> String {
        format!("{:<28} since {}", self.name, self.created_at)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct GroupView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) users: u64,
    pub(super) revision: u64,
    pub(super) changed_at: String,
}

impl GroupView {
    pub(super) fn new(item: &GroupItem) -> Result<Self> {
        let group = &item.group;

        Ok(Self {
            id: group.id.to_string(),
            name: group.name.to_string(),
            users: item.users,
            revision: group.revision,
            changed_at: moment(group.changed_at)?,
        })
    }

    pub(super) fn line(&self) -> String {
        format!(
            "{:<28} {} people, settings revision {} of {}",
            self.name, self.users, self.revision, self.changed_at
        )
    }
}
