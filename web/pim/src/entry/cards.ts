import { t, type MessageId, type Problem } from '@cordon/kit';
import { factOf } from '../api/problem';
import type { StateView } from '../api/types';

type Plain = Exclude<Extract<MessageId, `pim-card-fault-${string}`>, 'pim-card-fault-other' | 'pim-card-fault-pin-left'>;

const FAULTS: Readonly<Record<string, Plain>> = {
  card_absent: 'pim-card-fault-absent',
  card_busy: 'pim-card-fault-busy',
  card_damaged: 'pim-card-fault-unsuitable',
  card_refused: 'pim-card-fault-unsuitable',
  card_several: 'pim-card-fault-several',
  card_unknown: 'pim-card-fault-unknown',
  card_unsuitable: 'pim-card-fault-unsuitable',
  middleware_failed: 'pim-card-fault-middleware',
  no_certificate: 'pim-card-fault-unsuitable',
  no_reader: 'pim-card-fault-reader',
  no_reader_service: 'pim-card-fault-service',
  pin_blocked: 'pim-card-fault-blocked',
  pin_expired: 'pim-card-fault-expired',
  pin_required: 'pim-card-fault-pin',
  pin_unfit: 'pim-card-fault-unfit',
  reader_failed: 'pim-card-fault-service',
  wrong_pin: 'pim-card-fault-pin',
};

/** What to say of a problem with the smart card; null for any other. */
export function cardFault(problem: Problem): string | null {
  if (problem.code === 'card_other') {
    return t('pim-card-fault-other', { card: String(problem.facts['wanted'] ?? '') });
  }
  const left = factOf(problem, 'attempts_left');
  if (problem.code === 'wrong_pin' && left !== null) return t('pim-card-fault-pin-left', { count: left });
  const known = FAULTS[problem.code];
  return known ? t(known) : null;
}

/** Whether a smart card opens the container. */
export function opensWithCard({ opens_with }: StateView): boolean {
  return opens_with?.by === 'card' || opens_with?.by === 'key_on_card';
}
