use super::decode::{self, DecodeError, Values};
use super::policy::PolicyDocument;
use super::settings::{
    DeviceInformation, read_device_information_status, write_device_information_status,
};
use crate::codepage::{provision as page, settings};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// The only kind of policy since 12.0.
pub const POLICY_TYPE: &str = "MS-EAS-Provisioning-WBXML";

/// Asks for the policy, confirms it, or confirms a wipe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProvisionRequest {
    /// What the device tells about itself; belongs into the first request since 14.1.
    pub device_information: Option<DeviceInformation>,
    /// Which policy is asked for or confirmed.
    pub policy: Option<PolicyRequest>,
    /// What became of the order to wipe the device.
    pub remote_wipe: Option<WipeReport>,
    /// What became of the order to wipe the account; since 16.1.
    pub account_only_remote_wipe: Option<WipeReport>,
}

/// Asks for a policy, or confirms it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRequest {
    /// Kind of policy.
    pub policy_type: String,
    /// The temporary key that is confirmed.
    pub key: Option<u32>,
    /// How far the policy was applied.
    pub applied: Option<PolicyApplied>,
}

/// How far a client applied a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum PolicyApplied {
    All = 1,
    Partly = 2,
    NotAtAll = 3,
    BySomeoneElse = 4,
}

/// What became of an order to wipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum WipeReport {
    Done = 1,
    Failed = 2,
}

/// Where a client stands with Provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProvisionPhase {
    /// It confirms a policy.
    Acknowledge,
    /// It asks for the policy.
    Ask,
    /// It confirms a wipe.
    Wipe(WipeOrder, WipeReport),
}

/// What a wipe removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WipeOrder {
    /// The account's data and credentials; since 16.1.
    Account,
    /// Everything, or at least everything that ever came from the server.
    Device,
}

/// Gives a policy, accepts its confirmation, or orders a wipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionAnswer {
    /// Root status.
    pub status: Status,
    /// Status of the information about the device.
    pub device_information: Option<Status>,
    /// The policy.
    pub policy: Option<PolicyAnswer>,
    /// An order to wipe.
    pub wipe: Option<WipeOrder>,
}

/// A policy in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// Kind of policy.
    pub policy_type: String,
    /// Status of the policy; 2 means there is none, which is no error.
    pub status: Status,
    /// Temporary key in the first answer, permanent one in the second.
    pub key: Option<u32>,
    /// The settings, in the first answer.
    pub document: Option<PolicyDocument>,
}

impl ProvisionRequest {
    /// Asks for the policy. Since 14.1 the information about the device has to go with it, before that it must not.
    pub fn ask(device_information: Option<DeviceInformation>) -> Self {
        let policy =
            PolicyRequest { policy_type: POLICY_TYPE.to_owned(), key: None, applied: None };
        Self { device_information, policy: Some(policy), ..Self::default() }
    }

    /// Confirms the policy that came with the temporary `key`.
    pub fn acknowledge(key: u32, applied: PolicyApplied) -> Self {
        let policy = PolicyRequest {
            policy_type: POLICY_TYPE.to_owned(),
            key: Some(key),
            applied: Some(applied),
        };
        Self { policy: Some(policy), ..Self::default() }
    }

    /// Confirms an order to wipe.
    pub fn wiped(order: WipeOrder, report: WipeReport) -> Self {
        match order {
            WipeOrder::Account => {
                Self { account_only_remote_wipe: Some(report), ..Self::default() }
            }
            WipeOrder::Device => Self { remote_wipe: Some(report), ..Self::default() },
        }
    }

    /// Returns where the client stands.
    pub fn phase(&self) -> ProvisionPhase {
        if let Some(report) = self.remote_wipe {
            return ProvisionPhase::Wipe(WipeOrder::Device, report);
        }
        if let Some(report) = self.account_only_remote_wipe {
            return ProvisionPhase::Wipe(WipeOrder::Account, report);
        }
        match &self.policy {
            Some(PolicyRequest { applied: Some(_), .. }) => ProvisionPhase::Acknowledge,
            Some(PolicyRequest { applied: None, .. }) | None => ProvisionPhase::Ask,
        }
    }

    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::PROVISION)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                settings::DEVICE_INFORMATION => {
                    request.device_information = Some(DeviceInformation::read(&mut reader)?);
                }
                page::POLICIES => request.policy = PolicyRequest::read(&mut reader)?,
                page::REMOTE_WIPE => request.remote_wipe = read_report(&mut reader)?,
                page::ACCOUNT_ONLY_REMOTE_WIPE => {
                    request.account_only_remote_wipe = read_report(&mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::PROVISION, |root| {
            if let Some(information) = &self.device_information {
                information.write(root);
            }
            if let Some(policy) = &self.policy {
                root.container(page::POLICIES, |list| policy.write(list));
            }
            for (tag, report) in [
                (page::REMOTE_WIPE, self.remote_wipe),
                (page::ACCOUNT_ONLY_REMOTE_WIPE, self.account_only_remote_wipe),
            ] {
                if let Some(report) = report {
                    root.container(tag, |wipe| wipe.number(page::STATUS, report as u8));
                }
            }
        })
    }
}

impl PolicyRequest {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut policy = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::POLICY => policy = Some(Self::read_policy(reader)?),
                _ => reader.skip()?,
            }
        }
        Ok(policy)
    }

    fn read_policy(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut policy = Self { policy_type: String::new(), key: None, applied: None };
        while let Some(tag) = reader.child()? {
            match tag {
                page::POLICY_TYPE => policy.policy_type = reader.string()?,
                page::POLICY_KEY => policy.key = Some(reader.number(tag)?),
                page::STATUS => {
                    policy.applied = Some(match reader.number::<u8>(tag)? {
                        1 => PolicyApplied::All,
                        2 => PolicyApplied::Partly,
                        3 => PolicyApplied::NotAtAll,
                        4 => PolicyApplied::BySomeoneElse,
                        _ => return Err(DecodeError::Invalid { tag, offset: reader.offset() }),
                    });
                }
                _ => reader.skip()?,
            }
        }
        Ok(policy)
    }

    fn write(&self, list: &mut Writer) {
        list.container(page::POLICY, |policy| {
            policy.text(page::POLICY_TYPE, &self.policy_type);
            if let Some(key) = self.key {
                policy.number(page::POLICY_KEY, key);
            }
            if let Some(applied) = self.applied {
                policy.number(page::STATUS, applied as u8);
            }
        });
    }
}

/// A report without a readable status counts as failed, so that the order is not taken for done.
fn read_report(reader: &mut Reader<'_>) -> Result<Option<WipeReport>, DecodeError> {
    let mut report = WipeReport::Failed;
    while let Some(tag) = reader.child()? {
        match tag {
            page::STATUS if reader.number_if_any::<u8>()? == Some(1) => report = WipeReport::Done,
            page::STATUS => report = WipeReport::Failed,
            _ => reader.skip()?,
        }
    }
    Ok(Some(report))
}

impl ProvisionAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::PROVISION)?;
        let mut status = None;
        let mut answer =
            Self { status: Status::OK, device_information: None, policy: None, wipe: None };
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                settings::DEVICE_INFORMATION => {
                    answer.device_information = read_device_information_status(&mut reader)?;
                }
                page::POLICIES => answer.policy = PolicyAnswer::read(&mut reader)?,
                page::REMOTE_WIPE => {
                    reader.skip()?;
                    answer.wipe = Some(WipeOrder::Device);
                }
                page::ACCOUNT_ONLY_REMOTE_WIPE => {
                    reader.skip()?;
                    answer.wipe = answer.wipe.or(Some(WipeOrder::Account));
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..answer })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::PROVISION, |root| {
            write_device_information_status(root, self.device_information);
            root.number(page::STATUS, self.status);
            if let Some(policy) = &self.policy {
                root.container(page::POLICIES, |list| policy.write(list));
            }
            match self.wipe {
                Some(WipeOrder::Account) => root.empty(page::ACCOUNT_ONLY_REMOTE_WIPE),
                Some(WipeOrder::Device) => root.empty(page::REMOTE_WIPE),
                None => {}
            }
        })
    }
}

impl PolicyAnswer {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut policy = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::POLICY => policy = Some(Self::read_policy(reader)?),
                _ => reader.skip()?,
            }
        }
        Ok(policy)
    }

    fn read_policy(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut policy =
            Self { policy_type: String::new(), status: Status::OK, key: None, document: None };
        let mut status = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::POLICY_TYPE => policy.policy_type = reader.string()?,
                page::STATUS => status = Some(reader.status(tag)?),
                page::POLICY_KEY => policy.key = Some(reader.number(tag)?),
                page::DATA => policy.document = read_data(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..policy })
    }

    fn write(&self, list: &mut Writer) {
        list.container(page::POLICY, |policy| {
            policy.text(page::POLICY_TYPE, &self.policy_type);
            policy.number(page::STATUS, self.status);
            if let Some(key) = self.key {
                policy.number(page::POLICY_KEY, key);
            }
            if let Some(document) = &self.document {
                policy.container(page::DATA, |data| document.write(data));
            }
        });
    }
}

fn read_data(reader: &mut Reader<'_>) -> Result<Option<PolicyDocument>, DecodeError> {
    let mut document = None;
    while let Some(tag) = reader.child()? {
        match tag {
            page::EAS_PROVISION_DOC => document = Some(PolicyDocument::read(reader)?),
            _ => reader.skip()?,
        }
    }
    Ok(document)
}
