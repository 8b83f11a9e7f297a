mod oof;
mod user;

pub use oof::{Oof, OofBodyType, OofMessage, OofRequest, OofState};
pub use user::{Addresses, UserAccount, UserInformation};

use super::decode::{self, DecodeError, Values, keep};
use super::rights::RightsTemplate;
use crate::codepage::{Tag, rights_management, settings as page};
use crate::query::Version;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// What a device tells about itself. All of it is a claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub struct DeviceInformation {
    pub model: Option<String>,
    pub imei: Option<String>,
    pub friendly_name: Option<String>,
    pub os: Option<String>,
    pub os_language: Option<String>,
    pub phone_number: Option<String>,
    pub user_agent: Option<String>,
    pub mobile_operator: Option<String>,
    pub enable_outbound_sms: Option<bool>,
}

impl DeviceInformation {
    /// Leaves out what a protocol version does not know.
    pub fn prepare(&mut self, version: Version) {
        if version < Version::V14_1 {
            self.user_agent = None;
        }
        if version < Version::V14_0 {
            self.mobile_operator = None;
            self.enable_outbound_sms = None;
        }
    }

    /// Reads the entered `DeviceInformation`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut information = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::SET => information.read_set(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(information)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::DEVICE_INFORMATION, |outer| {
            outer.container(page::SET, |set| {
                for (tag, value) in [
                    (page::MODEL, &self.model),
                    (page::IMEI, &self.imei),
                    (page::FRIENDLY_NAME, &self.friendly_name),
                    (page::OS, &self.os),
                    (page::OS_LANGUAGE, &self.os_language),
                    (page::PHONE_NUMBER, &self.phone_number),
                    (page::USER_AGENT, &self.user_agent),
                ] {
                    if let Some(value) = value {
                        set.text(tag, value);
                    }
                }
                if let Some(enable) = self.enable_outbound_sms {
                    set.boolean(page::ENABLE_OUTBOUND_SMS, enable);
                }
                if let Some(value) = &self.mobile_operator {
                    set.text(page::MOBILE_OPERATOR, value);
                }
            });
        });
    }

    fn read_set(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::MODEL => self.model = Some(reader.string()?),
                page::IMEI => self.imei = Some(reader.string()?),
                page::FRIENDLY_NAME => self.friendly_name = Some(reader.string()?),
                page::OS => self.os = Some(reader.string()?),
                page::OS_LANGUAGE => self.os_language = Some(reader.string()?),
                page::PHONE_NUMBER => self.phone_number = Some(reader.string()?),
                page::USER_AGENT => self.user_agent = Some(reader.string()?),
                page::MOBILE_OPERATOR => self.mobile_operator = Some(reader.string()?),
                page::ENABLE_OUTBOUND_SMS => self.enable_outbound_sms = Some(reader.boolean()?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

/// Reads the status in the entered `DeviceInformation` of an answer.
pub(super) fn read_device_information_status(
    reader: &mut Reader<'_>,
) -> Result<Option<Status>, DecodeError> {
    let mut status = None;
    while let Some(tag) = reader.child()? {
        match tag {
            page::STATUS => status = Some(reader.status(tag)?),
            _ => reader.skip()?,
        }
    }
    Ok(status)
}

pub(super) fn write_device_information_status(writer: &mut Writer, status: Option<Status>) {
    if let Some(status) = status {
        writer.container(page::DEVICE_INFORMATION, |entry| entry.number(page::STATUS, status));
    }
}

/// Reads and changes settings; each part stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsRequest {
    /// What the device tells about itself.
    pub device_information: Option<DeviceInformation>,
    /// Answers while the user is away.
    pub oof: Option<OofRequest>,
    /// Password that opens the device when its own is forgotten; only if the policy wants it.
    pub device_password: Option<RecoveryPassword>,
    /// Whether the user's addresses are wanted.
    pub user_information: bool,
    /// Whether the kinds of protection are wanted that the user can give to a mail; since 14.1.
    pub rights_management: bool,
}

/// A password that opens a device.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryPassword(pub String);

impl std::fmt::Debug for RecoveryPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryPassword(…)")
    }
}

/// Says what became of a [`SettingsRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsAnswer {
    /// Root status.
    pub status: Status,
    /// Status of the information about the device.
    pub device_information: Option<Status>,
    /// Answers while the user is away; the settings only if they were asked for.
    pub oof: Option<(Status, Option<Oof>)>,
    /// Status of the password.
    pub device_password: Option<Status>,
    /// The user's addresses.
    pub user_information: Option<(Status, Option<UserInformation>)>,
    /// Kinds of protection.
    pub rights_management: Option<(Status, Vec<RightsTemplate>)>,
}

impl SettingsRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::SETTINGS)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::DEVICE_INFORMATION => {
                    request.device_information = Some(DeviceInformation::read(&mut reader)?)
                }
                page::OOF => request.oof = OofRequest::read(&mut reader)?,
                page::DEVICE_PASSWORD => request.device_password = read_password(&mut reader)?,
                page::USER_INFORMATION => request.user_information = has_get(&mut reader)?,
                page::RIGHTS_MANAGEMENT_INFORMATION => {
                    request.rights_management = has_get(&mut reader)?;
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SETTINGS, |root| {
            if let Some(oof) = &self.oof {
                oof.write(root);
            }
            if let Some(password) = &self.device_password {
                root.container(page::DEVICE_PASSWORD, |entry| {
                    entry.container(page::SET, |set| set.text(page::PASSWORD, &password.0));
                });
            }
            if let Some(information) = &self.device_information {
                information.write(root);
            }
            for (tag, wanted) in [
                (page::USER_INFORMATION, self.user_information),
                (page::RIGHTS_MANAGEMENT_INFORMATION, self.rights_management),
            ] {
                if wanted {
                    root.container(tag, |entry| entry.empty(page::GET));
                }
            }
        })
    }
}

fn has_get(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let mut get = false;
    while let Some(tag) = reader.child()? {
        get |= tag == page::GET;
        reader.skip()?;
    }
    Ok(get)
}

fn read_password(reader: &mut Reader<'_>) -> Result<Option<RecoveryPassword>, DecodeError> {
    let mut password = None;
    while let Some(tag) = reader.child()? {
        match tag {
            page::SET => {
                while let Some(tag) = reader.child()? {
                    match tag {
                        page::PASSWORD => password = Some(RecoveryPassword(reader.string()?)),
                        _ => reader.skip()?,
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(password)
}

impl SettingsAnswer {
    /// Makes an answer that is only a root status.
    pub fn new(status: Status) -> Self {
        Self {
            status,
            device_information: None,
            oof: None,
            device_password: None,
            user_information: None,
            rights_management: None,
        }
    }

    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::SETTINGS)?;
        let mut status = None;
        let mut answer = Self::new(Status::OK);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::DEVICE_INFORMATION => {
                    answer.device_information = read_device_information_status(&mut reader)?
                }
                page::DEVICE_PASSWORD => {
                    answer.device_password = read_device_information_status(&mut reader)?;
                }
                page::OOF => answer.oof = read_part(&mut reader, Oof::read)?,
                page::USER_INFORMATION => {
                    answer.user_information = read_part(&mut reader, UserInformation::read)?;
                }
                page::RIGHTS_MANAGEMENT_INFORMATION => {
                    let part = read_part(&mut reader, read_templates)?;
                    answer.rights_management =
                        part.map(|(status, list)| (status, list.unwrap_or_default()));
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..answer })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SETTINGS, |root| {
            root.number(page::STATUS, self.status);
            if let Some((status, oof)) = &self.oof {
                write_part(root, page::OOF, *status, oof.as_ref(), Oof::write);
            }
            if let Some(status) = self.device_password {
                root.container(page::DEVICE_PASSWORD, |entry| entry.number(page::STATUS, status));
            }
            write_device_information_status(root, self.device_information);
            if let Some((status, user)) = &self.user_information {
                let write = UserInformation::write;
                write_part(root, page::USER_INFORMATION, *status, user.as_ref(), write);
            }
            if let Some((status, templates)) = &self.rights_management {
                let templates = status.is_ok().then_some(templates);
                let tag = page::RIGHTS_MANAGEMENT_INFORMATION;
                write_part(root, tag, *status, templates, |list, get| write_templates(list, get));
            }
        })
    }
}

/// Reads the entered part: a status, and under `Get` what was asked for.
fn read_part<T>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Option<(Status, Option<T>)>, DecodeError> {
    let (mut status, mut content) = (None, None);
    while let Some(tag) = reader.child()? {
        match tag {
            page::STATUS => status = Some(reader.status(tag)?),
            page::GET => content = Some(read(reader)?),
            _ => reader.skip()?,
        }
    }
    Ok(status.map(|status| (status, content)))
}

fn write_part<T>(
    root: &mut Writer,
    tag: Tag,
    status: Status,
    content: Option<&T>,
    write: impl Fn(&T, &mut Writer),
) {
    root.container(tag, |entry| {
        entry.number(page::STATUS, status);
        if let Some(content) = content {
            entry.container(page::GET, |get| write(content, get));
        }
    });
}

fn read_templates(reader: &mut Reader<'_>) -> Result<Vec<RightsTemplate>, DecodeError> {
    let mut templates = Vec::new();
    while let Some(tag) = reader.child()? {
        match tag {
            rights_management::RIGHTS_MANAGEMENT_TEMPLATES => {
                while let Some(tag) = reader.child()? {
                    match tag {
                        rights_management::RIGHTS_MANAGEMENT_TEMPLATE => {
                            keep(&mut templates, RightsTemplate::read(reader)?, reader)?;
                        }
                        _ => reader.skip()?,
                    }
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(templates)
}

fn write_templates(templates: &[RightsTemplate], get: &mut Writer) {
    get.container(rights_management::RIGHTS_MANAGEMENT_TEMPLATES, |list| {
        for template in templates {
            list.container(rights_management::RIGHTS_MANAGEMENT_TEMPLATE, |entry| {
                template.write(entry);
            });
        }
    });
}
