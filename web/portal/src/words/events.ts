import { formatDateTime, t, type PlainMessageId } from '@cordon/kit';
import type { EventView } from '../api/model';
import { hasWords, reasonWords } from './problems';

/** Who acted, in words. */
export function actorWords(actor: EventView['actor']): string {
  switch (actor.kind) {
    case 'administrator':
      return actor.name;
    case 'command-line':
      return t('portal-actor-command-line', { name: actor.name });
    case 'device':
      return t('portal-actor-device');
    case 'invitation':
      return t('portal-actor-invitation');
    case 'server':
      return t('portal-actor-server');
    case 'visitor':
      return t('portal-actor-visitor');
  }
}

const labels: Record<string, PlainMessageId> = {
  addresses: 'portal-addresses',
  certificate: 'portal-certificate',
  certificate_serial: 'portal-certificate-serial',
  device: 'portal-device',
  eas_id: 'portal-eas-id',
  expires_at: 'portal-expires',
  fingerprint: 'portal-certificate-fingerprint',
  group: 'portal-group',
  login: 'portal-login',
  model: 'portal-model',
  name: 'portal-name',
  order: 'portal-wipe-what',
  peer: 'portal-detail-peer',
  reason: 'portal-reason',
  registration: 'portal-detail-registration',
  revision: 'portal-revision',
  subject: 'portal-certificate-subject',
  system: 'portal-system',
  user: 'portal-person',
  warning: 'portal-detail-warning',
  wipe_unconfirmed: 'portal-detail-wipe-unconfirmed',
  wiped: 'portal-wipe-what',
  wrong_answers: 'portal-detail-wrong-answers',
};

/** The facts of an event in words. The explanation of a refusal is left out where the page has its own. */
export function detailWords({ detail, outcome }: EventView): string[] {
  return Object.entries(detail)
    .filter(([name]) => name !== 'explanation' || (outcome.kind === 'refused' && !hasWords(outcome.reason)))
    .map(([name, value]) => (name === 'explanation' ? value : `${label(name)}: ${valueWords(name, value)}`));
}

function label(name: string): string {
  const text = labels[name];
  return text ? t(text) : name;
}

function valueWords(name: string, value: string): string {
  if ((name === 'order' || name === 'wiped' || name === 'wipe_unconfirmed') && (value === 'key' || value === 'data')) return t(`portal-wipe-${value}`);
  if (name === 'warning') return reasonWords(value);
  if (name === 'expires_at') return formatDateTime(value);
  return /^[0-9a-f-]{32,}$/.test(value) ? `${value.slice(0, 8)}…${value.slice(-4)}` : value;
}

/** Where the subject of an event can be looked at; `null` where it cannot. */
export function subjectHref({ kind, id }: EventView['subject']): string | null {
  switch (kind) {
    case 'device':
      return `/devices/${id}`;
    case 'group':
      return `/groups/${id}`;
    case 'user':
      return `/people/${id}`;
    case 'administrator':
      return '/administrators';
    case 'certificate':
    case 'invitation':
    case 'server':
      return null;
  }
}
