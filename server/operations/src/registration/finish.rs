use super::{Parties, SignedAnswer, message, settings, subject};
use crate::certificates::facts;
use crate::work::{Work, never_taken, random};
use crate::{Failure, Fault, Operations};
use audit::{Action, Actor};
use ca::{Holder, Issued, Profile};
use fleet::InvitationId;
use fleet::invitation::{self, Invitation, Standing};
use fleet::registration::{
    Answer, Challenge, CompleteRefusal, FinishRefusal, JudgeRefusal, Signature, Step, Transcript,
    complete, judge,
};
use keys::SignatureAlgorithm;
use pki::{Request, Serial};
use store::{Attempt, InsertError};
use uuid::Uuid;

/// What a device answers to a challenge.
#[derive(Clone, Copy, Debug)]
pub struct FinishRequest<'a> {
    /// The name of the challenge.
    pub registration: Uuid,
    /// The proof that the secret in it is known.
    pub proof: &'a [u8],
    /// The signature of the device's key.
    pub signature: &'a [u8],
    /// The exporter of the connection.
    pub exporter: &'a [u8; 32],
    /// The bytes of the whole request.
    pub body: &'a [u8],
}

/// How an answer ended: what is refused may leave something to be saved.
enum Ending {
    Granted(SignedAnswer),
    Refused(FinishRefusal),
}

impl Operations {
    /// Ends a registration: takes the device into service if the challenge was answered well.
    ///
    /// Whatever the answer, the challenge is spent.
    ///
    /// # Errors
    ///
    /// [`FinishRefusal`] names what does not fit.
    #[tracing::instrument(skip_all, fields(registration = %request.registration), err(level = "debug"))]
    pub async fn finish_registration(
        &self,
        request: FinishRequest<'_>,
    ) -> Result<SignedAnswer, Failure<FinishRefusal>> {
        let unknown = FinishRefusal::Judge(JudgeRefusal::UnknownChallenge);
        let found = self.store().attempt(request.registration).await?;
        let id = found.as_ref().map(|attempt| attempt.invitation);
        let actor = id.map_or(Actor::Visitor, |id| Actor::Invitation(id.0));
        let mut work = self.begin(&actor, Action::RegistrationFinish, subject(id)).await?;
        work.note("registration", request.registration);
        let ending = match found {
            Some(attempt) => self.finish(&mut work, attempt, request).await,
            None => Err(Failure::Refused(unknown)),
        };

        match ending {
            Ok(Ending::Granted(answer)) => self.conclude(work, Ok(answer)).await,
            Ok(Ending::Refused(refusal)) => {
                Err(Failure::Refused(self.conclude_refused(work, refusal).await?))
            }
            Err(Failure::Refused(refusal)) => {
                work.unit.roll_back().await?;
                self.spend(&actor, id, request.registration, refusal).await
            }
            Err(failure) => self.conclude(work, Err(failure)).await,
        }
    }

    /// Spends a challenge whose unit of work is of no more use.
    async fn spend(
        &self,
        actor: &Actor,
        invitation: Option<InvitationId>,
        registration: Uuid,
        refusal: FinishRefusal,
    ) -> Result<SignedAnswer, Failure<FinishRefusal>> {
        let action = Action::RegistrationFinish;
        let mut work = self.begin(actor, action, subject(invitation)).await?;
        work.note("registration", registration);
        work.unit.take_attempt(registration).await?;

        Err(Failure::Refused(self.conclude_refused(work, refusal).await?))
    }

    async fn finish(
        &self,
        work: &mut Work,
        attempt: Attempt,
        request: FinishRequest<'_>,
    ) -> Result<Ending, Failure<FinishRefusal>> {
        let unknown = || Failure::Refused(FinishRefusal::Judge(JudgeRefusal::UnknownChallenge));
        let in_use = work.unit.licence_in_use().await?;
        let invitation = work.unit.invitation(attempt.invitation).await?.ok_or_else(unknown)?;
        let parties = Parties::load(work, invitation, self.licence(), in_use).await?;
        let attempt = work.unit.take_attempt(attempt.id).await?.ok_or_else(unknown)?;
        let challenge = message::read_challenge(&attempt)?;
        let csr = Request::from_der(&challenge.request)
            .map_err(|error| Fault::broken("reading a stored certificate request", error))?;

        let signed = challenge.transcript.signed_by_device(request.proof);
        let algorithm = SignatureAlgorithm::EcdsaP256Sha256;
        let signature = match csr.verify(algorithm, &signed, request.signature) {
            Ok(()) => Signature::Fits,
            Err(pki::BadSignature) => Signature::Wrong,
        };
        let answer = Answer { exporter: request.exporter, proof: request.proof, signature };
        if let Err(refusal) = judge(&challenge, answer, work.now()) {
            if refusal.is_failure() {
                count_wrong_answer(work, parties.invitation).await?;
            }
            return Ok(Ending::Refused(FinishRefusal::Judge(refusal)));
        }

        self.grant(work, parties, challenge, &csr, request).await
    }

    async fn grant(
        &self,
        work: &mut Work,
        parties: Parties,
        challenge: Challenge,
        csr: &Request,
        request: FinishRequest<'_>,
    ) -> Result<Ending, Failure<FinishRefusal>> {
        let serial = Serial::from_random(random()?);
        let id = challenge.device;
        let root = self.authority().issuer();
        let certificate = root
            .issue_device(csr, &id.to_string(), serial, work.now())
            .map_err(|error| Fault::signing("issuing a device's certificate", error))?;
        let done = match complete(parties.situation(), &challenge, facts(&certificate), work.now())
        {
            Ok(done) => done,
            Err(refusal) => return Ok(Ending::Refused(FinishRefusal::Complete(refusal))),
        };
        work.unit.release_eas_id(&challenge.facts.eas_id).await?;
        match work.unit.save_device(&done.device).await {
            Ok(()) => {}
            Err(InsertError::Store(error)) => return Err(error.into()),
            Err(InsertError::Taken) => {
                let refusal = FinishRefusal::Complete(CompleteRefusal::EasIdTaken);
                return Err(Failure::Refused(refusal));
            }
        }
        work.unit.save_invitation(&done.invitation).await?;
        let holder = Holder { device: Some(id), user: Some(parties.user.id) };
        let issuer = root.certificate();
        let issued = Issued::new(&certificate, issuer, Profile::Device, holder, work.now());
        work.unit.insert_issued(&issued).await.map_err(never_taken)?;
        let Some(group) = work.unit.group(parties.user.group).await? else {
            return Err(Fault::broken("finding a person's group", "it does not exist").into());
        };
        work.note("device", id);
        work.note("certificate_serial", data_encoding::HEXLOWER.encode(certificate.serial()));
        work.note("eas_id", &challenge.facts.eas_id);

        let settings = settings::sign(self.authority(), &done.device, &parties.user, &group)?;
        let result = message::GrantedResult { device: id, certificate: &certificate, settings };
        let transcript = challenge.transcript.then(Step::Finish, request.body);

        Ok(Ending::Granted(self.sign_result(&result, transcript)?))
    }

    fn sign_result(
        &self,
        result: &message::GrantedResult<'_>,
        transcript: Transcript,
    ) -> Result<SignedAnswer, Fault> {
        let result = result.to_bytes()?;
        let transcript = transcript.then(Step::Result, &result);

        self.sign_answer(result, &transcript.granted())
    }
}

/// Counts a wrong answer; the last one that is tolerated closes the invitation, and its device is no longer expected.
async fn count_wrong_answer(
    work: &mut Work,
    invitation: Invitation,
) -> Result<(), Failure<FinishRefusal>> {
    let invitation = invitation::count_wrong_answer(invitation);
    work.unit.save_invitation(&invitation).await?;
    work.note("wrong_answers", invitation.wrong_answers);
    if invitation.standing(work.now()) == Standing::Closed {
        work.unit.remove_device(invitation.device).await?;
        work.note("closed", "invitation");
    }

    Ok(())
}
