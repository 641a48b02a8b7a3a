import type { Readable } from 'node:stream';
import type { ChangeDone, ControlRouting, ControlStatus } from '#contract/control-api.ts';
import type { MailboxList, UserChange, UserDetails, UserList } from '#contract/users-api.ts';

/**
 * A running cluster as imapctl sees it, wherever it runs: over standalone's control socket, or over the Kubernetes API.
 * Every method rejects with a CliError that says what a person needs to know.
 */
export type ClusterConnection = {
  status(): Promise<ControlStatus>;
  routing(): Promise<ControlRouting>;
  /** Planned; to the best replica where `to` is null. */
  switchover(partition: string, to: string | null): Promise<ChangeDone>;
  failover(
    partition: string,
    request: { readonly acceptDataLoss: boolean; readonly reason: string },
  ): Promise<ChangeDone>;
  listUsers(): Promise<UserList>;
  addUser(name: string, password: string, change: UserChange): Promise<void>;
  showUser(name: string): Promise<UserDetails>;
  changeUser(name: string, change: UserChange): Promise<UserDetails>;
  setPassword(name: string, password: string): Promise<void>;
  removeUser(name: string): Promise<void>;
  listMailboxes(user: string): Promise<MailboxList>;
  /** Does nothing where it exists. */
  createMailbox(user: string, name: string): Promise<void>;
  append(message: MessageToAppend): Promise<Appended>;
  /** The mailbox in mbox format, piece by piece. */
  exportMailbox(user: string, mailbox: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Logs of its programs, one stream each; they end when the signal fires. */
  logs(request: LogRequest, signal: AbortSignal): Promise<readonly LogStream[]>;
  /** What runs there, by image or version. */
  versions(): Promise<readonly RunningVersion[]>;
  /** What the place where it runs can tell about it, beyond `status` and `routing`; not redacted yet. */
  evidence(): AsyncIterable<Evidence>;
  close(): void;
};

/** Whose logs: of one member, of all members of a partition, of the operator, or of all imapd. */
export type LogSelection =
  | { readonly kind: 'imapd' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'partition' | 'member'; readonly name: string };

export type LogRequest = {
  readonly selection: LogSelection;
  readonly follow: boolean;
  readonly sinceSeconds: number | null;
  /** Lines from the end; null: all there are. */
  readonly tail: number | null;
  /** Of the container before the last restart. */
  readonly previous: boolean;
};

export type LogStream = { readonly source: string; readonly lines: Readable };

export type RunningVersion = { readonly what: string; readonly version: string };

/** A file of a support bundle: an object, or text. */
export type Evidence =
  | { readonly path: string; readonly object: unknown }
  | { readonly path: string; readonly text: string };

/** One message on its way in; `internalDate` null = the moment of its arrival. */
export type MessageToAppend = {
  readonly user: string;
  readonly mailbox: string;
  /** Names this very message of this very source: repeated, it is stored once. */
  readonly operation: string;
  readonly internalDate: Date | null;
  readonly flags: readonly string[];
  readonly bytes: Uint8Array;
};

/**
 * `refused`: the server will not have this message; the next one may do. `unavailable`: nobody can write now, or nobody
 * knows whether it was done; repeated with the same operation it is stored once.
 */
export type Appended =
  | { readonly kind: 'stored' | 'repeated'; readonly uid: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };
