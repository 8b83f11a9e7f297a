/** The local API of `cordon-pim`, by the names the page uses. Moments are RFC 3339 text, sizes bytes. */
import type { components } from './schema';

type Schemas = components['schemas'];

/** The app writes every field of an answer; the description calls those that may be null optional. */
type Whole<Answer> = Answer extends (infer Item)[]
  ? Whole<Item>[]
  : Answer extends object
    ? { [Name in keyof Answer]-?: Whole<Exclude<Answer[Name], undefined>> }
    : Answer;

export type Address = Whole<Schemas['Person']>;
export type AttachmentView = Whole<Schemas['AttachmentView']>;
export type EventsView = Whole<Schemas['ChangesView']>;
export type KnownCertificate = Whole<Schemas['KnownCertificateView']>;
export type FolderKind = Schemas['FolderKind'];
export type FolderView = Whole<Schemas['FolderView']>;
export type FrameView = Whole<Schemas['FrameView']>;
export type ImportFolder = Whole<Schemas['ImportFolder']>;
export type MessageItem = Whole<Schemas['MessageItem']>;
export type MessagePage = Whole<Schemas['MessagesView']>;
export type MessageView = Whole<Schemas['MessageView']>;
export type OutboxItem = Whole<Schemas['OutboxView']>;
export type NewOpening = Schemas['NewOpening'];
export type NewPassword = Schemas['NewPassword'];
export type PasswordRules = Whole<Schemas['PasswordRules']>;
export type RegisterRequest = Schemas['RegisterRequest'];
export type RenewRequest = Schemas['RenewRequest'];
export type RestoreRequest = Schemas['RestoreRequest'];
export type SearchPage = Whole<Schemas['SearchView']>;
export type SecurityView = Whole<Schemas['SecurityView']>;
export type SendRequest = Schemas['SendRequest'];
export type SentView = Whole<Schemas['SentView']>;
export type SessionView = Whole<Schemas['SessionView']>;
export type SignInView = Whole<Schemas['SignInView']>;
export type SmimeView = Whole<Schemas['SmimeView']>;
export type StateView = Whole<Schemas['StateView']>;
export type SyncView = Whole<Schemas['SyncView']>;
export type Topic = Schemas['Topic'];
