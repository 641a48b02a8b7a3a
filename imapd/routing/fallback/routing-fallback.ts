import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { RoutingTable } from '../routing-table.ts';
import type { DocumentSource } from './document-source.ts';
import { isCalm, type LookFacts, type LookLimits, whenToLook } from './when-to-look.ts';

export type RoutingFallbackOptions = LookLimits & {
  readonly table: RoutingTable;
  readonly sources: readonly DocumentSource[];
  /** Whether the writer of a repository is out of reach, or refuses us. */
  readonly inDoubt: () => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

/** Between two decisions, ms; at random within half and one and a half of it, so that pods do not ask in step. */
const TURN_MS = 1_000;
/** A source that takes longer has nothing, ms. */
const SOURCE_MS = 5_000;

/**
 * Looks for a newer routing document itself where no push comes: the operator is gone, or cannot reach this process. Which
 * documents come into force is the table's affair, as with pushes; and as none of them grants a lease, a process in `Async`
 * durability writes after this no more than before (write-lease.ts).
 */
export class RoutingFallback {
  readonly #options: RoutingFallbackOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #heardAt: number;
  #doubtedAt: number | null = null;
  #lookedAt: number | null = null;
  #fruitless = 0;
  /** By name of the source, what was last said of it: an API server that is gone is told of once. */
  readonly #told = new Map<string, string>();

  constructor(options: RoutingFallbackOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  start(): void {
    if (this.#options.sources.length > 0) this.#running = this.#run();
  }

  /** The operator has proved that it is there, and would have pushed what is new. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    do {
      if (this.#isTime()) await this.#look(signal);
    } while ((await pause(TURN_MS * (0.5 + this.#options.random()), signal)) === 'elapsed');
  }

  #isTime(): boolean {
    const { clock, inDoubt } = this.#options;
    const now = clock.now();
    this.#doubtedAt = inDoubt() ? (this.#doubtedAt ?? now) : null;
    const facts = this.#facts(now);
    if (isCalm(facts, this.#options)) this.#fruitless = 0;
    return whenToLook(facts, this.#options);
  }

  #facts(now: number): LookFacts {
    return {
      hasDocument: this.#options.table.document !== null,
      doubtedMs: this.#doubtedAt === null ? null : now - this.#doubtedAt,
      silentMs: now - this.#heardAt,
      lookedMs: this.#lookedAt === null ? null : now - this.#lookedAt,
      fruitless: this.#fruitless,
    };
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { sources, table, clock } = this.#options;
    const before = table.version;
    for (const source of sources) await this.#ask(source, signal);
    this.#lookedAt = clock.now();
    this.#fruitless = table.version > before ? 0 : this.#fruitless + 1;
  }

  async #ask(source: DocumentSource, signal: AbortSignal): Promise<void> {
    const { table, log } = this.#options;
    const before = table.version;
    try {
      const document = await source.read(AbortSignal.any([signal, AbortSignal.timeout(SOURCE_MS)]));
      const outcome = document === null ? null : await table.apply(document);
      if (outcome?.kind !== 'refused') this.#told.delete(source.name);
      if (table.version > before) log.debug({ source: source.name }, 'a routing document that nobody pushed');
    } catch (error) {
      if (!signal.aborted) this.#tell(source.name, error instanceof Error ? error.message : String(error));
    }
  }

  #tell(source: string, reason: string): void {
    const { log } = this.#options;
    log.debug({ source, reason }, 'no routing document from here');
    if (this.#told.get(source) === reason) return;
    this.#told.set(source, reason);
    log.event('RoutingRefused', { source, reason }, 'The routing document could not be read; it is tried again.');
  }
}
