import { formatNumber, Problem, t } from '@cordon/kit';

/** A setting that the server did not take. */
export interface Violation {
  place: string;
  reason: string;
}

/** What the server found wrong with settings; nothing for other problems. */
export function violationsOf(problem: unknown): readonly Violation[] {
  if (!(problem instanceof Problem) || problem.code !== 'invalid_settings') return [];

  const { violations } = problem.facts;
  return Array.isArray(violations) ? (violations as Violation[]) : [];
}

/** A violation in words; the server's own where the page has none. */
export function violationWords({ place, reason }: Violation): string {
  const range = /^must be from (\d+) to (\d+)$/.exec(reason);
  if (range?.[1] && range[2]) {
    return t('portal-violation-range', { from: formatNumber(Number(range[1])), to: formatNumber(Number(range[2])) });
  }
  switch (place) {
    case 'certificates.roots':
      return t(reason.startsWith('must name') ? 'portal-violation-roots-none' : 'portal-violation-roots');
    case 'container.password.forbidden_words':
      return t('portal-violation-words');
    case 'ldap.attributes':
      return t('portal-violation-ldap-attributes');
    case 'ldap.base':
      return t('portal-violation-ldap-base');
    case 'ldap.filter':
      return t('portal-violation-ldap-filter');
    case 'ldap.server':
      return t('portal-violation-ldap-server');
    case 'ldap.without_tls':
      return t('portal-violation-ldap-without-tls');
    case 'mail.oauth.client_id':
      return t(reason.includes('ASCII') ? 'portal-violation-client-id-form' : 'portal-violation-client-id');
    case 'mail.oauth.issuer':
      return t('portal-violation-issuer');
    case 'mail.oauth.scopes':
      return t('portal-violation-scopes');
    case 'mail.server':
      return t('portal-violation-server');
    default:
      return reason;
  }
}
