import type { PlainMessageId, Tone } from '@cordon/kit';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock-alert';
import ShieldBan from '@lucide/svelte/icons/shield-ban';
import type { Component } from 'svelte';
import type { CertificateProfile, CertificateReason, CertificateState, IssuedItem } from '../api/model';

/** How the state of an issued certificate is shown. */
export const certificateStates: Record<CertificateState, { text: PlainMessageId; icon: Component; tone: Tone }> = {
  good: { text: 'portal-issued-good', icon: CircleCheck, tone: 'ok' },
  expiring: { text: 'portal-issued-expiring', icon: Clock, tone: 'warn' },
  on_hold: { text: 'portal-issued-on-hold', icon: CirclePause, tone: 'warn' },
  revoked: { text: 'portal-issued-revoked', icon: ShieldBan, tone: 'danger' },
  expired: { text: 'portal-issued-expired', icon: CircleX, tone: 'neutral' },
};

/** What a certificate is for, in words. */
export const profiles: Record<CertificateProfile, PlainMessageId> = {
  person: 'portal-profile-person',
  person_signing: 'portal-profile-person-signing',
  person_encryption: 'portal-profile-person-encryption',
  server: 'portal-profile-server',
  scep: 'portal-profile-scep',
  device: 'portal-profile-device',
  portal: 'portal-profile-portal',
  ocsp: 'portal-profile-ocsp',
  authority: 'portal-profile-authority',
};

/** What somebody can ask for; the others the server makes itself. */
export const requested = ['person', 'person_signing', 'person_encryption', 'server', 'scep'] as const satisfies readonly CertificateProfile[];

/** What follows for the holder when a certificate is revoked. */
export const consequences: Record<CertificateProfile, PlainMessageId> = {
  person: 'portal-consequence-person',
  person_signing: 'portal-consequence-signing',
  person_encryption: 'portal-consequence-encryption',
  server: 'portal-consequence-server',
  scep: 'portal-consequence-server',
  device: 'portal-consequence-device',
  portal: 'portal-consequence-own',
  ocsp: 'portal-consequence-own',
  authority: 'portal-consequence-authority',
};

/** Why a certificate is revoked, in words. */
export const reasons: Record<CertificateReason, { text: PlainMessageId; help: PlainMessageId }> = {
  superseded: { text: 'portal-because-superseded', help: 'portal-because-superseded-help' },
  cessation_of_operation: { text: 'portal-because-cessation', help: 'portal-because-cessation-help' },
  affiliation_changed: { text: 'portal-because-affiliation', help: 'portal-because-affiliation-help' },
  key_compromise: { text: 'portal-because-key', help: 'portal-because-key-help' },
  privilege_withdrawn: { text: 'portal-because-privilege', help: 'portal-because-privilege-help' },
  ca_compromise: { text: 'portal-because-authority', help: 'portal-because-authority-help' },
  aa_compromise: { text: 'portal-because-authority', help: 'portal-because-authority-help' },
  unspecified: { text: 'portal-because-unspecified', help: 'portal-because-unspecified-help' },
  certificate_hold: { text: 'portal-because-hold', help: 'portal-because-hold-help' },
};

/** The reasons that can be chosen for good, the likeliest first. */
export function reasonsFor(profile: CertificateProfile): readonly CertificateReason[] {
  const all = ['superseded', 'cessation_of_operation', 'affiliation_changed', 'key_compromise', 'privilege_withdrawn', 'unspecified'] as const;
  return profile === 'authority' ? ['ca_compromise', ...all] : all;
}

/** What a certificate is called in lists: its device, or the common name in its subject. */
export function nameOfCertificate(certificate: Pick<IssuedItem, 'subject' | 'device' | 'profile'>): string {
  return (certificate.profile === 'device' && certificate.device?.name) || commonName(certificate.subject);
}

/** The common name of a subject as RFC 4514 writes it; the whole of a subject without one. */
export function commonName(subject: string): string {
  const found = /(?:^|[,+])CN=((?:\\.|[^,+\\])+)/.exec(subject)?.[1];
  return found ? found.replace(/\\(.)/g, '$1') : subject;
}
