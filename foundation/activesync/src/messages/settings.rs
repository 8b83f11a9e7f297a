use super::decode::{self, DecodeError, Values};
use crate::codepage::settings as page;
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

/// Sets what the server knows about the device. Other parts of Settings are skipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsRequest {
    /// What the device tells about itself.
    pub device_information: Option<DeviceInformation>,
}

/// Says what became of a [`SettingsRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsAnswer {
    /// Root status.
    pub status: Status,
    /// Status of the information about the device.
    pub device_information: Option<Status>,
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
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SETTINGS, |root| {
            if let Some(information) = &self.device_information {
                information.write(root);
            }
        })
    }
}

impl SettingsAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::SETTINGS)?;
        let mut status = None;
        let mut device_information = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::DEVICE_INFORMATION => {
                    device_information = read_device_information_status(&mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, device_information })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SETTINGS, |root| {
            root.number(page::STATUS, self.status);
            write_device_information_status(root, self.device_information);
        })
    }
}
