import { randomUUID } from 'node:crypto';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { versionRefusal } from '#database/version-refusal.ts';
import { ConfigurationError } from '#runtime/configuration.ts';
import { pause, within } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import { PublicKeys } from '#runtime/public-keys.ts';
import { createApi } from './api/server.ts';
import { CommandQueue } from './commands/command-queue.ts';
import { Obedience } from './commands/obey.ts';
import { Stamped } from './commands/stamped.ts';
import { Condition } from './condition.ts';
import type { MemberConfiguration } from './configuration.ts';
import { Donor } from './copying/donor.ts';
import { type HeldUp, isDeadlock, lookAgain } from './copying/held-up.ts';
import { createEngine } from './create-engine.ts';
import type { Engine } from './engine.ts';
import { isIsolated } from './isolation/is-isolated.ts';
import { Peers } from './isolation/peers.ts';
import { mayEnd } from './leaving/may-end.ts';
import type { Member } from './member.ts';
import { MemoryFile } from './memory/memory-file.ts';
import { type MemberFigures, MemberMetrics } from './metrics.ts';
import type { Passwords } from './passwords.ts';
import { Watch } from './probe/watch.ts';
import { Reporter } from './report/reporter.ts';
import { HEARTBEAT_MS, momentOf, untilBeat } from './report/until-beat.ts';
import { ServerLife, ServerStartFailure } from './server-life.ts';
import { Superseded } from './superseded.ts';
import { restartDelay } from './supervisor/restart-delay.ts';
import { storyOfExit, ToldStories } from './supervisor/story-of-exit.ts';
import type { ServerExit } from './supervisor/supervisor.ts';

const MAINTENANCE_MS = 2000;
const ISOLATION_CHECK_MS = 250;
/** Whatever is under way when the agent stops, no server is left behind. */
const STOP_MS = 14_000;
/** How often one that is leaving looks whether it may: a hand-over takes some hundred milliseconds. */
const LEAVING_CHECK_MS = 50;
/** The answer to the command after which nobody needs the agent any more has to leave this machine's buffers. */
const ANSWER_MS = 100;
/** A server that ran so long before it ended starts again with the shortest delay. */
const STABLE_MS = 60_000;

const STARTED_AT = Math.round(performance.timeOrigin);

/** One member's agent: everything wired together, and what it does without being told. */
export class Agent {
  readonly #configuration: MemberConfiguration;
  readonly #log: Logger;
  readonly #engine: Engine;
  readonly #member: Member;
  readonly #queue = new CommandQueue();
  readonly #watch: Watch;
  readonly #reporter: Reporter;
  readonly #peers: Peers;
  readonly #obedience: Obedience;
  readonly #serverVersion: string;
  readonly #passwords: Passwords;
  readonly #life = new AbortController();
  readonly #told = new ToldStories();
  readonly #registry = new Registry();
  readonly #metrics: MemberMetrics;
  #operatorSeenAt = performance.now();
  /** For which grant and which file the roles have the passwords of the file. */
  #passwordsOf = '';
  #failures = 0;
  /** Commits hold up a copy of the server. */
  #heldUp: HeldUp | null = null;
  #leaving = false;
  /** Commands that have no answer yet. */
  #unanswered = 0;
  #startedAt = 0;

  private constructor(
    configuration: MemberConfiguration,
    parts: { engine: Engine; memory: MemoryFile; log: Logger; serverVersion: string; passwords: Passwords },
  ) {
    const { engine, memory, log } = parts;
    this.#configuration = configuration;
    this.#engine = engine;
    this.#log = log;
    this.#serverVersion = parts.serverVersion;
    this.#passwords = parts.passwords;
    const condition = new Condition(() => this.#reporter.changed());
    const { dataDirectory } = configuration.server;
    const onUnexpectedExit = (exit: ServerExit, wasReady: boolean): void => {
      this.#metrics.serverExited(exit.cause);
      this.#tellExit(exit, wasReady);
      this.#scheduleRestart();
    };
    const onFullDisk = (line: string): void => this.#tellFullDisk({ lastLog: [line] });
    const { hungAfterMs } = configuration.start;
    const told = { onUnexpectedExit, onFullDisk };
    const server = new ServerLife({ dataDirectory, engine, memory, condition, log, hungAfterMs, ...told });
    const { cluster, partition, member } = configuration;
    this.#member = {
      identity: { cluster, partition, member },
      engine,
      memory,
      condition,
      server,
      log,
      stamped: new Stamped(),
    };
    this.#watch = new Watch({
      engine,
      ...configuration.probe,
      serverPid: () => (condition.current.state === 'running' ? server.pid : null),
      onRound: () => this.#afterProbe(),
    });
    this.#peers = new Peers(configuration.token, log);
    this.#reporter = new Reporter(randomUUID(), () => this.#report());
    this.#registry.setDefaultLabels({ partition, member });
    collectDefaultMetrics({ register: this.#registry });
    this.#metrics = new MemberMetrics(this.#registry, () => this.#figures());
    const { operatorKeys: inline, operatorKeysFile: file } = configuration;
    const keys = new PublicKeys({ keys: inline, file, log });
    this.#life.signal.addEventListener('abort', () => this.#closeFiles(keys), { once: true });
    const onDone = (): void => this.#loop('looking at the server', this.#watch.look());
    this.#obedience = new Obedience({ member: this.#member, queue: this.#queue, keys, now: Date.now, onDone });
  }

  /** Starts the agent and, where there is data and no command forbids it, the server. Resolves when the API listens. */
  static async start(configuration: MemberConfiguration, passwords: Passwords, log: Logger): Promise<Agent> {
    const engine = createEngine(configuration, passwords);
    const serverVersion = await versionOf(engine, configuration);
    const memory = await MemoryFile.open(`${configuration.server.dataDirectory}.agent.json`);
    const agent = new Agent(configuration, { engine, memory, log, passwords, serverVersion });
    await agent.#begin();
    return agent;
  }

  /**
   * Before `stop`, where there is time: says that this member is about to end, and resolves when nobody misses it, after
   * `handOver.withinMs` at the latest. Without such a time nothing is said: who is stopped at once has nothing to hand over.
   */
  async leave(): Promise<void> {
    const { withinMs } = this.#configuration.handOver;
    if (withinMs === 0) return;
    const since = performance.now();
    this.#leaving = true;
    this.#reporter.changed();
    while (!this.#mayEnd(performance.now() - since, withinMs)) await pause(LEAVING_CHECK_MS);
    await pause(ANSWER_MS);
  }

  #mayEnd(elapsedMs: number, withinMs: number): boolean {
    // Whoever has sent it would not know what became of it, and would give up the change of primary that it is part of.
    if (this.#unanswered > 0 && elapsedMs < withinMs) return false;
    const { condition, memory } = this.#member;
    const { state, fence, grantedEpoch } = condition.current;
    const { staysStopped } = memory.current;
    const standbys = this.#watch.observation?.replication.standbys ?? [];
    const followed = standbys.some(({ streaming }) => streaming);
    return mayEnd({ state, fence, granted: grantedEpoch !== null, staysStopped, followed, elapsedMs, withinMs });
  }

  /** Stops the server in order and ends. */
  async stop(): Promise<void> {
    const reason = new Error('the agent stops');
    this.#life.abort(reason);
    this.#queue.interrupt(reason);
    const { server } = this.#member;
    const stopped = this.#queue.run({ epoch: Number.MAX_SAFE_INTEGER, urgent: true }, () => server.stop('fast'));
    await within(STOP_MS, 'stopping the server', stopped).catch(async (error: Error) => {
      this.#log.debug({ error: error.message }, 'the server does not stop: it is killed');
      await server.stop('kill');
    });
  }

  async #begin(): Promise<void> {
    const { identity, memory, server, condition, log } = this.#member;
    await server.clearOrphans();
    const data = memory.current.incomplete ? 'empty' : await this.#engine.inspect();
    condition.change({ state: data === 'empty' ? 'empty' : 'stopped' });
    const api = createApi({
      token: this.#configuration.token,
      reporter: this.#reporter,
      obedience: this.#obedience,
      donor: new Donor({
        ...{ identity, engine: this.#engine, passwords: this.#passwords, log },
        isRunning: () => condition.current.state === 'running',
        now: () => performance.now(),
      }),
      now: () => performance.now(),
      onContact: (at) => {
        this.#operatorSeenAt = Math.max(at, this.#operatorSeenAt);
      },
      registry: this.#registry,
      onCommand: (change) => {
        this.#unanswered += change;
      },
      // Not the fence: that is a matter of which member, not of whether this one works.
      ready: () => condition.current.state === 'running',
    });
    this.#life.signal.addEventListener('abort', () => void api.close(), { once: true });
    await api.listen(this.#configuration.listen);
    if (data !== 'empty' && !memory.current.staysStopped) this.#startServer();
    this.#loop('watching the server', this.#watch.run(this.#life.signal));
    const moment = momentOf(Math.random());
    const beat = async (): Promise<void> => this.#reporter.heartbeat();
    this.#every(() => untilBeat(Date.now(), moment), 'the heartbeat', beat);
    this.#every(MAINTENANCE_MS, 'maintenance', () => this.#maintain());
    this.#every(ISOLATION_CHECK_MS, 'the isolation rule', () => this.#checkIsolation());
    this.#every(HEARTBEAT_MS, 'asking peers', () => this.#peers.ask(memory.current.peers, () => performance.now()));
  }

  #report(): ReturnType<ConstructorParameters<typeof Reporter>[1]> {
    const { condition, memory, server, identity } = this.#member;
    const { state, activity, fence, grantedEpoch, rebuild } = condition.current;
    const { instance } = this.#configuration;
    return {
      ...identity,
      state,
      activity,
      serverPid: server.pid,
      serverVersion: this.#serverVersion,
      exit: state === 'exited' ? server.exit : null,
      probe: this.#watch.probe,
      replication: this.#watch.observation?.replication ?? null,
      fence,
      grantedEpoch,
      highestEpoch: memory.current.highestEpoch,
      retainedBytes: this.#watch.observation?.retainedBytes ?? null,
      startedAt: STARTED_AT,
      ...(instance === undefined ? {} : { instance }),
      ...(this.#leaving ? { leaving: true } : {}),
      rebuild,
      ...(memory.current.errant === null ? {} : { errant: memory.current.errant }),
      ...(memory.current.copiedBy === null ? {} : { copiedBy: memory.current.copiedBy }),
    };
  }

  #figures(): MemberFigures {
    const now = performance.now();
    const { seenAt } = this.#peers;
    return {
      report: this.#report(),
      positionOf: (position) => this.#engine.positionOf(position),
      operatorSilentMs: now - this.#operatorSeenAt,
      peersSilentMs: seenAt === null ? null : now - seenAt,
    };
  }

  #afterProbe(): void {
    const { condition, server } = this.#member;
    const observation = this.#watch.observation;
    const { access, fence, rebuild } = condition.current;
    const told = observation?.rebuild ?? null;
    // Both at once is usual on MariaDB and MySQL: what applies the log has ended, and what receives it has not.
    if (told !== null) condition.change({ rebuild: told });
    else if (observation?.replication.upstream?.streaming === true && rebuild !== null)
      condition.change({ rebuild: null });
    // Let in by an old pg_hba.conf while it was still showing its password when the fence came.
    const shut = access === 'closed' || access === 'salvage';
    if (shut && fence !== null && (observation?.mailSessions ?? 0) > 0 && this.#queue.idle) {
      this.#inBackground('ending sessions that outlived the fence', async () => {
        await server.fence(fence);
      });
    }
    this.#reporter.changed();
  }

  #tellExit(exit: ServerExit, wasReady: boolean): void {
    const { code: exitCode, signal, lastLog, cause } = exit;
    if (!this.#told.isNews(storyOfExit(exit, wasReady), performance.now())) {
      this.#log.debug({ exitCode, signal, cause }, 'the server ended again, as before');
      return;
    }
    const code = cause ?? (wasReady ? 'ServerExited' : 'ServerStartFailed');
    this.#log.event(code, { exitCode, signal, lastLog });
  }

  #tellFullDisk(details: Record<string, unknown>): void {
    if (this.#told.isNews('DiskFull', performance.now())) this.#log.event('DiskFull', details);
  }

  #scheduleRestart(): void {
    const { condition, memory } = this.#member;
    if (memory.current.staysStopped || memory.current.incomplete || this.#life.signal.aborted) return;
    if (performance.now() - this.#startedAt > STABLE_MS) this.#failures = 0;
    const role = memory.current.upstream === null ? 'primary' : 'replica';
    const delay = restartDelay(this.#configuration.restart, role, this.#failures);
    this.#failures += 1;
    this.#loop(
      'starting the server again',
      pause(delay, this.#life.signal).then((end) => {
        const forbidden = memory.current.staysStopped || memory.current.incomplete;
        if (end !== 'elapsed' || condition.current.state !== 'exited' || forbidden) return;
        this.#metrics.serverRestarted();
        this.#startServer();
      }),
    );
  }

  #startServer(): void {
    this.#startedAt = performance.now();
    this.#inBackground('starting the server', async (signal) => {
      const { memory, server } = this.#member;
      if (memory.current.staysStopped || memory.current.incomplete) return;
      await server.start({ signal }).catch((error: Error) => {
        // The end of a server calls for the next attempt by itself; this one never came to be. One that is under way goes on.
        if (!(error instanceof ServerStartFailure || error instanceof Superseded)) this.#scheduleRestart();
        throw error;
      });
    });
  }

  async #maintain(): Promise<void> {
    const { condition, memory, server } = this.#member;
    if (condition.current.state !== 'running' || condition.current.access === 'salvage' || !this.#queue.idle) return;
    const signal = AbortSignal.timeout(MAINTENANCE_MS);
    // First: what else there is to do may wait for those commits as well.
    await this.#freeCopy(signal);
    if (server.isBehind) await this.#catchUpWithMemory(signal);
    const { upstream, detached, keep } = memory.current;
    const { received } = this.#peers;
    await this.#engine.keepFor({ members: keep.members, received, exactly: false }, signal);
    const streaming = this.#watch.observation?.replication.upstream?.streaming === true;
    // The upstream may be a new one, or one rebuilt, that was not told of us.
    if (upstream !== null && !detached && !streaming) await this.#engine.reserve(upstream, signal);
    await this.#renewPasswords(signal);
  }

  /** Only its end frees a server of commits that wait. It comes back shut, and commits nothing before replicas are there. */
  async #freeCopy(limit: AbortSignal): Promise<void> {
    const heldUp = lookAgain(this.#heldUp, performance.now(), await this.#engine.heldUpCopy(limit));
    this.#heldUp = heldUp;
    if (heldUp === null || !isDeadlock(heldUp)) return;
    this.#heldUp = null;
    const { server } = this.#member;
    this.#inBackground('ending commits that hold up a copy', async (signal) => {
      // While it waited for its turn a replica may have come back.
      const again = AbortSignal.any([signal, AbortSignal.timeout(MAINTENANCE_MS)]);
      if ((await this.#engine.heldUpCopy(again)) === null) return;
      this.#log.event('CopyHeldUp', { heldUpMs: Math.round(performance.now() - heldUp.since) });
      if ((await server.fence('NoGrant')) === 'stopped') await server.start({ signal });
    });
  }

  /** A command that was given up may have left it at that; whoever comes after it need not ask for the same. */
  async #catchUpWithMemory(limit: AbortSignal): Promise<void> {
    const { condition, memory, server } = this.#member;
    const order = { epoch: memory.current.highestEpoch, urgent: false };
    await this.#queue.run(order, (signal) => server.apply(condition.current.access, AbortSignal.any([signal, limit])));
  }

  /** Once after each grant and each change of the file: whoever was the primary then may not have come to it. */
  async #renewPasswords(signal: AbortSignal): Promise<void> {
    const { grantedEpoch } = this.#member.condition.current;
    const due = `${grantedEpoch} ${this.#passwords.generation}`;
    if (grantedEpoch === null || this.#passwordsOf === due) return;
    const roles = await this.#engine.renewPasswords(signal);
    this.#passwordsOf = due;
    if (roles.length > 0) this.#log.event('PasswordsReplaced', { roles });
  }

  #closeFiles(keys: PublicKeys): void {
    keys.close();
    this.#passwords.close();
  }

  async #checkIsolation(): Promise<void> {
    const { condition, server, identity } = this.#member;
    const facts = {
      serving: condition.current.grantedEpoch !== null,
      now: performance.now(),
      operatorSeenAt: this.#operatorSeenAt,
      peerSeenAt: this.#peers.seenAt,
      afterMs: this.#configuration.isolation.afterMs,
    };
    if (!isIsolated(facts)) return;
    this.#log.event('MemberIsolated', { member: identity.member });
    await this.#background('fencing an isolated primary', true, async (signal) => {
      // Stopped where a commit waited: brought back shut, so that a grant is all it needs.
      if ((await server.fence('Isolated')) === 'stopped') await server.start({ signal, fence: 'Isolated' });
    });
  }

  #inBackground(what: string, job: (signal: AbortSignal) => Promise<void>): void {
    this.#loop(what, this.#background(what, false, job));
  }

  #background(what: string, urgent: boolean, job: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const order = { epoch: this.#member.memory.current.highestEpoch, urgent };
    return this.#queue.run(order, job).catch((error: NodeJS.ErrnoException) => {
      // A server that ended has been told of, with its last words; what went ahead is answered to who asked for it.
      if (this.#life.signal.aborted || error instanceof ServerStartFailure || error instanceof Superseded) return;
      if (error.code === 'ENOSPC') this.#tellFullDisk({ what, error: error.message });
      else this.#log.event('Unexpected', { what, error: error.message });
    });
  }

  /** @param ms between one and the next */
  #every(ms: number | (() => number), what: string, work: () => Promise<void>): void {
    const { signal } = this.#life;
    const run = async (): Promise<void> => {
      while ((await pause(typeof ms === 'number' ? ms : ms(), signal)) === 'elapsed') {
        await work().catch((error: Error) => this.#log.debug({ what, error: error.message }, 'failed; tried again'));
      }
    };
    this.#loop(what, run());
  }

  /** Work that nobody waits for; what it throws is a mistake in this program. */
  #loop(what: string, work: Promise<unknown>): void {
    work.catch((error: Error) => this.#log.event('Unexpected', { what, error: error.stack }));
  }
}

/** @throws ConfigurationError where it is no version that may be started: the server would take over the data, for ever */
async function versionOf(engine: Engine, configuration: MemberConfiguration): Promise<string> {
  const version = await engine.version();
  const { binDirectory, majorVersion } = configuration.server;
  const refusal = versionRefusal({ engine: configuration.engine, version, majorVersion });
  if (refusal !== null) throw new ConfigurationError(`${binDirectory}: ${refusal}`);
  return version;
}
