use const_oid::db::rfc4519;
use der::asn1::{Any, ObjectIdentifier, Utf8StringRef};
use der::{Decode as _, Encode as _};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

/// The longest common name or organisation, in characters (RFC 5280 appendix A.1, `ub-common-name`).
const MAX_CHARACTERS: usize = 64;

/// Who a certificate is for, as far as its name goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    common_name: String,
    organization: Option<String>,
}

impl Subject {
    /// Takes a common name, cut to the 64 characters that certificates allow.
    pub fn new(common_name: &str) -> Self {
        Self { common_name: fit(common_name), organization: None }
    }

    /// Adds an organisation, cut in the same way.
    #[must_use]
    pub fn with_organization(self, organization: &str) -> Self {
        Self { organization: Some(fit(organization)), ..self }
    }

    pub(crate) fn to_name(&self) -> der::Result<Name> {
        let mut sequence = RdnSequence::default();
        if let Some(organization) = &self.organization {
            sequence.push(part(rfc4519::ORGANIZATION_NAME, organization)?);
        }
        sequence.push(part(rfc4519::COMMON_NAME, &self.common_name)?);

        Name::from_der(&sequence.to_der()?)
    }
}

fn fit(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MAX_CHARACTERS).collect()
}

fn part(oid: ObjectIdentifier, text: &str) -> der::Result<RelativeDistinguishedName> {
    let value = Any::encode_from(&Utf8StringRef::new(text)?)?;
    let mut part = RelativeDistinguishedName::default();
    part.insert(AttributeTypeAndValue { oid, value })?;

    Ok(part)
}
