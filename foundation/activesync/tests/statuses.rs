//! Every documented status has a meaning, in the words of the command to which it belongs.

use activesync::status::Status;

/// Checks that exactly the documented numbers of a command have a meaning of the command's own, and every other number has none.
macro_rules! check {
    ($method:ident, $type:ident, [$($number:literal $variant:ident),* $(,)?]) => {{
        use activesync::status::$type;

        let own = [$(($number, $type::$variant)),*];
        for (number, meaning) in own {
            assert_eq!(Status(number).$method(), meaning, "{number}");
        }
        for number in 0..=300 {
            let documented = own.iter().any(|(known, _)| *known == number);
            let meaning = Status(number).$method();
            let general = matches!(meaning, $type::Common(_) | $type::Undocumented(_));
            assert_eq!(general, !documented, "{number}: {meaning:?}");
        }
    }};
}

#[test]
fn every_status_of_the_tables() {
    check!(sync, SyncStatus, [
        1 Ok, 3 KeyInvalid, 4 ProtocolError, 5 ServerError, 6 ItemMalformed, 7 Conflict, 8 NotFound, 9 CannotComplete,
        12 FoldersChanged, 13 Incomplete, 14 IntervalOutOfRange, 15 TooManyCollections, 16 Retry,
    ]);
    check!(folder_sync, FolderSyncStatus, [1 Ok, 6 ServerError, 9 KeyInvalid, 10 ProtocolError, 11 Unknown, 12 Unknown]);
    check!(folder_change, FolderChangeStatus, [
        1 Ok, 2 NameTaken, 3 SpecialFolder, 4 NotFound, 5 ParentNotFound, 6 ServerError, 9 KeyInvalid, 10 ProtocolError,
        11 ServerError, 12 ServerError,
    ]);
    check!(ping, PingStatus, [
        1 Expired, 2 Changes, 3 Incomplete, 4 ProtocolError, 5 IntervalOutOfRange, 6 TooManyFolders, 7 FoldersChanged,
        8 ServerError,
    ]);
    check!(estimate, EstimateStatus, [1 Ok, 2 UnknownCollection, 3 NotPrimed, 4 KeyInvalid]);
    check!(item_operations, ItemOperationsStatus, [
        1 Ok, 2 ProtocolError, 3 ServerError, 4 NotFound, 5 AccessDenied, 6 NotFound, 7 ServerError, 8 RangeInvalid,
        9 UnknownStore, 10 NotFound, 11 TooLarge, 12 ServerError, 14 ConversionFailed, 15 NotFound, 16 AccessDenied,
        17 PartlyDone, 18 AccessDenied,
    ]);
    check!(move_items, MoveStatus, [1 UnknownSource, 2 UnknownDestination, 3 Ok, 4 SameFolder, 5 Failed, 7 Locked]);
    check!(search, SearchStatus, [
        1 Ok, 2 ProtocolError, 3 ServerError, 4 NotFound, 5 AccessDenied, 6 NotFound, 7 ServerError, 8 TooComplex,
        10 TimedOut, 11 FoldersChanged, 12 PastTheEnd, 13 AccessDenied, 14 CredentialsWanted,
    ]);
    check!(find, FindStatus, [1 Ok, 2 ProtocolError, 3 FoldersChanged, 4 RangeMustStartAtZero]);
    check!(provision, ProvisionStatus, [1 Ok, 2 ProtocolError, 3 ServerError]);
    check!(policy, PolicyStatus, [1 Ok, 2 NoPolicy, 3 UnknownType, 4 Corrupt, 5 WrongKey]);
    check!(send, SendStatus, [1 Ok]);
}

#[test]
fn every_status_about_people_and_settings() {
    check!(resolve_recipients, ResolveStatus, [1 Ok, 5 ProtocolError, 6 ServerError]);
    check!(resolved_name, NameStatus, [1 Resolved, 2 Ambiguous, 3 AmbiguousAndCut, 4 Unknown]);
    check!(recipient_certificates, RecipientCertificateStatus, [1 Found, 7 NoneValid, 8 TooMany]);
    check!(availability, AvailabilityStatus, [1 Found, 160 TooManyRecipients, 161 ListTooLarge, 162 Retry, 163 Failed]);
    check!(picture, PictureStatus, [1 Found, 173 None, 174 TooLarge, 175 LimitReached]);
    check!(certificate, CertificateStatus, [
        1 Ok, 2 ProtocolError, 3 Invalid, 4 Untrusted, 5 ChainInvalid, 6 WrongPurpose, 7 Expired, 8 ChainInvalid,
        9 WrongPurpose, 10 Invalid, 11 WrongPurpose, 12 AddressMismatch, 13 Revoked, 14 RevocationUnknown, 15 Revoked,
        16 RevocationUnknown, 17 ServerError,
    ]);
    check!(settings, SettingsStatus, [
        1 Ok, 2 ProtocolError, 3 AccessDenied, 4 ServerError, 5 ProtocolError, 6 ProtocolError, 7 AccessDenied,
    ]);
    check!(meeting_response, MeetingResponseStatus, [1 Ok, 2 InvalidRequest, 3 ServerError, 4 ServerError]);
}
