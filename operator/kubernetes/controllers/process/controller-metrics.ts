import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type ControllerName = 'cluster' | 'partition';

/** Figures of the operator's process on Kubernetes; those of each cluster's core are its own. */
export class ControllerMetrics {
  readonly #leader: Gauge;
  readonly #reconciles: Histogram<'controller' | 'result'>;
  readonly #writes: Counter<'method' | 'resource'>;
  #depths: () => ReadonlyMap<ControllerName, number> = () => new Map();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#leader = new Gauge({
      name: 'imapcluster_operator_leader',
      help: '1 while this operator leads.',
      registers,
    });
    this.#reconciles = new Histogram({
      name: 'imapcluster_operator_reconcile_seconds',
      help: 'Time to bring one object to what it should be.',
      labelNames: ['controller', 'result'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
      registers,
    });
    this.#writes = new Counter({
      name: 'imapcluster_operator_api_writes_total',
      help: 'Requests to the API server that could change something.',
      labelNames: ['method', 'resource'],
      registers,
    });
    const depths = (): ReadonlyMap<ControllerName, number> => this.#depths();
    registry.registerMetric(depthGauge(depths));
  }

  set leads(leads: boolean) {
    this.#leader.set(leads ? 1 : 0);
  }

  /** How many objects wait for their turn; asked at every scrape. */
  set depths(depths: () => ReadonlyMap<ControllerName, number>) {
    this.#depths = depths;
  }

  reconciled(controller: ControllerName, result: 'done' | 'failed', elapsedMs: number): void {
    this.#reconciles.observe({ controller, result }, elapsedMs / 1_000);
  }

  wrote(method: string, resource: string): void {
    this.#writes.inc({ method, resource });
  }
}

const depthGauge = (depths: () => ReadonlyMap<ControllerName, number>): Gauge =>
  new Gauge({
    name: 'imapcluster_operator_queue_depth',
    help: 'Objects that wait to be looked at.',
    labelNames: ['controller'],
    registers: [],
    collect() {
      this.reset();
      for (const [controller, depth] of depths()) this.set({ controller }, depth);
    },
  });
