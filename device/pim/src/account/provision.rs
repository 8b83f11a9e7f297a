//! Provision: the server's policy, and its order to wipe.

use activesync::{
    codepage::provision as page,
    messages::{
        DeviceInformation, Filter, PolicyApplied, PolicyDocument, ProvisionAnswer,
        ProvisionRequest, SettingsRequest, WipeOrder, WipeReport,
    },
    query::Version,
    status::{PolicyStatus, ProvisionStatus},
};

use crate::{
    AccountRecord, Limits,
    pace::{self, Trouble},
    policy::{self, Verdict},
};

/// How far Provision is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Provisioning {
    step: Option<Step>,
    tries: u32,
    /// How often the device may still be described where Provision does not do it.
    descriptions: u8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Acknowledge(u32),
    Ask,
    Wipe(WipeOrder),
}

/// What an answer to Provision means.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Provisioned {
    /// The policy, or that there is none, is in force.
    Done,
    /// There is a second request to send.
    Halfway,
    /// The server orders a wipe.
    Wipe(WipeOrder),
}

const MOST_TRIES: u32 = 3;
const DESCRIPTIONS: u8 = 2;

impl Provisioning {
    pub(super) fn restore(record: &AccountRecord) -> Self {
        let step =
            record.wipe_ordered.map(Step::Wipe).or((!record.provisioned).then_some(Step::Ask));
        Self { step, tries: 0, descriptions: DESCRIPTIONS }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.step.is_some()
    }

    /// Says whether the server has to be told about the device by Settings, as up to 14.0.
    pub(super) fn is_undescribed(&self, version: Version) -> bool {
        version < Version::V14_1 && self.descriptions > 0
    }

    /// Describes the device in what Settings of a version knows of it. A server that does not take it is not told for ever.
    pub(super) fn describe(
        &mut self,
        version: Version,
        device: &DeviceInformation,
    ) -> SettingsRequest {
        self.descriptions = self.descriptions.saturating_sub(1);
        let mut device = device.clone();
        device.prepare(version);
        SettingsRequest { device_information: Some(device), ..SettingsRequest::default() }
    }

    /// The server took note of the device, or never will.
    pub(super) fn described(&mut self) {
        self.descriptions = 0;
    }

    pub(super) fn wipe_ordered(&self) -> bool {
        matches!(self.step, Some(Step::Wipe(_)))
    }

    /// It has to be gone through again before anything else, because somebody may have changed what the server wants.
    pub(super) fn begin_again(&mut self) {
        self.step = Some(Step::Ask);
    }

    /// The server demands it. Says no if it does so again and again.
    pub(super) fn demand(&mut self) -> bool {
        self.tries += 1;
        self.step = Some(Step::Ask);
        self.tries <= MOST_TRIES
    }

    /// The server took another command, so it is content.
    pub(super) fn settled(&mut self) {
        self.tries = 0;
    }

    pub(super) fn skip(&mut self) {
        self.step = None;
    }

    /// Writes the request of this step, and names the policy key to send with it.
    pub(super) fn request(
        &self,
        version: Version,
        device: &DeviceInformation,
        record: &AccountRecord,
    ) -> (ProvisionRequest, Option<u32>) {
        match self.step {
            Some(Step::Acknowledge(key)) => {
                let judged = policy::judge(&record.demands);
                let unmet = judged.iter().any(|(_, verdict)| *verdict == Verdict::Unmet);
                let applied = if unmet { PolicyApplied::Partly } else { PolicyApplied::All };
                (ProvisionRequest::acknowledge(key, applied), Some(key))
            }
            Some(Step::Wipe(order)) => {
                (ProvisionRequest::wiped(order, WipeReport::Done), Some(record.policy_key))
            }
            Some(Step::Ask) | None => {
                let device = (version >= Version::V14_1).then(|| device.clone());
                (ProvisionRequest::ask(device), record.provisioned.then_some(record.policy_key))
            }
        }
    }

    /// Handles an answer; the record takes over what it says.
    pub(super) fn settle(
        &mut self,
        body: &[u8],
        record: &mut AccountRecord,
    ) -> Result<Provisioned, Trouble> {
        let unreadable = |_| Trouble::ServerError("unreadable_answer".to_owned());
        let answer = ProvisionAnswer::decode(body).map_err(unreadable)?;
        if let Some(order) = answer.wipe {
            self.step = Some(Step::Wipe(order));
            record.wipe_ordered = Some(order);
            return Ok(Provisioned::Wipe(order));
        }
        match answer.status.provision() {
            ProvisionStatus::Ok => {}
            ProvisionStatus::Common(common) => return Err(pace::common(answer.status, common)),
            ProvisionStatus::ProtocolError
            | ProvisionStatus::ServerError
            | ProvisionStatus::Undocumented(_) => {
                self.step = Some(Step::Ask);
                return Err(pace::undocumented(answer.status));
            }
        }
        let Some(given) = answer.policy else { return Ok(self.finish(0, record)) };
        match (given.status.policy(), given.key) {
            (PolicyStatus::NoPolicy | PolicyStatus::UnknownType, _) => {
                record.limits = Limits::default();
                record.demands = Vec::new();
                Ok(self.finish(0, record))
            }
            (PolicyStatus::Ok, Some(key)) if self.step == Some(Step::Ask) => {
                record.limits = given.document.as_ref().map(limits).unwrap_or_default();
                record.demands = given.document.as_ref().map(policy::demands).unwrap_or_default();
                self.step = Some(Step::Acknowledge(key));
                Ok(Provisioned::Halfway)
            }
            (PolicyStatus::Ok, key) => Ok(self.finish(key.unwrap_or(record.policy_key), record)),
            (
                PolicyStatus::Corrupt
                | PolicyStatus::WrongKey
                | PolicyStatus::Common(_)
                | PolicyStatus::Undocumented(_),
                _,
            ) => {
                self.step = Some(Step::Ask);
                Err(Trouble::ServerError(format!("policy_status_{}", given.status.0)))
            }
        }
    }

    fn finish(&mut self, key: u32, record: &mut AccountRecord) -> Provisioned {
        self.step = None;
        record.policy_key = key;
        record.provisioned = true;
        Provisioned::Done
    }
}

/// Takes from a policy what limits mail; `policy` says what becomes of the rest.
fn limits(policy: &PolicyDocument) -> Limits {
    let number = |tag| policy.value(tag).and_then(|value| value.trim().parse::<u64>().ok());
    Limits {
        attachments: number(page::ATTACHMENTS_ENABLED) != Some(0),
        largest_attachment: number(page::MAX_ATTACHMENT_SIZE),
        oldest: number(page::MAX_EMAIL_AGE_FILTER)
            .and_then(|code| u8::try_from(code).ok())
            .and_then(Filter::from_code)
            .unwrap_or(Filter::All),
        html: number(page::ALLOW_HTML_EMAIL) != Some(0),
    }
}
