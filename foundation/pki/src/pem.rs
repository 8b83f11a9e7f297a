//! Several texts of PEM (RFC 7468) in one file.

/// Cuts out every block with this label; other text between them is skipped.
pub(crate) fn all<'a>(
    text: &'a str,
    label: &'a str,
) -> impl Iterator<Item = der::Result<Vec<u8>>> + 'a {
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let bodies: Vec<_> = text
        .split(begin.as_str())
        .skip(1)
        .map(|rest| rest.split(end.as_str()).next().unwrap_or_default())
        .map(|body| format!("{begin}{body}{end}\n"))
        .collect();

    bodies.into_iter().map(|pem| match der::pem::decode_vec(pem.as_bytes()) {
        Ok((_, der)) => Ok(der),
        Err(error) => Err(error.into()),
    })
}
