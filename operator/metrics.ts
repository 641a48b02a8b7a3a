import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { PartitionName } from '#contract/names.ts';
import type { PartitionView } from './partition/partition-view.ts';

/** Figures of the operator. Positions and lag live here and never in the record. */
export class OperatorMetrics {
  readonly #phases: Histogram<'partition' | 'phase'>;
  readonly #changes: Counter<'partition' | 'kind'>;
  readonly #faults: Counter<'partition'>;

  /** `views` and `lagging` are asked at every scrape. */
  constructor(registry: Registry, views: () => readonly PartitionView[], lagging: () => number) {
    const registers = [registry];
    this.#phases = new Histogram({
      name: 'imapcluster_failover_phase_seconds',
      help: 'Time spent in each step of a change of primary.',
      labelNames: ['partition', 'phase'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#changes = new Counter({
      name: 'imapcluster_primary_changes_total',
      help: 'Changes of primary that ended.',
      labelNames: ['partition', 'kind'],
      registers,
    });
    this.#faults = new Counter({
      name: 'imapcluster_reconcile_errors_total',
      help: 'Reconciles that failed in an unforeseen way.',
      labelNames: ['partition'],
      registers,
    });
    for (const gauge of gaugesOf(views, lagging)) registry.registerMetric(gauge);
  }

  phase(partition: PartitionName, phase: string, elapsedMs: number): void {
    this.#phases.observe({ partition, phase }, elapsedMs / 1_000);
  }

  changed(partition: PartitionName, kind: string): void {
    this.#changes.inc({ partition, kind });
  }

  fault(partition: PartitionName): void {
    this.#faults.inc({ partition });
  }
}

function gaugesOf(views: () => readonly PartitionView[], lagging: () => number): readonly Gauge[] {
  const registers: Registry[] = [];
  return [
    new Gauge({
      name: 'imapcluster_epoch',
      help: 'Epoch of each partition.',
      labelNames: ['partition'],
      registers,
      collect() {
        // Whoever is gone is told no more: an alert would wait for it for ever.
        this.reset();
        for (const { name, record } of views()) this.set({ partition: name }, record.epoch);
      },
    }),
    new Gauge({
      name: 'imapcluster_member_reachable',
      help: '1 while the agent of a member answers.',
      labelNames: ['partition', 'member'],
      registers,
      collect() {
        this.reset();
        for (const { partition, member } of membersOf(views())) {
          this.set({ partition, member: member.name }, member.connected ? 1 : 0);
        }
      },
    }),
    new Gauge({
      name: 'imapcluster_replica_lag_seconds',
      help: 'How far each replica is behind the primary, where that is known.',
      labelNames: ['partition', 'member'],
      registers,
      collect() {
        this.reset();
        for (const { partition, member } of membersOf(views())) {
          if (member.lagSeconds !== null) this.set({ partition, member: member.name }, member.lagSeconds);
        }
      },
    }),
    new Gauge({
      name: 'imapcluster_imapd_lagging',
      help: 'imapd processes that do not obey the newest routing document.',
      registers,
      collect() {
        this.set(lagging());
      },
    }),
  ];
}

const membersOf = (views: readonly PartitionView[]) =>
  views.flatMap(({ name, members }) => members.map((member) => ({ partition: name, member })));
