//! Mails whose content goes to a file, so that it need not be in memory.

use super::files::{self, Identity};
use super::protected;
use crate::commands::unfinished::{PIECE, Unfinished, replace};
use anyhow::{Context as _, Result};
use mail::smime::{self, Holder, State, Trust, UnsealError, Unsealed};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

/// Nobody else reads what was decrypted.
const PRIVATE: u32 = 0o600;

/// Opens a mail and puts its content in the place of `out`, whole or not at all.
///
/// A mail whose outermost layer is encrypted is decrypted piece by piece; what is signed is read into memory.
pub(super) fn open_to(
    mail: &PathBuf,
    out: &Path,
    identity: &Identity,
    trust: &Trust<'_>,
) -> Result<State> {
    let holder = Holder { key: identity.key.as_ref(), certificate: &identity.certificate };
    let file = File::open(mail).with_context(|| format!("cannot read {}", mail.display()))?;
    let unfinished = Unfinished::beside(out, PRIVATE)?;
    let mut writer = BufWriter::with_capacity(PIECE, unfinished.file());
    let unsealed = smime::unseal(BufReader::with_capacity(PIECE, file), &holder, &mut writer);
    drop(writer);
    let opened = match unsealed {
        Ok(unsealed) => {
            if let Some(state) = unsealed.state(unfinished.reader()?)? {
                unfinished.finish(out)?;
                return Ok(state);
            }
            inside(&unsealed, &unfinished, holder, trust)?
        }
        Err(UnsealError::Closed(state)) => return Ok(*state),
        Err(UnsealError::Whole) => {
            protected(smime::open(&files::read(Some(mail))?, &[holder], trust))?
        }
        Err(error @ UnsealError::Read(_)) => {
            return Err(error).with_context(|| mail.display().to_string());
        }
        Err(error @ UnsealError::Write(_)) => {
            return Err(error).with_context(|| out.display().to_string());
        }
    };
    if let Some(content) = &opened.content {
        replace(out, PRIVATE, content)?;
    }

    Ok(opened.state)
}

fn inside(
    unsealed: &Unsealed,
    unfinished: &Unfinished,
    holder: Holder<'_>,
    trust: &Trust<'_>,
) -> Result<smime::Opened> {
    let content = files::read(Some(&unfinished.path().to_owned()))?;

    Ok(unsealed.open(&content, &[holder], trust))
}
