//! The PIV applet (NIST SP 800-73-4, part 1 table 3 and part 2).

use crate::apdu::{Channel, Command};
use crate::{Error, PinState, Slot, tlv};
use flate2::read::GzDecoder;
use std::io::Read as _;
use zeroize::Zeroizing;

/// The applet's name, with its version.
const APPLET: &[u8] = &[0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00];

/// The largest certificate that is unpacked, in bytes.
const MAX_CERTIFICATE: u64 = 64 * 1024;

/// Selects the applet, and tells whether there is one.
pub(crate) fn select(card: &dyn Channel) -> Result<bool, Error> {
    let command = Command { instruction: 0xa4, parameters: [0x04, 0x00], data: APPLET, asks: true };

    Ok(card.send(&command)?.status == 0x9000)
}

/// The PIN as the applet takes it; `None` if it is none.
pub(crate) fn encode_pin(pin: &str) -> Option<Zeroizing<Vec<u8>>> {
    let fits = (6..=8).contains(&pin.len()) && pin.is_ascii();
    if !fits {
        return None;
    }
    let mut padded = Zeroizing::new(vec![0xff; 8]);
    for (octet, found) in padded.iter_mut().zip(pin.bytes()) {
        *octet = found;
    }

    Some(padded)
}

/// Asks how the PIN stands; this uses no try.
pub(crate) fn pin_state(card: &dyn Channel) -> Result<PinState, Error> {
    let command = Command { instruction: 0x20, parameters: [0x00, 0x80], data: b"", asks: true };
    let status = card.send(&command)?.status;
    match status {
        0x9000 => Ok(PinState::Verified),
        0x6983 | 0x63c0 => Ok(PinState::Blocked),
        0x63c1..=0x63cf => Ok(PinState::Tries(status.to_be_bytes()[1] & 0x0f)),
        status => Err(Error::Refused(status)),
    }
}

/// Tells the applet the PIN.
pub(crate) fn verify(card: &dyn Channel, pin: &[u8]) -> Result<(), Error> {
    let command = Command { instruction: 0x20, parameters: [0x00, 0x80], data: pin, asks: true };
    let answer = card.send(&command)?;
    match answer.status {
        0x6983 | 0x63c0 => Err(Error::Blocked),
        status @ 0x63c1..=0x63cf => Err(Error::WrongPin { left: status.to_be_bytes()[1] & 0x0f }),
        0x6a80 => Err(Error::UnfitPin),
        _ => answer.done().map(|_| ()),
    }
}

/// Returns the certificate in `slot`, DER; `None` if there is none.
pub(crate) fn certificate(card: &dyn Channel, slot: Slot) -> Result<Option<Vec<u8>>, Error> {
    let Some(object) = object(slot) else { return Ok(None) };
    let mut name = Vec::new();
    tlv::push(&mut name, 0x5c, &object);
    let answer = card.send(&Command {
        instruction: 0xcb,
        parameters: [0x3f, 0xff],
        data: &name,
        asks: true,
    })?;
    if matches!(answer.status, 0x6a82 | 0x6a88) {
        return Ok(None);
    }

    certificate_in(&answer.done()?)
}

/// Returns the certificate in an object as the applet gives it, unpacked (SP 800-73-4 part 1, table 10); `None` if there is none.
///
/// # Errors
///
/// [`Error::Damaged`] if it cannot be unpacked.
pub fn certificate_in(object: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let object = tlv::find(object, 0x53).filter(|object| !object.is_empty());
    let Some(certificate) = object.and_then(|object| tlv::find(object, 0x70)) else {
        return Ok(None);
    };
    let packed = object
        .and_then(|object| tlv::find(object, 0x71))
        .is_some_and(|info| info.first().is_some_and(|i| i & 1 == 1));

    if packed { unpack(certificate).map(Some) } else { Ok(Some(certificate.to_vec())) }
}

/// Has the key in `slot` compute, after the PIN. `input` is the dynamic authentication template
/// (SP 800-73-4 part 2 §3.2.4).
pub(crate) fn compute(
    card: &dyn Channel,
    pin: &[u8],
    algorithm: u8,
    slot: Slot,
    input: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let Some(reference) = reference(slot) else {
        return Err(Error::NoCertificate { slot: slot.to_string() });
    };
    verify(card, pin)?;
    let parameters = [algorithm, reference];
    let command = Command { instruction: 0x87, parameters, data: input, asks: true };
    let answer = card.send(&command)?.done()?;
    let output = tlv::find(&answer, 0x7c).and_then(|template| tlv::find(template, 0x82));

    output
        .map(|output| Zeroizing::new(output.to_vec()))
        .ok_or(Error::Damaged("a computation without a result"))
}

/// The number by which commands name the key.
fn reference(slot: Slot) -> Option<u8> {
    match slot {
        Slot::Authentication => Some(0x9a),
        Slot::Signature => Some(0x9c),
        Slot::KeyManagement => Some(0x9d),
        Slot::Retired(number) => Some(0x82_u8.saturating_add(number)),
        Slot::Iso(_) => None,
    }
}

/// The name of the object with the certificate.
fn object(slot: Slot) -> Option<[u8; 3]> {
    let last = match slot {
        Slot::Authentication => 0x05,
        Slot::Signature => 0x0a,
        Slot::KeyManagement => 0x0b,
        Slot::Retired(number) => 0x0d_u8.saturating_add(number),
        Slot::Iso(_) => return None,
    };

    Some([0x5f, 0xc1, last])
}

fn unpack(certificate: &[u8]) -> Result<Vec<u8>, Error> {
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(certificate).take(MAX_CERTIFICATE + 1).read_to_end(&mut unpacked);
    match read {
        Ok(length) if length as u64 <= MAX_CERTIFICATE => Ok(unpacked),
        Ok(_) => Err(Error::Damaged("a certificate that is too large")),
        Err(_) => Err(Error::Damaged("a certificate that cannot be unpacked")),
    }
}
