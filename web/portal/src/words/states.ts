import type { PlainMessageId, Tone } from '@cordon/kit';
import Ban from '@lucide/svelte/icons/ban';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import Eraser from '@lucide/svelte/icons/eraser';
import MailQuestion from '@lucide/svelte/icons/mail-question-mark';
import Power from '@lucide/svelte/icons/power';
import Undo from '@lucide/svelte/icons/undo-2';
import type { Component } from 'svelte';
import type { Standing, StateKind } from '../api/model';

interface Look {
  text: PlainMessageId;
  icon: Component;
  tone: Tone;
}

/** How the state of a device is shown. */
export const deviceStates: Record<StateKind, Look> = {
  registered: { text: 'portal-state-registered', icon: CircleCheck, tone: 'ok' },
  blocked: { text: 'portal-state-blocked', icon: Ban, tone: 'warn' },
  wiped: { text: 'portal-state-wiped', icon: Eraser, tone: 'danger' },
  invited: { text: 'portal-state-invited', icon: MailQuestion, tone: 'info' },
  retired: { text: 'portal-state-retired', icon: Power, tone: 'neutral' },
};

/** How the standing of an invitation is shown. */
export const standings: Record<Standing, Look> = {
  open: { text: 'portal-standing-open', icon: Clock, tone: 'info' },
  used: { text: 'portal-standing-used', icon: CircleCheck, tone: 'ok' },
  closed: { text: 'portal-standing-closed', icon: CircleX, tone: 'danger' },
  expired: { text: 'portal-standing-expired', icon: CircleX, tone: 'neutral' },
  revoked: { text: 'portal-standing-revoked', icon: Undo, tone: 'neutral' },
};
