use bytes::Bytes;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};

use super::decode::{self, DecodeError, Values, keep};
use crate::codepage::{Tag, validate_cert as page};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Asks whether certificates are good for signing mail. Certificates are in DER.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValidateCertRequest {
    /// Certificates of issuers that help to build the chain.
    pub chain: Vec<Bytes>,
    /// The certificates.
    pub certificates: Vec<Bytes>,
    /// Whether a certificate fails whose revocation state is unknown.
    pub check_crl: bool,
}

/// Says which certificates are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidateCertAnswer {
    /// Root status.
    pub status: Status,
    /// One status per certificate, in order.
    pub certificates: Vec<Status>,
}

impl ValidateCertRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::VALIDATE_CERT)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::CERTIFICATE_CHAIN => request.chain = read_certificates(&mut reader)?,
                page::CERTIFICATES => request.certificates = read_certificates(&mut reader)?,
                page::CHECK_CRL => request.check_crl = reader.boolean()?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::VALIDATE_CERT, |root| {
            write_certificates(root, page::CERTIFICATE_CHAIN, &self.chain);
            write_certificates(root, page::CERTIFICATES, &self.certificates);
            if self.check_crl {
                root.boolean(page::CHECK_CRL, true);
            }
        })
    }
}

impl ValidateCertAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::VALIDATE_CERT)?;
        let mut status = None;
        let mut certificates = Vec::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::CERTIFICATE => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::STATUS => {
                                keep(&mut certificates, reader.status(tag)?, &mut reader)?
                            }
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, certificates })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::VALIDATE_CERT, |root| {
            root.number(page::STATUS, self.status);
            for status in &self.certificates {
                root.container(page::CERTIFICATE, |entry| entry.number(page::STATUS, *status));
            }
        })
    }
}

/// What is not base64 is refused: an answer says something of each certificate in order.
fn read_certificates(reader: &mut Reader<'_>) -> Result<Vec<Bytes>, DecodeError> {
    let mut certificates = Vec::new();
    while let Some(tag) = reader.child()? {
        match tag {
            page::CERTIFICATE => {
                let bytes = BASE64_MIME_PERMISSIVE.decode(&reader.bytes()?);
                let invalid = DecodeError::Invalid { tag, offset: reader.offset() };
                keep(&mut certificates, Bytes::from(bytes.map_err(|_| invalid)?), reader)?;
            }
            _ => reader.skip()?,
        }
    }
    Ok(certificates)
}

fn write_certificates(root: &mut Writer, tag: Tag, certificates: &[Bytes]) {
    if certificates.is_empty() {
        return;
    }
    root.container(tag, |list| {
        for certificate in certificates {
            list.text(page::CERTIFICATE, &BASE64.encode(certificate));
        }
    });
}
