import type { PartitionName } from '#contract/names.ts';
import { sign } from '#contract/signature.ts';
import { signedBy } from '#contract/signed-by.ts';
import type { ClusterSpec } from '../partition/partition-spec.ts';
import type { PublishedTarget } from '../partition/record.ts';
import type { Ports, StoredRouting } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import { buildDocument, sameContent } from './build-document.ts';
import type { PodState } from './pod-state.ts';

export type PublisherOptions = {
  readonly ports: Pick<Ports, 'routing' | 'podApi' | 'keys' | 'clock' | 'log'>;
  readonly tuning: Tuning;
  readonly pods: ReadonlyMap<string, PodState>;
  /** Told at every acknowledgement. */
  readonly onApplied: (state: PodState) => void;
  readonly signal: AbortSignal;
};

/**
 * Keeps the routing document: durable first, then pushed to every imapd process at once, and again to each that has not
 * acknowledged it. Only the newest version is ever pushed.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #targets = new Map<PartitionName, PublishedTarget>();
  readonly #watchers = new Set<() => void>();
  #spec: ClusterSpec;
  #current: StoredRouting | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(spec: ClusterSpec, options: PublisherOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  get version(): number {
    return this.#current?.document.version ?? 0;
  }

  async load(): Promise<void> {
    this.#current = await this.#options.ports.routing.load();
  }

  apply(spec: ClusterSpec): void {
    this.#spec = spec;
  }

  /** Notes what a partition's record says; `publish` makes it known. */
  note(partition: PartitionName, target: PublishedTarget | null): void {
    if (target === null) this.#targets.delete(partition);
    else this.#targets.set(partition, target);
  }

  target(partition: PartitionName): PublishedTarget | undefined {
    return this.#targets.get(partition);
  }

  /** Makes the noted targets durable and begins to push them. Returns the version that holds them. */
  async publish(): Promise<number> {
    const published = this.#queue.then(() => this.#publish(this.version + 1, 'changes'));
    this.#queue = published.catch((error: unknown) => {
      // The caller is told by the same promise; the next one in the queue must not be.
      this.#options.ports.log.debug({ error: String(error) }, 'publishing failed');
    });
    return published;
  }

  async #publish(version: number, why: 'changes' | 'overtaken'): Promise<number> {
    const { keys, routing } = this.#options.ports;
    const { leaseSeconds } = this.#options.tuning;
    const current = this.#current;
    const numbered = { version, leaseSeconds, before: current?.document };
    const document = buildDocument(this.#spec, this.#targets, numbered);
    const key = await keys.signing();
    // A key that was replaced will be forgotten: who then boots from what it signed would not believe it.
    const isCurrent = current !== null && sameContent(current.document, document) && signedBy(current.signed, key);
    if (why === 'changes' && isCurrent) {
      this.pushAll();
      return current.document.version;
    }
    const stored = { document, signed: await sign(document, 'routing', key) };
    await routing.save(stored);
    this.#current = stored;
    this.pushAll();
    return version;
  }

  pushAll(): void {
    for (const state of this.#options.pods.values()) this.push(state);
  }

  /** Pushes to one process until it has acknowledged the newest version or is gone. */
  push(state: PodState): void {
    if (state.pushing || state.applied >= this.version || this.#current === null) return;
    state.pushing = true;
    this.#pushUntilApplied(state)
      .catch((error: unknown) => this.#options.ports.log.event('Unexpected', { error: String(error) }))
      .finally(() => {
        state.pushing = false;
      });
  }

  async #pushUntilApplied(state: PodState): Promise<void> {
    const { ports, pods, tuning, signal } = this.#options;
    for (let wait = 50; this.#current !== null && state.applied < this.version; wait = Math.min(2 * wait, 1_000)) {
      if (signal.aborted || pods.get(state.pod.name) !== state) return;
      const outcome = await ports.podApi.push(state.pod, this.#current.signed, tuning.pushTimeoutMs);
      if (outcome.kind === 'applied') {
        state.applied = Math.max(state.applied, outcome.ack.applied);
        this.#options.onApplied(state);
        this.#acknowledged();
        continue;
      }
      if (outcome.kind === 'stale' && outcome.current >= this.version) await this.#overtake(outcome.current);
      else if (outcome.kind === 'refused') ports.log.event('RoutingRefused', { pod: state.pod.name, ...outcome });
      await ports.clock.sleep(wait, signal);
    }
  }

  /** A process has a higher version than we remember: the durable document was lost. Go on above it. */
  async #overtake(current: number): Promise<void> {
    const overtaken = this.#queue.then(() =>
      current >= this.version ? this.#publish(current + 1, 'overtaken') : this.version,
    );
    this.#queue = overtaken.catch((error: unknown) => {
      this.#options.ports.log.debug({ error: String(error) }, 'publishing failed');
    });
    await overtaken;
  }

  /** Processes that have not acknowledged `version`. */
  lagging(version: number): readonly string[] {
    return [...this.#options.pods.values()].filter((s) => s.applied < version).map((s) => s.pod.name);
  }

  /** Waits until every known process has acknowledged `version`; false when `ms` pass before that. */
  async converged(version: number, ms: number): Promise<boolean> {
    const end = this.#options.ports.clock.monotonic() + ms;
    while (this.lagging(version).length > 0) {
      const left = end - this.#options.ports.clock.monotonic();
      if (left <= 0 || this.#options.signal.aborted) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      const enough = new AbortController();
      this.#watchers.add(resolve);
      // In slices: a process that is gone from the list acknowledges nothing and is no longer waited for.
      await Promise.race([promise, this.#options.ports.clock.sleep(Math.min(left, 100), enough.signal)]);
      enough.abort();
      this.#watchers.delete(resolve);
    }
    return true;
  }

  #acknowledged(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
