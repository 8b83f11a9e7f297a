//! Certificates for S/MIME: an authority of the sandbox's own, a certificate for each account, and what is to be said of others.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use activesync::status::Status;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509Builder, X509Name, X509PurposeId, X509StoreContext};
use secrecy::SecretSlice;
use time::{Duration, OffsetDateTime};

const SIGNATURE_INVALID: Status = Status(3);
const UNTRUSTED: Status = Status(4);
const CHAIN_WRONG: Status = Status(5);
const NOT_FOR_MAIL: Status = Status(6);
const NOT_VALID_NOW: Status = Status(7);
const CHAIN_NOT_VALID_NOW: Status = Status(8);
const UNREADABLE: Status = Status(10);
const REVOCATION_UNKNOWN: Status = Status(16);
const SERVER_ERROR: Status = Status(17);
const AUTHORITY_DAYS: i64 = 3650;
const IDENTITY_DAYS: i64 = 730;

/// The certificates of a sandbox. Keys are made when somebody asks for the first time.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    authority: OnceLock<Option<Authority>>,
    identities: Mutex<BTreeMap<String, Identity>>,
}

/// A certificate for S/MIME with its key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate in DER.
    pub certificate: Vec<u8>,
    /// The private key as PKCS#8 in DER.
    pub key: SecretSlice<u8>,
}

#[derive(Debug)]
struct Authority {
    key: PKey<Private>,
    certificate: X509,
}

impl Certificates {
    /// Returns the authority's certificate in DER; `None` if OpenSSL fails.
    pub(crate) fn authority(&self, started: OffsetDateTime) -> Option<Vec<u8>> {
        self.made(started)?.certificate.to_der().ok()
    }

    /// Returns what belongs to an address; `None` if OpenSSL fails.
    pub(crate) fn identity(&self, address: &str, started: OffsetDateTime) -> Option<Identity> {
        let authority = self.made(started)?;
        let mut identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = identities.get(address) {
            return Some(known.clone());
        }
        let identity = authority.issue(address, started).ok()?;
        identities.insert(address.to_owned(), identity.clone());
        Some(identity)
    }

    /// Says whether a certificate in DER is good for signing mail.
    pub(crate) fn judge(
        &self,
        certificate: &[u8],
        chain: &[impl AsRef<[u8]>],
        check_revocation: bool,
        started: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Status {
        let Some(authority) = self.made(started) else { return SERVER_ERROR };
        let Ok(certificate) = X509::from_der(certificate) else { return UNREADABLE };
        let chain: Vec<_> =
            chain.iter().filter_map(|one| X509::from_der(one.as_ref()).ok()).collect();
        match authority.judge(&certificate, chain, now) {
            // Nobody here publishes what is revoked.
            Ok(Status::OK) if check_revocation => REVOCATION_UNKNOWN,
            Ok(status) => status,
            Err(_) => SERVER_ERROR,
        }
    }

    fn made(&self, started: OffsetDateTime) -> Option<&Authority> {
        self.authority.get_or_init(|| Authority::new(started).ok()).as_ref()
    }
}

impl Authority {
    fn new(started: OffsetDateTime) -> Result<Self, ErrorStack> {
        let key = make_key()?;
        let name = name("Sandbox authority")?;
        let mut builder = builder(&name, &key, started, AUTHORITY_DAYS)?;
        builder.set_issuer_name(&name)?;
        let identifier = SubjectKeyIdentifier::new();
        let identifier = identifier.build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Self { certificate: builder.build(), key })
    }

    fn issue(&self, address: &str, started: OffsetDateTime) -> Result<Identity, ErrorStack> {
        let key = make_key()?;
        let mut builder = builder(&name(address)?, &key, started, IDENTITY_DAYS)?;
        builder.set_issuer_name(self.certificate.subject_name())?;
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let names = SubjectAlternativeName::new().email(address).build(&context)?;
        // Another sandbox has an authority of the same name.
        let issuer = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        builder.append_extension(names)?;
        builder.append_extension(issuer)?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        let usage = KeyUsage::new().critical().digital_signature().key_encipherment().build()?;
        builder.append_extension(usage)?;
        builder.append_extension(ExtendedKeyUsage::new().email_protection().build()?)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        let key = key.private_key_to_pkcs8()?.into();
        Ok(Identity { certificate: builder.build().to_der()?, key })
    }

    fn judge(
        &self,
        certificate: &X509,
        chain: Vec<X509>,
        now: OffsetDateTime,
    ) -> Result<Status, ErrorStack> {
        let mut parameters = X509VerifyParam::new()?;
        parameters.set_time(now.unix_timestamp());
        parameters.set_purpose(X509PurposeId::SMIME_SIGN)?;
        let mut store = X509StoreBuilder::new()?;
        store.add_cert(self.certificate.clone())?;
        store.set_param(&parameters)?;
        let store = store.build();
        let mut intermediates = Stack::new()?;
        chain.into_iter().try_for_each(|one| intermediates.push(one))?;
        X509StoreContext::new()?.init(&store, certificate, &intermediates, |context| {
            if context.verify_cert()? {
                return Ok(Status::OK);
            }
            let own = context.error_depth() == 0;
            Ok(status_of(context.error().as_raw(), own))
        })
    }
}

/// Translates OpenSSL's verdict (x509_vfy.h) on the certificate itself or on one above it.
fn status_of(error: i32, own: bool) -> Status {
    match error {
        2 | 18 | 19 | 20 | 21 => UNTRUSTED,
        7 => SIGNATURE_INVALID,
        9 | 10 => {
            if own {
                NOT_VALID_NOW
            } else {
                CHAIN_NOT_VALID_NOW
            }
        }
        26 => NOT_FOR_MAIL,
        _ => CHAIN_WRONG,
    }
}

fn make_key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_rsa(Rsa::generate(2048)?)
}

/// Begins a certificate that is good from a day before the start for so many days.
fn builder(
    subject: &X509Name,
    key: &PKey<Private>,
    started: OffsetDateTime,
    days: i64,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(120, MsbOption::ONE, false)?;
    let serial = serial.to_asn1_integer()?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(subject)?;
    let at = |moment: OffsetDateTime| Asn1Time::from_unix(moment.unix_timestamp());
    let (from, to) = (at(started - Duration::DAY)?, at(started + Duration::days(days))?);
    builder.set_not_before(&from)?;
    builder.set_not_after(&to)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}

fn name(text: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    builder.append_entry_by_nid(Nid::COMMONNAME, text)?;
    Ok(builder.build())
}
