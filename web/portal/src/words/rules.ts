import { t, type PlainMessageId } from '@cordon/kit';

const rules: Record<string, PlainMessageId> = {
  'certificate-missing': 'portal-rule-certificate-missing',
  'certificate-of-another': 'portal-rule-certificate-of-another',
  'device-blocked': 'portal-rule-device-blocked',
  'device-retired': 'portal-rule-device-retired',
  'device-wiped': 'portal-rule-device-wiped',
  'feed-lost': 'portal-rule-feed-lost',
  'malformed-request': 'portal-rule-malformed-request',
  'owner-blocked': 'portal-rule-owner-blocked',
  'sign-in-scheme': 'portal-rule-sign-in-scheme',
  'sign-in-unreadable': 'portal-rule-sign-in-unreadable',
  'unknown-device': 'portal-rule-unknown-device',
  'user-of-another-device': 'portal-rule-user-of-another-device',
};

/** A rule of the gateway in words; its own name where the page has none. */
export function ruleWords(rule: string): string {
  const text = rules[rule];
  return text ? t(text) : rule;
}
