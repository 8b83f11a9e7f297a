//! The closed list of what can be recorded.

/// Declares the actions with their stable names, so that the list and the names cannot drift apart.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What was done or tried.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Action {
            $($(#[$doc])* $variant,)*
        }

        impl Action {
            /// Every action, in alphabetical order of the names.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the stable name, such as `device.block`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

actions! {
    /// An administrator account was made.
    AdministratorCreate = "administrator.create",
    /// An administrator's password was set.
    AdministratorPassword = "administrator.password",
    /// An administrator account was removed.
    AdministratorRemove = "administrator.remove",
    /// An administrator signed in.
    AdministratorSignIn = "administrator.sign-in",
    /// An administrator signed out.
    AdministratorSignOut = "administrator.sign-out",
    /// A certificate file was deposited for a user's app.
    CertificateFileDeposit = "certificate-file.deposit",
    /// A certificate file was erased because nobody fetched it in time.
    CertificateFileExpire = "certificate-file.expire",
    /// Certificate files were handed out to a user's app.
    CertificateFileHandOut = "certificate-file.hand-out",
    /// A user's app has its certificate files, and they were erased.
    CertificateFileReceive = "certificate-file.receive",
    /// A certificate file was removed before the app fetched it.
    CertificateFileRemove = "certificate-file.remove",
    /// A certificate was issued.
    CertificateIssue = "certificate.issue",
    /// A certificate that was on hold is good again.
    CertificateRelease = "certificate.release",
    /// A certificate was issued in place of another one.
    CertificateRenew = "certificate.renew",
    /// A certificate was revoked or put on hold.
    CertificateRevoke = "certificate.revoke",
    /// A revocation list was published.
    CrlPublish = "crl.publish",
    /// A device without the app was added by hand.
    DeviceAdd = "device.add",
    /// A device was blocked.
    DeviceBlock = "device.block",
    /// A device reported that it carried out its wipe.
    DeviceConfirmWipe = "device.confirm-wipe",
    /// A device was given another name.
    DeviceRename = "device.rename",
    /// A device was taken out of service for good.
    DeviceRetire = "device.retire",
    /// A device was unblocked.
    DeviceUnblock = "device.unblock",
    /// A device was told to wipe its key or its data.
    DeviceWipe = "device.wipe",
    /// A group was made.
    GroupCreate = "group.create",
    /// A group was removed.
    GroupRemove = "group.remove",
    /// A group was given another name.
    GroupRename = "group.rename",
    /// The app settings of a group were changed.
    GroupSettings = "group.settings",
    /// A person was invited to register a device.
    InvitationCreate = "invitation.create",
    /// An invitation was revoked.
    InvitationRevoke = "invitation.revoke",
    /// A device answered the challenge of its registration.
    RegistrationFinish = "registration.finish",
    /// A device began its registration.
    RegistrationStart = "registration.start",
    /// The server was set up.
    ServerInitialise = "server.initialise",
    /// A user was blocked, with all of their devices.
    UserBlock = "user.block",
    /// A certificate was deposited for a user.
    UserCertificate = "user.certificate",
    /// A user's facts were changed.
    UserChange = "user.change",
    /// A user was added.
    UserCreate = "user.create",
    /// A user was removed.
    UserRemove = "user.remove",
    /// A user was unblocked.
    UserUnblock = "user.unblock",
}

impl Action {
    /// Finds the action with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable() {
        let names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();

        insta::assert_snapshot!(names.join("\n"), @"
        administrator.create
        administrator.password
        administrator.remove
        administrator.sign-in
        administrator.sign-out
        certificate-file.deposit
        certificate-file.expire
        certificate-file.hand-out
        certificate-file.receive
        certificate-file.remove
        certificate.issue
        certificate.release
        certificate.renew
        certificate.revoke
        crl.publish
        device.add
        device.block
        device.confirm-wipe
        device.rename
        device.retire
        device.unblock
        device.wipe
        group.create
        group.remove
        group.rename
        group.settings
        invitation.create
        invitation.revoke
        registration.finish
        registration.start
        server.initialise
        user.block
        user.certificate
        user.change
        user.create
        user.remove
        user.unblock
        ");
    }

    #[test]
    fn every_name_leads_back_to_its_action() {
        let back: Vec<_> = Action::ALL.iter().map(|action| Action::parse(action.name())).collect();
        let all: Vec<_> = Action::ALL.iter().copied().map(Some).collect();

        assert_eq!(back, all);
        assert_eq!(Action::parse("device.explode"), None);
    }

    #[test]
    fn the_list_is_sorted_by_name() {
        assert!(Action::ALL.is_sorted_by_key(|action| action.name()));
    }
}
