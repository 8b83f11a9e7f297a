import type { MessageId, Problem } from '@cordon/kit';

/** The steps of a registration, in order. */
export const STEPS = ['invitation', 'certificate', 'password', 'mail'] as const;
export type Step = (typeof STEPS)[number];

/** What the person fills in, where a fault can be shown beside it. */
export type Field = 'link' | 'file' | 'transport' | 'password' | 'again';

type Plain = Extract<MessageId, `pim-${'register' | 'renew' | 'restore'}-fault-${string}`>;

/** A refused registration: what to say, and at which step the person can do something about it. */
export interface Fault {
  step: Step;
  field: Field | null;
  words: Plain;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  certificate_refused: { step: 'certificate', field: 'file', words: 'pim-register-fault-certificate' },
  import_unreadable: { step: 'certificate', field: 'file', words: 'pim-register-fault-import' },
  invitation_closed: { step: 'invitation', field: 'link', words: 'pim-register-fault-expired' },
  invitation_expired: { step: 'invitation', field: 'link', words: 'pim-register-fault-expired' },
  invitation_revoked: { step: 'invitation', field: 'link', words: 'pim-register-fault-expired' },
  invitation_used: { step: 'invitation', field: 'link', words: 'pim-register-fault-used' },
  licence_exhausted: { step: 'invitation', field: null, words: 'pim-register-fault-licence' },
  link_unreadable: { step: 'invitation', field: 'link', words: 'pim-register-fault-link' },
  password_too_weak: { step: 'password', field: 'password', words: 'pim-register-fault-weak' },
  password_used: { step: 'password', field: 'password', words: 'pim-register-fault-used-password' },
  passwords_differ: { step: 'password', field: 'again', words: 'pim-register-fault-differ' },
  pkcs12_several_keys: { step: 'certificate', field: 'file', words: 'pim-register-fault-several-keys' },
  pkcs12_too_expensive: { step: 'certificate', field: 'file', words: 'pim-register-fault-expensive' },
  pkcs12_unsupported: { step: 'certificate', field: 'file', words: 'pim-register-fault-encryption' },
  pkcs12_unusable: { step: 'certificate', field: 'file', words: 'pim-register-fault-damaged' },
  server_failed: { step: 'invitation', field: null, words: 'pim-register-fault-failed' },
  storage: { step: 'invitation', field: null, words: 'pim-register-fault-storage' },
  too_many_challenges: { step: 'invitation', field: null, words: 'pim-register-fault-later' },
  too_many_failures: { step: 'invitation', field: null, words: 'pim-register-fault-later' },
  unknown_invitation: { step: 'invitation', field: 'link', words: 'pim-register-fault-expired' },
  server_unreachable: { step: 'invitation', field: null, words: 'pim-register-fault-unreachable' },
  untrusted: { step: 'invitation', field: 'link', words: 'pim-register-fault-server' },
  user_certificate_changed: { step: 'certificate', field: 'file', words: 'pim-register-fault-certificate' },
  user_certificate_expired: { step: 'certificate', field: 'file', words: 'pim-register-fault-certificate-expired' },
  user_certificate_missing: { step: 'certificate', field: null, words: 'pim-register-fault-certificate-missing' },
  user_certificate_revoked: { step: 'certificate', field: 'file', words: 'pim-register-fault-certificate-expired' },
  user_certificate_not_yet_valid: { step: 'certificate', field: 'file', words: 'pim-register-fault-certificate-expired' },
  wrong_answer: { step: 'certificate', field: 'file', words: 'pim-register-fault-certificate' },
  wrong_transport_password: { step: 'certificate', field: 'transport', words: 'pim-register-fault-transport' },
};

/** What the server refuses comes with its own code as the reason; `unreachable` is said of the server and of the app. */
export function faultOf({ status, code, facts }: Problem): Fault | null {
  const reason = code === 'refused' ? facts['reason'] : code === 'unreachable' && status > 0 ? 'server_unreachable' : code;
  return FAULTS[String(reason)] ?? null;
}

const RESTORE_FAULTS: Readonly<Record<string, Fault>> = {
  blocked: { step: 'certificate', field: null, words: 'pim-restore-fault-blocked' },
  needs_invitation: { step: 'invitation', field: 'link', words: 'pim-restore-fault-invitation' },
  other_certificate: { step: 'certificate', field: 'file', words: 'pim-restore-fault-certificate' },
  other_server: { step: 'invitation', field: 'link', words: 'pim-restore-fault-server' },
  wiped: { step: 'certificate', field: null, words: 'pim-restore-fault-wiped' },
};

/** A key that was not put back; besides its own reasons there are those of a registration. */
export function restoreFault(problem: Problem): Fault | null {
  return RESTORE_FAULTS[problem.code] ?? faultOf(problem);
}

const RENEW_FAULTS: Readonly<Record<string, Fault>> = {
  renewal_ended: { step: 'certificate', field: 'file', words: 'pim-renew-fault-ended' },
  renewal_older: { step: 'certificate', field: 'file', words: 'pim-renew-fault-older' },
  renewal_other_person: { step: 'certificate', field: 'file', words: 'pim-renew-fault-person' },
  renewal_same: { step: 'certificate', field: 'file', words: 'pim-renew-fault-same' },
  renewal_unsuitable: { step: 'certificate', field: 'file', words: 'pim-register-fault-damaged' },
  renewal_untrusted: { step: 'certificate', field: 'file', words: 'pim-renew-fault-untrusted' },
};

/** Another certificate that was not taken; besides its own reasons there are those of a registration. */
export function renewFault(problem: Problem): Fault | null {
  return RENEW_FAULTS[problem.code] ?? faultOf(problem);
}
