import type { PlainMessageId } from '@cordon/kit';
import FileBadge from '@lucide/svelte/icons/file-badge';
import Gauge from '@lucide/svelte/icons/layout-dashboard';
import Layers from '@lucide/svelte/icons/layers';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Send from '@lucide/svelte/icons/send';
import ShieldUser from '@lucide/svelte/icons/shield-user';
import ShieldBan from '@lucide/svelte/icons/shield-ban';
import Smartphone from '@lucide/svelte/icons/smartphone';
import Users from '@lucide/svelte/icons/users';
import type { Component } from 'svelte';

/** A place of the console: where it is, what it is called, and the keys that lead there. */
export interface Place {
  path: string;
  name: PlainMessageId;
  icon: Component;
  keys: string;
}

/** The places of the navigation, in groups. */
export const places: readonly (readonly Place[])[] = [
  [{ path: '/', name: 'portal-overview', icon: Gauge, keys: 'g o' }],
  [
    { path: '/devices', name: 'portal-devices', icon: Smartphone, keys: 'g d' },
    { path: '/people', name: 'portal-people', icon: Users, keys: 'g p' },
    { path: '/groups', name: 'portal-groups', icon: Layers, keys: 'g g' },
    { path: '/invitations', name: 'portal-invitations', icon: Send, keys: 'g i' },
    { path: '/certificates', name: 'portal-certificates', icon: FileBadge, keys: 'g c' },
  ],
  [
    { path: '/gateway', name: 'portal-refusals', icon: ShieldBan, keys: 'g r' },
    { path: '/audit', name: 'portal-audit', icon: ScrollText, keys: 'g a' },
    { path: '/administrators', name: 'portal-administrators', icon: ShieldUser, keys: 'g m' },
  ],
];
