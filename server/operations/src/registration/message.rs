//! What is signed and sent, and what is stored until the answer comes.

use crate::Fault;
use data_encoding::BASE64;
use fleet::registration::{Challenge, Facts, ProofDigest, Transcript};
use fleet::{DeviceId, InvitationId};
use pki::Certificate;
use policy::SignedDocument;
use serde::{Deserialize, Serialize};
use store::Attempt;
use time::OffsetDateTime;
use uuid::Uuid;

/// The offer, whose bytes the portal signs.
pub(super) struct Offer<'a> {
    pub(super) registration: Uuid,
    pub(super) nonce: [u8; 32],
    pub(super) challenge: Vec<u8>,
    pub(super) authority: &'a Certificate,
    pub(super) portal: &'a Certificate,
    pub(super) expires_at: OffsetDateTime,
}

impl Offer<'_> {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        write(&OfferForm {
            registration: self.registration,
            nonce: BASE64.encode(&self.nonce),
            challenge: BASE64.encode(&self.challenge),
            authority: BASE64.encode(self.authority.as_der()),
            portal: BASE64.encode(self.portal.as_der()),
            expires_at: self.expires_at,
        })
    }
}

/// The result, whose bytes the portal signs.
pub(super) struct GrantedResult<'a> {
    pub(super) device: DeviceId,
    pub(super) certificate: &'a Certificate,
    pub(super) settings: SignedDocument,
}

impl GrantedResult<'_> {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        write(&ResultForm {
            device: self.device.0,
            certificate: BASE64.encode(self.certificate.as_der()),
            settings: &self.settings,
        })
    }
}

/// Writes a challenge, to be stored until it is answered.
pub(super) fn write_challenge(challenge: &Challenge) -> Result<Vec<u8>, Fault> {
    let facts = &challenge.facts;

    write(&ChallengeForm {
        device: challenge.device.0,
        exporter: BASE64.encode(&challenge.exporter),
        transcript: BASE64.encode(&challenge.transcript.to_bytes()),
        proof_digest: BASE64.encode(&challenge.proof.0),
        request: BASE64.encode(&challenge.request),
        name: facts.name.as_ref().map(|name| name.as_str().to_owned()),
        model: facts.model.clone(),
        system: facts.system.clone(),
        app_version: facts.app_version.clone(),
        eas_id: facts.eas_id.as_str().to_owned(),
        certificate: BASE64.encode(&challenge.certificate),
    })
}

/// Reads a challenge that was stored.
pub(super) fn read_challenge(attempt: &Attempt) -> Result<Challenge, Fault> {
    let form: ChallengeForm =
        serde_json::from_slice(&attempt.data).map_err(|error| damaged(error.into()))?;
    let name = form.name.as_deref();
    let facts = Facts::parse(name, &form.model, &form.system, &form.app_version, &form.eas_id)
        .map_err(|error| damaged(error.into()))?;

    Ok(Challenge {
        id: attempt.id,
        invitation: InvitationId(attempt.invitation.0),
        device: DeviceId(form.device),
        exporter: fixed(&form.exporter)?,
        transcript: Transcript::from_bytes(fixed(&form.transcript)?),
        proof: ProofDigest(fixed(&form.proof_digest)?),
        request: BASE64.decode(form.request.as_bytes()).map_err(|error| damaged(error.into()))?,
        facts,
        certificate: fixed(&form.certificate)?,
        expires_at: attempt.expires_at,
    })
}

#[derive(Serialize)]
struct OfferForm {
    registration: Uuid,
    nonce: String,
    challenge: String,
    authority: String,
    portal: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

#[derive(Serialize)]
struct ResultForm<'a> {
    device: Uuid,
    certificate: String,
    settings: &'a SignedDocument,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ChallengeForm {
    device: Uuid,
    exporter: String,
    transcript: String,
    proof_digest: String,
    request: String,
    name: Option<String>,
    model: String,
    system: String,
    app_version: String,
    eas_id: String,
    certificate: String,
}

fn write(form: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(form).map_err(|error| Fault::broken("writing JSON", error))
}

fn fixed(text: &str) -> Result<[u8; 32], Fault> {
    let bytes = BASE64.decode(text.as_bytes()).map_err(|error| damaged(error.into()))?;

    bytes.try_into().map_err(|_| damaged("a value is not 32 bytes long".into()))
}

fn damaged(cause: Box<dyn std::error::Error + Send + Sync>) -> Fault {
    Fault::broken("reading a stored challenge", cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use time::macros::datetime;

    #[test]
    fn a_stored_challenge_reads_like_this() {
        let id = "0123456789abcdef0123456789abcdef";
        let facts = Facts::parse(Some("Laptop"), "ThinkPad", "Debian 12", "0.1.0", id).unwrap();
        let challenge = Challenge {
            id: Uuid::from_u128(1),
            invitation: InvitationId(Uuid::from_u128(2)),
            device: DeviceId(Uuid::from_u128(3)),
            exporter: [4; 32],
            transcript: Transcript::from_bytes([5; 32]),
            proof: ProofDigest([6; 32]),
            request: vec![7, 8],
            facts,
            certificate: [9; 32],
            expires_at: datetime!(2027-03-01 12:05:00 UTC),
        };
        let data = write_challenge(&challenge).unwrap();

        assert_snapshot!(String::from_utf8(data.clone()).unwrap(), @r#"{"device":"00000000-0000-0000-0000-000000000003","exporter":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=","transcript":"BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=","proof_digest":"BgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgY=","request":"Bwg=","name":"Laptop","model":"ThinkPad","system":"Debian 12","app_version":"0.1.0","eas_id":"0123456789abcdef0123456789abcdef","certificate":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="}"#);
        let (id, invitation) = (challenge.id, challenge.invitation);
        let attempt = Attempt { id, invitation, data, expires_at: challenge.expires_at };
        assert_eq!(read_challenge(&attempt).unwrap(), challenge);
        for data in [&b""[..], b"{}", b"null"] {
            let damaged = Attempt { data: data.to_vec(), ..attempt.clone() };
            assert!(read_challenge(&damaged).is_err());
        }
    }
}
