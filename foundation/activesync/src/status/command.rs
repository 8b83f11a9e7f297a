use super::{Common, Status};

/// Declares an enum of the meanings of one command's numbers, and the method of [`Status`] that reads it.
macro_rules! meanings {
    ($(#[$doc:meta])* $name:ident, $method:ident { $($(#[$variant_doc:meta])* $($number:literal)|+ => $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A status that any command may answer.
            Common(Common),
            /// A number without a documented meaning: an error that may pass.
            Undocumented(Status),
        }

        impl Status {
            #[doc = concat!("Reads the number as [`", stringify!($name), "`].")]
            pub fn $method(self) -> $name {
                match self.0 {
                    $($($number)|+ => $name::$variant,)*
                    _ => Common::of(self).map_or($name::Undocumented(self), $name::Common),
                }
            }
        }
    };
}

meanings! {
    /// Status of Sync, at its root, at a collection or at an item.
    SyncStatus, sync {
        /// The mailbox is full or the item cannot be handled: tell the user, retry later.
        9 => CannotComplete,
        /// The server's version won.
        7 => Conflict,
        /// FolderSync, then repeat.
        12 => FoldersChanged,
        /// The stored request is lost: send it in full.
        13 => Incomplete,
        /// Take the interval that Limit names.
        14 => IntervalOutOfRange,
        /// Never send this item again unchanged.
        6 => ItemMalformed,
        /// The key is wrong or the state lost: start the collection with key 0, match by ServerId.
        3 => KeyInvalid,
        /// The item is gone: drop it; FolderSync if that repeats.
        8 => NotFound,
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        4 => ProtocolError,
        /// Repeat, at most a few times.
        16 => Retry,
        /// Retry with pauses; after several, start the collection with key 0.
        5 => ServerError,
        /// Take the number of collections that Limit names.
        15 => TooManyCollections,
    }
}

meanings! {
    /// Status of FolderSync.
    FolderSyncStatus, folder_sync {
        /// Start with key 0.
        9 => KeyInvalid,
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        10 => ProtocolError,
        /// Retry; then start with key 0.
        6 => ServerError,
        /// Retry; then start with key 0.
        11 | 12 => Unknown,
    }
}

meanings! {
    /// Status of Ping.
    PingStatus, ping {
        /// Listed folders changed: sync them.
        2 => Changes,
        /// The interval is over and nothing happened: ping again.
        1 => Expired,
        /// FolderSync, then ping again.
        7 => FoldersChanged,
        /// Nothing is stored: send the full request.
        3 => Incomplete,
        /// Take the interval of the answer.
        5 => IntervalOutOfRange,
        /// The request is wrong: do not repeat it unchanged.
        4 => ProtocolError,
        /// Pause, then retry.
        8 => ServerError,
        /// Take the number of folders of the answer.
        6 => TooManyFolders,
    }
}

meanings! {
    /// Root status of Provision.
    ProvisionStatus, provision {
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        2 => ProtocolError,
        /// Retry with pauses.
        3 => ServerError,
    }
}

meanings! {
    /// Status of a Policy in the answer to Provision.
    PolicyStatus, policy {
        /// The policy on the server is damaged.
        4 => Corrupt,
        /// There is no policy for this user; this is not an error.
        2 => NoPolicy,
        /// All is well.
        1 => Ok,
        /// The server does not know this kind of policy.
        3 => UnknownType,
        /// The key does not fit: start Provision again.
        5 => WrongKey,
    }
}

meanings! {
    /// Status of ItemOperations, at its root or at one operation.
    ItemOperationsStatus, item_operations {
        /// The user may not have it.
        5 | 16 | 18 => AccessDenied,
        /// The server cannot make the wanted form of it.
        14 => ConversionFailed,
        /// The item or the attachment is not there, or its address is wrong.
        4 | 6 | 10 | 15 => NotFound,
        /// All is well.
        1 => Ok,
        /// Some of it was done.
        17 => PartlyDone,
        /// The request is wrong: do not repeat it unchanged.
        2 => ProtocolError,
        /// The range is wrong or too large.
        8 => RangeInvalid,
        /// The server failed or did not reach the store: retry with pauses.
        3 | 7 | 12 => ServerError,
        /// The item is larger than the server gives.
        11 => TooLarge,
        /// The server does not know this store.
        9 => UnknownStore,
    }
}

meanings! {
    /// Status of Settings, at its root or at one of its parts.
    SettingsStatus, settings {
        /// The user or a policy forbids it.
        3 | 7 => AccessDenied,
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        2 | 5 | 6 => ProtocolError,
        /// Retry with pauses.
        4 => ServerError,
    }
}

meanings! {
    /// Status of GetItemEstimate, at its root or at one collection.
    EstimateStatus, estimate {
        /// Start the collection with key 0.
        4 => KeyInvalid,
        /// Sync the collection with key 0 first.
        3 => NotPrimed,
        /// All is well.
        1 => Ok,
        /// FolderSync, then ask again.
        2 => UnknownCollection,
    }
}

meanings! {
    /// Status of one move of MoveItems. Success is 3.
    MoveStatus, move_items {
        /// The server failed, or there was more than one destination.
        5 => Failed,
        /// Somebody else works on it: retry.
        7 => Locked,
        /// All is well.
        3 => Ok,
        /// The item is already there.
        4 => SameFolder,
        /// The folder is not there: FolderSync.
        2 => UnknownDestination,
        /// The item is not there: sync its folder.
        1 => UnknownSource,
    }
}

meanings! {
    /// Root status of SendMail, SmartReply and SmartForward. Success is an answer without a body.
    SendStatus, send {
        /// All is well.
        1 => Ok,
    }
}

meanings! {
    /// Status of FolderCreate, FolderUpdate and FolderDelete.
    FolderChangeStatus, folder_change {
        /// The name is taken, or the folder cannot be renamed: take another name.
        2 => NameTaken,
        /// Special folders and the recipient cache stay as they are: tell the user.
        3 => SpecialFolder,
        /// The folder is not there: FolderSync.
        4 => NotFound,
        /// The folder above is not there: FolderSync, then ask again.
        5 => ParentNotFound,
        /// Start with key 0; what was added since goes.
        9 => KeyInvalid,
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        10 => ProtocolError,
        /// Retry; then start with key 0.
        6 | 11 | 12 => ServerError,
    }
}

meanings! {
    /// Status of Search, at its root or at its store.
    SearchStatus, search {
        /// The server does not let the user search there.
        5 | 13 => AccessDenied,
        /// The query is too much for the server: ask for less.
        8 => TooComplex,
        /// Sign-in of the store is wanted.
        14 => CredentialsWanted,
        /// FolderSync, then search again.
        11 => FoldersChanged,
        /// There are no results so far on: ask for fewer.
        12 => PastTheEnd,
        /// The address of the document is wrong, or nothing is there.
        4 | 6 => NotFound,
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        2 => ProtocolError,
        /// Retry with pauses.
        3 | 7 => ServerError,
        /// The search took too long: narrow it, or retry.
        10 => TimedOut,
    }
}

meanings! {
    /// Status of Find, at its root or at its response.
    FindStatus, find {
        /// FolderSync, then search again.
        3 => FoldersChanged,
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        2 => ProtocolError,
        /// The first request of a search asks from result 0 on.
        4 => RangeMustStartAtZero,
    }
}

meanings! {
    /// Root status of ResolveRecipients.
    ResolveStatus, resolve_recipients {
        /// All is well.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        5 => ProtocolError,
        /// Retry with pauses.
        6 => ServerError,
    }
}

meanings! {
    /// Status of one name of ResolveRecipients.
    NameStatus, resolved_name {
        /// There are several candidates: let the user choose.
        2 => Ambiguous,
        /// There are several candidates and more than are listed: let the user choose or say more.
        3 => AmbiguousAndCut,
        /// One person is meant.
        1 => Resolved,
        /// Nobody is meant.
        4 => Unknown,
    }
}

meanings! {
    /// Status of the certificates of a recipient.
    RecipientCertificateStatus, recipient_certificates {
        /// Certificates were found.
        1 => Found,
        /// There is no valid one: do not encrypt in silence without it.
        7 => NoneValid,
        /// There are more than were asked for.
        8 => TooMany,
    }
}

meanings! {
    /// Status of the free time of a recipient.
    AvailabilityStatus, availability {
        /// The free time is there.
        1 => Found,
        /// The list has too many members to ask each.
        161 => ListTooLarge,
        /// Nobody knows; do not ask again.
        163 => Failed,
        /// Nobody knows right now: retry.
        162 => Retry,
        /// Too many people were named at once: ask for fewer.
        160 => TooManyRecipients,
    }
}

meanings! {
    /// Status of a photo.
    PictureStatus, picture {
        /// The photo is there.
        1 => Found,
        /// More photos than were asked for: go without.
        175 => LimitReached,
        /// There is none.
        173 => None,
        /// It is larger than was asked for: go without.
        174 => TooLarge,
    }
}

meanings! {
    /// Status of ValidateCert, at its root or at one certificate.
    CertificateStatus, certificate {
        /// The address is not the certificate's.
        12 => AddressMismatch,
        /// The chain is wrong, or its periods do not fit each other.
        5 | 8 => ChainInvalid,
        /// It has expired or is not valid yet.
        7 => Expired,
        /// It is damaged, or information is missing.
        3 | 10 => Invalid,
        /// It is good.
        1 => Ok,
        /// The request is wrong: do not repeat it unchanged.
        2 => ProtocolError,
        /// It, or one of its chain, was revoked: never use it.
        13 | 15 => Revoked,
        /// Nobody knows whether it was revoked: ask the user, or retry.
        14 | 16 => RevocationUnknown,
        /// Retry with pauses.
        17 => ServerError,
        /// Nobody trusted has issued it.
        4 => Untrusted,
        /// It is not for signing mail, or one of its chain is not for issuing.
        6 | 9 | 11 => WrongPurpose,
    }
}

meanings! {
    /// Status of one answer of MeetingResponse.
    MeetingResponseStatus, meeting_response {
        /// The invitation is none, or not there any more: do not repeat, sync the folder.
        2 => InvalidRequest,
        /// All is well: sync the folder of the mail and the calendar.
        1 => Ok,
        /// The mailbox or the server failed: retry with pauses.
        3 | 4 => ServerError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_means_different_things() {
        assert_eq!(Status(3).sync(), SyncStatus::KeyInvalid);
        assert_eq!(Status(3).move_items(), MoveStatus::Ok);
        assert_eq!(Status(2).policy(), PolicyStatus::NoPolicy);
        assert_eq!(Status(2).ping(), PingStatus::Changes);
        assert_eq!(Status(2).provision(), ProvisionStatus::ProtocolError);
        assert_eq!(Status(9).folder_sync(), FolderSyncStatus::KeyInvalid);
        assert_eq!(Status(15).item_operations(), ItemOperationsStatus::NotFound);
    }

    #[test]
    fn common_and_unknown_numbers_show_through() {
        assert_eq!(Status(142).sync(), SyncStatus::Common(Common::Provision));
        assert_eq!(Status(118).send(), SendStatus::Common(Common::AlreadySent));
        assert_eq!(Status(2).sync(), SyncStatus::Undocumented(Status(2)));
        assert_eq!(Status(300).settings(), SettingsStatus::Undocumented(Status(300)));
    }
}
