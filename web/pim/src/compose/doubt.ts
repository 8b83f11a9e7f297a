import type { Problem } from '@cordon/kit';

/** Why a mail cannot be encrypted for everybody, and what the person may do about it. */
export interface Doubt {
  recipients: { address: string; missing: boolean; words: { de: string[]; en: string[] } }[];
  /** A certificate with which something is wrong may be used all the same. */
  despiteAllowed: boolean;
  /** It may be sent without encryption. */
  plainAllowed: boolean;
}

/** Reads what the app says about certificates; null of any other problem. */
export function doubtOf({ code, facts }: Pick<Problem, 'code' | 'facts'>): Doubt | null {
  const recipients = facts['recipients'];
  if (code !== 'certificates' || !Array.isArray(recipients)) return null;
  return {
    recipients: recipients as Doubt['recipients'],
    despiteAllowed: facts['despite_allowed'] === true,
    plainAllowed: facts['plain_allowed'] === true,
  };
}

/** Those whose certificate may be used by the person's leave; none if somebody has no certificate at all. */
export function pardonable({ recipients, despiteAllowed }: Doubt): string[] {
  if (!despiteAllowed || recipients.some(({ missing }) => missing)) return [];
  return recipients.map(({ address }) => address);
}
