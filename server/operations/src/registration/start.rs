use super::{Parties, SignedAnswer, message, subject};
use crate::work::{Work, random};
use crate::{Failure, Fault, InvitationCode, Operations};
use audit::{Action, Actor};
use fleet::InvitationId;
use fleet::invitation::Invitation;
use fleet::registration::{
    BeginRefusal, CHALLENGE_LIFE, Challenge, Facts, ProofDigest, Step, Transcript, begin,
};
use fleet::user::UserCertificate;
use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};
use pki::{Certificate, KeyKind, Request, RequestError, cms};
use store::Attempt;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What a device says to begin its registration.
#[derive(Clone, Debug)]
pub struct StartRequest<'a> {
    /// The code from the invitation, if it can be one.
    pub code: Option<InvitationCode>,
    /// What the app says about its device.
    pub facts: Facts,
    /// A request for the device's certificate, PKCS#10 in DER.
    pub csr: Vec<u8>,
    /// The exporter of the connection.
    pub exporter: &'a [u8; 32],
    /// The bytes of the whole request.
    pub body: &'a [u8],
}

impl Operations {
    /// Begins a registration: answers with a challenge that only the invited person's key can open.
    ///
    /// # Errors
    ///
    /// [`BeginRefusal`] names the first obstacle.
    #[tracing::instrument(skip_all, err(level = "debug"))]
    pub async fn start_registration(
        &self,
        request: StartRequest<'_>,
    ) -> Result<SignedAnswer, Failure<BeginRefusal>> {
        let code = request.code.as_ref().map(InvitationCode::hash);
        let found = match code {
            Some(code) => self.store().invitation_by_code(code).await?,
            None => None,
        };
        let id = found.map(|invitation| invitation.id);
        let actor = id.map_or(Actor::Visitor, |id| Actor::Invitation(id.0));
        let mut work = self.begin(&actor, Action::RegistrationStart, subject(id)).await?;
        let outcome = match id {
            Some(id) => self.start(&mut work, id, request).await,
            None => Err(Failure::Refused(BeginRefusal::UnknownInvitation)),
        };

        self.conclude(work, outcome).await
    }

    async fn start(
        &self,
        work: &mut Work,
        id: InvitationId,
        request: StartRequest<'_>,
    ) -> Result<SignedAnswer, Failure<BeginRefusal>> {
        let in_use = work.unit.licence_in_use().await?;
        let Some(invitation) = work.unit.invitation(id).await? else {
            return Err(Failure::Refused(BeginRefusal::UnknownInvitation));
        };
        let parties = Parties::load(work, invitation, self.licence(), in_use).await?;
        let certificate = begin(parties.situation(), work.now()).map_err(Failure::Refused)?;
        check_request(&request.csr).map_err(Failure::Refused)?;

        let (challenge, offer) =
            self.offer(&parties.invitation, certificate, request, work.now())?;
        let data = message::write_challenge(&challenge)?;
        let attempt =
            Attempt { id: challenge.id, invitation: id, data, expires_at: challenge.expires_at };
        work.unit.insert_attempt(&attempt).await?;
        work.note("registration", challenge.id);
        work.note("model", &challenge.facts.model);
        work.note("system", &challenge.facts.system);

        Ok(self.sign_answer(offer, &challenge.transcript.offered())?)
    }

    /// Makes a challenge, and the offer that it is sent in.
    fn offer(
        &self,
        invitation: &Invitation,
        certificate: &UserCertificate,
        request: StartRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<(Challenge, Vec<u8>), Fault> {
        let started = Transcript::start(request.exporter, request.body);
        let secret = Zeroizing::new(random::<32>()?);
        let (id, expires_at) = (Uuid::new_v4(), now + CHALLENGE_LIFE);
        let offer = message::Offer {
            registration: id,
            nonce: random::<32>()?,
            challenge: seal(&started.challenge(&secret), &certificate.der)?,
            authority: self.authority().issuer().certificate(),
            portal: &self.authority().portal().certificate,
            expires_at,
        };
        let offer = offer.to_bytes()?;
        let transcript = started.then(Step::Offer, &offer);
        let proof = hmac_sha256(secret.as_slice(), &transcript.proved())?;
        let challenge = Challenge {
            id,
            invitation: invitation.id,
            device: invitation.device,
            exporter: *request.exporter,
            transcript,
            proof: ProofDigest::of(&proof),
            request: request.csr,
            facts: request.facts,
            certificate: certificate.fingerprint,
            expires_at,
        };

        Ok((challenge, offer))
    }
}

fn check_request(csr: &[u8]) -> Result<(), BeginRefusal> {
    match Request::from_der(csr) {
        Ok(request) if request.key_kind() == KeyKind::P256 => Ok(()),
        Ok(_) | Err(RequestError::WeakKey) => Err(BeginRefusal::UnsuitableKey),
        Err(RequestError::Damaged(_) | RequestError::Unproved) => {
            Err(BeginRefusal::UnprovedRequest)
        }
    }
}

fn seal(content: &[u8], certificate: &[u8]) -> Result<Vec<u8>, Fault> {
    let recipient = Certificate::from_der(certificate)
        .map_err(|error| Fault::broken("reading a deposited certificate", error))?;
    let fresh = cms::Fresh { key: Zeroizing::new(random()?), nonce: random()? };

    cms::seal(content, &[&recipient], fresh)
        .map_err(|error| Fault::broken("encrypting for a deposited certificate", error))
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let code = PKey::hmac(key)
        .and_then(|key| Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(message));

    code.map(Zeroizing::new).map_err(|error| Fault::broken("computing a proof", error))
}
