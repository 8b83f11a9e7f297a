import type { Component } from 'svelte';
import Administrators from './Administrators.svelte';
import Audit from './Audit.svelte';
import Authorities from './Authorities.svelte';
import Certificate from './Certificate.svelte';
import Certificates from './Certificates.svelte';
import Device from './Device.svelte';
import Devices from './Devices.svelte';
import Group from './Group.svelte';
import Groups from './Groups.svelte';
import Invitations from './Invitations.svelte';
import Overview from './Overview.svelte';
import People from './People.svelte';
import Person from './Person.svelte';
import Refusals from './Refusals.svelte';

/** Pages that are there once. */
export const places: readonly (readonly [string, Component])[] = [
  ['/', Overview],
  ['/devices', Devices],
  ['/people', People],
  ['/groups', Groups],
  ['/invitations', Invitations],
  ['/certificates', Certificates],
  ['/authorities', Authorities],
  ['/gateway', Refusals],
  ['/audit', Audit],
  ['/administrators', Administrators],
];

/** Pages of one object each. */
export const objects: readonly (readonly [string, Component<{ id: string }>])[] = [
  ['/devices/:id', Device],
  ['/people/:id', Person],
  ['/groups/:id', Group],
  ['/certificates/:id', Certificate],
];
