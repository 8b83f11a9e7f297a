//! Identifiers: random, never reused, meaningless outside.

use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// Identifies an administrator account.
    AdministratorId
}
id! {
    /// Identifies a certificate file that was deposited for the app.
    CertificateFileId
}
id! {
    /// Identifies one device for as long as the fleet remembers it.
    DeviceId
}
id! {
    /// Identifies a group of people.
    GroupId
}
id! {
    /// Identifies an invitation.
    InvitationId
}
id! {
    /// Identifies a person.
    UserId
}
