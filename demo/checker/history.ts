/**
 * What clients saw, in one list ordered by time: the only evidence the verdict rests on. Nothing in it comes from the
 * server's logs, metrics or status, with one exception that is marked: `belief`, what imapd processes say of epochs.
 *
 * Times are milliseconds of one monotonic clock: every client of a run lives in one process.
 */
export type Mailbox = { readonly partition: string; readonly user: string; readonly mailbox: string };

/**
 * What became of a request. Only an OK is a promise. A `NO` may hide a COMMIT whose answer the server never saw, and so may
 * a lost connection: what was `unknown` may or may not have happened; both are right.
 */
export type Outcome = 'ok' | 'unknown';

/** A client asks: `at` is before the first byte leaves. */
export type RequestEvent = {
  readonly kind: 'request';
  /** Unlike any other of the run. */
  readonly id: number;
  readonly client: string;
  readonly name: string;
  readonly at: number;
};

/** The tagged answer to a request, whatever it says, has been read. A connection that ends is no answer. */
export type AnswerEvent = { readonly kind: 'answer'; readonly id: number; readonly at: number };

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

/**
 * A client's cache of a mailbox at the end: what it made, by message number, of all that the server told it by and by. It
 * never read the mailbox again, so a wrong number told once shows here.
 */
export type CacheEvent = Mailbox & {
  readonly kind: 'cache';
  readonly client: string;
  readonly at: number;
  /** In the order of message numbers. */
  readonly messages: readonly CachedMessage[];
  /** UIDs that it was told as expunged. */
  readonly expunged: readonly number[];
  /** Messages that were told as expunged before the client had asked for their UIDs. */
  readonly expungedUnseen: number;
  /** Messages it knew of while still in IDLE, before it asked for anything; null where it sat in no IDLE. */
  readonly toldInIdle: number | null;
};

/** `uid` is null where the server told of a message, and gave none when asked for it. */
export type CachedMessage = { readonly uid: number | null; readonly flags: readonly string[] };

/** The same TCP connection from `opened` to `closed`; `port` is the client's own, which changes with the connection. */
export type SessionEvent = {
  readonly kind: 'session';
  readonly client: string;
  readonly at: number;
  readonly what: 'opened' | 'closed by server' | 'closed by client';
  readonly port: number;
};

/** The server took leave, in `words`, without being asked to; then it closes the connection. */
export type ByeEvent = {
  readonly kind: 'bye';
  readonly client: string;
  readonly at: number;
  readonly words: string;
  /** What had been sent and had no answer; null where the BYE came between two commands, or in IDLE. */
  readonly open: OpenCommand | null;
};

/** `at`: sent. `heard`: the server had begun to answer, or had asked for more of it. */
export type OpenCommand = { readonly name: string; readonly at: number; readonly heard: boolean };

/** What was done to the cluster: begun at `at`, in force at `until` at the latest. Between them writes may still succeed. */
export type FaultEvent = {
  readonly kind: 'fault';
  readonly at: number;
  readonly until: number;
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
  | RequestEvent
  | AnswerEvent
  | AppendEvent
  | FlagsEvent
  | ExpungeEvent
  | ObservationEvent
  | CacheEvent
  | SessionEvent
  | ByeEvent
  | FaultEvent
  | BeliefEvent;

export const mailboxKey = (m: Mailbox): string => `${m.partition}/${m.user}/${m.mailbox}`;
