import { isDeepStrictEqual } from 'node:util';
import type { RequestOutcome } from '../core.ts';
import { type Decision, decide } from '../failover/decide.ts';
import { begin, type Execution, runStep } from '../failover/execute.ts';
import { isDownForSpace } from '../failover/is-down-for-space.ts';
import { noteAnswers } from '../failover/note-answers.ts';
import { LagTracker } from '../failover/observation/lag-tracker.ts';
import { noteReports } from '../failover/observation/note-reports.ts';
import {
  type Observation,
  type Preparation,
  type Request,
  SILENT_UPSTREAM_MS,
} from '../failover/observation/observation.ts';
import { observe, type Sources } from '../failover/observation/observe.ts';
import { SightingNews } from '../failover/observation/sighting-news.ts';
import { type PreparationOrder, prepareSwitchover } from '../failover/prepare-switchover.ts';
import { runUpkeep } from '../failover/run-upkeep.ts';
import type { CrashPoint } from '../failover/steps/crash-point.ts';
import type { StepContext } from '../failover/steps/step-context.ts';
import { type UpkeepAction, upkeepDuring } from '../failover/upkeep.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { HeardMember, Ports } from '../ports.ts';
import type { Targets } from '../targets/targets.ts';
import type { Tuning } from '../tuning.ts';
import { Announcer } from './announce.ts';
import { Background } from './background.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Operation } from './operation.ts';
import { Outage } from './outage.ts';
import type { PartitionSpec } from './partition-spec.ts';
import type { PartitionView } from './partition-view.ts';
import { type AtRest, pauseAtRest, quietFor } from './pause-at-rest.ts';
import { PendingRequest } from './pending-request.ts';
import type { PartitionRecord } from './record.ts';
import { RecordConflict, RecordKeeper } from './record-keeper.ts';
import { publishable } from './schema.ts';
import { settle } from './settle.ts';

export type LoopOptions = {
  readonly spec: PartitionSpec;
  readonly ports: Ports;
  readonly tuning: Tuning;
  readonly targets: Targets;
  readonly metrics: OperatorMetrics;
  readonly crashPoint: CrashPoint;
};

const FULL = 'No disk space left for the record of a partition: nothing about it is changed until there is.';

/** By then a turn is taken, however well all seems to be. */
const LONGEST_REST_MS = 15_000;

type Change = {
  readonly apply: (record: PartitionRecord) => Partial<PartitionRecord>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
};

/** As it is kept: since when, by `Clock.monotonic`. */
type KeptPreparation = Omit<Preparation, 'ageMs' | 'ended'> & { readonly since: number; ended: boolean };

type Decided = { readonly decision: Decision; readonly observation: Observation };

/**
 * One partition: observe → decide → act, one turn after the other, never two at once. A turn is taken at every report
 * of its members and every `resyncMs`; while all is well, at news of them and when one has fallen silent (`pauseAtRest`).
 * Partitions share nothing but the routing document: the trouble of one is its own.
 */
export class PartitionLoop {
  readonly #options: LoopOptions;
  readonly #keeper: RecordKeeper;
  readonly #background: Background;
  readonly #housekeeping: Housekeeping;
  readonly #announcer: Announcer;
  readonly #lag = new LagTracker();
  readonly #news: SightingNews;
  readonly #outage = new Outage();
  readonly #request = new PendingRequest();
  readonly #changes: Change[] = [];
  readonly #end = new AbortController();
  #spec: PartitionSpec;
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** All is well, and nothing is to be done, by the last turn. */
  #resting = false;
  /** When the last began, in monotonic milliseconds. */
  #turnAt = 0;
  #waitingFor: string | null = null;
  #preparation: KeptPreparation | null = null;
  #preparations = 0;
  /** The trouble that was told last; null since a turn went well. A turn that fails is repeated many times a second. */
  #told: string | null = null;
  /** Somebody else wrote the record: read it again before anything is decided. */
  #stale = true;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#spec = options.spec;
    const { ports, tuning } = options;
    this.#news = new SightingNews([tuning.witnessSilenceMs, SILENT_UPSTREAM_MS]);
    this.#keeper = new RecordKeeper(ports.records, options.spec.name);
    this.#announcer = new Announcer(ports.events, () => this.#spec);
    this.#background = new Background({
      clock: ports.clock,
      onEnd: () => this.trigger(),
      onError: (key, error) => this.#unexpected(error, key),
    });
    this.#housekeeping = new Housekeeping(ports.members, tuning);
  }

  /** Reads the record. Before any partition starts: a document without one of them must never be published. */
  async load(): Promise<void> {
    await this.#keeper.load();
    this.#noteTarget();
    this.#stale = false;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.trigger();
    this.#background.close();
    await this.#running;
    for (const change of this.#changes.splice(0)) change.done();
    await this.#background.ended();
    this.#request.refuse('Stopping', 'the operator stops');
  }

  apply(spec: PartitionSpec): void {
    this.#spec = spec;
    this.#noteTarget();
    this.trigger();
  }

  /** Asks for a turn, soon. */
  trigger(): void {
    // Without a reason given an error with a stack would be made.
    this.#wake.abort('awake');
  }

  /** A report has come, or word of the platform. @param heard where it is of that member alone */
  noteReports(heard?: HeardMember): void {
    const { primary } = this.#keeper.record;
    const all = (): ReturnType<Ports['members']['observe']> => this.#options.ports.members.observe(this.#spec.name);
    const isNews = noteReports({ news: this.#news, lag: this.#lag }, primary, { heard, all });
    if (isNews || !this.#resting) this.trigger();
  }

  async ask(request: Request): Promise<RequestOutcome> {
    const answer = this.#request.ask(request, this.#options.ports.clock.monotonic());
    this.trigger();
    return await answer;
  }

  view(): PartitionView {
    const lag = this.#lag.lagSeconds();
    const sightings = this.#options.ports.members.observe(this.#spec.name);
    const { record } = this.#keeper;
    const members = this.#spec.members.map(({ name }) => {
      const sighting = sightings.get(name) ?? { connected: false, failure: null, report: null, reportedAt: null };
      return { ...sighting, name, lagSeconds: name === record.primary ? 0 : (lag.get(name) ?? null) };
    });
    const target = publishable(record, this.#spec);
    return { name: this.#spec.name, record, target, members, waitingFor: this.#waitingFor };
  }

  async #run(): Promise<void> {
    const { clock } = this.#options.ports;
    while (!this.#end.signal.aborted) {
      const isWoken = this.#wake.signal.aborted;
      if (isWoken) this.#wake = new AbortController();
      const pause = await this.#turn(isWoken);
      if (pause > 0) await clock.sleep(pause, this.#wake.signal);
    }
  }

  /** One turn; returns how long to wait for the next if nothing happens. Nothing escapes: the next turn sees better. */
  async #turn(isWoken: boolean): Promise<number> {
    const { tuning } = this.#options;
    try {
      const quietMs = isWoken ? 0 : this.#quietMs();
      if (quietMs > 0) return quietMs;
      this.#turnAt = this.#options.ports.clock.monotonic();
      if (this.#stale) await this.load();
      await this.#takeChanges();
      const decided = this.#decide();
      this.#options.targets.noteFull(this.#spec.name, isDownForSpace(this.#keeper.record, decided));
      const pause = await this.#act(decided);
      this.#resting = decided.decision.kind === 'nothing' && this.#keeper.record.phase === 'Healthy';
      this.#told = null;
      return pause;
    } catch (error) {
      this.#resting = false;
      this.#options.metrics.fault(this.#spec.name);
      this.#unexpected(error, 'reconcile');
      this.#waitingFor = error instanceof Error ? error.message : String(error);
      this.#stale ||= error instanceof RecordConflict;
      await this.#options.ports.clock.sleep(tuning.retryMs, this.#end.signal);
      return tuning.retryMs;
    }
  }

  async #takeChanges(): Promise<void> {
    for (let change = this.#changes.shift(); change !== undefined; change = this.#changes.shift()) {
      try {
        await this.#keeper.save(change.apply(this.#keeper.record));
      } catch (error) {
        // Whoever asked for it must not wait for ever, nor take it for durable.
        change.failed(error);
        throw error;
      }
      change.done();
    }
  }

  #observe(): Observation {
    return observe(this.#sources());
  }

  #sources(pods: Sources['pods'] = this.#options.targets.views(this.#spec.name)): Sources {
    const { ports } = this.#options;
    const now = ports.clock.monotonic();
    return {
      spec: this.#spec,
      sightings: ports.members.observe(this.#spec.name),
      pods,
      now,
      request: this.#request.current,
      requestSince: this.#request.since,
      preparation: this.#preparation === null ? null : { ...this.#preparation, ageMs: now - this.#preparation.since },
      ...this.#remembered(now),
    };
  }

  /** What is known of the time before now. */
  #remembered(now: number): Pick<Sources, 'lagSeconds' | 'downSince' | 'restartingMs' | 'degradedSince'> {
    return {
      lagSeconds: this.#lag.lagSeconds(),
      downSince: this.#outage.downSince,
      restartingMs: this.#outage.restartingMs(now),
      degradedSince: this.#outage.degradedSince,
    };
  }

  #decide(): Decided {
    const { ports, tuning } = this.#options;
    const { record } = this.#keeper;
    const sources = this.#sources();
    const { now, pods } = sources;
    const input = { spec: this.#spec, record, tuning };
    noteAnswers(this.#lag, { record, pods, now });
    if (record.primary !== null) this.#outage.note(record.primary, { ...input, observation: observe(sources) }, now);
    // The same moment, with what is now known of the time before it.
    const observation = observe({ ...sources, ...this.#remembered(now) });
    return { decision: decide({ ...input, observation, now: ports.clock.now() }), observation };
  }

  async #act({ decision, observation }: Decided): Promise<number> {
    const { tuning } = this.#options;
    this.#waitingFor = ('why' in decision ? decision.why : null) ?? this.#keeper.record.schema.problem;
    switch (decision.kind) {
      case 'begin':
        await this.#begin(decision.operation);
        return 0;
      case 'run':
        return await this.#runStep();
      case 'prepare':
        this.#prepare(decision);
        return 0;
      case 'refuse':
        this.#preparation = null;
        this.#request.refuse(decision.code, decision.why);
        return 0;
      case 'upkeep':
        await this.#upkeep(decision.actions);
        await this.#settle(decision, this.#observe());
        return tuning.resyncMs;
      case 'look':
        return tuning.resyncMs;
      case 'nothing':
        this.#housekeeping.tend(this.#spec, { observation, record: this.#keeper.record });
        await this.#settle(decision, observation);
        return pauseAtRest(this.#atRest(observation));
      case 'wait':
      case 'blocked':
        await this.#settle(decision, observation);
        return tuning.resyncMs;
    }
  }

  #atRest(observation: Observation): AtRest {
    const { tuning, targets } = this.#options;
    return { spec: this.#spec, record: this.#keeper.record, observation, convergence: targets.convergence(), tuning };
  }

  /** A pause is over that nobody has cut short: how long the next may be without a turn; 0 where that is due. */
  #quietMs(): number {
    if (!this.#resting || this.#housekeeping.owes(this.#spec)) return 0;
    const sinceTurn = this.#options.ports.clock.monotonic() - this.#turnAt;
    // What imapd see decides nothing here, and of many it is most of what a look costs.
    const observation = observe(this.#sources([]));
    return Math.max(0, Math.min(quietFor(this.#atRest(observation)), LONGEST_REST_MS - sinceTurn));
  }

  async #upkeep(actions: readonly UpkeepAction[]): Promise<void> {
    await runUpkeep(actions, {
      context: this.#context(),
      keeper: this.#keeper,
      background: this.#background,
      change: (apply) => this.#change(apply),
      crashPoint: this.#options.crashPoint,
      onRestart: () => this.#outage.restarting(this.#options.ports.clock.monotonic()),
    });
  }

  /** Under a key of its own: one that was refused in the middle may still be running out. */
  #prepare(order: PreparationOrder): void {
    const { from, to } = order;
    const preparation = { from, to, ended: false, since: this.#options.ports.clock.monotonic() };
    this.#preparation = preparation;
    this.#preparations += 1;
    this.#background.start(`preparation ${this.#preparations}`, async (signal) => {
      await prepareSwitchover(order, this.#context(), signal).finally(() => {
        preparation.ended = true;
      });
      return 'done';
    });
  }

  async #begin(operation: Operation): Promise<void> {
    this.#background.giveUp();
    this.#preparation = null;
    await begin(operation, this.#execution());
    this.#request.begun();
    this.#announcer.began(operation);
    // What was in the way of making it is not any more; its steps may take long, and nobody waits for a writer yet.
    if (operation.kind === 'Bootstrap') await this.#settle({ kind: 'run' }, this.#observe());
    const { detect } = operation.phases;
    if (detect !== undefined) this.#options.metrics.phase(this.#spec.name, 'detect', detect);
  }

  async #runStep(): Promise<number> {
    const before = this.#keeper.record.operation;
    const progress = await runStep(this.#execution());
    const { record } = this.#keeper;
    if (before !== null && record.operation === null) this.#ended(before);
    else if (record.operation?.kind === 'Reinstate' && before?.kind !== 'Reinstate')
      this.#announcer.began(record.operation);
    if (progress.state === 'advanced') return 0;
    this.#waitingFor = progress.why;
    const input = { spec: this.#spec, record, observation: this.#observe(), tuning: this.#options.tuning };
    if (record.operation !== null) await this.#upkeep(upkeepDuring(record.operation, input));
    await this.#settle({ kind: 'wait', why: progress.why }, this.#observe());
    // Not cut short by reports: a step that fails at once would otherwise run in circles.
    await this.#options.ports.clock.sleep(this.#options.tuning.retryMs, this.#end.signal);
    return 0;
  }

  #ended(operation: Operation): void {
    const { record } = this.#keeper;
    this.#lag.reset();
    this.#news.reset();
    this.#outage.changed();
    this.#announcer.ended(operation, record);
    this.#options.metrics.changed(this.#spec.name, operation.kind);
    this.#request.ended(record, operation.kind);
  }

  /** Records what has changed about the moment; makes a changed list of readers known. */
  async #settle(decision: Decision, observation: Observation): Promise<void> {
    const { ports, targets, tuning } = this.#options;
    const { record } = this.#keeper;
    const input = { spec: this.#spec, record, observation, tuning, decision, convergence: targets.convergence() };
    await this.#keeper.save(settle({ ...input, now: ports.clock.now() }));
    this.#announcer.settled(record, this.#keeper.record);
    if (this.#noteTarget()) await targets.publish();
  }

  /** Hands on what may be published; true where that is something else than before. */
  #noteTarget(): boolean {
    const { targets } = this.#options;
    const target = publishable(this.#keeper.record, this.#spec);
    if (isDeepStrictEqual(target, targets.noted(this.#spec.name))) return false;
    targets.note(this.#spec.name, target);
    return true;
  }

  /** Changes the record from a background task: in this partition's turn, and durable when it returns. */
  async #change(apply: Change['apply']): Promise<void> {
    if (this.#end.signal.aborted) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#changes.push({ apply, done: resolve, failed: reject });
    this.trigger();
    await promise;
  }

  #context(): StepContext {
    const { ports, tuning, targets } = this.#options;
    return {
      spec: this.#spec,
      ports,
      tuning,
      targets,
      signal: this.#end.signal,
      record: () => this.#keeper.record,
      observe: () => this.#observe(),
      note: async (change) => {
        await this.#keeper.save(change);
        this.#noteTarget();
      },
    };
  }

  #execution(): Execution {
    return {
      keeper: this.#keeper,
      context: this.#context(),
      crashPoint: this.#options.crashPoint,
      onStep: (operation, elapsedMs) => {
        this.#announcer.step(operation, elapsedMs);
        this.#options.metrics.phase(this.#spec.name, operation.step, elapsedMs);
      },
    };
  }

  #unexpected(error: unknown, what: string): void {
    const { log } = this.#options.ports;
    const partition = this.#spec.name;
    const told = `${what}: ${error}`;
    const again = told === this.#told;
    this.#told = told;
    // The record has to be durable before anything is done: without space for it the partition goes on as it is.
    const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    if (again) log.debug({ partition, error: told }, 'failed again');
    else if (isFull) log.event('DiskFull', { partition, what, error: error.message }, FULL);
    else log.event('Unexpected', { partition, what, error: error instanceof Error ? error.stack : error });
  }
}
