/** The fingerprints of a list, as `openssl x509 -fingerprint -sha256` and others write them: with colons or without, in whatever case. */
export function fingerprints(text: string): string[] {
  return text
    .split(/[\s,;]+/)
    .map((one) => one.replace(/^(sha256:|sha-?256 fingerprint=|fingerprint=)/i, '').replaceAll(':', '').toLowerCase())
    .filter((one) => one !== '' && one !== 'sha256' && one !== 'sha-256');
}
