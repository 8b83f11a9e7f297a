use bytes::Bytes;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use time::OffsetDateTime;

use super::decode::{self, DecodeError, Values, keep};
use super::directory::{GalPicture, PictureTags, PictureWish};
use super::property::codes;
use crate::codepage::{Tag, resolve_recipients as page};
use crate::date;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

codes! {
    /// Which certificates are wanted.
    pub enum CertificateRetrieval {
        /// None.
        None = 1,
        /// Whole ones.
        Whole = 2,
        /// Small ones, of which the server knows the rest.
        Mini = 3,
    }

    /// What somebody does in half an hour.
    pub enum FreeBusy {
        /// Nothing.
        Free = 0,
        /// Perhaps something.
        Tentative = 1,
        /// Something.
        Busy = 2,
        /// Being out of office.
        OutOfOffice = 3,
        /// Nobody knows.
        Unknown = 4,
    }
}

/// Asks who is meant by names and addresses, and for their certificates, free time and photos.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResolveRecipientsRequest {
    /// Names and addresses, up to 1000 of up to 256 characters; up to 100 with `availability`.
    pub to: Vec<String>,
    /// Which certificates are wanted.
    pub certificates: Option<CertificateRetrieval>,
    /// Most certificates per name, up to 9999.
    pub max_certificates: Option<u16>,
    /// Most candidates per name, up to 9999.
    pub max_ambiguous: Option<u16>,
    /// Start and end of the time in which free time is wanted; since 14.0.
    pub availability: Option<(OffsetDateTime, OffsetDateTime)>,
    /// Which photos are wanted; since 14.1.
    pub picture: Option<PictureWish>,
}

/// Says who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveRecipientsAnswer {
    /// Root status.
    pub status: Status,
    /// One entry per name.
    pub responses: Vec<ResolvedName>,
}

/// Who is meant by one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedName {
    /// The name.
    pub to: String,
    /// 1 resolved, 2 several candidates, 3 several and the list is cut, 4 unknown.
    pub status: Status,
    /// Number of candidates, also of those that the list leaves out.
    pub recipient_count: Option<u32>,
    /// Candidates.
    pub recipients: Vec<Recipient>,
}

/// A candidate for a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipient {
    /// Whether it is a contact of the user; else it is in the directory.
    pub is_contact: bool,
    /// Name for people.
    pub display_name: String,
    /// Address.
    pub email_address: String,
    /// Free time; since 14.0.
    pub availability: Option<Availability>,
    /// Certificates.
    pub certificates: Option<RecipientCertificates>,
    /// Photo; since 14.1.
    pub picture: Option<GalPicture>,
}

/// Free time of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// 1, or 160 to 163.
    pub status: Status,
    /// What is done in each half an hour from the start that was asked for.
    pub merged: Vec<FreeBusy>,
}

/// Certificates of somebody, or of the members of a list: all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientCertificates {
    /// 1 found, 7 none is valid, 8 more than were asked for.
    pub status: Status,
    /// Number of certificates.
    pub certificate_count: Option<u32>,
    /// Number of people in a list.
    pub recipient_count: Option<u32>,
    /// Whole certificates in DER.
    pub certificates: Vec<Bytes>,
    /// A small certificate.
    pub mini: Option<Bytes>,
}

const PICTURE: PictureTags = PictureTags(page::PICTURE, page::MAX_SIZE, page::MAX_PICTURES);

impl ResolveRecipientsRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::RESOLVE_RECIPIENTS)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::TO => keep(&mut request.to, reader.string()?, &mut reader)?,
                page::OPTIONS => request.read_options(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::RESOLVE_RECIPIENTS, |root| {
            self.to.iter().for_each(|name| root.text(page::TO, name));
            if (Self { to: self.to.clone(), ..Self::default() }) == *self {
                return;
            }
            root.container(page::OPTIONS, |options| self.write_options(options));
        })
    }

    fn read_options(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::CERTIFICATE_RETRIEVAL => {
                    let code = reader.number_if_any()?;
                    self.certificates = code.and_then(CertificateRetrieval::from_code);
                }
                page::MAX_CERTIFICATES => self.max_certificates = reader.number_if_any()?,
                page::MAX_AMBIGUOUS_RECIPIENTS => self.max_ambiguous = reader.number_if_any()?,
                page::AVAILABILITY => {
                    let (mut start, mut end) = (None, None);
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::START_TIME => start = reader.date_if_any()?,
                            page::END_TIME => end = reader.date_if_any()?,
                            _ => reader.skip()?,
                        }
                    }
                    self.availability = start.zip(end);
                }
                page::PICTURE => self.picture = Some(PictureWish::read(reader, &PICTURE)?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn write_options(&self, options: &mut Writer) {
        if let Some(retrieval) = self.certificates {
            options.number(page::CERTIFICATE_RETRIEVAL, retrieval.code());
        }
        for (tag, value) in [
            (page::MAX_CERTIFICATES, self.max_certificates),
            (page::MAX_AMBIGUOUS_RECIPIENTS, self.max_ambiguous),
        ] {
            if let Some(value) = value {
                options.number(tag, value);
            }
        }
        if let Some((start, end)) = self.availability {
            options.container(page::AVAILABILITY, |availability| {
                availability.text(page::START_TIME, &date::long(start));
                availability.text(page::END_TIME, &date::long(end));
            });
        }
        if let Some(picture) = self.picture {
            picture.write(options, &PICTURE);
        }
    }
}

impl ResolveRecipientsAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::RESOLVE_RECIPIENTS)?;
        let mut status = None;
        let mut responses = Vec::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::RESPONSE => {
                    keep(&mut responses, ResolvedName::read(&mut reader)?, &mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, responses })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::RESOLVE_RECIPIENTS, |root| {
            root.number(page::STATUS, self.status);
            self.responses.iter().for_each(|response| response.write(root));
        })
    }
}

impl ResolvedName {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut to, mut status, mut recipient_count) = (None, None, None);
        let mut recipients = Vec::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::TO => to = Some(reader.string()?),
                page::STATUS => status = Some(reader.status(tag)?),
                page::RECIPIENT_COUNT => recipient_count = reader.number_if_any()?,
                page::RECIPIENT => keep(&mut recipients, Recipient::read(reader)?, reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            to: to.unwrap_or_default(),
            status: status.ok_or(DecodeError::Missing(page::STATUS))?,
            recipient_count,
            recipients,
        })
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::RESPONSE, |response| {
            response.text(page::TO, &self.to);
            response.number(page::STATUS, self.status);
            write_count(response, page::RECIPIENT_COUNT, self.recipient_count);
            self.recipients.iter().for_each(|recipient| recipient.write(response));
        });
    }
}

impl Recipient {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut recipient = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::TYPE => recipient.is_contact = reader.number_if_any::<u8>()? == Some(2),
                page::DISPLAY_NAME => recipient.display_name = reader.string()?,
                page::EMAIL_ADDRESS => recipient.email_address = reader.string()?,
                page::AVAILABILITY => recipient.availability = Some(Availability::read(reader)?),
                page::CERTIFICATES => {
                    recipient.certificates = Some(RecipientCertificates::read(reader)?);
                }
                page::PICTURE => {
                    recipient.picture = Some(GalPicture::read(reader, page::STATUS, page::DATA)?);
                }
                _ => reader.skip()?,
            }
        }
        Ok(recipient)
    }

    fn write(&self, response: &mut Writer) {
        response.container(page::RECIPIENT, |entry| {
            entry.number(page::TYPE, if self.is_contact { 2 } else { 1 });
            entry.text(page::DISPLAY_NAME, &self.display_name);
            entry.text(page::EMAIL_ADDRESS, &self.email_address);
            if let Some(availability) = &self.availability {
                availability.write(entry);
            }
            if let Some(certificates) = &self.certificates {
                certificates.write(entry);
            }
            if let Some(picture) = &self.picture {
                picture.write(entry, page::PICTURE, page::STATUS, page::DATA);
            }
        });
    }
}

impl Availability {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut status, mut merged) = (Status::OK, Vec::new());
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = reader.status(tag)?,
                page::MERGED_FREE_BUSY => {
                    let digit = |digit: char| {
                        let code = digit.to_digit(10).and_then(|code| u8::try_from(code).ok());
                        code.and_then(FreeBusy::from_code).unwrap_or(FreeBusy::Unknown)
                    };
                    merged = reader.text()?.trim().chars().map(digit).collect();
                }
                _ => reader.skip()?,
            }
        }
        Ok(Self { status, merged })
    }

    fn write(&self, entry: &mut Writer) {
        entry.container(page::AVAILABILITY, |availability| {
            availability.number(page::STATUS, self.status);
            if !self.merged.is_empty() {
                let digits: String =
                    self.merged.iter().map(|state| char::from(b'0' + state.code())).collect();
                availability.text(page::MERGED_FREE_BUSY, &digits);
            }
        });
    }
}

impl RecipientCertificates {
    /// A certificate that is not base64 is left out; who counts them sees that one is missing.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut found = Self {
            status: Status::OK,
            certificate_count: None,
            recipient_count: None,
            certificates: Vec::new(),
            mini: None,
        };
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => found.status = reader.status(tag)?,
                page::CERTIFICATE_COUNT => found.certificate_count = reader.number_if_any()?,
                page::RECIPIENT_COUNT => found.recipient_count = reader.number_if_any()?,
                page::CERTIFICATE => keep(&mut found.certificates, read_base64(reader)?, reader)?,
                page::MINI_CERTIFICATE => found.mini = read_base64(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(found)
    }

    fn write(&self, entry: &mut Writer) {
        entry.container(page::CERTIFICATES, |list| {
            list.number(page::STATUS, self.status);
            write_count(list, page::CERTIFICATE_COUNT, self.certificate_count);
            write_count(list, page::RECIPIENT_COUNT, self.recipient_count);
            for certificate in &self.certificates {
                list.text(page::CERTIFICATE, &BASE64.encode(certificate));
            }
            if let Some(mini) = &self.mini {
                list.text(page::MINI_CERTIFICATE, &BASE64.encode(mini));
            }
        });
    }
}

fn read_base64(reader: &mut Reader<'_>) -> Result<Option<Bytes>, DecodeError> {
    let text = reader.bytes()?;
    Ok(BASE64_MIME_PERMISSIVE.decode(&text).ok().filter(|bytes| !bytes.is_empty()).map(Into::into))
}

fn write_count(writer: &mut Writer, tag: Tag, count: Option<u32>) {
    if let Some(count) = count {
        writer.number(tag, count);
    }
}
