import { Problem, t, type PlainMessageId } from '@cordon/kit';

const texts: Record<string, PlainMessageId> = {
  address_of_another: 'portal-problem-address-of-another',
  address_taken: 'portal-problem-address-taken',
  already_blocked: 'portal-problem-already-blocked',
  already_confirmed: 'portal-problem-already-confirmed',
  already_ordered: 'portal-problem-already-ordered',
  already_retired: 'portal-problem-already-retired',
  already_revoked: 'portal-problem-already-revoked',
  certificate_already_on_hold: 'portal-problem-certificate-already-on-hold',
  certificate_already_revoked: 'portal-problem-certificate-already-revoked',
  certificate_expired: 'portal-problem-certificate-expired',
  certificate_file_too_large: 'portal-problem-certificate-file-too-large',
  certificate_foreign_address: 'portal-problem-certificate-foreign-address',
  certificate_hidden: 'portal-problem-certificate-hidden',
  certificate_key_too_short: 'portal-problem-certificate-key-too-short',
  certificate_key_unsuitable: 'portal-problem-certificate-key-unsuitable',
  certificate_not_for_encryption: 'portal-problem-certificate-not-for-encryption',
  certificate_not_good: 'portal-problem-certificate-not-good',
  certificate_not_kept: 'portal-issued-not-kept',
  certificate_not_on_hold: 'portal-problem-certificate-not-on-hold',
  certificate_not_yet_valid: 'portal-problem-certificate-not-yet-valid',
  certificate_of_others: 'portal-problem-certificate-of-others',
  certificate_revoked: 'portal-problem-certificate-revoked',
  certificate_several: 'portal-problem-certificate-several',
  certificate_unreadable: 'portal-problem-certificate-unreadable',
  challenge_expired: 'portal-problem-challenge-expired',
  confirmation_differs: 'portal-problem-confirmation-differs',
  eas_id_taken: 'portal-problem-eas-id-taken',
  has_devices: 'portal-problem-has-devices',
  has_people: 'portal-problem-has-people',
  invalid_settings: 'portal-problem-invalid-settings',
  invitation_closed: 'portal-problem-invitation-closed',
  invitation_expired: 'portal-problem-invitation-expired',
  invitation_revoked: 'portal-problem-invitation-revoked',
  invitation_used: 'portal-problem-invitation-used',
  key_password_too_short: 'portal-problem-key-password-too-short',
  key_password_with_zero: 'portal-problem-key-password-with-zero',
  last_administrator: 'portal-problem-last-administrator',
  licence_exhausted: 'portal-problem-licence-exhausted',
  locked_out: 'portal-problem-locked-out',
  login_taken: 'portal-problem-login-taken',
  more_ordered: 'portal-problem-more-ordered',
  name_not_allowed: 'portal-problem-name-not-allowed',
  name_taken: 'portal-problem-name-taken',
  name_unchanged: 'portal-problem-name-unchanged',
  names_of_another_kind: 'portal-problem-names-of-another-kind',
  no_address: 'portal-problem-no-address',
  no_names: 'portal-problem-no-names',
  not_a_mail_address: 'portal-problem-not-a-mail-address',
  not_an_eas_id: 'portal-problem-not-an-eas-id',
  not_blocked: 'portal-problem-not-blocked',
  not_invited: 'portal-problem-not-invited',
  not_ordered: 'portal-problem-not-ordered',
  not_pkcs12: 'portal-problem-not-pkcs12',
  not_registered: 'portal-problem-not-registered',
  other_connection: 'portal-problem-other-connection',
  own_account: 'portal-problem-own-account',
  password_contains_name: 'portal-problem-password-contains-name',
  password_too_long: 'portal-problem-password-too-long',
  password_too_short: 'portal-problem-password-too-short',
  password_too_uniform: 'portal-problem-password-too-uniform',
  password_unchanged: 'portal-problem-password-unchanged',
  profile_not_ordered: 'portal-problem-profile-not-ordered',
  request_damaged: 'portal-problem-request-damaged',
  request_unproved: 'portal-problem-request-unproved',
  retired: 'portal-problem-retired',
  settings_outdated: 'portal-problem-settings-outdated',
  settings_unchanged: 'portal-problem-settings-unchanged',
  text_blank: 'portal-problem-text-blank',
  text_control: 'portal-problem-text-control',
  text_empty: 'portal-problem-text-empty',
  text_too_long: 'portal-problem-text-too-long',
  too_many_addresses: 'portal-problem-too-many-addresses',
  too_many_certificate_files: 'portal-problem-too-many-certificate-files',
  too_many_requests: 'portal-problem-too-many-requests',
  unknown_administrator: 'portal-problem-unknown-administrator',
  unknown_certificate: 'portal-problem-unknown-certificate',
  unknown_challenge: 'portal-problem-unknown-challenge',
  unknown_device: 'portal-problem-unknown-device',
  unknown_group: 'portal-problem-unknown-group',
  unknown_invitation: 'portal-problem-unknown-invitation',
  unknown_user: 'portal-problem-unknown-user',
  unreachable: 'kit-error-unreachable',
  unsupported_key: 'portal-problem-unsupported-key',
  user_blocked: 'portal-problem-user-blocked',
  user_certificate_expired: 'portal-problem-user-certificate-expired',
  user_certificate_missing: 'portal-problem-user-certificate-missing',
  user_certificate_not_yet_valid: 'portal-problem-user-certificate-not-yet-valid',
  user_certificate_revoked: 'portal-problem-certificate-revoked',
  validity_out_of_range: 'portal-problem-validity-out-of-range',
  weak_key: 'portal-problem-weak-key',
  wipe_unconfirmed: 'portal-problem-wipe-unconfirmed',
  wiped: 'portal-problem-wiped',
  without_app: 'portal-problem-without-app',
  wrong_answer: 'portal-problem-wrong-answer',
  wrong_current_password: 'portal-problem-wrong-current-password',
  wrong_device_key: 'portal-problem-wrong-device-key',
  wrong_name_or_password: 'portal-problem-wrong-name-or-password',
  wrong_names: 'portal-problem-wrong-names',
};

/** The words for a problem that the page knows; `undefined` for one it does not. */
export function wordsFor(problem: unknown): string | undefined {
  if (!(problem instanceof Problem)) return undefined;

  const text = texts[problem.code];
  return text ? t(text) : undefined;
}

/** What the server warns of, in words; its own where the page has none. */
export function warningWords({ code, detail }: { code: string; detail: string }): string {
  const text = texts[code];
  return text ? t(text) : detail;
}

/** Whether the page has its own words for a code. */
export function hasWords(code: string): boolean {
  return code in texts;
}

/** The words for the reason of a refusal in the audit log, or the code itself. */
export function reasonWords(code: string): string {
  const text = texts[code];
  return text ? t(text) : code;
}

/** Whether a problem has this code. */
export function isProblem(problem: unknown, code: string): problem is Problem {
  return problem instanceof Problem && problem.code === code;
}

/** Whether a problem says that something is not there. */
export function isMissing(problem: unknown): boolean {
  return problem instanceof Problem && problem.status === 404;
}

/** The field that a problem is about, as the server names it. */
export function placeOf(problem: unknown): string | null {
  const place = problem instanceof Problem ? problem.facts['place'] : null;
  return typeof place === 'string' ? place : null;
}
