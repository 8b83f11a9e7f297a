use serde::{Deserialize, Serialize};

/// How mail is signed and encrypted (S/MIME).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmimeSettings {
    /// Mails are signed unless their author says otherwise.
    pub sign: bool,
    /// When mails are encrypted.
    pub encrypt: Encryption,
    /// The author may encrypt with a certificate although something is wrong with it, once they have read what.
    pub doubtful_certificates: bool,
    /// Triple DES may be used for recipients who say that they read nothing better.
    pub triple_des: bool,
    /// Signatures made with SHA-1 count, on mails and on the certificates of their signers, and are remarked upon.
    pub sha1_signatures: bool,
}

/// When mails are encrypted.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// When their author says so.
    #[default]
    Asked,
    /// Unless their author says otherwise.
    Default,
    /// Always: what cannot be encrypted is not sent.
    Required,
}

impl Default for SmimeSettings {
    fn default() -> Self {
        Self {
            sign: false,
            encrypt: Encryption::Asked,
            doubtful_certificates: true,
            triple_des: false,
            sha1_signatures: false,
        }
    }
}
