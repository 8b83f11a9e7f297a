//! `cordon smime`: signed and encrypted mail in files, for people who look for the fault and for scripts.

mod files;
mod report;

use super::now;
use crate::cli::{Smime, SmimeOpen, SmimeSeal, SmimeSign, Trusted};
use crate::output::{Output, Refused};
use anyhow::{Context as _, Result, bail, ensure};
use files::Identity;
use keys::SignatureAlgorithm;
use mail::smime::{self, Holder, Opened, Problem, Severity, Trust};
use pki::Certificate;
use pki::cms::{Choice, ContentCipher, Form, Fresh, Recipient, Signing, choose};
use std::io::{self, Write as _};
use std::path::PathBuf;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

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
    let mail = files::read(command.file.as_ref())?;
    let opened = examine(&mail, Some(&identity), &command.trusted)?;
    ensure!(
        !opened.state.layers.is_empty() || !opened.state.is_sound(),
        "the mail is neither signed nor encrypted"
    );
    report::print(&opened, output, opened.content.is_some())?;

    judged(&opened)
}

fn verify(file: Option<PathBuf>, trusted: &Trusted, output: Output) -> Result<()> {
    let mail = files::read(file.as_ref())?;
    let opened = examine(&mail, None, trusted)?;
    report::print(&opened, output, opened.state.is_signed())?;
    judged(&opened)?;
    if !opened.state.is_signed() {
        return Err(Refused::new("not_signed", "the mail is not signed").into());
    }

    Ok(())
}

fn examine(mail: &[u8], identity: Option<&Identity>, trusted: &Trusted) -> Result<Opened> {
    let anchors = files::certificates(&trusted.anchor)?;
    let mut known = files::certificates(&trusted.untrusted)?;
    known.extend(identity.iter().flat_map(|identity| identity.chain.iter().cloned()));
    let holder = identity.map(|it| Holder { key: &it.key, certificate: &it.certificate });
    let trust = Trust::new(&anchors, &known, moment(trusted)?);

    Ok(smime::open(mail, holder.as_slice(), &trust))
}

/// The exit code: 1 for what is not good, 2 for what cannot be used.
fn judged(opened: &Opened) -> Result<()> {
    let faults = opened.state.problems.iter().filter(|it| it.severity() == Severity::Fault);
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

    write(&signed(&mail, &identity, form, command.pss)?)
}

fn seal(command: &SmimeSeal) -> Result<()> {
    let trusted = &command.trusted;
    let correspondents = files::correspondents(
        &command.to,
        &files::certificates(&trusted.anchor)?,
        moment(trusted)?,
    )?;
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
    let mut fresh = Fresh { key: Zeroizing::new([0; 32]), nonce: [0; 12] };
    getrandom::fill(fresh.key.as_mut_slice())?;
    getrandom::fill(&mut fresh.nonce)?;

    write(&smime::seal(&mail, &recipients, cipher, fresh)?)
}

fn signed(mail: &[u8], identity: &Identity, form: Form, pss: bool) -> Result<Vec<u8>> {
    use keys::PrivateKey as _;

    let algorithms = identity.key.algorithms();
    let wanted =
        if pss { SignatureAlgorithm::RsaPssSha256 } else { SignatureAlgorithm::RsaPkcs1Sha256 };
    // Old programs read PKCS#1 v1.5 alone, which is why mail is signed with it (RFC 8551 §2.2).
    let algorithm = algorithms.iter().find(|it| **it == wanted).or(algorithms.first());
    let algorithm = *algorithm.context("the key does not sign")?;
    ensure!(!pss || algorithm == wanted, "--pss is for RSA keys");
    let signing = Signing {
        key: &identity.key,
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

fn write(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout();
    out.write_all(bytes).context("standard output")?;

    Ok(out.flush()?)
}

/// Somebody who is written to.
struct Correspondent {
    certificate: Certificate,
    capabilities: Option<pki::cms::Capabilities>,
}
