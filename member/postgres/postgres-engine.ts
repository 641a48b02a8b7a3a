import { randomBytes } from 'node:crypto';
import type { Client, DatabaseError } from 'pg';
import type { Observation } from '#database/observation.ts';
import { clusterSql, databaseSql, quote } from '#database/postgres/bootstrap-sql.ts';
import { failureOf, isPassing } from '#database/postgres/failure-of.ts';
import { lsnToBigInt } from '#database/postgres/lsn.ts';
import { observeServer } from '#database/postgres/observe.ts';
import { attachment } from '#database/postgres/replication/attachment.ts';
import { checkpoint } from '#database/postgres/replication/checkpoint.ts';
import { divergence, type OwnEnd, type UpstreamLog } from '#database/postgres/replication/divergence.ts';
import { promoteServer } from '#database/postgres/replication/promote.ts';
import { awaitReplayed } from '#database/postgres/replication/replay.ts';
import { keepSlots } from '#database/postgres/replication/slots.ts';
import { renderSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import { awaitReceiverGone } from '#database/postgres/replication/wal-receiver.ts';
import { SALT_BYTES, scramVerifier } from '#database/postgres/scram-verifier.ts';
import { type DurableWrite, writeBarrier, writeEpoch } from '#database/postgres/sessions/durable-write.ts';
import { firstAccepted } from '#database/postgres/sessions/first-accepted.ts';
import { greetServer } from '#database/postgres/sessions/greet.ts';
import { endMailSessions } from '#database/postgres/sessions/mail-sessions.ts';
import { refuses } from '#database/postgres/sessions/refuses.ts';
import { withSession } from '#database/postgres/sessions/session.ts';
import { type PooledTarget, SessionPool } from '#database/postgres/sessions/session-pool.ts';
import { type RoleName, roles } from '#database/roles.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import { poll } from '#runtime/poll.ts';
import { settled } from '#runtime/settled.ts';
import type { MemberConfiguration } from '../configuration.ts';
import type {
  Access,
  Comparison,
  CopyOrigin,
  DataState,
  Engine,
  KeepForOptions,
  Posture,
  Progress,
  RebuildReason,
} from '../engine.ts';
import type { SynchronousSet, Upstream } from '../memory/memory.ts';
import type { Passwords } from '../passwords.ts';
import { flushTree } from '../supervisor/flush-tree.ts';
import type { LaunchPlan } from '../supervisor/supervisor.ts';
import { unlessStalled } from '../supervisor/unless-stalled.ts';
import { copyBaseBackup } from './base-backup/copy-base-backup.ts';
import { DataDirectory } from './data-directory/data-directory.ts';
import { endOfStopped } from './data-directory/end-of-stopped.ts';
import { receiverStartedBy, verdictOfLine } from './log-verdict.ts';
import { endReceiver } from './replication/end-receiver.ts';
import { readUpstreamLog, renewSlot, reserveSlot } from './replication/replication-protocol.ts';
import { ServerPrograms, serverEnvironment } from './server-programs.ts';
import { writePasswords } from './sessions/write-passwords.ts';
import { GENERATION_SETTING } from './settings/posture-settings.ts';
import { upstreamConnection } from './upstream-connection.ts';

const RELOAD_POLL_MS = 5;
const UPSTREAM_TIMEOUT_MS = 2000;
const REPLAY_TIMEOUT_MS = 3000;
const MAINTENANCE_DATABASE = 'postgres';
const SHOW_GENERATION = `SELECT current_setting('${GENERATION_SETTING}', true) AS shown`;

/** PostgreSQL 15 and later as the agent's engine. */
export class PostgresEngine implements Engine {
  readonly #configuration: MemberConfiguration;
  readonly #passwords: Passwords;
  readonly #programs: ServerPrograms;
  readonly #data: DataDirectory;
  /** Over the address that imapd uses: a kept session is one half of the probe. */
  readonly #watching: SessionPool;
  /** Over the local socket, for commands. */
  readonly #commanding: SessionPool;
  #version: string | null = null;
  /** The password that the upstream has accepted last. */
  #replicationPassword: string | null = null;
  #upstream: Upstream | null = null;
  #synchronous: SynchronousSet = { required: 0, members: [] };
  #knownTimeline = 0;
  #streamingPid = 0;
  #upstreamTimeline = 0;
  #upstreamPosition = '0/0';
  /** Whether the checkpointer, which tells commits to wait, is known to have read the synchronous set. */
  #settling: Promise<void> | null = null;
  /** To whom pg_hba.conf, as the server has read it, opens; null: not known. */
  #door: Access | null = null;
  /** A commit that waits for its replicas. There is one at most: repeated attempts would use up all sessions. */
  #durableWrite: Promise<unknown> = Promise.resolve();

  constructor(configuration: MemberConfiguration, passwords: Passwords) {
    const { server } = configuration;
    this.#configuration = configuration;
    this.#passwords = passwords;
    this.#programs = new ServerPrograms(server.binDirectory);
    this.#data = new DataDirectory({
      path: server.dataDirectory,
      member: configuration.member,
      database: server.database,
      address: {
        listenAddresses: server.listenAddresses ?? server.host,
        port: server.port,
        socketDirectory: server.socketDirectory,
      },
      parameters: server.parameters,
      replicationPassword: () => this.#replicationPassword ?? passwords.current.replication,
    });
    this.#watching = new SessionPool({ ...this.#local(server.database), host: server.host }, 2);
    this.#commanding = new SessionPool(this.#local(server.database), 2);
  }

  async version(): Promise<string> {
    this.#version ??= await this.#programs.version();
    return this.#version;
  }

  inspect(): Promise<DataState> {
    return this.#data.inspect();
  }

  launchPlan(): LaunchPlan {
    return { command: this.#programs.path('postgres'), args: ['-D', this.#data.path], env: serverEnvironment };
  }

  async isReady(pid: number): Promise<boolean> {
    const note = await this.#data.readServerNote();
    return note !== null && note.pid === pid && note.status === 'ready';
  }

  async createEmpty(progress: Progress, signal: AbortSignal): Promise<void> {
    progress('initializing', null);
    const directory = await this.#data.prepareIncoming();
    await this.#programs.initialize(directory, this.#passwords.current.admin, signal);
    await flushTree(directory);
    await this.#data.adoptIncoming();
  }

  async furnish(signal: AbortSignal): Promise<void> {
    const verifier = (password: string): string => scramVerifier(password, randomBytes(SALT_BYTES));
    const { replication, mail, salvage } = this.#passwords.current;
    const { database } = this.#configuration.server;
    const verifiers = { replication: verifier(replication), mail: verifier(mail), salvage: verifier(salvage) };
    const writable = 'SET default_transaction_read_only = off';
    await this.#asAdmin(MAINTENANCE_DATABASE, signal, async (admin) => {
      await admin.query(writable);
      await admin.query(clusterSql(verifiers));
      const found = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
      if (found.rowCount === 0) await admin.query(`CREATE DATABASE ${quote(database)}`);
    });
    await this.#asAdmin(database, signal, async (admin) => {
      await admin.query(writable);
      await admin.query(databaseSql(database));
    });
  }

  readonly serveCopy = null;
  readonly requireDonor = null;

  async copyFrom({ upstream, source }: CopyOrigin, progress: Progress, signal: AbortSignal): Promise<'BaseBackup'> {
    progress('cloning', null);
    const directory = await this.#data.prepareIncoming();
    const copy = async (session: Client, noted: Progress): Promise<void> => {
      await renewSlot(session, this.#configuration.member);
      await copyBaseBackup(session, directory, noted);
    };
    if (source === null) {
      await this.#replication(upstream, signal, (session) => copy(session, progress));
    } else {
      // Not renewed: the upstream keeps log from before a checkpoint that the copy is sure to hold.
      await this.reserve(upstream, signal);
      await unlessStalled({ what: source.member, progress, signal }, (noted, limit) =>
        // The copy begins where the source made its last checkpoint, and a new slot keeps from there: an older one may be near its end.
        this.#replication(source, limit, (session) => copy(session, noted)),
      );
    }
    await flushTree(directory);
    await this.#data.adoptIncoming();
    await this.#data.turnInto('replica');
    return 'BaseBackup';
  }

  async rewindOnto(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const { path, passwordFile } = this.#data;
    const source = upstreamConnection(upstream, { passwordFile, more: { dbname: MAINTENANCE_DATABASE } });
    await this.#programs.rewind(path, source, signal);
    await this.#data.turnInto('replica');
  }

  clearUnfinished(): Promise<void> {
    return this.#data.clearUnfinished();
  }

  removeData(): Promise<void> {
    return this.#data.remove();
  }

  turnInto(role: 'primary' | 'replica'): Promise<void> {
    return this.#data.turnInto(role);
  }

  async writePosture(posture: Posture): Promise<void> {
    await this.#write(posture);
    await this.#data.removeServerNote();
    // A server reads both before it takes connections.
    this.#settling = Promise.resolve();
    this.#door = posture.access;
  }

  /**
   * The main process reads settings, tells its children, and reads pg_hba.conf, all before it takes another connection:
   * a session that shows the new generation, and then a connection that is answered, prove that all of it is in force. The latter
   * is asked for where pg_hba.conf is another one: it costs the server a process.
   */
  async applyPosture(posture: Posture, signal: AbortSignal): Promise<void> {
    const before = renderSynchronousNames(this.#synchronous);
    const isSameDoor = this.#door === posture.access;
    if (!isSameDoor) this.#door = null;
    const generation = await this.#write(posture);
    if (renderSynchronousNames(posture.synchronous) !== before) this.#settling = null;
    const note = await this.#data.readServerNote();
    if (note === null) throw new Error('the server has noted no process to reload');
    process.kill(note.pid, 'SIGHUP');
    await poll(RELOAD_POLL_MS, signal, async () => {
      const { rows } = await this.#admin(signal, (admin) => admin.query<{ shown: string }>(SHOW_GENERATION));
      return rows[0]?.shown === generation ? true : null;
    });
    if (isSameDoor) return;
    await this.greet(signal);
    this.#door = posture.access;
  }

  /** Returns when no commit is acknowledged any more without the synchronous set. */
  async settle(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    // The checkpointer turns to its settings before it turns to a new request, so a checkpoint's end proves it.
    this.#settling ??= this.#admin(new AbortController().signal, async (admin) => {
      await admin.query('CHECKPOINT');
    });
    const settling = this.#settling;
    await orAborted(settling, signal).catch((error: Error) => {
      if (!signal.aborted && this.#settling === settling) this.#settling = null;
      throw error;
    });
  }

  endMailSessions(signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
    return this.#admin(signal, (admin) => endMailSessions(admin, signal));
  }

  async observe(signal: AbortSignal): Promise<Observation> {
    const context = {
      upstream: this.#upstream,
      knownTimeline: this.#knownTimeline,
      streamingPid: () => this.#streamingPid,
      upstreamTimeline: this.#upstreamTimeline,
      hasEpochs: true,
    };
    const observation = await this.#watching.use(signal, (client) => observeServer(client, context));
    this.#knownTimeline = observation.replication.timeline;
    return observation;
  }

  greet(signal: AbortSignal): Promise<void> {
    return greetServer(this.#configuration.server.host, this.#configuration.server.port, signal);
  }

  readonly stopSignals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

  /** SIGINT ends who waits in COMMIT without an answer. */
  async mayStopGently(): Promise<boolean> {
    return true;
  }

  failureOf = failureOf;

  positionOf(position: string): number {
    return Number(lsnToBigInt(position));
  }

  hear(logLine: string): RebuildReason | null {
    this.#streamingPid = receiverStartedBy(logLine) ?? this.#streamingPid;
    return verdictOfLine(logLine);
  }

  forget(): void {
    this.#watching.drop();
    this.#commanding.drop();
    this.#knownTimeline = 0;
    this.#streamingPid = 0;
  }

  async compare(upstream: Upstream, running: boolean, signal: AbortSignal): Promise<Comparison> {
    const log = await this.#askUpstream(upstream, signal).catch((error: DatabaseError) => {
      signal.throwIfAborted();
      if (failureOf(error) === 'sql' && !isPassing(error)) throw error;
      this.#upstreamTimeline = 0;
      return null;
    });
    if (log === null) return 'silent';
    return divergence(
      running ? await this.#ownEndOfRunning(signal) : endOfStopped(await this.#data.readControlFile()),
      log,
    );
  }

  errant(): null {
    return null;
  }

  async reserve(upstream: Upstream, signal: AbortSignal): Promise<void> {
    await this.#askUpstream(upstream, signal);
  }

  attachment(): (observation: Observation) => boolean {
    return attachment(this.#upstreamPosition);
  }

  awaitSilence(upstream: Upstream | null, signal: AbortSignal): Promise<void> {
    const isUpstreamGone = async (): Promise<boolean> => upstream !== null && (await refuses(upstream.endpoint));
    const options = { signal, terminate: endReceiver, isUpstreamGone };
    return this.#admin(signal, (admin) => awaitReceiverGone(admin, options));
  }

  async awaitApplied(signal: AbortSignal): Promise<void> {
    await this.#admin(signal, (admin) => awaitReplayed(admin, signal));
  }

  checkpoint(after: string | null, signal: AbortSignal): Promise<void> {
    return this.#admin(signal, (admin) => checkpoint(admin, after, signal));
  }

  async promote(signal: AbortSignal): Promise<void> {
    await this.#admin(signal, (admin) => promoteServer(admin, signal));
    // pg_rewind reads the new timeline off the control file, which a checkpoint writes. Nobody waits for it here: a
    // stamp asks the replicas themselves, and a grant waits until the checkpoint is done.
    this.#settling = null;
    this.settle(signal).catch(() => {
      // Asked for again, and its failure told, by the grant that needs it.
      this.#settling = null;
    });
  }

  barrier(signal: AbortSignal): Promise<void> {
    return this.#writeDurably(signal, writeBarrier);
  }

  stampEpoch(stamp: { epoch: number; uidGap: number }, signal: AbortSignal): Promise<void> {
    const { member } = this.#configuration;
    return this.#writeDurably(signal, (write) => writeEpoch(write, { ...stamp, member }));
  }

  renewPasswords(signal: AbortSignal): Promise<readonly RoleName[]> {
    return this.#writeDurably(signal, (write) => writePasswords(write, this.#passwords));
  }

  keepFor(options: KeepForOptions, signal: AbortSignal): Promise<void> {
    return this.#admin(signal, (admin) => keepSlots(admin, options));
  }

  /** A base backup waits for no commit. */
  async heldUpCopy(): Promise<null> {
    return null;
  }

  async #write(posture: Posture): Promise<string> {
    this.#upstream = posture.upstream;
    this.#synchronous = posture.synchronous;
    const major = Number.parseInt(await this.version(), 10);
    return await this.#data.writeConfiguration(posture, major);
  }

  /** A session that waits for replicas is never cancelled: when time is up it is left to wait, and nobody listens. */
  async #writeDurably<T>(signal: AbortSignal, work: (write: DurableWrite) => Promise<T>): Promise<T> {
    const synchronous = this.#synchronous;
    await orAborted(this.#durableWrite, signal);
    const life = new AbortController();
    const attempt = this.#admin(life.signal, (admin) => work({ admin, synchronous, signal: life.signal }));
    this.#durableWrite = settled(attempt);
    return await orAborted(attempt, signal);
  }

  /** Has the upstream keep log for this member, and asks what its own looks like. */
  async #askUpstream(upstream: Upstream, signal: AbortSignal): Promise<UpstreamLog> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_TIMEOUT_MS)]);
    const log = await this.#replication(upstream, limit, async (session) => {
      await reserveSlot(session, this.#configuration.member);
      return await readUpstreamLog(session);
    });
    this.#upstreamTimeline = log.timeline;
    this.#upstreamPosition = log.position;
    return log;
  }

  async #ownEndOfRunning(signal: AbortSignal): Promise<OwnEnd> {
    const { replication } = await this.observe(signal);
    const { systemIdentifier, timeline } = replication;
    if (replication.role === 'primary')
      return { systemIdentifier, timeline, position: replication.received, exact: true };
    // What was received of an unfinished record does not count: the new primary left it out as well.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REPLAY_TIMEOUT_MS)]);
    const replayed = await this.#admin(limit, (admin) => awaitReplayed(admin, limit)).catch((error: Error) => {
      if (!limit.aborted || signal.aborted) throw error;
      return null;
    });
    return { systemIdentifier, timeline, position: replayed ?? replication.applied, exact: replayed !== null };
  }

  #admin<T>(signal: AbortSignal, use: (admin: Client) => Promise<T>): Promise<T> {
    return this.#commanding.use(signal, use);
  }

  #replication<T>(upstream: Upstream, signal: AbortSignal, use: (session: Client) => Promise<T>): Promise<T> {
    const target = {
      ...upstream.endpoint,
      user: roles.replication,
      database: MAINTENANCE_DATABASE,
      applicationName: `${this.#configuration.member}-agent`,
      replication: true,
    };
    return firstAccepted(this.#passwords.candidates('replication'), (password) =>
      withSession({ ...target, password }, signal, async (session) => {
        await this.#replicateWith(password);
        return await use(session);
      }),
    );
  }

  /** The server itself, too: it may have been refused with another one. */
  async #replicateWith(password: string): Promise<void> {
    if (this.#replicationPassword === password) return;
    this.#replicationPassword = password;
    await this.#data.writePasswordFile();
  }

  /** A session of its own, in another database than the repository's, or before that exists. */
  #asAdmin<T>(database: string, signal: AbortSignal, use: (admin: Client) => Promise<T>): Promise<T> {
    const { password, ...target } = this.#local(database);
    return firstAccepted(password(), (one) => withSession({ ...target, password: one }, signal, use));
  }

  #local(database: string): PooledTarget {
    const { server, member } = this.#configuration;
    return {
      host: server.socketDirectory,
      port: server.port,
      user: roles.admin,
      password: () => this.#passwords.candidates('admin'),
      database,
      applicationName: `${member}-agent`,
    };
  }
}
