import type { Address } from '../api/types';

/** Up to two letters for a person: of first and last name, or of the address. */
export function initials({ name, address }: Address): string {
  const words = (name || address.split('@')[0] || '?')
    .replace(/\(.*?\)|[^\p{L}\p{N}\s.-]/gu, ' ')
    .split(/[\s.-]+/)
    .filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

/** A hue for a person, the same each time. */
export function hue({ address }: Address): number {
  let sum = 7;
  for (const character of address.toLowerCase()) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 3600;
  return Math.round((sum % 12) * 30 + 15);
}
