//! Pages of commands and of the structures around items.

use super::{Index, Page, Tag};

page! {
    air_sync = 0 "AirSync" {
        0x05 SYNC "Sync", 0x06 RESPONSES "Responses", 0x07 ADD "Add", 0x08 CHANGE "Change", 0x09 DELETE "Delete",
        0x0A FETCH "Fetch", 0x0B SYNC_KEY "SyncKey", 0x0C CLIENT_ID "ClientId", 0x0D SERVER_ID "ServerId",
        0x0E STATUS "Status", 0x0F COLLECTION "Collection", 0x10 CLASS "Class", 0x12 COLLECTION_ID "CollectionId",
        0x13 GET_CHANGES "GetChanges", 0x14 MORE_AVAILABLE "MoreAvailable", 0x15 WINDOW_SIZE "WindowSize",
        0x16 COMMANDS "Commands", 0x17 OPTIONS "Options", 0x18 FILTER_TYPE "FilterType", 0x1B CONFLICT "Conflict",
        0x1C COLLECTIONS "Collections", 0x1D APPLICATION_DATA "ApplicationData", 0x1E DELETES_AS_MOVES "DeletesAsMoves",
        0x20 SUPPORTED "Supported", 0x21 SOFT_DELETE "SoftDelete", 0x22 MIME_SUPPORT "MIMESupport",
        0x23 MIME_TRUNCATION "MIMETruncation", 0x24 WAIT "Wait", 0x25 LIMIT "Limit", 0x26 PARTIAL "Partial",
        0x27 CONVERSATION_MODE "ConversationMode", 0x28 MAX_ITEMS "MaxItems",
        0x29 HEARTBEAT_INTERVAL "HeartbeatInterval",
    }
    move_items = 5 "Move" {
        0x05 MOVE_ITEMS "MoveItems", 0x06 MOVE "Move", 0x07 SRC_MSG_ID "SrcMsgId", 0x08 SRC_FLD_ID "SrcFldId",
        0x09 DST_FLD_ID "DstFldId", 0x0A RESPONSE "Response", 0x0B STATUS "Status", 0x0C DST_MSG_ID "DstMsgId",
    }
    get_item_estimate = 6 "GetItemEstimate" {
        0x05 GET_ITEM_ESTIMATE "GetItemEstimate", 0x07 COLLECTIONS "Collections", 0x08 COLLECTION "Collection",
        0x09 CLASS "Class", 0x0A COLLECTION_ID "CollectionId", 0x0C ESTIMATE "Estimate", 0x0D RESPONSE "Response",
        0x0E STATUS "Status",
    }
    folder_hierarchy = 7 "FolderHierarchy" {
        0x05 FOLDERS "Folders", 0x06 FOLDER "Folder", 0x07 DISPLAY_NAME "DisplayName", 0x08 SERVER_ID "ServerId",
        0x09 PARENT_ID "ParentId", 0x0A TYPE "Type", 0x0C STATUS "Status", 0x0E CHANGES "Changes", 0x0F ADD "Add",
        0x10 DELETE "Delete", 0x11 UPDATE "Update", 0x12 SYNC_KEY "SyncKey", 0x13 FOLDER_CREATE "FolderCreate",
        0x14 FOLDER_DELETE "FolderDelete", 0x15 FOLDER_UPDATE "FolderUpdate", 0x16 FOLDER_SYNC "FolderSync",
        0x17 COUNT "Count",
    }
    meeting_response = 8 "MeetingResponse" {
        0x05 CALENDAR_ID "CalendarId", 0x06 COLLECTION_ID "CollectionId", 0x07 MEETING_RESPONSE "MeetingResponse",
        0x08 REQUEST_ID "RequestId", 0x09 REQUEST "Request", 0x0A RESULT "Result", 0x0B STATUS "Status",
        0x0C USER_RESPONSE "UserResponse", 0x0E INSTANCE_ID "InstanceId", 0x10 PROPOSED_START_TIME "ProposedStartTime",
        0x11 PROPOSED_END_TIME "ProposedEndTime", 0x12 SEND_RESPONSE "SendResponse",
    }
    ping = 13 "Ping" {
        0x05 PING "Ping", 0x07 STATUS "Status", 0x08 HEARTBEAT_INTERVAL "HeartbeatInterval", 0x09 FOLDERS "Folders",
        0x0A FOLDER "Folder", 0x0B ID "Id", 0x0C CLASS "Class", 0x0D MAX_FOLDERS "MaxFolders",
    }
    provision = 14 "Provision" {
        0x05 PROVISION "Provision", 0x06 POLICIES "Policies", 0x07 POLICY "Policy", 0x08 POLICY_TYPE "PolicyType",
        0x09 POLICY_KEY "PolicyKey", 0x0A DATA "Data", 0x0B STATUS "Status", 0x0C REMOTE_WIPE "RemoteWipe",
        0x0D EAS_PROVISION_DOC "EASProvisionDoc", 0x0E DEVICE_PASSWORD_ENABLED "DevicePasswordEnabled",
        0x0F ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED "AlphanumericDevicePasswordRequired",
        0x10 REQUIRE_STORAGE_CARD_ENCRYPTION "RequireStorageCardEncryption",
        0x11 PASSWORD_RECOVERY_ENABLED "PasswordRecoveryEnabled", 0x13 ATTACHMENTS_ENABLED "AttachmentsEnabled",
        0x14 MIN_DEVICE_PASSWORD_LENGTH "MinDevicePasswordLength",
        0x15 MAX_INACTIVITY_TIME_DEVICE_LOCK "MaxInactivityTimeDeviceLock",
        0x16 MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS "MaxDevicePasswordFailedAttempts",
        0x17 MAX_ATTACHMENT_SIZE "MaxAttachmentSize", 0x18 ALLOW_SIMPLE_DEVICE_PASSWORD "AllowSimpleDevicePassword",
        0x19 DEVICE_PASSWORD_EXPIRATION "DevicePasswordExpiration",
        0x1A DEVICE_PASSWORD_HISTORY "DevicePasswordHistory", 0x1B ALLOW_STORAGE_CARD "AllowStorageCard",
        0x1C ALLOW_CAMERA "AllowCamera", 0x1D REQUIRE_DEVICE_ENCRYPTION "RequireDeviceEncryption",
        0x1E ALLOW_UNSIGNED_APPLICATIONS "AllowUnsignedApplications",
        0x1F ALLOW_UNSIGNED_INSTALLATION_PACKAGES "AllowUnsignedInstallationPackages",
        0x20 MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS "MinDevicePasswordComplexCharacters", 0x21 ALLOW_WI_FI "AllowWiFi",
        0x22 ALLOW_TEXT_MESSAGING "AllowTextMessaging", 0x23 ALLOW_POPIMAP_EMAIL "AllowPOPIMAPEmail",
        0x24 ALLOW_BLUETOOTH "AllowBluetooth", 0x25 ALLOW_IR_DA "AllowIrDA",
        0x26 REQUIRE_MANUAL_SYNC_WHEN_ROAMING "RequireManualSyncWhenRoaming",
        0x27 ALLOW_DESKTOP_SYNC "AllowDesktopSync", 0x28 MAX_CALENDAR_AGE_FILTER "MaxCalendarAgeFilter",
        0x29 ALLOW_HTML_EMAIL "AllowHTMLEmail", 0x2A MAX_EMAIL_AGE_FILTER "MaxEmailAgeFilter",
        0x2B MAX_EMAIL_BODY_TRUNCATION_SIZE "MaxEmailBodyTruncationSize",
        0x2C MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE "MaxEmailHTMLBodyTruncationSize",
        0x2D REQUIRE_SIGNED_SMIME_MESSAGES "RequireSignedSMIMEMessages",
        0x2E REQUIRE_ENCRYPTED_SMIME_MESSAGES "RequireEncryptedSMIMEMessages",
        0x2F REQUIRE_SIGNED_SMIME_ALGORITHM "RequireSignedSMIMEAlgorithm",
        0x30 REQUIRE_ENCRYPTION_SMIME_ALGORITHM "RequireEncryptionSMIMEAlgorithm",
        0x31 ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION "AllowSMIMEEncryptionAlgorithmNegotiation",
        0x32 ALLOW_SMIME_SOFT_CERTS "AllowSMIMESoftCerts", 0x33 ALLOW_BROWSER "AllowBrowser",
        0x34 ALLOW_CONSUMER_EMAIL "AllowConsumerEmail", 0x35 ALLOW_REMOTE_DESKTOP "AllowRemoteDesktop",
        0x36 ALLOW_INTERNET_SHARING "AllowInternetSharing",
        0x37 UNAPPROVED_IN_ROM_APPLICATION_LIST "UnapprovedInROMApplicationList",
        0x38 APPLICATION_NAME "ApplicationName", 0x39 APPROVED_APPLICATION_LIST "ApprovedApplicationList",
        0x3A HASH "Hash", 0x3B ACCOUNT_ONLY_REMOTE_WIPE "AccountOnlyRemoteWipe",
    }
    search = 15 "Search" {
        0x05 SEARCH "Search", 0x07 STORE "Store", 0x08 NAME "Name", 0x09 QUERY "Query", 0x0A OPTIONS "Options",
        0x0B RANGE "Range", 0x0C STATUS "Status", 0x0D RESPONSE "Response", 0x0E RESULT "Result",
        0x0F PROPERTIES "Properties", 0x10 TOTAL "Total", 0x11 EQUAL_TO "EqualTo", 0x12 VALUE "Value", 0x13 AND "And",
        0x14 OR "Or", 0x15 FREE_TEXT "FreeText", 0x17 DEEP_TRAVERSAL "DeepTraversal", 0x18 LONG_ID "LongId",
        0x19 REBUILD_RESULTS "RebuildResults", 0x1A LESS_THAN "LessThan", 0x1B GREATER_THAN "GreaterThan",
        0x1E USER_NAME "UserName", 0x1F PASSWORD "Password", 0x20 CONVERSATION_ID "ConversationId",
        0x21 PICTURE "Picture", 0x22 MAX_SIZE "MaxSize", 0x23 MAX_PICTURES "MaxPictures",
    }
    settings = 18 "Settings" {
        0x05 SETTINGS "Settings", 0x06 STATUS "Status", 0x07 GET "Get", 0x08 SET "Set", 0x09 OOF "Oof",
        0x0A OOF_STATE "OofState", 0x0B START_TIME "StartTime", 0x0C END_TIME "EndTime", 0x0D OOF_MESSAGE "OofMessage",
        0x0E APPLIES_TO_INTERNAL "AppliesToInternal", 0x0F APPLIES_TO_EXTERNAL_KNOWN "AppliesToExternalKnown",
        0x10 APPLIES_TO_EXTERNAL_UNKNOWN "AppliesToExternalUnknown", 0x11 ENABLED "Enabled",
        0x12 REPLY_MESSAGE "ReplyMessage", 0x13 BODY_TYPE "BodyType", 0x14 DEVICE_PASSWORD "DevicePassword",
        0x15 PASSWORD "Password", 0x16 DEVICE_INFORMATION "DeviceInformation", 0x17 MODEL "Model", 0x18 IMEI "IMEI",
        0x19 FRIENDLY_NAME "FriendlyName", 0x1A OS "OS", 0x1B OS_LANGUAGE "OSLanguage", 0x1C PHONE_NUMBER "PhoneNumber",
        0x1D USER_INFORMATION "UserInformation", 0x1E EMAIL_ADDRESSES "EmailAddresses", 0x1F SMTP_ADDRESS "SMTPAddress",
        0x20 USER_AGENT "UserAgent", 0x21 ENABLE_OUTBOUND_SMS "EnableOutboundSMS",
        0x22 MOBILE_OPERATOR "MobileOperator", 0x23 PRIMARY_SMTP_ADDRESS "PrimarySmtpAddress", 0x24 ACCOUNTS "Accounts",
        0x25 ACCOUNT "Account", 0x26 ACCOUNT_ID "AccountId", 0x27 ACCOUNT_NAME "AccountName",
        0x28 USER_DISPLAY_NAME "UserDisplayName", 0x29 SEND_DISABLED "SendDisabled",
        0x2B RIGHTS_MANAGEMENT_INFORMATION "RightsManagementInformation",
    }
    item_operations = 20 "ItemOperations" {
        0x05 ITEM_OPERATIONS "ItemOperations", 0x06 FETCH "Fetch", 0x07 STORE "Store", 0x08 OPTIONS "Options",
        0x09 RANGE "Range", 0x0A TOTAL "Total", 0x0B PROPERTIES "Properties", 0x0C DATA "Data", 0x0D STATUS "Status",
        0x0E RESPONSE "Response", 0x0F VERSION "Version", 0x10 SCHEMA "Schema", 0x11 PART "Part",
        0x12 EMPTY_FOLDER_CONTENTS "EmptyFolderContents", 0x13 DELETE_SUB_FOLDERS "DeleteSubFolders",
        0x14 USER_NAME "UserName", 0x15 PASSWORD "Password", 0x16 MOVE "Move", 0x17 DST_FLD_ID "DstFldId",
        0x18 CONVERSATION_ID "ConversationId", 0x19 MOVE_ALWAYS "MoveAlways",
    }
    compose_mail = 21 "ComposeMail" {
        0x05 SEND_MAIL "SendMail", 0x06 SMART_FORWARD "SmartForward", 0x07 SMART_REPLY "SmartReply",
        0x08 SAVE_IN_SENT_ITEMS "SaveInSentItems", 0x09 REPLACE_MIME "ReplaceMime", 0x0B SOURCE "Source",
        0x0C FOLDER_ID "FolderId", 0x0D ITEM_ID "ItemId", 0x0E LONG_ID "LongId", 0x0F INSTANCE_ID "InstanceId",
        0x10 MIME "Mime", 0x11 CLIENT_ID "ClientId", 0x12 STATUS "Status", 0x13 ACCOUNT_ID "AccountId",
        0x15 FORWARDEES "Forwardees", 0x16 FORWARDEE "Forwardee", 0x17 NAME "Name", 0x18 EMAIL "Email",
    }
    find = 25 "Find" {
        0x05 FIND "Find", 0x06 SEARCH_ID "SearchId", 0x07 EXECUTE_SEARCH "ExecuteSearch",
        0x08 MAIL_BOX_SEARCH_CRITERION "MailBoxSearchCriterion", 0x09 QUERY "Query", 0x0A STATUS "Status",
        0x0B FREE_TEXT "FreeText", 0x0C OPTIONS "Options", 0x0D RANGE "Range", 0x0E DEEP_TRAVERSAL "DeepTraversal",
        0x11 RESPONSE "Response", 0x12 RESULT "Result", 0x13 PROPERTIES "Properties", 0x14 PREVIEW "Preview",
        0x15 HAS_ATTACHMENTS "HasAttachments", 0x16 TOTAL "Total", 0x17 DISPLAY_CC "DisplayCc",
        0x18 DISPLAY_BCC "DisplayBcc", 0x19 GAL_SEARCH_CRITERION "GalSearchCriterion", 0x20 MAX_PICTURES "MaxPictures",
        0x21 MAX_SIZE "MaxSize", 0x22 PICTURE "Picture",
    }
}
