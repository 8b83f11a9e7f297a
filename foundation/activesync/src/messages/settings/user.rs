use crate::codepage::settings as page;
use crate::messages::decode::{DecodeError, Values, keep};
use crate::wbxml::{Reader, Writer};

/// The user's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserInformation {
    /// In the form since 14.1. The first account has no id.
    Accounts(Vec<UserAccount>),
    /// In the form to 14.0.
    Addresses(Addresses),
}

/// One of the user's accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserAccount {
    /// Id for sending; absent for the first account.
    pub account_id: Option<String>,
    /// Name of the account.
    pub account_name: Option<String>,
    /// Name of the user.
    pub user_display_name: Option<String>,
    /// Whether the account cannot send.
    pub send_disabled: Option<bool>,
    /// Its addresses.
    pub addresses: Addresses,
}

/// Addresses of mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    /// All of them.
    pub smtp: Vec<String>,
    /// The one from which mail is sent; since 14.1.
    pub primary: Option<String>,
}

impl UserInformation {
    /// Returns the address from which mail is sent.
    pub fn primary_address(&self) -> Option<&str> {
        let addresses = match self {
            Self::Accounts(accounts) => &accounts.first()?.addresses,
            Self::Addresses(addresses) => addresses,
        };
        addresses.primary.as_ref().or(addresses.smtp.first()).map(String::as_str)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut accounts, mut addresses) = (None, Addresses::default());
        while let Some(tag) = reader.child()? {
            match tag {
                page::ACCOUNTS => {
                    let list = accounts.get_or_insert_with(Vec::new);
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::ACCOUNT => keep(list, UserAccount::read(reader)?, reader)?,
                            _ => reader.skip()?,
                        }
                    }
                }
                page::EMAIL_ADDRESSES => addresses = Addresses::read(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(accounts.map_or(Self::Addresses(addresses), Self::Accounts))
    }

    pub(super) fn write(&self, get: &mut Writer) {
        match self {
            Self::Accounts(accounts) => get.container(page::ACCOUNTS, |list| {
                accounts.iter().for_each(|account| account.write(list));
            }),
            Self::Addresses(addresses) => addresses.write(get),
        }
    }
}

impl UserAccount {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut account = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::ACCOUNT_ID => account.account_id = Some(reader.string()?),
                page::ACCOUNT_NAME => account.account_name = Some(reader.string()?),
                page::USER_DISPLAY_NAME => account.user_display_name = Some(reader.string()?),
                page::SEND_DISABLED => account.send_disabled = Some(reader.boolean()?),
                page::EMAIL_ADDRESSES => account.addresses = Addresses::read(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(account)
    }

    fn write(&self, list: &mut Writer) {
        list.container(page::ACCOUNT, |entry| {
            for (tag, value) in [
                (page::ACCOUNT_ID, &self.account_id),
                (page::ACCOUNT_NAME, &self.account_name),
                (page::USER_DISPLAY_NAME, &self.user_display_name),
            ] {
                if let Some(value) = value {
                    entry.text(tag, value);
                }
            }
            if let Some(disabled) = self.send_disabled {
                entry.boolean(page::SEND_DISABLED, disabled);
            }
            self.addresses.write(entry);
        });
    }
}

impl Addresses {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut addresses = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::SMTP_ADDRESS => keep(&mut addresses.smtp, reader.string()?, reader)?,
                page::PRIMARY_SMTP_ADDRESS => addresses.primary = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        Ok(addresses)
    }

    fn write(&self, writer: &mut Writer) {
        writer.container(page::EMAIL_ADDRESSES, |list| {
            self.smtp.iter().for_each(|address| list.text(page::SMTP_ADDRESS, address));
            if let Some(primary) = &self.primary {
                list.text(page::PRIMARY_SMTP_ADDRESS, primary);
            }
        });
    }
}
