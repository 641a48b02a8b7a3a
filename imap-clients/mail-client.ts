import type { Digest, MailStore } from './stores/mail-store.ts';
import type { Ended, RunningProgram } from './support/run-program.ts';

/** Whom a client signs in as, and where: STARTTLS on `port`, TLS on `securePort`, under the name `host`. */
export type Account = {
  readonly host: string;
  readonly port: number;
  readonly securePort: number;
  readonly user: string;
  readonly password: string;
  /** The certificate of the server, which has signed itself. */
  readonly certificateFile: string;
};

/** What a client works with: a folder of its own, an account that has mail. */
export type Place = {
  readonly folder: string;
  readonly account: Account;
  /** A second account on the same server, empty: for a client that synchronises two of them. */
  openSecondAccount(): Promise<{ readonly account: Account; readonly store: MailStore }>;
  /** An SMTP server that keeps what it is given: for a client that hands on what it fetches. */
  openSmtp(): Promise<{ readonly port: number; readonly received: () => readonly Buffer[] }>;
};

/** Keeps a Maildir, or another account, the same as the account. */
export type Synchroniser = {
  readonly kind: 'synchroniser';
  /** Writes its configuration. */
  open(place: Place): Promise<Synchronisation>;
};
export type Synchronisation = {
  readonly other: MailStore;
  /** Flags that the other side can hold; null: every one. */
  readonly flags: readonly string[] | null;
  /** It does again what it was about when it was killed, so that messages may be there twice; on both sides, then. */
  readonly repeats: boolean;
  start(): RunningProgram;
};

/** Fetches what it has not fetched yet, and hands it on. */
export type Fetcher = {
  readonly kind: 'fetcher';
  /** Does it leave nothing behind? */
  readonly empties: boolean;
  open(place: Place): Promise<Fetching>;
};
export type Fetching = {
  start(): RunningProgram;
  /** Whether it has ended by a fault of its own that its next run makes good; left out: never. */
  gaveUp?(ended: Ended): boolean;
  /** Every message that it has handed on so far. */
  delivered(): Promise<readonly Buffer[]>;
};

/** A person's program, or one that is written with a library: does the round of `rounds/work.ts`. */
export type Worker = {
  readonly kind: 'worker';
  /** By what its messages are known: some keep them in a Maildir. */
  readonly digest: Digest;
  /** Flags that it can keep; null: every one. */
  readonly flags: readonly string[] | null;
  /** It can read a message only so that it is seen afterwards. */
  readonly marksSeen: boolean;
  /** `outbox` is a folder of messages that it stores in Sent. */
  open(place: Place, outbox: string): Promise<Working>;
};
export type Working = {
  /** Reads everything, does the first part of the round and leaves. */
  begin(): Promise<void>;
  /** Comes back, brings what it knows up to date, and tells that: `asLines` of it. */
  goOn(): Promise<readonly string[]>;
};

export type Build = {
  /** Of the cache: what is made lies in it. */
  readonly folder: string;
  /** Ends with 0 where there is what it is made with. */
  readonly needs: readonly [string, ...string[]];
  make(): Promise<void>;
};

export type MailClient = {
  readonly name: string;
  readonly what: string;
  /** Debian packages that bring it, or what it is built with. */
  readonly packages: readonly string[];
  /** Of what no package brings. */
  readonly build?: Build;
  /** A command that ends with 0 where the client is there, and prints its version. */
  readonly probe: readonly [string, ...string[]];
  /** How it is set up here: for those who have it. */
  readonly setUp: string;
  readonly does: Synchroniser | Fetcher | Worker;
};

/** What came of one run of a client. */
export function mustHaveEndedWell(client: string, { code, output }: Ended): void {
  if (code !== 0) throw new Error(`${client} ended with ${code}:\n${output.slice(-8_000)}`);
}
