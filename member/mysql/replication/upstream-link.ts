import { isDeepStrictEqual } from 'node:util';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { failureOf } from '#database/mysql/failure-of.ts';
import { awaitApplied } from '#database/mysql/replication/applier.ts';
import { attach } from '#database/mysql/replication/attach.ts';
import {
  compareLogs,
  type LogComparison,
  readEnd,
  readUpstreamLog,
  type Upstream as UpstreamLog,
} from '#database/mysql/replication/compare.ts';
import { errantOf } from '#database/mysql/replication/errant.ts';
import { stopReceiver } from '#database/mysql/replication/receiver.ts';
import { type ReplicaStatus, readReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { enterRepository } from '#database/mysql/sessions/enter-repository.ts';
import { firstAccepted } from '#database/mysql/sessions/first-accepted.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { roles } from '#database/roles.ts';
import type { RebuildReason } from '../../engine.ts';
import type { Upstream } from '../../memory/memory.ts';
import type { Passwords } from '../../passwords.ts';
import type { Relayed } from './relayed.ts';

/** `isWhole`: it is there from the first transaction on. */
export type AskedLog = UpstreamLog & { readonly isWhole: boolean };

type Own = { readonly connection: MysqlConnection; readonly role: 'primary' | 'replica' };
type Verdict = { readonly verdict: LogComparison | 'silent'; readonly end: string | null };
const COMPARED: Verdict = { verdict: 'follows', end: null };

const UPSTREAM_TIMEOUT_MS = 2000;
const REPLAY_TIMEOUT_MS = 3000;
/** From a comparison to the attaching for which it was made: the order to follow is written down in between. */
const COMPARED_MS = 2000;

/** An upstream whose log goes on from this position of ours; when that was seen. */
type Compared = { readonly endpoint: Upstream['endpoint']; readonly position: string; readonly at: number };

/** A member's way to the one that it follows: what that says of its log, and whether the own one may go on from there. */
export class UpstreamLink {
  readonly #passwords: Passwords;
  readonly #database: string;
  /** The password that the upstream has accepted last, and the one that the server was told. */
  #accepted: string | null = null;
  #told: string | null = null;
  #position = '';
  #verdict: RebuildReason | null = null;
  #errant: string | null = null;
  readonly #relayed: Relayed | null;
  #compared: Compared | null = null;

  /** @param relayed of a server that loses what it has received when it is started */
  constructor(passwords: Passwords, database: string, relayed: Relayed | null) {
    this.#passwords = passwords;
    this.#database = database;
    this.#relayed = relayed;
  }

  /** Of the upstream's log, when it was asked last. */
  get position(): string {
    return this.#position;
  }

  /** Why the one that was to be followed last cannot be. */
  get verdict(): RebuildReason | null {
    return this.#verdict;
  }

  /** What the own server has and the upstream that it was compared with last has not. */
  get errant(): string | null {
    return this.#errant;
  }

  forgetVerdict(): void {
    this.#verdict = null;
  }

  /** null: it does not answer, or cannot just now. */
  async ask({ endpoint }: Upstream, signal: AbortSignal): Promise<AskedLog | null> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_TIMEOUT_MS)]);
    const user = roles.replication;
    try {
      return await firstAccepted(this.#passwords.candidates('replication'), async (password) => {
        const session = await openConnection({ endpoint, user, password, role: 'monitor', signal: limit });
        this.#accepted = password;
        try {
          return await this.#read(session);
        } finally {
          session.abandon();
        }
      });
    } catch (error) {
      signal.throwIfAborted();
      if (failureOf(error) === 'sql') throw error;
      return null;
    }
  }

  async #read(session: MysqlConnection): Promise<AskedLog | null> {
    if (!(await enterRepository(session, this.#database))) return null;
    const log = await readUpstreamLog(session);
    this.#position = log.position;
    return { ...log, isWhole: session.flavour === 'mysql' ? log.purged === '' : await hasFirstFile(session) };
  }

  /** Whether a running server may go on from there. */
  async compare(own: Own, upstream: Upstream, signal: AbortSignal): Promise<LogComparison | 'silent'> {
    return (await this.#compare(own, upstream, signal)).verdict;
  }

  /** `end`: of the upstream's log; null where it is silent. */
  async #compare(own: Own, upstream: Upstream, signal: AbortSignal): Promise<Verdict> {
    this.#compared = null;
    const end = await this.#ownEnd(own.connection, signal);
    const log = await this.ask(upstream, signal);
    if (log === null) return { verdict: 'silent', end: null };
    // It began empty, and has not come to the first stamp of the log that it is sent.
    const isYoung = own.role === 'replica' && end.systemIdentifier === '';
    const verdict = compareLogs(isYoung ? { ...end, systemIdentifier: log.systemIdentifier } : end, log);
    this.#errant = verdict === 'diverged' ? errantOf(end, log) : null;
    const { endpoint } = upstream;
    this.#compared = verdict === 'follows' ? { endpoint, position: end.position, at: performance.now() } : null;
    return { verdict, end: log.position };
  }

  async #ownEnd(connection: MysqlConnection, signal: AbortSignal): ReturnType<typeof readEnd> {
    return await readEnd(connection, this.#database, AbortSignal.any([signal, AbortSignal.timeout(REPLAY_TIMEOUT_MS)]));
  }

  /**
   * Has a running replica follow an upstream, if it may; else it follows nobody. One that does not answer is followed only where that
   * is so already: later than now nobody would compare the two logs.
   */
  async follow(sessions: SessionPair, upstream: Upstream, signal: AbortSignal): Promise<void> {
    const status = await readReplicaStatus(sessions.watcher);
    if (isFollowing(status, upstream) && this.#told === this.#newest()) return;
    await stopReceiver(sessions, signal);
    const position = await awaitApplied(sessions.waiter, signal);
    // What was compared a moment ago may have been before the server was started: where its upstream ended then is no goal (`aim`).
    const { verdict, end } = this.#isCompared(upstream, position)
      ? COMPARED
      : await this.#compare({ connection: sessions.waiter, role: 'replica' }, upstream, signal);
    this.#verdict = reasons.get(verdict) ?? null;
    const isKnown = verdict === 'silent' && isOf(status, upstream);
    if (verdict !== 'follows' && !isKnown) return;
    const password = this.#newest();
    await this.#relayed?.receive();
    await attach(
      sessions,
      { upstream: upstream.endpoint, user: roles.replication, password, acknowledges: true },
      signal,
    );
    this.#told = password;
    // These are sessions of the server that was started last, which runs still.
    if (end !== null) this.#relayed?.aimAt(end);
  }

  /** For a replica that began to follow before it was known how far its upstream was: where it has to come to. */
  async aim(connection: MysqlConnection, upstream: Upstream, signal: AbortSignal): Promise<void> {
    if (this.#relayed?.isAimless !== true) return;
    const log = await this.ask(upstream, signal);
    const status = await readReplicaStatus(connection);
    // An upstream that sends to it has found that the logs agree.
    if (log !== null && isOf(status, upstream) && status?.receiver === 'receiving') this.#relayed.aimAt(log.position);
  }

  /** Whether it was asked a moment ago, by the order to follow it, and the own log stands where it stood: for once. */
  #isCompared({ endpoint }: Upstream, position: string): boolean {
    const compared = this.#compared;
    this.#compared = null;
    if (compared === null || performance.now() - compared.at > COMPARED_MS) return false;
    return compared.position === position && isDeepStrictEqual(compared.endpoint, endpoint);
  }

  #newest(): string {
    return this.#accepted ?? this.#passwords.current.replication;
  }
}

const reasons: ReadonlyMap<string, RebuildReason> = new Map([
  ['diverged', 'Diverged'],
  ['logRemoved', 'LogRemoved'],
]);

const isOf = (status: ReplicaStatus | null, { endpoint }: Upstream): boolean =>
  status?.upstream.host === endpoint.host && status.upstream.port === endpoint.port;

const isFollowing = (status: ReplicaStatus | null, upstream: Upstream): boolean =>
  isOf(status, upstream) && status?.receiver !== 'stopped' && status?.isApplying === true;

/** The first file of a log (`log_bin = bin`) begins with nothing where the data was made with it. NULL: it was purged. */
async function hasFirstFile(session: MysqlConnection): Promise<boolean> {
  const [row] = await rowsOf<{ readonly begin: string | null }>(session, {
    name: 'first-file',
    text: "SELECT BINLOG_GTID_POS('bin.000001', 4) AS begin",
  });
  return row?.begin === '';
}
