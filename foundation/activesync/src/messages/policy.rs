use super::decode::{DecodeError, Values, keep};
use crate::codepage::{Tag, provision as page};
use crate::wbxml::{Reader, Writer};

/// The settings of a policy, in the server's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDocument {
    /// Settings.
    pub settings: Vec<PolicySetting>,
}

/// One setting of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySetting {
    /// Which setting.
    pub tag: Tag,
    /// Its value.
    pub value: PolicyValue,
}

/// Value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyValue {
    /// Names or hashes of programs.
    List(Vec<String>),
    /// A number or a boolean as text. Empty stands for "no limit".
    Text(String),
}

impl PolicySetting {
    /// Makes a setting with a plain value.
    pub fn new(tag: Tag, value: impl Into<String>) -> Self {
        Self { tag, value: PolicyValue::Text(value.into()) }
    }

    /// Returns the setting's name, for instance `MinDevicePasswordLength`.
    pub fn name(&self) -> &'static str {
        self.tag.name().unwrap_or("unknown")
    }
}

impl PolicyDocument {
    /// Returns the plain value of a setting.
    pub fn value(&self, tag: Tag) -> Option<&str> {
        self.settings.iter().find(|setting| setting.tag == tag).and_then(|setting| {
            match &setting.value {
                PolicyValue::Text(text) => Some(text.as_str()),
                PolicyValue::List(_) => None,
            }
        })
    }

    /// Reads the entered `EASProvisionDoc`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut settings = Vec::new();
        while let Some(tag) = reader.child()? {
            let value = match tag {
                page::UNAPPROVED_IN_ROM_APPLICATION_LIST | page::APPROVED_APPLICATION_LIST => {
                    let mut list = Vec::new();
                    while reader.child()?.is_some() {
                        keep(&mut list, reader.string()?, reader)?;
                    }
                    PolicyValue::List(list)
                }
                _ => PolicyValue::Text(reader.string()?),
            };
            keep(&mut settings, PolicySetting { tag, value }, reader)?;
        }
        Ok(Self { settings })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::EAS_PROVISION_DOC, |document| {
            for setting in &self.settings {
                match &setting.value {
                    PolicyValue::Text(text) => document.text(setting.tag, text),
                    PolicyValue::List(names) => {
                        let tag = match setting.tag {
                            page::APPROVED_APPLICATION_LIST => page::HASH,
                            _ => page::APPLICATION_NAME,
                        };
                        document.container(setting.tag, |list| {
                            names.iter().for_each(|name| list.text(tag, name))
                        });
                    }
                }
            }
        });
    }
}
