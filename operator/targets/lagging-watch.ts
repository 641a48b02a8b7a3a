import type { PodState } from './pod-state.ts';

/** What there is to tell of the processes that do not obey the newest document; null where nothing has changed. */
export type Transition = 'TargetsLagging' | 'TargetsConverged' | null;

/** Processes that do not obey the newest document; and those of them that have had time enough to. */
export type Convergence = { readonly lagging: readonly string[]; readonly overdue: readonly string[] };

type Lagging = Pick<PodState, 'applied'> & { readonly pod: Pick<PodState['pod'], 'name'> };
type Behind = { readonly applied: number; readonly since: number };

/**
 * Tells apart a push that is under way from a process that does not obey: one that has taken no document for longer than
 * `patienceMs` although there is a newer one is worth an event, and so is the end of that. Each is told once.
 */
export class LaggingWatch {
  readonly #patienceMs: number;
  #behind: ReadonlyMap<string, Behind> = new Map();
  #overdue: readonly string[] = [];
  #told = false;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** As of the last `note`. */
  get overdue(): readonly string[] {
    return this.#overdue;
  }

  /** @param now monotonic milliseconds */
  note(lagging: readonly Lagging[], now: number): Transition {
    this.#behind = new Map(
      lagging.map(({ pod: { name }, applied }) => {
        const before = this.#behind.get(name);
        // Whoever takes one document after the other obeys, however often there is another.
        return [name, before?.applied === applied ? before : { applied, since: now }];
      }),
    );
    const late = [...this.#behind].filter(([, { since }]) => now - since >= this.#patienceMs);
    this.#overdue = late.map(([name]) => name);
    if (this.#told === this.#overdue.length > 0) return null;
    this.#told = !this.#told;
    return this.#told ? 'TargetsLagging' : 'TargetsConverged';
  }
}
