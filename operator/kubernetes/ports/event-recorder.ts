import { Counter, type Registry } from 'prom-client';
import type { PartitionName } from '#contract/names.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Owner } from '../../objects/owned-meta.ts';
import type { Clock, Events, OperatorEvent } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { eventNote } from './event-note.ts';
import { EventWriter } from './event-writer.ts';
import { TokenBucket } from './token-bucket.ts';

export type EventRecorderOptions = {
  readonly client: ApiClient;
  /** The MailboxPartition, or for null the ImapCluster, as last heard of; null: there is none. */
  readonly regarding: (partition: PartitionName | null) => Owner | null;
  /** Name of the operator's pod. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Registry;
  /** How long a change of primary goes before the Events that tell of it, ms. */
  readonly respite?: () => number;
  /** Ends the writing; what has not been written then never will be. */
  readonly signal: AbortSignal;
};

/** Of one object: a failover tells of ten things within a second. After that something goes round in circles. */
const RATE = { burst: 60, refillMs: 6_000 } as const;
/** Objects whose buckets are remembered. */
const MOST_BUCKETS = 5_000;
const DROPPED = 'imapcluster_events_dropped_total';

/**
 * Tells of what happened by Events, and in the log. Never waits, never fails: what cannot be told to the API server is
 * counted, and is in the log all the same.
 */
export class EventRecorder implements Events {
  readonly #options: EventRecorderOptions;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #writer: EventWriter;
  readonly #dropped: Counter<'why'>;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#dropped = droppedCounter(options.metrics);
    this.#writer = new EventWriter({ ...options, onDropped: (why) => this.#dropped.inc({ why }) });
  }

  emit(event: OperatorEvent): void {
    const { code, partition, message, fields, condition } = event;
    const { log } = this.#options;
    const turned = condition === undefined ? {} : { condition: condition.type, reason: condition.reason };
    log.event(code, { ...(partition === null ? {} : { partition }), ...turned, ...fields }, message);
    try {
      this.#record(event);
    } catch (error) {
      this.#dropped.inc({ why: 'failed' });
      log.debug({ error: String(error) }, 'an event could not be written down');
    }
  }

  /** Resolves when all that was emitted has been written, or dropped. */
  async idle(): Promise<void> {
    await this.#writer.idle();
  }

  #record(event: OperatorEvent): void {
    const regarding = this.#options.regarding(event.partition);
    if (regarding?.metadata.uid === undefined) {
      this.#dropped.inc({ why: 'no object' });
      return;
    }
    if (!this.#bucket(regarding.metadata.uid).take(this.#options.clock.monotonic())) {
      this.#dropped.inc({ why: 'too many' });
      return;
    }
    const { code, condition } = event;
    // What was done is what is told: there is no other name for it than the code.
    const { type: action, reason } = condition ?? { type: code, reason: code };
    const note = eventNote(event);
    this.#writer.write({ regarding, code, reason, action, note, series: event.series ?? note });
  }

  #bucket(uid: string): TokenBucket {
    const now = this.#options.clock.monotonic();
    if (this.#buckets.size > MOST_BUCKETS) {
      for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key);
    }
    const bucket = this.#buckets.get(uid) ?? new TokenBucket(RATE, now);
    this.#buckets.set(uid, bucket);
    return bucket;
  }
}

/** One for all clusters, where they share a registry. */
function droppedCounter(registry: Registry): Counter<'why'> {
  const known = registry.getSingleMetric(DROPPED);
  if (known !== undefined) return known as Counter<'why'>;
  return new Counter({
    name: DROPPED,
    help: 'Events that were not told to the API server; they are in the log.',
    labelNames: ['why'],
    registers: [registry],
  });
}
