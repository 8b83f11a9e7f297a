import { client, take } from './client';
import type { CertificateReason, GroupSettings, IssueRequest, KeyFileRequest, PersonRequest, WipeKind } from './model';
import type { paths } from './schema';

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Wanted } } } ? NonNullable<Wanted> : never;

const of = (id: string) => ({ params: { path: { id } } });
const numbered = (serial: string) => ({ params: { path: { serial } } });

/** Everything the console asks of the server, one function per question. */
export const api = {
  session: () => take(client.GET('/api/v1/session')),
  signIn: (name: string, password: string) => take(client.POST('/api/v1/session', { body: { name, password } })),
  changePassword: (current: string, next: string) =>
    take(client.PUT('/api/v1/session/password', { body: { current, new: next } })),
  signOut: () => take(client.DELETE('/api/v1/session')),

  overview: () => take(client.GET('/api/v1/overview')),

  devices: (query: Query<'/api/v1/devices'>) => take(client.GET('/api/v1/devices', { params: { query } })),
  device: (id: string) => take(client.GET('/api/v1/devices/{id}', of(id))),
  addDevice: (user: string, name: string, eas_id: string) => take(client.POST('/api/v1/devices', { body: { user, name, eas_id } })),
  renameDevice: (id: string, name: string) => take(client.PATCH('/api/v1/devices/{id}', { ...of(id), body: { name } })),
  history: (id: string, offset: number) =>
    take(client.GET('/api/v1/devices/{id}/history', { params: { path: { id }, query: { offset, limit: 20 } } })),
  block: (id: string, reason: string) => take(client.POST('/api/v1/devices/{id}/block', { ...of(id), body: { reason } })),
  unblock: (id: string) => take(client.POST('/api/v1/devices/{id}/unblock', of(id))),
  wipe: (id: string, kind: WipeKind, confirmation: string) =>
    take(client.POST('/api/v1/devices/{id}/wipe', { ...of(id), body: { kind, confirmation } })),
  retire: (id: string, give_up_wipe: boolean) =>
    take(client.POST('/api/v1/devices/{id}/retire', { params: { path: { id }, query: { give_up_wipe } } })),

  people: (query: Query<'/api/v1/people'>) => take(client.GET('/api/v1/people', { params: { query } })),
  person: (id: string) => take(client.GET('/api/v1/people/{id}', of(id))),
  createPerson: (body: PersonRequest) => take(client.POST('/api/v1/people', { body })),
  changePerson: (id: string, body: PersonRequest) => take(client.PUT('/api/v1/people/{id}', { ...of(id), body })),
  removePerson: (id: string) => take(client.DELETE('/api/v1/people/{id}', of(id))),
  blockPerson: (id: string, reason: string) => take(client.POST('/api/v1/people/{id}/block', { ...of(id), body: { reason } })),
  unblockPerson: (id: string) => take(client.POST('/api/v1/people/{id}/unblock', of(id))),
  makeKeyFile: (id: string, body: KeyFileRequest) => take(client.POST('/api/v1/people/{id}/key-file', { ...of(id), body })),
  deposit: (id: string, certificate: string) => take(client.PUT('/api/v1/people/{id}/certificate', { ...of(id), body: { certificate } })),

  certificateFiles: (id: string) => take(client.GET('/api/v1/people/{id}/certificate-files', of(id))),
  depositFile: (id: string, name: string, file: string) =>
    take(client.POST('/api/v1/people/{id}/certificate-files', { ...of(id), body: { name, file } })),
  removeFile: (id: string, file: string) =>
    take(client.DELETE('/api/v1/people/{id}/certificate-files/{file}', { params: { path: { id, file } } })),

  groups: () => take(client.GET('/api/v1/groups')),
  createGroup: (name: string) => take(client.POST('/api/v1/groups', { body: { name } })),
  renameGroup: (id: string, name: string) => take(client.PATCH('/api/v1/groups/{id}', { ...of(id), body: { name } })),
  removeGroup: (id: string) => take(client.DELETE('/api/v1/groups/{id}', of(id))),
  settings: (id: string) => take(client.GET('/api/v1/groups/{id}/settings', of(id))),
  saveSettings: (id: string, revision: number, settings: GroupSettings) =>
    take(client.PUT('/api/v1/groups/{id}/settings', { ...of(id), body: { revision, settings } })),

  invitations: (query: Query<'/api/v1/invitations'>) => take(client.GET('/api/v1/invitations', { params: { query } })),
  invite: (user: string, device_name: string | null, valid_seconds: number) =>
    take(client.POST('/api/v1/invitations', { body: { user, device_name, valid_seconds } })),
  revoke: (id: string) => take(client.DELETE('/api/v1/invitations/{id}', of(id))),

  certificates: (query: Query<'/api/v1/certificates'>) => take(client.GET('/api/v1/certificates', { params: { query } })),
  certificate: (serial: string) => take(client.GET('/api/v1/certificates/{serial}', numbered(serial))),
  issue: (body: IssueRequest) => take(client.POST('/api/v1/certificates', { body })),
  renewCertificate: (serial: string, request: string | null) =>
    take(client.POST('/api/v1/certificates/{serial}/renew', { ...numbered(serial), body: { request } })),
  revokeCertificate: (serial: string, reason: CertificateReason) =>
    take(client.POST('/api/v1/certificates/{serial}/revoke', { ...numbered(serial), body: { reason } })),
  holdCertificate: (serial: string) => take(client.POST('/api/v1/certificates/{serial}/hold', numbered(serial))),
  releaseCertificate: (serial: string) => take(client.POST('/api/v1/certificates/{serial}/release', numbered(serial))),
  authorities: () => take(client.GET('/api/v1/authorities')),
  publishLists: () => take(client.POST('/api/v1/authorities/lists')),

  administrators: () => take(client.GET('/api/v1/administrators')),
  createAdministrator: (name: string, password: string) => take(client.POST('/api/v1/administrators', { body: { name, password } })),
  removeAdministrator: (id: string) => take(client.DELETE('/api/v1/administrators/{id}', of(id))),

  audit: (query: Query<'/api/v1/audit'>) => take(client.GET('/api/v1/audit', { params: { query } })),
  refusals: () => take(client.GET('/api/v1/refusals')),
};
