import type { components } from './schema';

type Schemas = components['schemas'];

export type DeviceItem = Schemas['DeviceItemView'];
export type DevicesView = Schemas['DevicesView'];
export type DeviceView = Schemas['DeviceView'];
export type StateKind = Schemas['DeviceState']['kind'];
export type WipeKind = Schemas['WipeKind'];
export type EventView = Schemas['EventView'];
export type EventsView = Schemas['EventsView'];
export type Action = EventView['action'];
export type PersonView = Schemas['PersonView'];
export type PersonRequest = Schemas['PersonRequest'];
export type CertificateView = Schemas['CertificateView'];
export type GroupView = Schemas['GroupView'];
export type GroupSettings = Schemas['GroupSettingsView'];
export type SettingsView = Schemas['SettingsView'];
export type InvitationView = Schemas['InvitationView'];
export type InvitationMade = Schemas['InvitationMade'];
export type Standing = Schemas['StandingView'];
export type OverviewView = Schemas['OverviewView'];
export type RefusalView = Schemas['RefusalView'];
export type AccountView = Schemas['AccountView'];
export type AdministratorView = Schemas['AdministratorView'];
