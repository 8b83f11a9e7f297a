use activesync::messages::{ValidateCertAnswer, ValidateCertRequest};
use activesync::status::Status;

use super::UNREADABLE;
use crate::http::{Call, Reply};

const PROTOCOL_ERROR: Status = Status(2);

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = ValidateCertRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let (started, now) = (call.server.started, call.server.now());
    let judge = |certificate: &bytes::Bytes| {
        let known = &call.server.certificates;
        known.judge(certificate, &request.chain, request.check_crl, started, now)
    };
    let certificates: Vec<_> = request.certificates.iter().map(judge).collect();
    let status = if certificates.is_empty() { PROTOCOL_ERROR } else { Status::OK };
    Reply::Wbxml(ValidateCertAnswer { status, certificates }.encode())
}
