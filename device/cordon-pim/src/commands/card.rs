//! What is in the smart card readers of this machine.

use crate::failure::Failure;
use crate::output::Output;
use pki::Certificate;
use serde_json::{Value, json};
use smartcard::{Application, Card, Error, PinState, Reader, StoredCertificate};
use time::format_description::well_known::Rfc3339;

/// Shows readers, cards, how their PINs stand, and their certificates. No PIN is asked for and no try is used.
pub(crate) fn show(output: Output) -> Result<(), Failure> {
    let readers = smartcard::readers().map_err(refused)?;
    if readers.is_empty() {
        return Err(refused(Error::NoReader));
    }
    let shown: Vec<_> = readers.iter().map(reader).collect();
    let text: Vec<_> = shown.iter().map(|(_, text)| text.as_str()).collect();
    let values: Vec<_> = shown.iter().map(|(value, _)| value).collect();

    output.answer(&json!({ "readers": values }), &text.join("\n"))
}

fn reader(reader: &Reader) -> (Value, String) {
    let name = &reader.name;
    if !reader.card {
        return (json!({ "name": name, "card": null }), format!("{name}\n  no card"));
    }
    match Card::connect(name).and_then(|card| read(&card)) {
        Ok((value, text)) => (json!({ "name": name, "card": value }), format!("{name}\n{text}")),
        Err(error) => {
            let problem = json!({ "code": error.code(), "detail": error.to_string() });
            (json!({ "name": name, "card": { "problem": problem } }), format!("{name}\n  {error}"))
        }
    }
}

fn read(card: &Card) -> Result<(Value, String), Error> {
    let (pin, mut lines) = match card.pin_state()? {
        PinState::Blocked => (
            json!({ "blocked": true, "left": 0 }),
            vec!["  PIN blocked: have the card unblocked by its issuer".to_owned()],
        ),
        PinState::Verified => (
            json!({ "blocked": false, "left": null }),
            vec!["  PIN: entered, by another program".to_owned()],
        ),
        PinState::Tries(left) => {
            (json!({ "blocked": false, "left": left }), vec![format!("  PIN: {left} tries left")])
        }
        PinState::Unknown => (
            json!({ "blocked": false, "left": null }),
            vec!["  PIN: the card does not tell how many tries are left".to_owned()],
        ),
    };
    let (code, name) = match card.application() {
        Application::Iso => ("iso_7816_15", "ISO 7816-15"),
        Application::Piv => ("piv", "PIV"),
    };
    let label = mail::text::line(card.label());
    lines.insert(0, format!("  {name} {label}").trim_end().to_owned());
    let mut certificates = Vec::new();
    for found in card.contents()? {
        let (value, line) = certificate(&found);
        certificates.push(value);
        lines.push(line);
    }
    let value = json!({
        "application": code,
        "label": label,
        "pin": pin,
        "certificates": certificates,
    });

    Ok((value, lines.join("\n")))
}

fn certificate(found: &StoredCertificate) -> (Value, String) {
    let slot = found.slot;
    let label = mail::text::line(&found.label);
    let use_ = match (slot.decrypts(), slot.signs()) {
        (true, true) => "signs_and_decrypts",
        (true, false) => "decrypts",
        (false, true) => "signs",
        (false, false) => "nothing",
    };
    let shown = match (slot.decrypts(), slot.signs()) {
        (true, true) => "signs and decrypts",
        (true, false) => "decrypts",
        (false, true) => "signs",
        (false, false) => "neither signs nor decrypts",
    };
    let name = format!("  {slot} {label}").trim_end().to_owned();
    let Ok(certificate) = Certificate::from_der(&found.der) else {
        let value = json!({
            "slot": slot.to_string(),
            "label": label,
            "use": use_,
            "problem": "damaged",
        });
        return (value, format!("{name} {shown}: the certificate is damaged"));
    };
    let until = certificate.not_after();
    let until = until.format(&Rfc3339).unwrap_or_else(|_| until.to_string());
    let subject = mail::text::line(&certificate.subject());
    let value = json!({
        "slot": slot.to_string(),
        "label": label,
        "use": use_,
        "subject": subject,
        "issuer": mail::text::line(&certificate.issuer()),
        "addresses": certificate.emails(),
        "not_after": until,
        "fingerprint": certificate.fingerprint().to_string(),
    });

    (value, format!("{name} {shown}: {subject}, until {until}"))
}

fn refused(error: Error) -> Failure {
    match &error {
        Error::Fault(_) => Failure::Fault(error.into()),
        Error::Absent
        | Error::Blocked
        | Error::Busy
        | Error::Damaged(_)
        | Error::NoCertificate { .. }
        | Error::NoReader
        | Error::NoService
        | Error::PinRequired
        | Error::Refused(_)
        | Error::UnfitPin
        | Error::UnknownCard { .. }
        | Error::WrongPin { .. }
        | Error::WrongPinUncounted => Failure::refuse(error.code(), error.to_string()),
    }
}
