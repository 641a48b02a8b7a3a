import type { RequestOutcome } from '../core.ts';
import type { CrashPoint } from '../failover/crash-point.ts';
import { type Decision, decide } from '../failover/decide.ts';
import { begin, type Execution, runStep } from '../failover/execute.ts';
import { LagTracker } from '../failover/lag-tracker.ts';
import type { Observation, Request } from '../failover/observation.ts';
import { observe } from '../failover/observe.ts';
import { runUpkeep } from '../failover/run-upkeep.ts';
import type { StepContext } from '../failover/step-context.ts';
import { type UpkeepAction, upkeepDuring } from '../failover/upkeep.ts';
import type { OperatorMetrics } from '../metrics.ts';
import type { Ports } from '../ports.ts';
import type { Targets } from '../targets/targets.ts';
import type { Tuning } from '../tuning.ts';
import { Announcer } from './announce.ts';
import { Background } from './background.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Operation } from './operation.ts';
import { Outage } from './outage.ts';
import type { PartitionSpec } from './partition-spec.ts';
import type { PartitionView } from './partition-view.ts';
import { PendingRequest } from './pending-request.ts';
import type { PartitionRecord } from './record.ts';
import { RecordConflict, RecordKeeper } from './record-keeper.ts';
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

type Change = { readonly apply: (record: PartitionRecord) => Partial<PartitionRecord>; readonly done: () => void };

/**
 * One partition: observe → decide → act, one turn after the other, never two at once. A turn is taken at every report
 * of its members and every `resyncMs`. Partitions share nothing but the routing document: the trouble of one is its own.
 */
export class PartitionLoop {
  readonly #options: LoopOptions;
  readonly #keeper: RecordKeeper;
  readonly #background: Background;
  readonly #housekeeping: Housekeeping;
  readonly #announcer: Announcer;
  readonly #lag = new LagTracker();
  readonly #outage = new Outage();
  readonly #request = new PendingRequest();
  readonly #changes: Change[] = [];
  readonly #end = new AbortController();
  #spec: PartitionSpec;
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #waitingFor: string | null = null;
  /** The trouble that was told last; null since a turn went well. A turn that fails is repeated many times a second. */
  #told: string | null = null;
  /** Somebody else wrote the record: read it again before anything is decided. */
  #stale = true;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#spec = options.spec;
    const { ports } = options;
    this.#keeper = new RecordKeeper(ports.records, options.spec.name);
    this.#announcer = new Announcer(ports.events, () => this.#spec);
    this.#background = new Background({
      clock: ports.clock,
      onEnd: () => this.trigger(),
      onError: (key, error) => this.#unexpected(error, key),
    });
    this.#housekeeping = new Housekeeping(ports.members, options.tuning);
  }

  /** Reads the record. Before any partition starts: a document without one of them must never be published. */
  async load(): Promise<void> {
    await this.#keeper.load();
    this.#options.targets.note(this.#spec.name, this.#keeper.record.target);
    this.#stale = false;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.trigger();
    this.#background.giveUp();
    await this.#running;
    for (const change of this.#changes.splice(0)) change.done();
    await this.#background.ended();
    this.#request.refuse('Stopping', 'the operator stops');
  }

  apply(spec: PartitionSpec): void {
    this.#spec = spec;
    this.trigger();
  }

  /** Asks for a turn, soon. */
  trigger(): void {
    this.#wake.resolve();
  }

  /** Every report counts for the lag, including those between two turns. */
  noteReports(): void {
    const { members } = this.#options.ports;
    for (const { report, reportedAt, connected } of members.observe(this.#spec.name).values()) {
      if (report === null || reportedAt === null || !connected) continue;
      this.#lag.note(report, report.member === this.#keeper.record.primary, reportedAt);
    }
    this.trigger();
  }

  async ask(request: Request): Promise<RequestOutcome> {
    const answer = this.#request.ask(request);
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
    return { name: this.#spec.name, record, members, waitingFor: this.#waitingFor };
  }

  async #run(): Promise<void> {
    const { clock } = this.#options.ports;
    while (!this.#end.signal.aborted) {
      this.#wake = Promise.withResolvers();
      const pause = await this.#turn();
      if (pause === 0) continue;
      const asleep = new AbortController();
      const sleep = clock.sleep(pause, AbortSignal.any([asleep.signal, this.#end.signal]));
      await Promise.race([this.#wake.promise, sleep]);
      asleep.abort();
    }
  }

  /** One turn; returns how long to wait for the next if nothing happens. Nothing escapes: the next turn sees better. */
  async #turn(): Promise<number> {
    const { tuning } = this.#options;
    try {
      if (this.#stale) await this.load();
      await this.#takeChanges();
      const observation = this.#observe();
      const decision = this.#decide(observation);
      const pause = await this.#act(decision);
      this.#told = null;
      return pause;
    } catch (error) {
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
      await this.#keeper.save(change.apply(this.#keeper.record));
      change.done();
    }
  }

  #observe(): Observation {
    const { ports, targets } = this.#options;
    return observe({
      spec: this.#spec,
      sightings: ports.members.observe(this.#spec.name),
      pods: targets.views(this.#spec.name),
      lagSeconds: this.#lag.lagSeconds(),
      now: ports.clock.monotonic(),
      downSince: this.#outage.downSince,
      restartingSince: this.#outage.restartingSince,
      degradedSince: this.#outage.degradedSince,
      request: this.#request.current,
    });
  }

  #decide(observation: Observation): Decision {
    const { ports, tuning } = this.#options;
    const { record } = this.#keeper;
    const input = { spec: this.#spec, record, observation, tuning };
    if (record.primary !== null) this.#outage.note(record.primary, input, ports.clock.monotonic());
    // Anew, with what the outage now knows.
    const current = this.#observe();
    return decide({ ...input, observation: current, now: ports.clock.now() });
  }

  async #act(decision: Decision): Promise<number> {
    const { tuning } = this.#options;
    this.#waitingFor = 'why' in decision ? decision.why : null;
    switch (decision.kind) {
      case 'begin':
        await this.#begin(decision.operation);
        return 0;
      case 'run':
        return await this.#runStep();
      case 'refuse':
        this.#request.refuse(decision.code, decision.why);
        return 0;
      case 'upkeep':
        await this.#upkeep(decision.actions);
        break;
      case 'nothing':
        this.#housekeeping.tend(this.#spec, { observation: this.#observe(), record: this.#keeper.record });
        break;
      case 'wait':
      case 'blocked':
        break;
    }
    await this.#settle(decision);
    return tuning.resyncMs;
  }

  async #upkeep(actions: readonly UpkeepAction[]): Promise<void> {
    await runUpkeep(actions, {
      context: this.#context(),
      keeper: this.#keeper,
      background: this.#background,
      change: (apply) => this.#change(apply),
      onRestart: () => this.#outage.restarting(this.#options.ports.clock.monotonic()),
    });
  }

  async #begin(operation: Operation): Promise<void> {
    this.#background.giveUp();
    await begin(operation, this.#execution());
    this.#request.begun();
    this.#announcer.began(operation);
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
    await this.#settle({ kind: 'wait', why: progress.why });
    // Not cut short by reports: a step that fails at once would otherwise run in circles.
    await this.#options.ports.clock.sleep(this.#options.tuning.retryMs, this.#end.signal);
    return 0;
  }

  #ended(operation: Operation): void {
    const { record } = this.#keeper;
    this.#lag.reset();
    this.#outage.restartingSince = null;
    this.#announcer.ended(operation, record);
    this.#options.metrics.changed(this.#spec.name, operation.kind);
    this.#request.ended(record, operation.kind);
  }

  /** Records what has changed about the moment; makes a changed list of readers known. */
  async #settle(decision: Decision): Promise<void> {
    const { ports, targets } = this.#options;
    const { record } = this.#keeper;
    const wasBlocked = record.phase === 'Blocked';
    const observation = this.#observe();
    const lagging = targets.lagging();
    await this.#keeper.save(
      settle({ spec: this.#spec, record, observation, decision, lagging, now: ports.clock.now() }),
    );
    if (decision.kind === 'blocked' && !wasBlocked) this.#announcer.blocked(decision.why, decision.code);
    if (this.#keeper.record.target === record.target) return;
    targets.note(this.#spec.name, this.#keeper.record.target);
    await targets.publish();
  }

  /** Changes the record from a background task: in this partition's turn, and durable when it returns. */
  async #change(apply: Change['apply']): Promise<void> {
    if (this.#end.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#changes.push({ apply, done: resolve });
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
        targets.note(this.#spec.name, this.#keeper.record.target);
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
