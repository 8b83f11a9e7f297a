/** What an invitation link tells before anything is sent: the server it leads to. */
export interface Invitation {
  host: string;
}

/** Reads `https://HOST/join#code=…&pin=…`; null when it is no such link. */
export function readInvitation(link: string): Invitation | null {
  if (!URL.canParse(link.trim())) return null;

  const url = new URL(link.trim());
  const values = new URLSearchParams(url.hash.slice(1));
  const code = values.get('code') ?? '';
  const pin = values.get('pin') ?? '';
  const fits = url.protocol === 'https:' && url.pathname === '/join';
  if (!fits || !/^[a-z2-7]{26}$/i.test(code) || !/^[\w-]{43}$/.test(pin)) return null;

  return { host: url.host };
}

/** Whether bytes can be a PKCS#12 file: a DER sequence (X.690 §8.9) whose first member is version 3. */
export function looksLikePkcs12(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30 || bytes.length < 32) return false;

  const first = bytes[1] ?? 0;
  const at = first < 0x80 ? 2 : 2 + (first & 0x7f);
  return bytes[at] === 0x02 && bytes[at + 1] === 0x01 && bytes[at + 2] === 0x03;
}

/** Bytes as base64 text (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
