//! What is in the smart card readers of this machine.

use crate::failure::Failure;
use crate::output::Output;
use pki::Certificate;
use serde_json::{Value, json};
use smartcard::{Card, Error, PinState, Reader, Slot};
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
            let problem = json!({ "code": code(&error), "detail": error.to_string() });
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
    };
    let mut certificates = Vec::new();
    for (slot, der) in card.certificates()? {
        let (value, line) = certificate(slot, &der);
        certificates.push(value);
        lines.push(line);
    }

    Ok((json!({ "pin": pin, "certificates": certificates }), lines.join("\n")))
}

fn certificate(slot: Slot, der: &[u8]) -> (Value, String) {
    let use_ = if slot.decrypts() { "decrypts" } else { "signs" };
    let Ok(certificate) = Certificate::from_der(der) else {
        let value = json!({ "slot": slot.to_string(), "use": use_, "problem": "damaged" });
        return (value, format!("  {slot} {use_}: the certificate is damaged"));
    };
    let until = certificate.not_after();
    let until = until.format(&Rfc3339).unwrap_or_else(|_| until.to_string());
    let subject = mail::text::line(&certificate.subject());
    let value = json!({
        "slot": slot.to_string(),
        "use": use_,
        "subject": subject,
        "issuer": mail::text::line(&certificate.issuer()),
        "addresses": certificate.emails(),
        "not_after": until,
        "fingerprint": certificate.fingerprint().to_string(),
    });

    (value, format!("  {slot} {use_}: {subject}, until {until}"))
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
        | Error::WrongPin { .. } => Failure::refuse(code(&error), error.to_string()),
    }
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Absent => "card_absent",
        Error::Blocked => "pin_blocked",
        Error::Busy => "card_busy",
        Error::Damaged(_) => "card_damaged",
        Error::Fault(_) => "reader_failed",
        Error::NoCertificate { .. } => "no_certificate",
        Error::NoReader => "no_reader",
        Error::NoService => "no_reader_service",
        Error::PinRequired => "pin_required",
        Error::Refused(_) => "card_refused",
        Error::UnfitPin => "pin_unfit",
        Error::UnknownCard { .. } => "card_unknown",
        Error::WrongPin { .. } => "wrong_pin",
    }
}
