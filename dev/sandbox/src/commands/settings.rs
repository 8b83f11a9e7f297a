use activesync::messages::{SettingsAnswer, SettingsRequest};
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = SettingsRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let told = request.device_information.is_some();
    if told {
        call.account.inside().device(call.device_id()).information = request.device_information;
    }
    Reply::Wbxml(
        SettingsAnswer {
            device_information: told.then_some(Status::OK),
            ..SettingsAnswer::new(Status::OK)
        }
        .encode(),
    )
}
