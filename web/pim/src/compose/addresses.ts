import type { Address } from '../api/types';

/** One recipient as typed: an address, or text that is none. */
export type Recipient = { valid: true; address: Address } | { valid: false; text: string };

/**
 * Reads what was typed or pasted into an address field: `Name <a@b>`, `"Name, First" <a@b>` or `a@b`, separated by
 * commas, semicolons or line ends.
 */
export function parseRecipients(text: string): Recipient[] {
  return split(text).map(parseOne);
}

export function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\]+$/u.test(text) && validDomain(text);
}

export function formatAddress(address: Address): string {
  if (!address.name || address.name === address.address) return address.address;
  const name = /[,;<>"@]/.test(address.name) ? `"${address.name.replace(/["\\]/g, '\\$&')}"` : address.name;
  return `${name} <${address.address}>`;
}

export function displayName(address: Address): string {
  return address.name || address.address;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.address.toLowerCase() === b.address.toLowerCase();
}

function validDomain(text: string): boolean {
  const domain = text.slice(text.lastIndexOf('@') + 1);
  return domain.split('.').every((label) => /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label));
}

function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (!quoted && /[,;\n\r\t]/.test(character)) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  parts.push(part);
  return parts.map((one) => one.trim()).filter((one) => one !== '');
}

function parseOne(text: string): Recipient {
  const angled = /^(?<name>.*?)\s*<\s*(?<address>[^<>]+?)\s*>$/u.exec(text)?.groups;
  const address = (angled?.address ?? text).replace(/^mailto:/i, '');
  const name = (angled?.name ?? '').replace(/^"(.*)"$/u, '$1').replace(/\\(["\\])/g, '$1');
  return isAddress(address) ? { valid: true, address: { name, address } } : { valid: false, text };
}
