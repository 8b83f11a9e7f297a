import type { PlainMessageId, Tone } from '@cordon/kit';
import Ban from '@lucide/svelte/icons/ban';
import Eraser from '@lucide/svelte/icons/eraser';
import FileBadge from '@lucide/svelte/icons/file-badge';
import FileKey from '@lucide/svelte/icons/file-key';
import KeyRound from '@lucide/svelte/icons/key-round';
import LogIn from '@lucide/svelte/icons/log-in';
import LogOut from '@lucide/svelte/icons/log-out';
import Pencil from '@lucide/svelte/icons/pencil';
import Plus from '@lucide/svelte/icons/plus';
import Power from '@lucide/svelte/icons/power';
import Send from '@lucide/svelte/icons/send';
import ServerCog from '@lucide/svelte/icons/server-cog';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Trash from '@lucide/svelte/icons/trash-2';
import Unlock from '@lucide/svelte/icons/lock-open';
import Undo from '@lucide/svelte/icons/undo-2';
import type { Component } from 'svelte';
import type { Action } from '../api/model';

/** How an action of the audit log is shown. */
interface Look {
  text: PlainMessageId;
  icon: Component;
  tone: Tone;
}

export const actions: Record<Action, Look> = {
  'administrator.create': { text: 'portal-action-administrator-create', icon: Plus, tone: 'neutral' },
  'administrator.password': { text: 'portal-action-administrator-password', icon: KeyRound, tone: 'neutral' },
  'administrator.remove': { text: 'portal-action-administrator-remove', icon: Trash, tone: 'warn' },
  'administrator.sign-in': { text: 'portal-action-administrator-sign-in', icon: LogIn, tone: 'neutral' },
  'administrator.sign-out': { text: 'portal-action-administrator-sign-out', icon: LogOut, tone: 'neutral' },
  'certificate.issue': { text: 'portal-action-certificate-issue', icon: FileBadge, tone: 'info' },
  'certificate-file.deposit': { text: 'portal-action-certificate-file-deposit', icon: FileKey, tone: 'info' },
  'certificate-file.expire': { text: 'portal-action-certificate-file-expire', icon: FileKey, tone: 'warn' },
  'certificate-file.hand-out': { text: 'portal-action-certificate-file-hand-out', icon: FileKey, tone: 'info' },
  'certificate-file.receive': { text: 'portal-action-certificate-file-receive', icon: FileKey, tone: 'ok' },
  'certificate-file.remove': { text: 'portal-action-certificate-file-remove', icon: FileKey, tone: 'warn' },
  'certificate.release': { text: 'portal-action-certificate-release', icon: Unlock, tone: 'ok' },
  'certificate.renew': { text: 'portal-action-certificate-renew', icon: FileBadge, tone: 'info' },
  'certificate.revoke': { text: 'portal-action-certificate-revoke', icon: Ban, tone: 'warn' },
  'crl.publish': { text: 'portal-action-crl-publish', icon: ShieldCheck, tone: 'neutral' },
  'device.add': { text: 'portal-action-device-add', icon: Plus, tone: 'ok' },
  'device.block': { text: 'portal-action-device-block', icon: Ban, tone: 'warn' },
  'device.confirm-wipe': { text: 'portal-action-device-confirm-wipe', icon: ShieldCheck, tone: 'ok' },
  'device.rename': { text: 'portal-action-device-rename', icon: Pencil, tone: 'neutral' },
  'device.retire': { text: 'portal-action-device-retire', icon: Power, tone: 'neutral' },
  'device.unblock': { text: 'portal-action-device-unblock', icon: Unlock, tone: 'ok' },
  'device.wipe': { text: 'portal-action-device-wipe', icon: Eraser, tone: 'danger' },
  'group.create': { text: 'portal-action-group-create', icon: Plus, tone: 'neutral' },
  'group.remove': { text: 'portal-action-group-remove', icon: Trash, tone: 'warn' },
  'group.rename': { text: 'portal-action-group-rename', icon: Pencil, tone: 'neutral' },
  'group.settings': { text: 'portal-action-group-settings', icon: SlidersHorizontal, tone: 'info' },
  'invitation.create': { text: 'portal-action-invitation-create', icon: Send, tone: 'info' },
  'invitation.revoke': { text: 'portal-action-invitation-revoke', icon: Undo, tone: 'warn' },
  'registration.finish': { text: 'portal-action-registration-finish', icon: ShieldCheck, tone: 'ok' },
  'registration.start': { text: 'portal-action-registration-start', icon: KeyRound, tone: 'neutral' },
  'server.initialise': { text: 'portal-action-server-initialise', icon: ServerCog, tone: 'neutral' },
  'user.block': { text: 'portal-action-user-block', icon: Ban, tone: 'warn' },
  'user.certificate': { text: 'portal-action-user-certificate', icon: FileBadge, tone: 'info' },
  'user.change': { text: 'portal-action-user-change', icon: Pencil, tone: 'neutral' },
  'user.create': { text: 'portal-action-user-create', icon: Plus, tone: 'neutral' },
  'user.remove': { text: 'portal-action-user-remove', icon: Trash, tone: 'warn' },
  'user.unblock': { text: 'portal-action-user-unblock', icon: Unlock, tone: 'ok' },
};
