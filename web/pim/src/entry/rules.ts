import type { PasswordRules } from '../api/types';

/** The rules of IT for a new password, and which of them a password keeps. */
export interface RuleCheck {
  rule: 'length' | 'digit' | 'upper_and_lower' | 'symbol';
  kept: boolean;
}

export function checkPassword(password: string, rules: PasswordRules): RuleCheck[] {
  const checks: RuleCheck[] = [{ rule: 'length', kept: [...password].length >= rules.minimum_length }];
  if (rules.upper_and_lower) {
    checks.push({ rule: 'upper_and_lower', kept: /\p{Lu}/u.test(password) && /\p{Ll}/u.test(password) });
  }
  if (rules.digit) checks.push({ rule: 'digit', kept: /\p{Nd}/u.test(password) });
  if (rules.symbol) checks.push({ rule: 'symbol', kept: /[^\p{L}\p{Nd}\s]/u.test(password) });
  return checks;
}
