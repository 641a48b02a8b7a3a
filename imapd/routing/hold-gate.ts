import type { Clock } from './clock.ts';
import { type Attempt, RepositoryUnavailable } from './repository-access.ts';
import type { Term } from './term.ts';

/** How often a waiting command is told that it still waits, ms: IMAP clients give up on silence after 10–30 s. */
const HOLD_NOTICE_MS = 3_000;

export type Need = 'read' | 'write';

export type HoldGateOptions = {
  readonly clock: Clock;
  readonly maxHeld: number;
  /** Asked each time a writer is wanted: the lease, in Async durability. */
  readonly mayWrite: () => boolean;
  /** A hold is over, for better or worse. */
  readonly onReleased?: (hold: { readonly heldMs: number; readonly outcome: 'writer' | 'expired' | 'left' }) => void;
};

type Waiter = {
  readonly need: Need;
  readonly admit: (term: Term) => void;
};

/**
 * Where commands wait for a writer. Open while there is a term that is not suspended and, for writing, may be written
 * under. Closing it stops nobody who is past it: those watch `term.over`.
 *
 *          begin(term)                 suspend(term)
 *   shut ────────────────► open ◄──────────────────► suspended
 *     ▲                      │       resume(term)        │
 *     └──────────────────────┴───────── end() ───────────┘
 */
export class HoldGate {
  readonly #options: HoldGateOptions;
  readonly #waiters = new Set<Waiter>();
  #term: Term | null = null;
  #suspended = false;

  constructor(options: HoldGateOptions) {
    this.#options = options;
  }

  get held(): number {
    return this.#waiters.size;
  }

  /** The term in force, also while it is suspended. */
  get term(): Term | null {
    return this.#term;
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  begin(term: Term): void {
    this.#term = term;
    this.#suspended = false;
    this.wake();
  }

  end(): void {
    this.#term = null;
    this.#suspended = false;
  }

  /** False where the term is no longer in force or is suspended already. */
  suspend(term: Term): boolean {
    if (this.#term !== term || this.#suspended) return false;
    this.#suspended = true;
    return true;
  }

  resume(term: Term): void {
    if (this.#term !== term) return;
    this.#suspended = false;
    this.wake();
  }

  /** The term, if this need is served right now. */
  admitted(need: Need): Term | null {
    if (this.#term === null || this.#suspended) return null;
    return need === 'read' || this.#options.mayWrite() ? this.#term : null;
  }

  /** Lets those in who may go on; call after the lease was renewed. */
  wake(): void {
    for (const waiter of [...this.#waiters]) {
      const term = this.admitted(waiter.need);
      if (term !== null) waiter.admit(term);
    }
  }

  /**
   * Waits until `deadline` (clock time).
   * @throws RepositoryUnavailable at the deadline, or at once where too many wait already
   */
  async enter(need: Need, attempt: Attempt, deadline: number): Promise<Term> {
    attempt.signal.throwIfAborted();
    const term = this.admitted(need);
    if (term !== null) return term;
    if (this.#waiters.size >= this.#options.maxHeld) {
      throw new RepositoryUnavailable(`${this.#waiters.size} commands wait for a writer already`);
    }
    return await this.#wait(need, attempt, deadline);
  }

  #wait(need: Need, attempt: Attempt, deadline: number): Promise<Term> {
    const { clock, onReleased } = this.#options;
    const began = clock.now();
    const { promise, resolve, reject } = Promise.withResolvers<Term>();
    const leave = (outcome: 'writer' | 'expired' | 'left'): void => {
      this.#waiters.delete(waiter);
      for (const undo of undoes) undo();
      onReleased?.({ heldMs: clock.now() - began, outcome });
    };
    const waiter: Waiter = {
      need,
      admit(term) {
        leave('writer');
        resolve(term);
      },
    };
    const expired = (): void => {
      leave('expired');
      reject(new RepositoryUnavailable(`no writer within ${Math.round(clock.now() - began)} ms`));
    };
    const aborted = (): void => {
      leave('left');
      reject(attempt.signal.reason);
    };
    const undoes = [
      clock.after(Math.max(0, deadline - began), expired),
      this.#notices(attempt, began),
      () => attempt.signal.removeEventListener('abort', aborted),
    ];
    attempt.signal.addEventListener('abort', aborted, { once: true });
    this.#waiters.add(waiter);
    return promise;
  }

  /** Tells the attempt now and again that it is held; gives back how to stop that. */
  #notices(attempt: Attempt, began: number): () => void {
    const { clock } = this.#options;
    const { onHold } = attempt;
    if (onHold === undefined) return () => undefined;
    let stop: () => void = () => undefined;
    const tell = (): void => {
      onHold(clock.now() - began);
      stop = clock.after(HOLD_NOTICE_MS, tell);
    };
    tell();
    return () => stop();
  }
}
