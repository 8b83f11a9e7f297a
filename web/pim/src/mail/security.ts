import type { Tone } from '@cordon/kit';
import type { SecurityView } from '../api/types';

/** The colour of what is to be thought of a message: green only for one that is signed and without any problem. */
export function toneOf(security: SecurityView | null): Exclude<Tone, 'info'> {
  if (!security) return 'neutral';
  if (!security.sound) return 'danger';
  if (security.problems.length > 0) return 'warn';
  return security.signed ? 'ok' : 'neutral';
}
