import { language, locale, t, type MessageId } from '@cordon/kit';
import { asProblem, factOf } from './api/problem';
import type { FolderView } from './api/types';

type Plain = Exclude<Extract<MessageId, `pim-problem-${string}`>, 'pim-problem-larger' | 'pim-problem-other'> | 'pim-card-level';
type Cause = Exclude<Extract<MessageId, `pim-cause-${string}`>, 'pim-cause-server'> | 'pim-problem-too-large';
type Warning = Exclude<Extract<MessageId, `pim-warning-${string}`>, 'pim-warning-other'>;

const PROBLEMS: Readonly<Record<string, Plain>> = {
  bad_address: 'pim-problem-bad-address',
  certificate_expired: 'pim-problem-certificate-expired',
  certificate_revocation_unknown: 'pim-problem-certificate-revocation-unknown',
  certificate_revoked: 'pim-problem-certificate-revoked',
  certificate_untrusted: 'pim-problem-certificate-untrusted',
  certificate_unusable: 'pim-problem-certificate-unusable',
  certificates: 'pim-problem-certificates',
  damaged: 'pim-problem-damaged',
  device_key_unavailable: 'pim-problem-device-key',
  encryption_required: 'pim-problem-encryption-required',
  gone: 'pim-problem-gone',
  level_due: 'pim-card-level',
  locked: 'pim-problem-locked',
  missing: 'pim-problem-gone',
  no_recipient: 'pim-problem-no-recipient',
  not_a_certificate: 'pim-problem-not-a-certificate',
  not_protected: 'pim-problem-not-protected',
  not_found: 'pim-problem-gone',
  offline: 'pim-problem-offline',
  refused: 'pim-problem-refused',
  signing_certificate_expired: 'pim-problem-signing-certificate-expired',
  signing_certificate_missing: 'pim-problem-signing-certificate-missing',
  signing_certificate_revoked: 'pim-problem-signing-certificate-revoked',
  storage: 'pim-problem-storage',
  too_large: 'pim-problem-too-large',
  unreachable: 'pim-problem-unreachable',
};

/** A sentence for a problem; unknown codes show the English text that came with them. */
export function problemText(thrown: unknown): string {
  const problem = asProblem(thrown);
  const limit = factOf(problem, 'limit_mib');
  if (problem.code === 'too_large' && limit !== null) return t('pim-problem-larger', { limit });
  if (problem.status === 413) return t('pim-problem-too-large');
  if (problem.code === 'refused' && typeof problem.facts['reason'] === 'string') return causeText(problem.facts['reason']);
  return codeText(problem.code, problem.detail);
}

export function codeText(code: string, detail = ''): string {
  const known = PROBLEMS[code];
  if (known) return t(known);
  return t('pim-problem-other', { code: detail ? `${detail} (${code})` : code });
}

const WARNINGS: Readonly<Record<string, Warning>> = {
  device_key_in_file: 'pim-warning-key-file',
};

/** The sentence for a problem whose code has one. */
export function knownProblem(code: string): string | undefined {
  const known = PROBLEMS[code];
  return known && t(known);
}

/** What the app warns of. */
export function warningText(code: string): string {
  const known = WARNINGS[code];
  return known ? t(known) : t('pim-warning-other', { code });
}

const CAUSES: Readonly<Record<string, Cause>> = {
  attachments_forbidden: 'pim-cause-attachments-forbidden',
  connection_lost: 'pim-cause-connection-lost',
  fate_unknown: 'pim-cause-not-delivered',
  http_507: 'pim-cause-full',
  moved: 'pim-cause-moved',
  moved_elsewhere: 'pim-cause-moved-elsewhere',
  moved_in_circles: 'pim-cause-moved',
  not_delivered: 'pim-cause-not-delivered',
  offline: 'pim-cause-connection-lost',
  password_expired: 'pim-cause-password-expired',
  password_refused: 'pim-cause-password-refused',
  provisioning_failed: 'pim-cause-provisioning',
  recipient_refused: 'pim-cause-recipient-refused',
  server_busy: 'pim-cause-busy',
  server_untrusted: 'pim-cause-untrusted',
  sign_in_failed: 'pim-cause-sign-in-failed',
  sign_in_refused: 'pim-cause-sign-in-refused',
  sign_in_timeout: 'pim-cause-sign-in-timeout',
  sign_in_unreachable: 'pim-cause-sign-in-unreachable',
  status_113: 'pim-cause-full',
  status_139: 'pim-cause-provisioning',
  status_145: 'pim-cause-provisioning',
  token_wanted: 'pim-cause-token-wanted',
  too_large: 'pim-problem-too-large',
  version_not_supported: 'pim-cause-version',
};

/** Why the mail server and the app did not get on, for the codes of synchronisation and outbox. */
export function causeText(code: string): string {
  const known = CAUSES[code];
  return known ? t(known) : t('pim-cause-server', { code });
}

/** A folder's name: that of the special folders in the person's language, as the server names them in its own. */
export function folderName(folder: Pick<FolderView, 'kind' | 'name'>): string {
  return folder.kind === 'user' ? folder.name : t(`pim-folder-${folder.kind}`);
}

/** When a message came, as short as its age allows: a time, a weekday, a day, a day with its year. */
export function formatAge(moment: string, now = new Date()): string {
  const date = new Date(moment);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = (midnight.getTime() - date.getTime()) / 86_400_000;
  if (days <= 0) return format('time', { timeStyle: 'short' }).format(date);
  if (days <= 1) return t('pim-yesterday');
  if (days <= 6) return format('weekday', { weekday: 'long' }).format(date);
  if (date.getFullYear() === now.getFullYear()) return format('day', { day: 'numeric', month: 'short' }).format(date);
  return format('date', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(date);
}

/** The day and time of a message, in full. */
export function formatMoment(moment: string): string {
  return format('full', { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit' }).format(
    new Date(moment),
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are costly to make and a scrolling list needs many. */
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language()} ${name}`;
  const known = formats.get(key);
  if (known) return known;

  const made = new Intl.DateTimeFormat(locale(), options);
  formats.set(key, made);
  return made;
}
