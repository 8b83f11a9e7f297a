use activesync::query::Version;
use activesync::status::Status;

use crate::http::{Call, Reply};
use crate::render;

const NOT_IN_THIS_VERSION: Status = Status(138);
const NOT_FOUND: Status = Status(6);

/// Gives an attachment as it is; later versions fetch it with ItemOperations.
pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    if call.version >= Version::V14_0 {
        return Reply::Refused(NOT_IN_THIS_VERSION);
    }
    let name = call.query.parameters.attachment_name.as_deref();
    let found = name.and_then(render::parse_file_reference).and_then(|(id, index)| {
        let item = call.account.inside().mailbox.item(id).cloned()?;
        render::file(&call.server.mime(&item.content), index)
    });
    match found {
        Some(file) => Reply::File { content_type: file.content_type, data: file.data },
        None => Reply::Refused(NOT_FOUND),
    }
}
