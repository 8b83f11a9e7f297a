//! Pages of item classes and of what they are made of.

use super::{Index, Page, Tag};

page! {
    contacts = 1 "Contacts" {
        0x05 ANNIVERSARY "Anniversary", 0x06 ASSISTANT_NAME "AssistantName",
        0x07 ASSISTANT_PHONE_NUMBER "AssistantPhoneNumber", 0x08 BIRTHDAY "Birthday",
        0x0C BUSINESS2_PHONE_NUMBER "Business2PhoneNumber", 0x0D BUSINESS_ADDRESS_CITY "BusinessAddressCity",
        0x0E BUSINESS_ADDRESS_COUNTRY "BusinessAddressCountry",
        0x0F BUSINESS_ADDRESS_POSTAL_CODE "BusinessAddressPostalCode",
        0x10 BUSINESS_ADDRESS_STATE "BusinessAddressState", 0x11 BUSINESS_ADDRESS_STREET "BusinessAddressStreet",
        0x12 BUSINESS_FAX_NUMBER "BusinessFaxNumber", 0x13 BUSINESS_PHONE_NUMBER "BusinessPhoneNumber",
        0x14 CAR_PHONE_NUMBER "CarPhoneNumber", 0x15 CATEGORIES "Categories", 0x16 CATEGORY "Category",
        0x17 CHILDREN "Children", 0x18 CHILD "Child", 0x19 COMPANY_NAME "CompanyName", 0x1A DEPARTMENT "Department",
        0x1B EMAIL1_ADDRESS "Email1Address", 0x1C EMAIL2_ADDRESS "Email2Address", 0x1D EMAIL3_ADDRESS "Email3Address",
        0x1E FILE_AS "FileAs", 0x1F FIRST_NAME "FirstName", 0x20 HOME2_PHONE_NUMBER "Home2PhoneNumber",
        0x21 HOME_ADDRESS_CITY "HomeAddressCity", 0x22 HOME_ADDRESS_COUNTRY "HomeAddressCountry",
        0x23 HOME_ADDRESS_POSTAL_CODE "HomeAddressPostalCode", 0x24 HOME_ADDRESS_STATE "HomeAddressState",
        0x25 HOME_ADDRESS_STREET "HomeAddressStreet", 0x26 HOME_FAX_NUMBER "HomeFaxNumber",
        0x27 HOME_PHONE_NUMBER "HomePhoneNumber", 0x28 JOB_TITLE "JobTitle", 0x29 LAST_NAME "LastName",
        0x2A MIDDLE_NAME "MiddleName", 0x2B MOBILE_PHONE_NUMBER "MobilePhoneNumber",
        0x2C OFFICE_LOCATION "OfficeLocation", 0x2D OTHER_ADDRESS_CITY "OtherAddressCity",
        0x2E OTHER_ADDRESS_COUNTRY "OtherAddressCountry", 0x2F OTHER_ADDRESS_POSTAL_CODE "OtherAddressPostalCode",
        0x30 OTHER_ADDRESS_STATE "OtherAddressState", 0x31 OTHER_ADDRESS_STREET "OtherAddressStreet",
        0x32 PAGER_NUMBER "PagerNumber", 0x33 RADIO_PHONE_NUMBER "RadioPhoneNumber", 0x34 SPOUSE "Spouse",
        0x35 SUFFIX "Suffix", 0x36 TITLE "Title", 0x37 WEB_PAGE "WebPage", 0x38 YOMI_COMPANY_NAME "YomiCompanyName",
        0x39 YOMI_FIRST_NAME "YomiFirstName", 0x3A YOMI_LAST_NAME "YomiLastName", 0x3C PICTURE "Picture",
        0x3D ALIAS "Alias", 0x3E WEIGHTED_RANK "WeightedRank",
    }
    email = 2 "Email" {
        0x0F DATE_RECEIVED "DateReceived", 0x11 DISPLAY_TO "DisplayTo", 0x12 IMPORTANCE "Importance",
        0x13 MESSAGE_CLASS "MessageClass", 0x14 SUBJECT "Subject", 0x15 READ "Read", 0x16 TO "To", 0x17 CC "Cc",
        0x18 FROM "From", 0x19 REPLY_TO "ReplyTo", 0x1A ALL_DAY_EVENT "AllDayEvent", 0x1B CATEGORIES "Categories",
        0x1C CATEGORY "Category", 0x1D DT_STAMP "DtStamp", 0x1E END_TIME "EndTime", 0x1F INSTANCE_TYPE "InstanceType",
        0x20 BUSY_STATUS "BusyStatus", 0x21 LOCATION "Location", 0x22 MEETING_REQUEST "MeetingRequest",
        0x23 ORGANIZER "Organizer", 0x24 RECURRENCE_ID "RecurrenceId", 0x25 REMINDER "Reminder",
        0x26 RESPONSE_REQUESTED "ResponseRequested", 0x27 RECURRENCES "Recurrences", 0x28 RECURRENCE "Recurrence",
        0x29 TYPE "Type", 0x2A UNTIL "Until", 0x2B OCCURRENCES "Occurrences", 0x2C INTERVAL "Interval",
        0x2D DAY_OF_WEEK "DayOfWeek", 0x2E DAY_OF_MONTH "DayOfMonth", 0x2F WEEK_OF_MONTH "WeekOfMonth",
        0x30 MONTH_OF_YEAR "MonthOfYear", 0x31 START_TIME "StartTime", 0x32 SENSITIVITY "Sensitivity",
        0x33 TIME_ZONE "TimeZone", 0x34 GLOBAL_OBJ_ID "GlobalObjId", 0x35 THREAD_TOPIC "ThreadTopic",
        0x39 INTERNET_CPID "InternetCPID", 0x3A FLAG "Flag", 0x3B STATUS "Status", 0x3C CONTENT_CLASS "ContentClass",
        0x3D FLAG_TYPE "FlagType", 0x3E COMPLETE_TIME "CompleteTime",
        0x3F DISALLOW_NEW_TIME_PROPOSAL "DisallowNewTimeProposal",
    }
    calendar = 4 "Calendar" {
        0x05 TIMEZONE "Timezone", 0x06 ALL_DAY_EVENT "AllDayEvent", 0x07 ATTENDEES "Attendees",
        0x08 ATTENDEE "Attendee", 0x09 EMAIL "Email", 0x0A NAME "Name", 0x0D BUSY_STATUS "BusyStatus",
        0x0E CATEGORIES "Categories", 0x0F CATEGORY "Category", 0x11 DT_STAMP "DtStamp", 0x12 END_TIME "EndTime",
        0x13 EXCEPTION "Exception", 0x14 EXCEPTIONS "Exceptions", 0x15 DELETED "Deleted",
        0x16 EXCEPTION_START_TIME "ExceptionStartTime", 0x17 LOCATION "Location", 0x18 MEETING_STATUS "MeetingStatus",
        0x19 ORGANIZER_EMAIL "OrganizerEmail", 0x1A ORGANIZER_NAME "OrganizerName", 0x1B RECURRENCE "Recurrence",
        0x1C TYPE "Type", 0x1D UNTIL "Until", 0x1E OCCURRENCES "Occurrences", 0x1F INTERVAL "Interval",
        0x20 DAY_OF_WEEK "DayOfWeek", 0x21 DAY_OF_MONTH "DayOfMonth", 0x22 WEEK_OF_MONTH "WeekOfMonth",
        0x23 MONTH_OF_YEAR "MonthOfYear", 0x24 REMINDER "Reminder", 0x25 SENSITIVITY "Sensitivity",
        0x26 SUBJECT "Subject", 0x27 START_TIME "StartTime", 0x28 UID "UID", 0x29 ATTENDEE_STATUS "AttendeeStatus",
        0x2A ATTENDEE_TYPE "AttendeeType", 0x33 DISALLOW_NEW_TIME_PROPOSAL "DisallowNewTimeProposal",
        0x34 RESPONSE_REQUESTED "ResponseRequested", 0x35 APPOINTMENT_REPLY_TIME "AppointmentReplyTime",
        0x36 RESPONSE_TYPE "ResponseType", 0x37 CALENDAR_TYPE "CalendarType", 0x38 IS_LEAP_MONTH "IsLeapMonth",
        0x39 FIRST_DAY_OF_WEEK "FirstDayOfWeek", 0x3A ONLINE_MEETING_CONF_LINK "OnlineMeetingConfLink",
        0x3B ONLINE_MEETING_EXTERNAL_LINK "OnlineMeetingExternalLink", 0x3C CLIENT_UID "ClientUid",
    }
    tasks = 9 "Tasks" {
        0x08 CATEGORIES "Categories", 0x09 CATEGORY "Category", 0x0A COMPLETE "Complete",
        0x0B DATE_COMPLETED "DateCompleted", 0x0C DUE_DATE "DueDate", 0x0D UTC_DUE_DATE "UtcDueDate",
        0x0E IMPORTANCE "Importance", 0x0F RECURRENCE "Recurrence", 0x10 TYPE "Type", 0x11 START "Start",
        0x12 UNTIL "Until", 0x13 OCCURRENCES "Occurrences", 0x14 INTERVAL "Interval", 0x15 DAY_OF_MONTH "DayOfMonth",
        0x16 DAY_OF_WEEK "DayOfWeek", 0x17 WEEK_OF_MONTH "WeekOfMonth", 0x18 MONTH_OF_YEAR "MonthOfYear",
        0x19 REGENERATE "Regenerate", 0x1A DEAD_OCCUR "DeadOccur", 0x1B REMINDER_SET "ReminderSet",
        0x1C REMINDER_TIME "ReminderTime", 0x1D SENSITIVITY "Sensitivity", 0x1E START_DATE "StartDate",
        0x1F UTC_START_DATE "UtcStartDate", 0x20 SUBJECT "Subject", 0x22 ORDINAL_DATE "OrdinalDate",
        0x23 SUB_ORDINAL_DATE "SubOrdinalDate", 0x24 CALENDAR_TYPE "CalendarType", 0x25 IS_LEAP_MONTH "IsLeapMonth",
        0x26 FIRST_DAY_OF_WEEK "FirstDayOfWeek",
    }
    resolve_recipients = 10 "ResolveRecipients" {
        0x05 RESOLVE_RECIPIENTS "ResolveRecipients", 0x06 RESPONSE "Response", 0x07 STATUS "Status", 0x08 TYPE "Type",
        0x09 RECIPIENT "Recipient", 0x0A DISPLAY_NAME "DisplayName", 0x0B EMAIL_ADDRESS "EmailAddress",
        0x0C CERTIFICATES "Certificates", 0x0D CERTIFICATE "Certificate", 0x0E MINI_CERTIFICATE "MiniCertificate",
        0x0F OPTIONS "Options", 0x10 TO "To", 0x11 CERTIFICATE_RETRIEVAL "CertificateRetrieval",
        0x12 RECIPIENT_COUNT "RecipientCount", 0x13 MAX_CERTIFICATES "MaxCertificates",
        0x14 MAX_AMBIGUOUS_RECIPIENTS "MaxAmbiguousRecipients", 0x15 CERTIFICATE_COUNT "CertificateCount",
        0x16 AVAILABILITY "Availability", 0x17 START_TIME "StartTime", 0x18 END_TIME "EndTime",
        0x19 MERGED_FREE_BUSY "MergedFreeBusy", 0x1A PICTURE "Picture", 0x1B MAX_SIZE "MaxSize", 0x1C DATA "Data",
        0x1D MAX_PICTURES "MaxPictures",
    }
    validate_cert = 11 "ValidateCert" {
        0x05 VALIDATE_CERT "ValidateCert", 0x06 CERTIFICATES "Certificates", 0x07 CERTIFICATE "Certificate",
        0x08 CERTIFICATE_CHAIN "CertificateChain", 0x09 CHECK_CRL "CheckCRL", 0x0A STATUS "Status",
    }
    contacts2 = 12 "Contacts2" {
        0x05 CUSTOMER_ID "CustomerId", 0x06 GOVERNMENT_ID "GovernmentId", 0x07 IM_ADDRESS "IMAddress",
        0x08 IM_ADDRESS2 "IMAddress2", 0x09 IM_ADDRESS3 "IMAddress3", 0x0A MANAGER_NAME "ManagerName",
        0x0B COMPANY_MAIN_PHONE "CompanyMainPhone", 0x0C ACCOUNT_NAME "AccountName", 0x0D NICK_NAME "NickName",
        0x0E MMS "MMS",
    }
    gal = 16 "GAL" {
        0x05 DISPLAY_NAME "DisplayName", 0x06 PHONE "Phone", 0x07 OFFICE "Office", 0x08 TITLE "Title",
        0x09 COMPANY "Company", 0x0A ALIAS "Alias", 0x0B FIRST_NAME "FirstName", 0x0C LAST_NAME "LastName",
        0x0D HOME_PHONE "HomePhone", 0x0E MOBILE_PHONE "MobilePhone", 0x0F EMAIL_ADDRESS "EmailAddress",
        0x10 PICTURE "Picture", 0x11 STATUS "Status", 0x12 DATA "Data",
    }
    air_sync_base = 17 "AirSyncBase" {
        0x05 BODY_PREFERENCE "BodyPreference", 0x06 TYPE "Type", 0x07 TRUNCATION_SIZE "TruncationSize",
        0x08 ALL_OR_NONE "AllOrNone", 0x0A BODY "Body", 0x0B DATA "Data", 0x0C ESTIMATED_DATA_SIZE "EstimatedDataSize",
        0x0D TRUNCATED "Truncated", 0x0E ATTACHMENTS "Attachments", 0x0F ATTACHMENT "Attachment",
        0x10 DISPLAY_NAME "DisplayName", 0x11 FILE_REFERENCE "FileReference", 0x12 METHOD "Method",
        0x13 CONTENT_ID "ContentId", 0x14 CONTENT_LOCATION "ContentLocation", 0x15 IS_INLINE "IsInline",
        0x16 NATIVE_BODY_TYPE "NativeBodyType", 0x17 CONTENT_TYPE "ContentType", 0x18 PREVIEW "Preview",
        0x19 BODY_PART_PREFERENCE "BodyPartPreference", 0x1A BODY_PART "BodyPart", 0x1B STATUS "Status", 0x1C ADD "Add",
        0x1D DELETE "Delete", 0x1E CLIENT_ID "ClientId", 0x1F CONTENT "Content", 0x20 LOCATION "Location",
        0x21 ANNOTATION "Annotation", 0x22 STREET "Street", 0x23 CITY "City", 0x24 STATE "State",
        0x25 COUNTRY "Country", 0x26 POSTAL_CODE "PostalCode", 0x27 LATITUDE "Latitude", 0x28 LONGITUDE "Longitude",
        0x29 ACCURACY "Accuracy", 0x2A ALTITUDE "Altitude", 0x2B ALTITUDE_ACCURACY "AltitudeAccuracy",
        0x2C LOCATION_URI "LocationUri", 0x2D INSTANCE_ID "InstanceId",
    }
    document_library = 19 "DocumentLibrary" {
        0x05 LINK_ID "LinkId", 0x06 DISPLAY_NAME "DisplayName", 0x07 IS_FOLDER "IsFolder",
        0x08 CREATION_DATE "CreationDate", 0x09 LAST_MODIFIED_DATE "LastModifiedDate", 0x0A IS_HIDDEN "IsHidden",
        0x0B CONTENT_LENGTH "ContentLength", 0x0C CONTENT_TYPE "ContentType",
    }
    email2 = 22 "Email2" {
        0x05 UM_CALLER_ID "UmCallerID", 0x06 UM_USER_NOTES "UmUserNotes", 0x07 UM_ATT_DURATION "UmAttDuration",
        0x08 UM_ATT_ORDER "UmAttOrder", 0x09 CONVERSATION_ID "ConversationId",
        0x0A CONVERSATION_INDEX "ConversationIndex", 0x0B LAST_VERB_EXECUTED "LastVerbExecuted",
        0x0C LAST_VERB_EXECUTION_TIME "LastVerbExecutionTime", 0x0D RECEIVED_AS_BCC "ReceivedAsBcc",
        0x0E SENDER "Sender", 0x0F CALENDAR_TYPE "CalendarType", 0x10 IS_LEAP_MONTH "IsLeapMonth",
        0x11 ACCOUNT_ID "AccountId", 0x12 FIRST_DAY_OF_WEEK "FirstDayOfWeek",
        0x13 MEETING_MESSAGE_TYPE "MeetingMessageType", 0x15 IS_DRAFT "IsDraft", 0x16 BCC "Bcc", 0x17 SEND "Send",
    }
    notes = 23 "Notes" {
        0x05 SUBJECT "Subject", 0x06 MESSAGE_CLASS "MessageClass", 0x07 LAST_MODIFIED_DATE "LastModifiedDate",
        0x08 CATEGORIES "Categories", 0x09 CATEGORY "Category",
    }
    rights_management = 24 "RightsManagement" {
        0x05 RIGHTS_MANAGEMENT_SUPPORT "RightsManagementSupport",
        0x06 RIGHTS_MANAGEMENT_TEMPLATES "RightsManagementTemplates",
        0x07 RIGHTS_MANAGEMENT_TEMPLATE "RightsManagementTemplate",
        0x08 RIGHTS_MANAGEMENT_LICENSE "RightsManagementLicense", 0x09 EDIT_ALLOWED "EditAllowed",
        0x0A REPLY_ALLOWED "ReplyAllowed", 0x0B REPLY_ALL_ALLOWED "ReplyAllAllowed",
        0x0C FORWARD_ALLOWED "ForwardAllowed", 0x0D MODIFY_RECIPIENTS_ALLOWED "ModifyRecipientsAllowed",
        0x0E EXTRACT_ALLOWED "ExtractAllowed", 0x0F PRINT_ALLOWED "PrintAllowed", 0x10 EXPORT_ALLOWED "ExportAllowed",
        0x11 PROGRAMMATIC_ACCESS_ALLOWED "ProgrammaticAccessAllowed", 0x12 OWNER "Owner",
        0x13 CONTENT_EXPIRY_DATE "ContentExpiryDate", 0x14 TEMPLATE_ID "TemplateID", 0x15 TEMPLATE_NAME "TemplateName",
        0x16 TEMPLATE_DESCRIPTION "TemplateDescription", 0x17 CONTENT_OWNER "ContentOwner",
        0x18 REMOVE_RIGHTS_MANAGEMENT_PROTECTION "RemoveRightsManagementProtection",
    }
}
