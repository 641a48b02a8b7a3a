import type { MemberName, PartitionName } from '#contract/names.ts';
import type { Operator, OperatorOptions, RequestOutcome } from './core.ts';
import type { Request } from './failover/observation/observation.ts';
import { OperatorMetrics } from './metrics.ts';
import { PartitionLoop } from './partition/partition-loop.ts';
import type { ClusterSpec, PartitionSpec } from './partition/partition-spec.ts';
import type { PartitionView } from './partition/partition-view.ts';
import type { Ports } from './ports.ts';
import { Targets } from './targets/targets.ts';
import { defaultTuning, type Tuning } from './tuning.ts';

/** The loops of all partitions and what they share: the imapd processes and the routing document. */
export class OperatorCore implements Operator {
  readonly #ports: Ports;
  readonly #options: OperatorOptions;
  readonly #tuning: Tuning;
  readonly #loops = new Map<PartitionName, PartitionLoop>();
  readonly #end = new AbortController();
  readonly #targets: Targets;
  readonly #metrics: OperatorMetrics;
  #unsubscribe: () => void = () => undefined;

  constructor(ports: Ports, options: OperatorOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#tuning = { ...defaultTuning, ...options.tuning };
    const { spec } = options;
    this.#targets = new Targets({ ports, tuning: this.#tuning, spec, signal: this.#end.signal });
    this.#metrics = new OperatorMetrics(
      ports.metrics,
      () => this.status(),
      () => this.#targets.lagging().length,
    );
  }

  async start(): Promise<void> {
    await this.#targets.load();
    this.#unsubscribe = this.#ports.members.onChange((partition, heard) =>
      this.#loops.get(partition)?.noteReports(heard),
    );
    await this.apply(this.#options.spec);
    this.#targets.start();
  }

  async apply(spec: ClusterSpec): Promise<void> {
    const wanted = new Set(spec.partitions.map((partition) => partition.name));
    const gone = [...this.#loops].filter(([name]) => !wanted.has(name));
    await Promise.all(gone.map(([name, loop]) => this.#drop(name, loop)));
    const fresh = spec.partitions.flatMap((partition) => this.#applyPartition(partition) ?? []);
    await Promise.all(fresh.map((loop) => loop.load()));
    await this.#targets.apply(spec);
    for (const loop of fresh) loop.start();
  }

  async requestSwitchover(partition: PartitionName, to?: MemberName): Promise<RequestOutcome> {
    return await this.#ask(partition, { kind: 'switchover', to: to ?? null });
  }

  async requestFailover(
    partition: PartitionName,
    options: { readonly acceptDataLoss: boolean; readonly reason?: string },
  ): Promise<RequestOutcome> {
    const reason = options.reason ?? 'a person asked for it';
    return await this.#ask(partition, { kind: 'failover', acceptDataLoss: options.acceptDataLoss, reason });
  }

  status(): readonly PartitionView[] {
    return [...this.#loops.values()].map((loop) => loop.view());
  }

  view(partition: PartitionName): PartitionView | null {
    return this.#loops.get(partition)?.view() ?? null;
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop()));
    this.#end.abort();
    await this.#targets.stopped();
  }

  /** A new loop for a new partition; a known one is told. */
  #applyPartition(spec: PartitionSpec): PartitionLoop | null {
    const known = this.#loops.get(spec.name);
    if (known !== undefined) {
      known.apply(spec);
      return null;
    }
    const loop = new PartitionLoop({
      spec,
      ports: this.#ports,
      tuning: this.#tuning,
      targets: this.#targets,
      metrics: this.#metrics,
      crashPoint: this.#options.crashPoint ?? (() => undefined),
    });
    this.#loops.set(spec.name, loop);
    return loop;
  }

  /** Its databases are left as they are; it only leaves the document. */
  async #drop(name: PartitionName, loop: PartitionLoop): Promise<void> {
    this.#loops.delete(name);
    await loop.stop();
    this.#targets.note(name, null);
  }

  async #ask(partition: PartitionName, request: Request): Promise<RequestOutcome> {
    const loop = this.#loops.get(partition);
    if (loop === undefined)
      return { ok: false, code: 'NoSuchPartition', message: `there is no partition ${partition}` };
    return await loop.ask(request);
  }
}
