import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemberEndpoint } from '#contract/routing-document.ts';
import { pause } from '#runtime/deadline.ts';

const PATIENCE_MS = 20_000;

/** Database servers do not run as root: there they run as `nobody`. */
export const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export type ServerPlace = { readonly name: string; readonly port: number; readonly folder: string };

export type Stored = { readonly messages: number; readonly transactions: number; readonly contents: number };

/** One real server, without an agent: a test does to it what it likes. What that means is its engine's (servers/). */
export abstract class TestServer {
  readonly name: string;
  readonly port: number;
  readonly data: string;
  /** Name of the database that the mail is in. */
  abstract readonly database: string;
  #process: ChildProcess | null = null;

  constructor(place: ServerPlace) {
    this.name = place.name;
    this.port = place.port;
    this.data = join(place.folder, place.name);
  }

  get endpoint(): MemberEndpoint {
    return { host: '127.0.0.1', port: this.port };
  }

  /** Makes its empty data. */
  abstract initialize(): Promise<void>;
  /** Resolves once it answers. `settings` are added to its command line. */
  abstract start(settings?: Readonly<Record<string, string>>): Promise<void>;

  /** One statement as administrator, in the words of the engine. */
  abstract sql<R extends Record<string, unknown> = { setting: unknown }>(
    text: string,
    values?: readonly unknown[],
  ): Promise<R[]>;
  /** A setting of the engine that survives a restart, in force on return. */
  abstract set(name: string, value: string): Promise<void>;

  /** What agent and migration do to a new primary: accounts, epoch 1, the schema of the mail. */
  abstract makeRepository(): Promise<void>;
  abstract stamp(epoch: number, uidGap: number): Promise<void>;

  /** Starts this copy as a replica, whose upstream may be down yet. */
  abstract startBehind(upstream: MemberEndpoint): Promise<void>;
  /** Points this running replica at another upstream; null detaches it. */
  abstract follow(upstream: MemberEndpoint | null): Promise<void>;
  /** Of a replica: what it receives it does not show until it resumes. */
  abstract pauseReplay(): Promise<void>;
  abstract resumeReplay(): Promise<void>;
  /** How much a replica has received: of two the greater string has more. */
  abstract received(): Promise<string>;
  /** Whether this replica of it is streaming from it. */
  abstract feeds(replica: TestServer): Promise<boolean>;
  /** Commits wait for one of these replicas, or for nobody. */
  abstract requireOneOf(replicas: readonly string[]): Promise<void>;
  /** Makes this running replica a primary. */
  abstract promote(): Promise<void>;

  /** A table of texts, which every account may read and write. */
  abstract makeMarks(): Promise<void>;
  /** The texts, sorted. */
  abstract marks(): Promise<string[]>;
  abstract clearMarks(): Promise<void>;

  /** Transactions that have written, so far; where rows tell of theirs: 0. */
  abstract transactions(): Promise<number>;
  /** Messages of this owner, their contents, and the transactions that they came in: `since` is of `transactions`. */
  abstract stored(owner: string, since: number): Promise<Stored>;
  /** Locks them for so long, seconds. */
  abstract lockMailboxesOf(owner: string, seconds: number): Promise<void>;

  abstract setMailPassword(password: string): Promise<void>;
  /** Ids of the sessions of imapd, in the order in which they began. */
  abstract mailSessions(): Promise<number[]>;
  abstract endMailSessions(): Promise<void>;
  /** Ends one of them, or what it is doing. */
  abstract end(what: 'statement' | 'session', session: number): Promise<void>;
  /** A fence: imapd may not sign in, and nobody writes. */
  abstract fence(): Promise<void>;
  /** Back through the fence: first to sign in, then to write. */
  abstract admit(to: 'signIn' | 'write'): Promise<void>;

  /** Ids of the sessions of imapd whose COMMIT waits for a replica. */
  abstract waitingCommits(): Promise<number[]>;
  /** Whether a stamp waits for transactions. */
  abstract stampWaits(): Promise<boolean>;
  /** From now on: tells whether imapd's watch of this replica has had an answer since. */
  abstract watchOfReplica(): Promise<() => Promise<boolean>>;

  /** A copy of this stopped server. */
  async copyTo(other: TestServer): Promise<void> {
    await cp(this.data, other.data, { recursive: true, preserveTimestamps: true });
    if (process.getuid?.() === 0) await chownAll(other.data);
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** SIGQUIT and SIGKILL leave no time for anything; what others do is the engine's. */
  async stop(signal: NodeJS.Signals = 'SIGQUIT'): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    const ended = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** Waits until the condition holds; what it throws on the way is thrown at the end only. */
  async until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const last = await condition().catch((error: unknown) => error);
      if (last === true) return;
      if (Date.now() > deadline) throw new Error(`${this.name}: waited in vain`, { cause: last });
      await pause(20);
    }
  }

  /** The server itself, which `signal` and `stop` are for. */
  protected launch(program: string, args: readonly string[]): void {
    this.#process = spawn(program, args, { ...unprivileged, stdio: 'ignore' });
  }
}

async function chownAll(folder: string): Promise<void> {
  const child = spawn('chown', ['-R', '65534:65534', folder]);
  await once(child, 'exit');
}
