import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { bigIntToLsn, lsnToBigInt } from '#database/postgres/lsn.ts';
import { roles } from '#database/postgres/roles.ts';
import type { MemberConfiguration } from '../configuration.ts';
import type { DataState, Engine, Observation, Posture, Progress } from '../engine.ts';
import type { Upstream } from '../memory/memory.ts';
import { poll } from '../poll.ts';
import type { MemberSecrets } from '../secrets.ts';
import type { LaunchPlan } from '../supervisor/supervisor.ts';
import { copyBaseBackup } from './base-backup/copy-base-backup.ts';
import { clusterSql, databaseSql, quote } from './bootstrap-sql.ts';
import { DataDirectory } from './data-directory.ts';
import { divergence, type OwnEnd, type UpstreamLog } from './divergence.ts';
import { writeBarrier, writeEpoch } from './durable-write.ts';
import { failureOf } from './failure-of.ts';
import { greetServer } from './greet.ts';
import { HeldSession } from './held-session.ts';
import { verdictOfLine } from './log-verdict.ts';
import { endMailSessions } from './mail-sessions.ts';
import { observeServer } from './observe.ts';
import { GENERATION_SETTING } from './posture-settings.ts';
import { promoteServer } from './promote.ts';
import { awaitReplayed } from './replay.ts';
import { readUpstreamLog, reserveSlot } from './replication-protocol.ts';
import { scramVerifier } from './scram-verifier.ts';
import { ServerPrograms, serverEnvironment } from './server-programs.ts';
import { type SessionTarget, withSession } from './session.ts';
import { keepSlots } from './slots.ts';
import { awaitReceiverGone } from './wal-receiver.ts';

const RELOAD_POLL_MS = 5;
const UPSTREAM_TIMEOUT_MS = 2000;
const REPLAY_TIMEOUT_MS = 3000;
const MAINTENANCE_DATABASE = 'postgres';
const SALT_BYTES = 16;

/** PostgreSQL 15 and later as the agent's engine. */
export class PostgresEngine implements Engine {
  readonly #configuration: MemberConfiguration;
  readonly #secrets: MemberSecrets;
  readonly #programs: ServerPrograms;
  readonly #data: DataDirectory;
  readonly #held: HeldSession;
  #version: string | null = null;
  #upstream: string | null = null;
  #knownTimeline = 0;
  /** A commit that waits for its replicas. There is one at most: repeated attempts would use up all sessions. */
  #durableWrite: Promise<unknown> = Promise.resolve();

  constructor(configuration: MemberConfiguration, secrets: MemberSecrets) {
    const { server } = configuration;
    this.#configuration = configuration;
    this.#secrets = secrets;
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
      replicationPassword: secrets.replication,
    });
    this.#held = new HeldSession({ ...this.#local(server.database), host: server.host });
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
    await this.#programs.initialize(directory, this.#secrets.admin, signal);
    await this.#data.adoptIncoming();
  }

  async furnish(signal: AbortSignal): Promise<void> {
    const verifier = (password: string): string => scramVerifier(password, randomBytes(SALT_BYTES));
    const { replication, mail, salvage } = this.#secrets;
    const { database } = this.#configuration.server;
    const verifiers = { replication: verifier(replication), mail: verifier(mail), salvage: verifier(salvage) };
    const writable = 'SET default_transaction_read_only = off';
    await withSession(this.#local(MAINTENANCE_DATABASE), signal, async (admin) => {
      await admin.query(writable);
      await admin.query(clusterSql(verifiers));
      const found = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
      if (found.rowCount === 0) await admin.query(`CREATE DATABASE ${quote(database)}`);
    });
    await this.#admin(signal, async (admin) => {
      await admin.query(writable);
      await admin.query(databaseSql(database));
    });
  }

  async copyFrom(upstream: Upstream, progress: Progress, signal: AbortSignal): Promise<void> {
    progress('cloning', null);
    const directory = await this.#data.prepareIncoming();
    await this.#replication(upstream, signal, async (session) => {
      await reserveSlot(session, this.#configuration.member);
      await copyBaseBackup(session, directory, progress);
    });
    await this.#data.adoptIncoming();
    await this.#data.turnInto('replica');
  }

  async rewindOnto(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const { host, port } = upstream.endpoint;
    const connection = `host=${host} port=${port} user=${roles.replication} dbname=${MAINTENANCE_DATABASE}`;
    const source = { connection, passwordFile: this.#data.passwordFile };
    await this.#programs.rewind(this.#data.path, source, signal);
    await this.#data.turnInto('replica');
  }

  removeData(): Promise<void> {
    return this.#data.remove();
  }

  turnInto(role: 'primary' | 'replica'): Promise<void> {
    return this.#data.turnInto(role);
  }

  async writePosture(posture: Posture): Promise<void> {
    await this.#write(posture);
  }

  async applyPosture(posture: Posture, signal: AbortSignal): Promise<void> {
    const generation = await this.#write(posture);
    const note = await this.#data.readServerNote();
    if (note === null) throw new Error('the server has noted no process to reload');
    process.kill(note.pid, 'SIGHUP');
    // The main process reads settings and pg_hba.conf in one go before it makes another session, and has told all its
    // children by then: a new session that shows the generation proves all of it.
    await poll(RELOAD_POLL_MS, signal, async () => {
      const shown = await this.#admin(signal, async (admin) => {
        const { rows } = await admin.query<{ shown: string }>(
          `SELECT current_setting('${GENERATION_SETTING}') AS shown`,
        );
        return rows[0]?.shown;
      });
      return shown === generation ? true : null;
    });
  }

  endMailSessions(signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
    return this.#admin(signal, (admin) => endMailSessions(admin, signal));
  }

  async observe(signal: AbortSignal): Promise<Observation> {
    const context = { upstream: this.#upstream, knownTimeline: this.#knownTimeline };
    const observation = await this.#held.use(signal, (client) => observeServer(client, context));
    this.#knownTimeline = observation.replication.timeline;
    return observation;
  }

  greet(signal: AbortSignal): Promise<void> {
    return greetServer(this.#configuration.server.host, this.#configuration.server.port, signal);
  }

  readonly stopSignals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

  failureOf = failureOf;

  verdictOf = verdictOfLine;

  forget(): void {
    this.#held.drop();
    this.#knownTimeline = 0;
  }

  async compare(
    upstream: Upstream,
    running: boolean,
    signal: AbortSignal,
  ): Promise<'follows' | 'diverged' | 'unknown'> {
    const log = await this.#upstreamLog(upstream, signal);
    if (log === null) return 'unknown';
    return divergence(running ? await this.#ownEndOfRunning(signal) : await this.#ownEndOfStopped(), log);
  }

  async reserve(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_TIMEOUT_MS)]);
    await this.#replication(upstream, limit, (session) => reserveSlot(session, this.#configuration.member));
  }

  awaitSilence(signal: AbortSignal): Promise<void> {
    return this.#admin(signal, (admin) => awaitReceiverGone(admin, signal));
  }

  async awaitApplied(signal: AbortSignal): Promise<void> {
    await this.#admin(signal, (admin) => awaitReplayed(admin, signal));
  }

  promote(signal: AbortSignal): Promise<void> {
    return this.#admin(signal, (admin) => promoteServer(admin, signal));
  }

  barrier(signal: AbortSignal): Promise<void> {
    return this.#writeDurably(signal, writeBarrier);
  }

  stampEpoch(stamp: { epoch: number; uidGap: number }, signal: AbortSignal): Promise<void> {
    const { member } = this.#configuration;
    return this.#writeDurably(signal, (admin) => writeEpoch(admin, { ...stamp, member }));
  }

  keepFor(members: readonly string[], received: ReadonlyMap<string, string>, signal: AbortSignal): Promise<void> {
    return this.#admin(signal, (admin) => keepSlots(admin, members, received));
  }

  async #write(posture: Posture): Promise<string> {
    this.#upstream = posture.upstream?.member ?? null;
    const major = Number.parseInt(await this.version(), 10);
    return await this.#data.writeConfiguration(posture, major);
  }

  /** The session that waits for replicas is never cancelled: when time is up it is left to wait, and nobody listens. */
  async #writeDurably(signal: AbortSignal, write: (admin: Client) => Promise<void>): Promise<void> {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    signal.throwIfAborted();
    await Promise.race([this.#durableWrite, aborted]);
    const life = new AbortController();
    const attempt = this.#admin(life.signal, write);
    this.#durableWrite = attempt.catch(() => undefined);
    await Promise.race([attempt, aborted]);
  }

  async #upstreamLog(upstream: Upstream, signal: AbortSignal): Promise<UpstreamLog | null> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_TIMEOUT_MS)]);
    try {
      return await this.#replication(upstream, limit, readUpstreamLog);
    } catch (error) {
      if (failureOf(error) === 'sql') throw error;
      signal.throwIfAborted();
      return null;
    }
  }

  async #ownEndOfStopped(): Promise<OwnEnd> {
    const control = await this.#data.readControlFile();
    // One byte into the record of the shutdown checkpoint: an upstream without that record does not reach so far.
    const last = bigIntToLsn(lsnToBigInt(control.checkpoint) + 1n);
    const { systemIdentifier, timeline, primaryShutDown } = control;
    return { systemIdentifier, timeline, position: last, exact: primaryShutDown };
  }

  async #ownEndOfRunning(signal: AbortSignal): Promise<OwnEnd> {
    const { replication } = await this.observe(signal);
    const { systemIdentifier, timeline } = replication;
    if (replication.role === 'primary')
      return { systemIdentifier, timeline, position: replication.received, exact: true };
    // What was received of an unfinished record does not count: the new primary left it out as well.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REPLAY_TIMEOUT_MS)]);
    const position = await this.#admin(limit, (admin) => awaitReplayed(admin, limit));
    return { systemIdentifier, timeline, position, exact: true };
  }

  #admin<T>(signal: AbortSignal, use: (admin: Client) => Promise<T>): Promise<T> {
    return withSession(this.#local(this.#configuration.server.database), signal, use);
  }

  #replication<T>(upstream: Upstream, signal: AbortSignal, use: (session: Client) => Promise<T>): Promise<T> {
    const target = {
      ...upstream.endpoint,
      user: roles.replication,
      password: this.#secrets.replication,
      database: MAINTENANCE_DATABASE,
      applicationName: `${this.#configuration.member}-agent`,
      replication: true,
    };
    return withSession(target, signal, use);
  }

  #local(database: string): SessionTarget {
    const { server, member } = this.#configuration;
    return {
      host: server.socketDirectory,
      port: server.port,
      user: roles.admin,
      password: this.#secrets.admin,
      database,
      applicationName: `${member}-agent`,
    };
  }
}
