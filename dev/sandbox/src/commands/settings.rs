use activesync::codepage::provision;
use activesync::messages::{
    Addresses, OofRequest, SettingsAnswer, SettingsRequest, UserAccount, UserInformation,
};
use activesync::query::Version;
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};

const PROTOCOL_ERROR: Status = Status(2);
const DENIED_BY_POLICY: Status = Status(7);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = SettingsRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    if request == SettingsRequest::default() {
        return Reply::Wbxml(SettingsAnswer::new(PROTOCOL_ERROR).encode());
    }
    let told = request.device_information.is_some();
    if told {
        call.account.inside().device(call.device_id()).information = request.device_information;
    }
    let device_password = request.device_password.map(|password| {
        if !keeps_passwords(call) {
            return DENIED_BY_POLICY;
        }
        let mut inside = call.account.inside();
        inside.device(call.device_id()).recovery_password = Some(password);
        Status::OK
    });
    let answer = SettingsAnswer {
        device_information: told.then_some(Status::OK),
        oof: request.oof.map(|oof| match oof {
            OofRequest::Get(form) => {
                (Status::OK, Some(call.account.inside().out_of_office.tell(form)))
            }
            OofRequest::Set(oof) => {
                let changed = call.account.inside().out_of_office.change(oof);
                (changed.err().unwrap_or(Status::OK), None)
            }
        }),
        device_password,
        user_information: request.user_information.then(|| (Status::OK, Some(user(call)))),
        rights_management: request.rights_management.then(|| {
            let known = call.version >= Version::V14_1;
            (if known { Status::OK } else { PROTOCOL_ERROR }, Vec::new())
        }),
        ..SettingsAnswer::new(Status::OK)
    };
    Reply::Wbxml(answer.encode())
}

/// Only a policy that says so lets devices keep a password here.
fn keeps_passwords(call: &Call<'_>) -> bool {
    let policy = call.server.options.policy.as_ref();
    policy.and_then(|policy| policy.value(provision::PASSWORD_RECOVERY_ENABLED)) == Some("1")
}

fn user(call: &Call<'_>) -> UserInformation {
    let address = call.account.address.clone();
    let addresses = Addresses { smtp: vec![address.clone()], primary: None };
    if call.version < Version::V14_1 {
        return UserInformation::Addresses(addresses);
    }
    let person = call.server.directory.by_address(&address);
    UserInformation::Accounts(vec![UserAccount {
        user_display_name: person.map(|person| person.display_name()),
        send_disabled: Some(false),
        addresses: Addresses { primary: Some(address), ..addresses },
        ..UserAccount::default()
    }])
}
