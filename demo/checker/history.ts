/**
 * What clients saw, in one list ordered by time: the only evidence the verdict rests on. Nothing in it comes from the
 * server's logs, metrics or status, with one exception that is marked: `belief`, what imapd processes say of epochs.
 *
 * Times are milliseconds of one monotonic clock: every client of a run lives in one process.
 */
export type Mailbox = { readonly partition: string; readonly user: string; readonly mailbox: string };

/** A request and its end. An operation that was `unknown` may or may not have happened; both are right. */
export type Outcome = 'ok' | 'no' | 'unknown';

export type AppendEvent = Mailbox & {
  readonly kind: 'append';
  readonly client: string;
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
  /** SHA-256 of the raw message, hexadecimal; every message of a run is unique. */
  readonly hash: string;
  /** From APPENDUID. */
  readonly uid: number | null;
  readonly uidValidity: number | null;
};

export type FlagsEvent = Mailbox & {
  readonly kind: 'flags';
  readonly client: string;
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
  readonly uid: number;
  readonly flag: string;
  readonly set: boolean;
};

export type ExpungeEvent = Mailbox & {
  readonly kind: 'expunge';
  readonly client: string;
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
  readonly uid: number;
};

/** Any other command: only its duration and outcome matter (I7). */
export type CommandEvent = {
  readonly kind: 'command';
  readonly client: string;
  readonly name: string;
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
};

/** A mailbox as one client read it, whole or in part. */
export type ObservationEvent = Mailbox & {
  readonly kind: 'observation';
  readonly client: string;
  readonly begun: number;
  readonly ended: number;
  readonly uidValidity: number;
  readonly uidNext: number | null;
  readonly highestModSeq: number | null;
  readonly messages: readonly ObservedMessage[];
  /** True when `messages` is everything in the mailbox: absence then means something. */
  readonly whole: boolean;
};

export type ObservedMessage = {
  readonly uid: number;
  readonly hash: string | null;
  readonly flags: readonly string[];
  readonly modSeq: number | null;
};

/** The same TCP connection from `opened` to `closed`; `port` is the client's own, which changes with the connection. */
export type SessionEvent = {
  readonly kind: 'session';
  readonly client: string;
  readonly at: number;
  readonly what: 'opened' | 'closed by server' | 'closed by client';
  readonly port: number;
};

/** What was done to the cluster. */
export type FaultEvent = {
  readonly kind: 'fault';
  readonly at: number;
  readonly partition: string;
  readonly what: string;
};

/** What an imapd process says it believes. */
export type BeliefEvent = {
  readonly kind: 'belief';
  readonly at: number;
  readonly pod: string;
  readonly partition: string;
  readonly epoch: number;
};

export type HistoryEvent =
  | AppendEvent
  | FlagsEvent
  | ExpungeEvent
  | CommandEvent
  | ObservationEvent
  | SessionEvent
  | FaultEvent
  | BeliefEvent;

export const mailboxKey = (m: Mailbox): string => `${m.partition}/${m.user}/${m.mailbox}`;
