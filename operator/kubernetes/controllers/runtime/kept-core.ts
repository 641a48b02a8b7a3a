import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '#runtime/logger.ts';
import type { OperatorConfiguration } from '../../../configuration.ts';
import { type Operator, startOperator } from '../../../core.ts';
import { type CrashSignal, crashAt } from '../../../failover/steps/crash-point.ts';
import type { RoutedMembers } from '../../../members/routed-members.ts';
import type { ClusterSpec } from '../../../partition/partition-spec.ts';
import type { Clock, Ports } from '../../../ports.ts';
import { BackOff } from '../../back-off.ts';

/** What one core is started with: made anew each time, and closed after it. */
export type CorePorts = { readonly ports: Ports; readonly members: RoutedMembers };

export type KeptCoreOptions = {
  readonly ports: () => CorePorts;
  readonly configuration: Pick<OperatorConfiguration, 'tuning' | 'crashPoint'> & { readonly crashSignal: CrashSignal };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** It began, obeys another spec, or failed. */
  readonly onChange: () => void;
};

/** What a core is brought to. `renewals`: how often keys had changed before that began. */
type Wanted = { readonly spec: ClusterSpec; readonly renewals: number };

type Running = CorePorts & Wanted & { readonly operator: Operator };

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The operator's core of one cluster, in whatever condition the world is: started again after a pause where it fails, and
 * brought to the newest spec. Cores share nothing: the trouble of one cluster is its own.
 *
 *   apply ──▶ wanted ──▶ start, or apply to the running one ──▶ running, until the next
 *                 ▲                    │ failed: stop it, pause
 *                 └────────────────────┘
 */
export class KeptCore {
  readonly #options: KeptCoreOptions;
  readonly #end = new AbortController();
  readonly #pauses: BackOff;
  #wanted: ClusterSpec | null = null;
  #running: Running | null = null;
  #problem: string | null = null;
  #anew = false;
  #renewals = 0;
  #wake = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;

  constructor(options: KeptCoreOptions) {
    this.#options = options;
    this.#pauses = new BackOff({ firstMs: FIRST_PAUSE_MS, capMs: LONGEST_PAUSE_MS, random: options.random });
    this.#ended = this.#run();
  }

  /** null while it has not begun. */
  get operator(): Operator | null {
    return this.#running?.operator ?? null;
  }

  /** Why it does not run, or not as it should; null where it does. */
  get problem(): string | null {
    return this.#problem;
  }

  /** In the exposition format of Prometheus; empty while it does not run. */
  async metrics(): Promise<string> {
    return (await this.#running?.ports.metrics.metrics()) ?? '';
  }

  /** To be brought about soon; of several the newest. */
  apply(spec: ClusterSpec): void {
    if (isDeepStrictEqual(spec, this.#wanted)) return;
    this.#wanted = spec;
    this.#wake.resolve();
  }

  /** The keys have changed: what was signed is signed anew, by applying the same spec once more, after what is under way. */
  renew(): void {
    this.#renewals += 1;
    this.#wake.resolve();
  }

  /** Begun anew, with other ports: tokens have changed. */
  restart(): void {
    this.#anew = true;
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.#wake.resolve();
    // Agents hear nothing more from now on, whatever the core is still about to say.
    this.#running?.members.close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#end;
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers();
      if (this.#anew) await this.#drop();
      this.#anew = false;
      const spec = this.#wanted;
      const renewals = this.#renewals;
      if (spec === null || this.#isAt({ spec, renewals })) await this.#wake.promise;
      else if (!(await this.#bringAbout({ spec, renewals }))) await clock.sleep(this.#pauses.next(), signal);
    }
    await this.#drop();
  }

  #isAt({ spec, renewals }: Wanted): boolean {
    return spec === this.#running?.spec && renewals === this.#running?.renewals;
  }

  /** Whether it succeeded. */
  async #bringAbout(wanted: Wanted): Promise<boolean> {
    try {
      if (this.#running === null) this.#running = await this.#start(wanted);
      else this.#running = await this.#change(this.#running, wanted);
      this.#problem = null;
      this.#pauses.reset();
      return true;
    } catch (error) {
      if (this.#end.signal.aborted) return false;
      this.#tell(error);
      await this.#drop();
      return false;
    } finally {
      if (!this.#end.signal.aborted) this.#options.onChange();
    }
  }

  async #start({ spec, renewals }: Wanted): Promise<Running> {
    const made = this.#options.ports();
    const { tuning, crashPoint: point, crashSignal } = this.#options.configuration;
    const crashPoint = point === null ? undefined : crashAt(point, crashSignal);
    try {
      made.members.apply(spec.partitions);
      const operator = await startOperator(made.ports, { spec, tuning, crashPoint });
      return { ...made, operator, spec, renewals };
    } catch (error) {
      made.members.close();
      throw error;
    }
  }

  async #change(running: Running, { spec, renewals }: Wanted): Promise<Running> {
    running.members.apply(spec.partitions);
    await running.operator.apply(spec);
    return { ...running, spec, renewals };
  }

  async #drop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    running.members.close();
    await running.operator.stop();
  }

  /** Once for each new reason: it is tried again and again. */
  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const { log } = this.#options;
    if (message === this.#problem) log.debug({ error }, 'a core failed again');
    else log.event('CoreFailed', { error: message });
    this.#problem = message;
  }
}
