import type { WireClient } from '../wire-client.ts';
import type { Filled } from './fill.ts';
import type { Side } from './side.ts';

/** One side while it is measured: clients of the worker that are signed in. */
export type Scene = {
  readonly side: Side;
  readonly filled: Filled;
  /** Has INBOX selected. */
  readonly inbox: WireClient;
  /** Has Large selected. */
  readonly large: WireClient;
  /** For mailboxes that an operation makes. */
  readonly other: WireClient;
  /** One more session of a user; it is closed with the scene. */
  signIn(user: string): Promise<WireClient>;
  /** The same of the worker, where a server that remembers nothing it has read serves the same mailboxes; Dovecot has its files. */
  signInAnew(): Promise<WireClient>;
  /** What an operation keeps between its rounds, by its name: sessions that stay open. */
  readonly kept: Map<string, readonly WireClient[]>;
};

/** Something that clients ask for, done the same way on both sides. */
export type Operation = {
  /** For `--only`. */
  readonly name: string;
  readonly what: string;
  /** What `once` counts. */
  readonly unit: string;
  /** Least speed that we promise, as a part of Dovecot's. */
  readonly atLeast: number;
  /** Before each `once`, and not measured. */
  prepare?(scene: Scene): Promise<void>;
  /** Does it, and says how many units that were. */
  once(scene: Scene): Promise<number>;
  /** After the last round on this side. */
  tidy?(scene: Scene): Promise<void>;
};

/** As many times, one after the other. */
export async function times(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < count; i++) await work(i);
  return count;
}

/** A mailbox without messages of that name, whatever was there before. */
export async function freshMailbox(client: WireClient, name: string): Promise<void> {
  await client.command(`DELETE ${name}`).catch((error: Error) => error);
  await client.command(`CREATE ${name}`);
}
