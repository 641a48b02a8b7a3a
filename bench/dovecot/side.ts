import { WireClient, type WireEndpoint } from '../wire-client.ts';

/** Every user of both servers has this password. */
export const PASSWORD = 'bench password';
/** Whose mailboxes are measured; `INBOX` has small messages, `Large` those of 20 KiB. */
export const WORKER = 'worker@example.org';
/** The same mailboxes of Dovecot under a name whose password is kept as a hash of argon2id. */
export const HASHED_WORKER = 'hashed@example.org';
/** Many people at once, each with an INBOX of a few messages. */
export const crowd: readonly string[] = Array.from({ length: 50 }, (_, i) => `crowd${i}@example.org`);

export type SideName = 'ours' | 'dovecot';

/** A process, with all that descend from it, by what it is for. */
export type Root = { readonly part: string; readonly pid: number };

/** One of the two servers that are compared. */
export type Side = {
  readonly name: SideName;
  /** Program and version, for people. */
  readonly version: string;
  readonly plain: WireEndpoint;
  readonly tls: WireEndpoint;
  /** Where and as whom a password is checked anew at each sign-in, by the same work on both sides. */
  readonly unremembered: { readonly endpoint: WireEndpoint; readonly user: string };
  roots(): Promise<readonly Root[]>;
  /** Ends the server and removes what it wrote. */
  stop(): Promise<void>;
};

export async function signIn(endpoint: WireEndpoint, user: string): Promise<WireClient> {
  const client = await WireClient.connect(endpoint);
  await client.command(`LOGIN ${user} "${PASSWORD}"`);
  return client;
}
