import type { PasswordRules } from '../api/types';

/** The rules for a new password that can be told from it alone, and which of them a password keeps. */
export interface RuleCheck {
  rule: 'length' | 'digit' | 'letter' | 'upper_and_lower' | 'symbol' | 'kinds' | 'no_sequences' | 'forbidden_words';
  kept: boolean;
}

/** What counts as kinds of characters; the last is everything else. */
const KINDS = [/\p{Lowercase}/u, /\p{Uppercase}/u, /\p{N}/u, /[^\p{Alphabetic}\p{N}]/u];

export function checkPassword(password: string, rules: PasswordRules): RuleCheck[] {
  const checks: RuleCheck[] = [{ rule: 'length', kept: [...password].length >= rules.minimum_length }];
  if (rules.upper_and_lower) {
    checks.push({ rule: 'upper_and_lower', kept: /\p{Lu}/u.test(password) && /\p{Ll}/u.test(password) });
  }
  if (rules.letter && !rules.upper_and_lower) checks.push({ rule: 'letter', kept: /\p{L}/u.test(password) });
  if (rules.digit) checks.push({ rule: 'digit', kept: /\p{Nd}/u.test(password) });
  if (rules.symbol) checks.push({ rule: 'symbol', kept: /[^\p{L}\p{Nd}\s]/u.test(password) });
  if (rules.kinds > 1) {
    checks.push({ rule: 'kinds', kept: KINDS.filter((kind) => kind.test(password)).length >= rules.kinds });
  }
  if (rules.no_sequences) checks.push({ rule: 'no_sequences', kept: password !== '' && !hasSequence(password) });
  if (rules.forbidden_words.length > 0) {
    const small = password.toLowerCase();
    const found = rules.forbidden_words.some((word) => small.includes(word.toLowerCase()));
    checks.push({ rule: 'forbidden_words', kept: password !== '' && !found });
  }
  return checks;
}

/** Whether four characters in a row are the same or consecutive. */
function hasSequence(password: string): boolean {
  const points = [...password].map((character) => character.codePointAt(0) ?? 0);
  return points.some((point, start) =>
    [-1, 0, 1].some((step) => [1, 2, 3].every((distance) => points[start + distance] === point + step * distance)),
  );
}
