//! `cordon smime`: signed and encrypted mail in files, for people who look for the fault and for scripts.

pub(super) mod files;
mod large;
mod report;

use super::{now, pki};
use crate::cli::{Smime, SmimeOpen, SmimeSeal, SmimeSign, Trusted};
use crate::output::{self, Output, Refused};
use ::pki::cms::{Choice, ContentCipher, Form, Recipient, Signing, choose};
use ::pki::validate::Revocations;
use ::pki::{Algorithms, Certificate};
use anyhow::{Context as _, Result, bail, ensure};
use files::Identity;
use keys::SignatureAlgorithm;
use mail::smime::{self, Holder, Opened, Problem, Severity, State, Trust};
use std::path::PathBuf;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Runs one of the commands.
pub(super) fn run(command: Smime, output: Output) -> Result<()> {
    match command {
        Smime::Open(open) => self::open(open, output),
        Smime::Seal(seal) => self::seal(&seal),
        Smime::Sign(sign) => self::sign(&sign),
        Smime::Verify(verify) => self::verify(verify.file, &verify.trusted, output),
    }
}

fn open(command: SmimeOpen, output: Output) -> Result<()> {
    let identity = files::identity(&command.key)?;
    let (state, content) = if let Some(out) = &command.out {
        let mail = command.file.as_ref().context("--out needs the mail as a file")?;
        let open = |trust: &Trust<'_>| large::open_to(mail, out, &identity, trust);
        (with_trust(Some(&identity), &command.trusted, open)??, None)
    } else {
        let mail = files::read(command.file.as_ref())?;
        let opened = protected(examine(&mail, Some(&identity), &command.trusted)?)?;
        (opened.state, opened.content)
    };
    report::print(&state, output, content.as_deref().map(Vec::as_slice))?;

    judged(&state)
}

fn verify(file: Option<PathBuf>, trusted: &Trusted, output: Output) -> Result<()> {
    let mail = files::read(file.as_ref())?;
    let Opened { content, state } = examine(&mail, None, trusted)?;
    let released = content.as_deref().map(Vec::as_slice).filter(|_| state.is_signed());
    report::print(&state, output, released)?;
    judged(&state)?;
    if !state.is_signed() {
        return Err(Refused::new("not_signed", "the mail is not signed").into());
    }

    Ok(())
}

fn examine(mail: &[u8], identity: Option<&Identity>, trusted: &Trusted) -> Result<Opened> {
    let holder = identity.map(|it| Holder { key: it.key.as_ref(), certificate: &it.certificate });

    with_trust(identity, trusted, |trust| smime::open(mail, holder.as_slice(), trust))
}

/// Refuses a mail that there is nothing to open in.
fn protected(opened: Opened) -> Result<Opened> {
    ensure!(
        !opened.state.layers.is_empty() || !opened.state.is_sound(),
        "the mail is neither signed nor encrypted"
    );

    Ok(opened)
}

/// Reads what certificates are judged by.
fn with_trust<T>(
    identity: Option<&Identity>,
    trusted: &Trusted,
    work: impl FnOnce(&Trust<'_>) -> T,
) -> Result<T> {
    let anchors = files::certificates(&trusted.anchor)?;
    let mut known = files::certificates(&trusted.untrusted)?;
    known.extend(identity.iter().flat_map(|identity| identity.chain.iter().cloned()));

    let crls = pki::revocation_lists(&trusted.crl)?;
    let ocsp = pki::ocsp_answers(&trusted.ocsp)?;
    let revocation =
        if trusted.require_revocation { Revocations::Required } else { Revocations::IfKnown };
    let trust = Trust::new(&anchors, &known, moment(trusted)?);

    let algorithms = Algorithms { sha1: trusted.allow_sha1, ..Algorithms::default() };

    Ok(work(&Trust { crls: &crls, ocsp: &ocsp, revocation, algorithms, ..trust }))
}

/// The exit code: 1 for what is not good, 2 for what cannot be used.
fn judged(state: &State) -> Result<()> {
    let faults = state.problems.iter().filter(|it| it.severity() == Severity::Fault);
    let Some(problem) = faults.clone().next() else { return Ok(()) };
    if let Some(unusable) = { faults }.find(|problem| is_unusable(problem)) {
        bail!("{}", unusable.words(smime::Language::English));
    }

    Err(Refused::new(problem.code(), problem.words(smime::Language::English)).into())
}

fn is_unusable(problem: &Problem) -> bool {
    match problem {
        Problem::Compressed
        | Problem::Damaged
        | Problem::NoContent
        | Problem::NoMail
        | Problem::Structure
        | Problem::TooManyLayers
        | Problem::UnsupportedAlgorithm(_) => true,
        Problem::AddressMismatch { .. }
        | Problem::AuthorMissing
        | Problem::ContentTwice
        | Problem::DisplayName { .. }
        | Problem::ExpiredSince { .. }
        | Problem::InnerAuthor { .. }
        | Problem::KeyRefused
        | Problem::Malleable { .. }
        | Problem::NoSignature
        | Problem::NotForUs
        | Problem::OldCipher { .. }
        | Problem::OldDigest { .. }
        | Problem::OnBehalf { .. }
        | Problem::OnlyAPart
        | Problem::OutsideOnly
        | Problem::SeveralAuthors
        | Problem::Signature { .. }
        | Problem::Undecipherable
        | Problem::Untrusted { .. } => false,
    }
}

fn sign(command: &SmimeSign) -> Result<()> {
    let identity = files::identity(&command.key)?;
    let mail = files::read(command.file.as_ref())?;
    let form = if command.opaque { Form::Opaque } else { Form::Detached };

    output::raw(&signed(&mail, &identity, form, command.pss)?)
}

fn seal(command: &SmimeSeal) -> Result<()> {
    let read = |trust: &Trust<'_>| files::correspondents(&command.to, trust);
    let correspondents = with_trust(None, &command.trusted, read)??;
    let mut mail = files::read(command.file.as_ref())?;
    if let Some(key) = &command.key.key {
        let identity = files::identity(&crate::cli::KeyFile {
            key: key.clone(),
            password_file: command.key.password_file.clone(),
        })?;
        mail = signed(&mail, &identity, Form::Opaque, false)?;
    }
    let recipients: Vec<_> = correspondents
        .iter()
        .map(|it| Recipient {
            certificate: &it.certificate,
            capabilities: it.capabilities.as_ref(),
        })
        .collect();
    let choice = if command.allow_3des { Choice::AesOrTripleDes } else { Choice::Aes };
    let cipher = command.cipher.map_or_else(|| choose(&recipients, choice), ContentCipher::from);
    ensure!(
        command.allow_3des || cipher != ContentCipher::TripleDesCbc,
        "3DES is written only with --allow-3des"
    );
    let fresh = files::fresh()?;

    output::raw(&smime::seal(&mail, &recipients, cipher, fresh)?)
}

fn signed(mail: &[u8], identity: &Identity, form: Form, pss: bool) -> Result<Vec<u8>> {
    let wanted =
        if pss { SignatureAlgorithm::RsaPssSha256 } else { SignatureAlgorithm::RsaPkcs1Sha256 };
    // Old programs read PKCS#1 v1.5 alone, which is why mail is signed with it (RFC 8551 §2.2).
    let algorithm = identity.algorithm(wanted)?;
    ensure!(!pss || algorithm == wanted, "--pss is for RSA keys");
    let signing = Signing {
        key: identity.key.as_ref(),
        algorithm,
        certificate: &identity.certificate,
        chain: &identity.chain,
        time: now(),
        encryption: Some(&identity.certificate),
    };

    Ok(smime::sign(mail, &signing, form)?)
}

fn moment(trusted: &Trusted) -> Result<OffsetDateTime> {
    match &trusted.at {
        Some(at) => OffsetDateTime::parse(at, &Rfc3339)
            .with_context(|| format!("--at {at:?} is no time such as 2027-03-01T12:00:00Z")),
        None => Ok(now()),
    }
}

/// Somebody who is written to.
struct Correspondent {
    certificate: Certificate,
    capabilities: Option<::pki::cms::Capabilities>,
}
