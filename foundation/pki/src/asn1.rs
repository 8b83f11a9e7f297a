//! Small helps for reading DER by hand.

use der::asn1::AnyRef;
use der::{Decode as _, Error, Reader, SliceReader, Tag, TagNumber, Tagged as _};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// Reads until nothing is left.
pub(crate) fn all<'a, T>(
    reader: &mut SliceReader<'a>,
    mut read: impl FnMut(&mut SliceReader<'a>) -> der::Result<T>,
) -> der::Result<Vec<T>> {
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(read(reader)?);
    }

    Ok(found)
}

/// Tells whether a value with this tag follows.
pub(crate) fn is_next(reader: &SliceReader<'_>, tag: Tag) -> bool {
    !reader.is_finished() && Tag::peek(reader).is_ok_and(|it| it == tag)
}

/// Reads what is inside of an optional value with an explicit tag.
pub(crate) fn explicit<'a>(
    reader: &mut SliceReader<'a>,
    number: u32,
) -> der::Result<Option<&'a [u8]>> {
    let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
    if !is_next(reader, tag) {
        return Ok(None);
    }

    Ok(Some(AnyRef::decode(reader)?.value()))
}

/// Reads a `UTCTime` or a `GeneralizedTime` as certificates have them (RFC 5280 §4.1.2.5), also from
/// before 1970.
pub(crate) fn time(reader: &mut SliceReader<'_>) -> der::Result<OffsetDateTime> {
    let value = AnyRef::decode(reader)?;
    let wrong = || Error::from(value.tag().value_error());
    let text = std::str::from_utf8(value.value()).map_err(|_| wrong())?;
    let digits = text.strip_suffix('Z').filter(|it| it.bytes().all(|c| c.is_ascii_digit()));
    let digits = digits.ok_or_else(wrong)?;
    let read = |digits: &str| match value.tag() == Tag::UtcTime {
        true => short(digits),
        false => long(digits).filter(|_| value.tag() == Tag::GeneralizedTime),
    };

    read(digits).ok_or_else(wrong)
}

/// Reads a year of two digits, which lies between 1950 and 2049, and the rest of the moment.
fn short(digits: &str) -> Option<OffsetDateTime> {
    let century = if digits.starts_with(|c| c < '5') { "20" } else { "19" };

    long(&format!("{century}{digits}"))
}

fn long(digits: &str) -> Option<OffsetDateTime> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u8>().ok();
    let year = digits.get(..4)?.parse().ok()?;
    let month = Month::try_from(number(4, 6)?).ok()?;
    let date = Date::from_calendar_date(year, month, number(6, 8)?).ok()?;
    let time = Time::from_hms(number(8, 10)?, number(10, 12)?, number(12, 14)?).ok()?;

    (digits.len() == 14).then(|| PrimitiveDateTime::new(date, time).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::macros::datetime;

    #[test]
    fn times_of_both_forms_are_read() {
        let read = |tag: u8, text: &str| {
            let der = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();

            time(&mut SliceReader::new(&der).unwrap()).ok()
        };

        assert_eq!(read(0x17, "491231235959Z"), Some(datetime!(2049-12-31 23:59:59 UTC)));
        assert_eq!(read(0x17, "500101000000Z"), Some(datetime!(1950-01-01 00:00:00 UTC)));
        assert_eq!(read(0x18, "99991231235959Z"), Some(datetime!(9999-12-31 23:59:59 UTC)));
        for wrong in ["4912312359Z", "491331235959Z", "491231235959", "491231235959+0000", "\u{e9}"]
        {
            assert_eq!(read(0x17, wrong), None, "{wrong}");
        }
        assert_eq!(read(0x18, "19991231235959.5Z"), None);
        assert_eq!(read(0x18, "491231235959Z"), None);
        assert_eq!(read(0x0c, "19991231235959Z"), None);
    }
}
