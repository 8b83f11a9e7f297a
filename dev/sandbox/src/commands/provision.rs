use activesync::messages::{
    POLICY_TYPE, PolicyAnswer, PolicyApplied, PolicyRequest, ProvisionAnswer, ProvisionPhase,
    ProvisionRequest, WipeReport,
};
use activesync::query::Version;
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};

const SYNTAX: Status = Status(2);
const UNKNOWN_POLICY_TYPE: Status = Status(3);
const NO_POLICY: Status = Status(2);
const WRONG_KEY: Status = Status(5);
const NOT_COMPLIANT: Status = Status(139);
const DEVICE_INFORMATION_MISSING: Status = Status(165);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = ProvisionRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let answer = match request.phase() {
        ProvisionPhase::Acknowledge => acknowledge(call, &request),
        ProvisionPhase::Ask => ask(call, request),
        ProvisionPhase::Wipe(_, report) => wiped(call, report),
    };
    Reply::Wbxml(answer.encode())
}

fn ask(call: &Call<'_>, request: ProvisionRequest) -> ProvisionAnswer {
    let mut inside = call.account.inside();
    let key = inside.make_policy_key();
    let document = inside.policy.clone();
    let device = inside.device(call.device_id());
    if let Some(order) = device.provisioning.wipe {
        return ProvisionAnswer { wipe: Some(order), ..bare(Status::OK) };
    }
    let told = request.device_information.is_some();
    if told && call.version < Version::V14_1 {
        return bare(SYNTAX);
    }
    let first = call.server.options.strict && device.provisioning.current.is_none();
    if call.version >= Version::V14_1 && !told && (first || device.information.is_none()) {
        return bare(DEVICE_INFORMATION_MISSING);
    }
    device.information = request.device_information.or(device.information.take());
    let policy_type = request.policy.map(|policy| policy.policy_type);
    let policy = match (document, policy_type.as_deref()) {
        (_, Some(other)) if other != POLICY_TYPE => policy(other, UNKNOWN_POLICY_TYPE),
        (None, _) => policy(POLICY_TYPE, NO_POLICY),
        (Some(document), _) => {
            device.provisioning.temporary = Some(key);
            PolicyAnswer {
                key: Some(key),
                document: Some(document),
                ..policy(POLICY_TYPE, Status::OK)
            }
        }
    };
    ProvisionAnswer {
        device_information: told.then_some(Status::OK),
        policy: Some(policy),
        ..bare(Status::OK)
    }
}

fn acknowledge(call: &Call<'_>, request: &ProvisionRequest) -> ProvisionAnswer {
    let Some(PolicyRequest { key, applied, .. }) = request.policy else { return bare(NO_POLICY) };
    let mut inside = call.account.inside();
    let permanent = inside.make_policy_key();
    let provisioning = &mut inside.device(call.device_id()).provisioning;
    if key.is_none() || key != provisioning.temporary {
        return ProvisionAnswer {
            policy: Some(policy(POLICY_TYPE, WRONG_KEY)),
            ..bare(Status::OK)
        };
    }
    if applied == Some(PolicyApplied::NotAtAll) {
        return bare(NOT_COMPLIANT);
    }
    provisioning.temporary = None;
    provisioning.current = Some(permanent);
    let policy = PolicyAnswer { key: Some(permanent), ..policy(POLICY_TYPE, Status::OK) };
    ProvisionAnswer { policy: Some(policy), ..bare(Status::OK) }
}

fn wiped(call: &Call<'_>, report: WipeReport) -> ProvisionAnswer {
    let mut inside = call.account.inside();
    let provisioning = &mut inside.device(call.device_id()).provisioning;
    provisioning.wiped = Some(report);
    match report {
        WipeReport::Done => provisioning.wipe = None,
        WipeReport::Failed => {}
    }
    ProvisionAnswer { wipe: provisioning.wipe, ..bare(Status::OK) }
}

fn bare(status: Status) -> ProvisionAnswer {
    ProvisionAnswer { status, device_information: None, policy: None, wipe: None }
}

fn policy(policy_type: &str, status: Status) -> PolicyAnswer {
    PolicyAnswer { policy_type: policy_type.to_owned(), status, key: None, document: None }
}
