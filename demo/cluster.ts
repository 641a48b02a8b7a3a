import type { ImapEndpoint } from './clients/mail-session.ts';
import type { ContentBytes } from './content-bytes.ts';
import type { Fallbacks } from './fallbacks.ts';

/** One member's share of the reading of message content, by the database's own statistics: chunks of up to 256 KiB. */
export type ContentReads = { readonly member: string; readonly role: string; readonly chunks: number };

export type DatabaseLogin = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
};

/** What the demo reads of a partition's status. */
export type PartitionGlimpse = {
  readonly name: string;
  readonly phase: string;
  readonly epoch: number;
  readonly primary: string | null;
  /** What it waits for, or else how far it is: for people who wait too. */
  readonly trouble: string;
  readonly members: readonly { readonly name: string; readonly role: string }[];
  readonly lastFailover: {
    readonly epoch: number;
    /** ms by phase, in order. */
    readonly phases: Readonly<Record<string, number>>;
    readonly salvaged: { readonly messages: number } | null;
  } | null;
};

/** The cluster as the demo handles it: what a person with a shell on the machine could do. */
export type DemoCluster = {
  readonly endpoint: ImapEndpoint;
  /** TLS from the first octet. */
  readonly secureEndpoint: ImapEndpoint;
  /** Of the certificate that clients are shown, for those who check it. */
  readonly certificateFile: string;
  readonly stateDirectory: string;
  createUser(user: string, password: string): Promise<void>;
  status(partition: string): Promise<PartitionGlimpse>;
  /** Epoch by imapd process, as each believes. */
  beliefs(partition: string): Promise<readonly { readonly pod: string; readonly epoch: number }[]>;
  /** How imapd reaches the primary's database: for a bench that fills a mailbox past IMAP. */
  mailDatabase(partition: string): Promise<DatabaseLogin>;
  /** Process numbers of the imapd processes. */
  imapdPids(): Promise<readonly number[]>;
  contentReads(partition: string): Promise<readonly ContentReads[]>;
  /** The view of the databases that these figures are from. */
  countedBy(partition: string): Promise<string>;
  /** Octets of content read from databases since the start, as imapd counts them. */
  contentBytes(partition: string): Promise<ContentBytes>;
  /** Reads of content that the primary answered since the start, by reason, as imapd counts them. */
  fallbacks(partition: string): Promise<Fallbacks>;
  /** `kill -9` of every process of a member's database server. */
  killServer(partition: string, member: string): Promise<void>;
  /** `kill -STOP` of every process of a server: a hang. Gives back how to let it go. */
  freezeServer(partition: string, member: string): Promise<() => void>;
  /** Agent and server die at once and stay away, as a host that lost its power. */
  powerOff(partition: string, member: string): Promise<void>;
  powerOn(partition: string, member: string): Promise<void>;
  /** Asks for a planned change of primary, as `imapctl switchover` does; returns when it is done. */
  switchover(partition: string): Promise<void>;
  /** Freezes the process that receives the primary's log on a replica; gives back how to let it go. */
  holdBack(partition: string, member: string): Promise<() => void>;
  /** Lets go what is frozen, ends everything and removes it. */
  stop(): Promise<void>;
};
