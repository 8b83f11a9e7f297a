//! Names of elements that versions before 12.1 had. They can be shown, and no message uses them.

use super::Tag;

/// Page, token and name, in the order of the first two.
const NAMES: &[(u8, u8, &str)] = &[
    (0, 0x11, "Version"),
    (0, 0x19, "Truncation"),
    (0, 0x1A, "RTFTruncation"),
    (0, 0x1F, "NotifyGUID"),
    (1, 0x09, "Body"),
    (1, 0x0A, "BodySize"),
    (1, 0x0B, "BodyTruncated"),
    (1, 0x3B, "CompressedRTF"),
    (2, 0x05, "Attachment"),
    (2, 0x06, "Attachments"),
    (2, 0x07, "AttName"),
    (2, 0x08, "AttSize"),
    (2, 0x09, "Att0Id"),
    (2, 0x0A, "AttMethod"),
    (2, 0x0B, "AttRemoved"),
    (2, 0x0C, "Body"),
    (2, 0x0D, "BodySize"),
    (2, 0x0E, "BodyTruncated"),
    (2, 0x10, "DisplayName"),
    (2, 0x36, "MIMEData"),
    (2, 0x37, "MIMETruncated"),
    (2, 0x38, "MIMESize"),
    (3, 0x05, "Notify"),
    (3, 0x06, "Notification"),
    (3, 0x07, "Version"),
    (3, 0x08, "LifeTime"),
    (3, 0x09, "DeviceInfo"),
    (3, 0x0A, "Enable"),
    (3, 0x0B, "Folder"),
    (3, 0x0C, "ServerId"),
    (3, 0x0D, "DeviceAddress"),
    (3, 0x0E, "ValidCarrierProfiles"),
    (3, 0x0F, "CarrierProfile"),
    (3, 0x10, "Status"),
    (3, 0x11, "Responses"),
    (3, 0x12, "Devices"),
    (3, 0x13, "Device"),
    (3, 0x14, "Id"),
    (3, 0x15, "Expiry"),
    (3, 0x16, "NotifyGUID"),
    (3, 0x17, "DeviceFriendlyName"),
    (4, 0x0B, "Body"),
    (4, 0x0C, "BodyTruncated"),
    (4, 0x10, "CompressedRTF"),
    (4, 0x2B, "Attachment"),
    (4, 0x2C, "Attachments"),
    (4, 0x2D, "AttName"),
    (4, 0x2E, "AttSize"),
    (4, 0x2F, "Att0Id"),
    (4, 0x30, "AttMethod"),
    (4, 0x31, "AttRemoved"),
    (4, 0x32, "DisplayName"),
    (6, 0x06, "Version"),
    (6, 0x0B, "DateTime"),
    (7, 0x0B, "Response"),
    (7, 0x0D, "ContentClass"),
    (7, 0x18, "Version"),
    (8, 0x0D, "Version"),
    (9, 0x05, "Body"),
    (9, 0x06, "BodySize"),
    (9, 0x07, "BodyTruncated"),
    (9, 0x21, "CompressedRTF"),
    (13, 0x06, "AutdState"),
    (13, 0x0E, "Version"),
    (14, 0x12, "DocumentBrowseEnabled"),
    (15, 0x1C, "Schema"),
    (15, 0x1D, "Supported"),
    (21, 0x0A, "Type"),
];

/// The page that only older versions have.
pub(super) const PAGE: (u8, &str) = (3, "AirNotify");

pub(super) fn name(tag: Tag) -> Option<&'static str> {
    let found = NAMES.iter().find(|(page, token, _)| (*page, *token) == (tag.page, tag.token));

    found.map(|(_, _, name)| *name)
}

pub(super) fn find(page: u8, name: &str) -> Option<Tag> {
    let found = NAMES.iter().find(|(number, _, known)| *number == page && *known == name);

    found.map(|(_, token, _)| Tag::new(page, *token))
}
