//! Signing mails, and encrypting them for those who get them.

use super::signer::Signer;
use crate::app::App;
use crate::correspondents::Found;
use crate::error::{AccessError, SendError};
use crate::lifecycle::Device;
use crate::session::with;
use crate::trust::Trust;
use crate::view::{Protect, RecipientProblem, Words};
use mail::smime::{self, Language, Problem, SignMailError};
use pki::Certificate;
use pki::cms::{Capabilities, Choice, Form, Fresh, Recipient, choose};
use policy::{Encryption, SmimeSettings};
use time::OffsetDateTime;
use vault::Open;
use zeroize::Zeroizing;

/// What is done to a mail, as the person and IT want it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protection {
    pub(crate) sign: bool,
    pub(crate) encrypt: bool,
    despite: Vec<String>,
}

/// Somebody for whom a mail is encrypted.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) address: String,
    certificate: Certificate,
    capabilities: Option<Capabilities>,
}

impl Protection {
    /// Decides what is done; `secret` is an answer to a mail that came encrypted, or one that sends it on.
    pub(crate) fn decide(
        wanted: Protect,
        settings: SmimeSettings,
        secret: bool,
    ) -> Result<Self, SendError> {
        let by_itself = secret || settings.encrypt != Encryption::Asked;
        let encrypt = wanted.encrypt.unwrap_or(by_itself);
        if !encrypt && settings.encrypt == Encryption::Required {
            return Err(SendError::EncryptionRequired);
        }
        let sign = wanted.sign.unwrap_or(settings.sign);

        Ok(Self { sign, encrypt, despite: wanted.despite })
    }

    /// Tells whether anything is done.
    pub(crate) fn is_any(&self) -> bool {
        self.sign || self.encrypt
    }
}

impl App {
    /// Finds the certificates of all recipients, or says for whom there is none that may be used.
    pub(crate) async fn readers(
        &self,
        open: &Open,
        device: &Device,
        addresses: &[String],
        protection: &Protection,
    ) -> Result<Vec<Reader>, SendError> {
        let settings = device.settings.borrow().settings.smime;
        let accepted = |address: &str| {
            let named = protection.despite.iter().any(|one| one.eq_ignore_ascii_case(address));
            settings.doubtful_certificates && named
        };
        let found = self.find_correspondents(open, device, addresses).await?;
        let (mut readers, mut problems) = (Vec::new(), Vec::new());
        for (address, found) in addresses.iter().zip(found) {
            let known = match found {
                Found::Good(known) => known,
                Found::Doubtful(known, _) if accepted(address) => known,
                Found::Doubtful(_, error) => {
                    let problem = Problem::Untrusted { signer: address.clone(), error: *error };
                    let words = Words::of(|language| vec![problem.words(language)]);
                    problems.push(RecipientProblem {
                        address: address.clone(),
                        missing: false,
                        words,
                    });
                    continue;
                }
                Found::Missing => {
                    let words = Words::of(|language| vec![no_certificate(address, language)]);
                    problems.push(RecipientProblem {
                        address: address.clone(),
                        missing: true,
                        words,
                    });
                    continue;
                }
            };
            let (certificate, capabilities) = (known.certificate, known.capabilities);
            readers.push(Reader { address: address.clone(), certificate, capabilities });
        }
        if !problems.is_empty() {
            return Err(SendError::Certificates {
                problems,
                despite_allowed: settings.doubtful_certificates,
                plain_allowed: settings.encrypt != Encryption::Required,
            });
        }

        Ok(readers)
    }
}

/// Signs and encrypts a mail where blocking is allowed; `readers` are those for whom it is encrypted, besides the author.
pub(crate) async fn protect(
    open: &Open,
    device: &Device,
    mail: Vec<u8>,
    (protection, readers): (&Protection, &[Reader]),
    now: OffsetDateTime,
) -> Result<Vec<u8>, SendError> {
    let settings = device.settings.borrow().settings.smime;
    let choice = if settings.triple_des { Choice::AesOrTripleDes } else { Choice::Aes };
    let (sign, encrypt) = (protection.sign, protection.encrypt);
    let readers: Vec<(Certificate, Option<Capabilities>)> =
        readers.iter().map(|one| (one.certificate.clone(), one.capabilities.clone())).collect();
    let trust = device.trust.clone();
    let work = with(open, move |open| {
        let signed = if sign { signed(open, &trust, &mail, now) } else { Ok(mail) };
        if !encrypt {
            return Ok(signed);
        }

        Ok(signed.and_then(|mail| sealed(open, &mail, &readers, choice)))
    });

    work.await.map_err(AccessError::from)?
}

fn signed(
    open: &Open,
    trust: &Trust,
    mail: &[u8],
    now: OffsetDateTime,
) -> Result<Vec<u8>, SendError> {
    let signer = Signer::of(open, trust, now)?;
    let signing = signer.at(now);
    match smime::sign(mail, &signing, Form::Detached) {
        // What would be changed on its way is wrapped.
        Err(SignMailError::EightBit) => smime::sign(mail, &signing, Form::Opaque),
        signed => signed,
    }
    .map_err(|error| failed(&error))
}

fn sealed(
    open: &Open,
    mail: &[u8],
    readers: &[(Certificate, Option<Capabilities>)],
    choice: Choice,
) -> Result<Vec<u8>, SendError> {
    let own = Capabilities::own();
    let author = Recipient { certificate: open.certificate(), capabilities: Some(&own) };
    let others = readers.iter().map(|(certificate, capabilities)| Recipient {
        certificate,
        capabilities: capabilities.as_ref(),
    });
    let recipients: Vec<_> = others.chain([author]).collect();
    let cipher = choose(&recipients, choice);

    smime::seal(mail, &recipients, cipher, fresh()?).map_err(|error| failed(&error))
}

fn fresh() -> Result<Fresh, SendError> {
    let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; 12]);
    getrandom::fill(key.as_mut_slice()).map_err(|error| failed(&error))?;
    getrandom::fill(&mut nonce).map_err(|error| failed(&error))?;

    Ok(Fresh { key, nonce })
}

fn failed(reason: &impl ToString) -> SendError {
    SendError::NotProtected { reason: reason.to_string() }
}

fn no_certificate(address: &str, language: Language) -> String {
    let address = mail::text::line(address);
    match language {
        Language::English => format!("There is no certificate of {address}."),
        Language::German => format!("Von {address} liegt kein Zertifikat vor."),
    }
}

/// Names those for whom there is a problem.
pub(crate) fn addresses(problems: &[RecipientProblem]) -> String {
    let addresses: Vec<&str> = problems.iter().map(|problem| problem.address.as_str()).collect();

    addresses.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_follows_the_person_where_it_lets_them() {
        let check = |wanted: (Option<bool>, Option<bool>), encrypt, secret, expected| {
            let settings = SmimeSettings { sign: true, encrypt, ..SmimeSettings::default() };
            let wanted = Protect { sign: wanted.0, encrypt: wanted.1, despite: Vec::new() };
            let decided = Protection::decide(wanted, settings, secret).ok();
            assert_eq!(decided.map(|one| (one.sign, one.encrypt)), expected);
        };

        check((None, None), Encryption::Asked, false, Some((true, false)));
        check((Some(false), None), Encryption::Asked, true, Some((false, true)));
        check((None, Some(false)), Encryption::Asked, true, Some((true, false)));
        check((None, None), Encryption::Default, false, Some((true, true)));
        check((None, Some(false)), Encryption::Default, false, Some((true, false)));
        check((None, None), Encryption::Required, false, Some((true, true)));
        check((None, Some(false)), Encryption::Required, false, None);
    }
}
