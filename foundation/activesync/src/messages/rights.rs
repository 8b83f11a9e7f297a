use time::OffsetDateTime;

use super::property::{Boolean, Long, Text, properties};
use crate::codepage::rights_management as page;

properties! {
    /// What the user may do with a protected item; since 14.1. Who gets one has to keep to it.
    pub struct RightsLicense {
        /// Whether the user owns the item.
        owner: bool = Boolean, page::OWNER;
        /// Address of who protected it.
        content_owner: String = Text, page::CONTENT_OWNER;
        /// Id of the template.
        template_id: String = Text, page::TEMPLATE_ID;
        /// Name of the template.
        template_name: String = Text, page::TEMPLATE_NAME;
        /// What the template is for.
        template_description: String = Text, page::TEMPLATE_DESCRIPTION;
        /// When the content has to go.
        content_expiry: OffsetDateTime = Long, page::CONTENT_EXPIRY_DATE;
        /// Whether it may be edited.
        edit_allowed: bool = Boolean, page::EDIT_ALLOWED;
        /// Whether it may be answered.
        reply_allowed: bool = Boolean, page::REPLY_ALLOWED;
        /// Whether it may be answered to all.
        reply_all_allowed: bool = Boolean, page::REPLY_ALL_ALLOWED;
        /// Whether it may be forwarded.
        forward_allowed: bool = Boolean, page::FORWARD_ALLOWED;
        /// Whether recipients may be changed.
        modify_recipients_allowed: bool = Boolean, page::MODIFY_RECIPIENTS_ALLOWED;
        /// Whether text may be copied out of it.
        extract_allowed: bool = Boolean, page::EXTRACT_ALLOWED;
        /// Whether it may be printed.
        print_allowed: bool = Boolean, page::PRINT_ALLOWED;
        /// Whether the protection may be taken off.
        export_allowed: bool = Boolean, page::EXPORT_ALLOWED;
        /// Whether programs may read it.
        programmatic_access_allowed: bool = Boolean, page::PROGRAMMATIC_ACCESS_ALLOWED;
    }
}

properties! {
    /// A kind of protection that the user can give to a mail; since 14.1.
    pub struct RightsTemplate {
        /// Id, for sending.
        id: String = Text, page::TEMPLATE_ID;
        /// Name for people.
        name: String = Text, page::TEMPLATE_NAME;
        /// What it is for.
        description: String = Text, page::TEMPLATE_DESCRIPTION;
    }
}
