import { isDeepStrictEqual } from 'node:util';
import type { FenceReason } from '#contract/agent-report.ts';
import { Impossible } from '#database/impossible.ts';
import { pause, within } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import type { Condition } from './condition.ts';
import type { Access, Engine, Posture } from './engine.ts';
import type { MemoryFile } from './memory/memory-file.ts';
import { failsForSpace, givesUpLog, waitsForLogSpace } from './supervisor/disk-verdict.ts';
import { endHungStart } from './supervisor/end-hung-start.ts';
import { signsOfWork } from './supervisor/signs-of-work.ts';
import { type ServerExit, Supervisor } from './supervisor/supervisor.ts';

/** How often a server that starts is looked at: at first, and after a recovery that lasts. */
const READY_POLL_MS = 10;
const READY_POLL_MAX_MS = 250;
const FAST_STOP_MS = 10_000;
const IMMEDIATE_STOP_MS = 3000;
/** A fence that is not in force by then is put in force by ending the server. */
const FENCE_MS = 2000;

/** A server that ended before it took connections; the message is its last words. */
export class ServerStartFailure extends Error {
  override readonly name = 'ServerStartFailure';
}

export type ServerLifeOptions = {
  readonly dataDirectory: string;
  readonly engine: Engine;
  readonly memory: MemoryFile;
  readonly condition: Condition;
  readonly log: Logger;
  /** A start without any sign of work for so long hangs, and is ended; null: never. Milliseconds. */
  readonly hungAfterMs: number | null;
  /** The server ended although nobody stopped it; `wasReady`: it had taken connections before. */
  readonly onUnexpectedExit: (exit: ServerExit, wasReady: boolean) => void;
  /** A part of the server gave up for want of disk space; of a replica that part alone, which receives the log. */
  readonly onFullDisk: (line: string) => void;
};

export type StartOptions = {
  readonly signal: AbortSignal;
  /** For a primary: a replica is always open to readers. */
  readonly access?: Access;
  readonly fence?: FenceReason;
  /** `working` where the start is part of making data. */
  readonly during?: 'starting' | 'working';
};

/** Starting, stopping and fencing the server, with everything that must go along with it. */
export class ServerLife {
  readonly #options: ServerLifeOptions;
  readonly #supervisor: Supervisor;
  #stopping = false;
  /** Of the server that was started last: true once it takes connections, false where it ended before. */
  #readiness: Promise<boolean> = Promise.resolve(false);
  /** What the server goes by; null: not known. */
  #told: Posture | null = null;

  constructor(options: ServerLifeOptions) {
    this.#options = options;
    this.#supervisor = new Supervisor({
      dataDirectory: options.dataDirectory,
      log: options.log,
      onExit: (exit) => this.#exited(exit),
      onLogLine: (line) => this.#heard(line),
    });
  }

  get pid(): number | null {
    return this.#supervisor.pid;
  }

  get exit(): ServerExit | null {
    return this.#stopping ? null : this.#supervisor.exit;
  }

  get running(): boolean {
    return this.#supervisor.pid !== null;
  }

  /** It goes by something else than memory says by now: that changed while it started, or telling it was broken off. */
  get isBehind(): boolean {
    return this.running && !isDeepStrictEqual(this.#told, this.posture(this.#options.condition.current.access));
  }

  /** Last lines of the server's log. */
  get lastLog(): readonly string[] {
    return this.#supervisor.lastLog;
  }

  /** Ends what an earlier agent left running: it may serve mail under a grant that nobody remembers. */
  async clearOrphans(): Promise<void> {
    await this.#supervisor.clear();
    await this.#options.engine.clearUnfinished();
  }

  /**
   * Starts the server and waits until it takes connections: a replica open to readers, a primary fenced. One that runs is
   * waited for as well, and told what has changed since it was started.
   * @throws Impossible `NoData`, ServerStartFailure
   */
  async start(options: StartOptions): Promise<void> {
    const { engine, condition } = this.#options;
    if (this.running) return await this.#join(options.signal);
    const data = await engine.inspect();
    if (data === 'empty') throw new Impossible('NoData', 'there is no data to start a server on');
    const access = data === 'replica' ? 'reading' : (options.access ?? 'closed');
    const fence = data === 'replica' ? null : (options.fence ?? 'NoGrant');
    this.#stopping = false;
    const state = options.during ?? 'starting';
    condition.change({ state, access, fence, grantedEpoch: null, rebuild: null });
    await this.#launch(access);
    await this.#awaitReady(options.signal);
  }

  /** Writes posture anew from memory and `access`, and waits until a running server obeys it. */
  async apply(access: Access, signal: AbortSignal): Promise<void> {
    if (this.running) await this.#tell(access, signal);
  }

  posture(access: Access): Posture {
    const { upstream, detached, synchronous, keep } = this.#options.memory.current;
    return { access, upstream: detached ? null : upstream, synchronous, retainBytes: keep.retainBytes };
  }

  /** Stops the server, each way with a limit after which a harder one follows. */
  async stop(mode: 'fast' | 'immediate' | 'kill'): Promise<void> {
    const { engine, condition } = this.#options;
    this.#stopping = true;
    if (mode === 'fast') await this.#stopInOrder();
    if (mode !== 'kill') await this.#signalAndWait(engine.stopSignals.immediate, IMMEDIATE_STOP_MS);
    await this.#supervisor.clear();
    const empty = (await engine.inspect()) === 'empty';
    condition.change({ state: empty ? 'empty' : 'stopped', activity: null, grantedEpoch: null });
  }

  /**
   * Refuses mail and ends its sessions. Where a session waits in COMMIT, or the server does not obey in time, the server
   * is ended instead: that answers no client, while a wait that is broken off makes visible what no replica has.
   * `starting`: it lets nobody in, and will not when it is there. Ended, its recovery would have to begin anew.
   */
  async fence(reason: FenceReason): Promise<'fenced' | 'stopped' | 'starting'> {
    const { engine, condition, log } = this.#options;
    if (this.running && condition.current.state === 'starting' && this.#told?.access === 'closed') {
      condition.change({ access: 'closed', fence: reason, grantedEpoch: null });
      return 'starting';
    }
    if (this.running) {
      const signal = AbortSignal.timeout(FENCE_MS);
      try {
        await this.#tell('closed', signal);
        if ((await engine.endMailSessions(signal)) === 'ended') {
          condition.change({ access: 'closed', fence: reason, grantedEpoch: null });
          return 'fenced';
        }
        log.debug({ reason }, 'a commit waits for its replicas: the server is stopped to fence it');
        await this.stop('immediate');
      } catch (error) {
        log.debug({ reason, error: String(error) }, 'the server does not obey the fence: it is killed');
        await this.stop('kill');
      }
    }
    condition.change({ access: 'closed', fence: reason, grantedEpoch: null });
    return 'stopped';
  }

  /**
   * One that does not say in time that it may be is ended as one that may not. All mail waits for a primary; a replica takes of the
   * whole time what it needs to apply what it has received, and perhaps acknowledged: by then it loses nothing where it is killed.
   */
  async #stopInOrder(): Promise<void> {
    const { engine, log } = this.#options;
    if (!this.running) return;
    const isReplica = (await engine.inspect()) === 'replica';
    const since = performance.now();
    const limit = AbortSignal.timeout(isReplica ? FAST_STOP_MS : FENCE_MS);
    const mayStop = await engine.mayStopGently(limit).catch((error: Error) => {
      log.debug({ error: error.message }, 'whether the server may be stopped in order cannot be told');
      return false;
    });
    if (!mayStop) return;
    const passed = isReplica ? performance.now() - since : 0;
    await this.#signalAndWait(engine.stopSignals.fast, Math.max(1, FAST_STOP_MS - passed));
  }

  async #signalAndWait(signal: NodeJS.Signals, ms: number): Promise<void> {
    const { ended } = this.#supervisor;
    if (ended === null) return;
    this.#supervisor.signal(signal);
    await within(ms, 'stopping the server', ended).catch((error: Error) => {
      this.#options.log.debug({ signal, error: error.message }, 'the server does not stop');
    });
  }

  async #tell(access: Access, signal: AbortSignal): Promise<void> {
    const posture = this.posture(access);
    this.#told = null;
    await this.#options.engine.applyPosture(posture, signal);
    this.#told = posture;
  }

  /** Nothing runs where this throws (a full disk): whoever looks must find a server that is down, not one on its way. */
  async #launch(access: Access): Promise<void> {
    const { engine, condition } = this.#options;
    const posture = this.posture(access);
    try {
      await engine.writePosture(posture);
      const pid = await this.#supervisor.start(engine.launchPlan());
      this.#told = posture;
      this.#readiness = this.#watchReadiness(pid);
      this.#watchForHanging();
    } catch (error) {
      condition.change({ state: 'exited', activity: null });
      throw error;
    }
  }

  /**
   * For the life of the process, not of the command that started it: that may be given up or run out of time, and a server
   * whose recovery lasts is then one that runs, whoever asks for it next.
   */
  async #watchReadiness(pid: number | null): Promise<boolean> {
    const { engine, condition, log } = this.#options;
    const { ended } = this.#supervisor;
    const begin = performance.now();
    while (pid !== null && ended !== null && this.#supervisor.ended === ended) {
      const isReady = await engine.isReady(pid).catch((error: Error) => {
        log.debug({ error: error.message }, 'whether the server is ready cannot be read');
        return false;
      });
      if (isReady && this.#supervisor.ended === ended && !this.#stopping) {
        if (condition.current.state === 'starting') condition.change({ state: 'running', activity: null });
        return true;
      }
      const ms = Math.min(READY_POLL_MAX_MS, READY_POLL_MS + (performance.now() - begin) / 100);
      await Promise.race([pause(ms), ended]);
    }
    return false;
  }

  #watchForHanging(): void {
    const { dataDirectory, hungAfterMs, log } = this.#options;
    const supervisor = this.#supervisor;
    const { ended } = supervisor;
    if (hungAfterMs === null || ended === null) return;
    const over = new AbortController();
    void Promise.race([this.#readiness, ended]).finally(() => over.abort());
    const end = async (stalledMs: number): Promise<void> => {
      if (supervisor.ended !== ended || over.signal.aborted) return;
      log.event('ServerStartHung', { serverPid: supervisor.pid, stalledMs: Math.round(stalledMs) });
      await supervisor
        .kill(`did not start and did nothing for ${Math.round(stalledMs / 1000)} s`)
        .catch((error: Error) => log.debug({ error: error.message }, 'the server that hangs does not end'));
    };
    const signs = async (): Promise<string | null> => {
      const work = await signsOfWork(dataDirectory);
      return work === null ? null : `${supervisor.linesHeard} ${work}`;
    };
    endHungStart({ afterMs: hungAfterMs, signs, over: over.signal, end }).catch((error: Error) =>
      log.event('Unexpected', { what: 'watching a start', error: error.message }),
    );
  }

  async #awaitReady(signal: AbortSignal): Promise<void> {
    const { ended } = this.#supervisor;
    if (await orAborted(this.#readiness, signal)) return;
    const exit = ended === null ? this.#supervisor.exit : await ended;
    throw new ServerStartFailure(exit?.lastLog.join('\n') ?? 'the server did not start');
  }

  async #join(signal: AbortSignal): Promise<void> {
    const { condition } = this.#options;
    await this.#awaitReady(signal);
    if (!this.isBehind) return;
    // Said of an upstream that it is not to follow any more.
    condition.change({ rebuild: null });
    await this.apply(condition.current.access, signal);
  }

  #exited(exit: ServerExit): void {
    const { engine, condition, onUnexpectedExit } = this.#options;
    engine.forget();
    if (this.#stopping) {
      condition.change({ state: 'stopped', grantedEpoch: null });
      return;
    }
    const wasReady = condition.current.state === 'running';
    condition.change({ state: 'exited', activity: null, grantedEpoch: null });
    onUnexpectedExit(exit, wasReady);
  }

  #heard(line: string): void {
    const { engine, condition, log, onFullDisk } = this.#options;
    log.debug({ server: line }, 'server');
    if (this.#mustEndFor(line)) this.#endForSpace();
    else if (failsForSpace(line)) onFullDisk(line);
    const rebuild = engine.hear(line);
    if (rebuild !== null) condition.change({ rebuild });
  }

  /**
   * A primary without space for its log ends, as PostgreSQL's does by itself: who waits in COMMIT is answered by nobody, and its recovery
   * takes back what has no place in the log. A replica that waits is read on, and goes on by itself.
   */
  #mustEndFor(line: string): boolean {
    return givesUpLog(line) || (waitsForLogSpace(line) && this.#options.condition.current.access !== 'reading');
  }

  #endForSpace(): void {
    const { log } = this.#options;
    this.#supervisor
      .kill('found no space for its log')
      .catch((error: Error) =>
        log.debug({ error: error.message }, 'the server without space for its log does not end'),
      );
  }
}
