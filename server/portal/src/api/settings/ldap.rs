use policy::LdapSettings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The directory in which the apps look for certificates of people by mail address (LDAP); it is asked without signing in.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LdapView {
    /// `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]` with StartTLS; empty if there is none.
    server: String,
    /// Whether `ldap://` goes without TLS.
    without_tls: bool,
    /// The entry under which people are searched, a distinguished name.
    base: String,
    /// Which entries are those of an address: a filter with `{address}` in a value.
    filter: String,
    /// In which attributes certificates lie; at most 8.
    attributes: Vec<String>,
}

impl Default for LdapView {
    fn default() -> Self {
        LdapSettings::default().into()
    }
}

impl From<LdapSettings> for LdapView {
    fn from(settings: LdapSettings) -> Self {
        let LdapSettings { server, without_tls, base, filter, attributes } = settings;

        Self { server, without_tls, base, filter, attributes }
    }
}

impl From<LdapView> for LdapSettings {
    fn from(view: LdapView) -> Self {
        let LdapView { server, without_tls, base, filter, attributes } = view;

        Self { server, without_tls, base, filter, attributes }
    }
}
