import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type MetricEntry, type MetricName, metricTable } from './metric-table.ts';

type Labels = Readonly<Record<string, string>>;

/** The metrics of the table in one registry, by name. A label that the table does not know is an error at once. */
export class MetricSet {
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor(registry: Registry) {
    for (const [key, entry] of Object.entries(metricTable) as [MetricName, MetricEntry][]) {
      const options = { name: key, help: entry.help, labelNames: [...entry.labels], registers: [registry] };
      if (entry.kind === 'counter') this.#counters.set(key, new Counter(options));
      else if (entry.kind === 'gauge') this.#gauges.set(key, new Gauge(options));
      else this.#histograms.set(key, new Histogram({ ...options, buckets: [...(entry.buckets ?? [])] }));
    }
  }

  count(name: MetricName, labels: Labels = {}, by = 1): void {
    known(this.#counters.get(name), name).inc(labels, by);
  }

  set(name: MetricName, labels: Labels, value: number): void {
    known(this.#gauges.get(name), name).set(labels, value);
  }

  add(name: MetricName, labels: Labels, by: number): void {
    known(this.#gauges.get(name), name).inc(labels, by);
  }

  /** Forgets all values of a gauge: its labels name things that may be gone. */
  clear(name: MetricName): void {
    known(this.#gauges.get(name), name).reset();
  }

  observe(name: MetricName, labels: Labels, value: number): void {
    known(this.#histograms.get(name), name).observe(labels, value);
  }
}

function known<T>(metric: T | undefined, name: string): T {
  if (metric === undefined) throw new TypeError(`${name} is of another kind`);
  return metric;
}
