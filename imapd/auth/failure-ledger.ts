import { createHash } from 'node:crypto';
import type { LedgerChange } from './failure-hints.ts';

/** Pairs of source and user that are remembered; beyond, the ones that failed longest ago are forgotten. */
const REMEMBERED = 20_000;

export type FailureLedgerOptions = {
  readonly now: () => number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly maxFailures: number;
  readonly windowMs: number;
  /** Where other processes are told of what happens here. */
  readonly hints?: { failed(key: string): void; succeeded(key: string): void };
};

type Entry = { failures: number; lastAt: number };

/**
 * Counts wrong passwords by source and user together: a guesser is slowed down and then shut out, and cannot shut the
 * user out who signs in from elsewhere. Success forgets; so does a window without failures. What other processes count is
 * counted here too (`heard`), some hundred milliseconds later: whoever is faster has so many more attempts, once.
 */
export class FailureLedger {
  readonly #options: FailureLedgerOptions;
  /** In order of the last failure, the oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: FailureLedgerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether an attempt is refused without looking at the password. */
  refuses(source: string, user: string): boolean {
    return (this.#current(keyOf(source, user))?.failures ?? 0) >= this.#options.maxFailures;
  }

  /** Notes a failure; gives how long its answer is to be delayed, ms. */
  failed(source: string, user: string): number {
    const key = keyOf(source, user);
    const failures = this.#add(key, 1);
    this.#options.hints?.failed(key);
    return Math.min(this.#options.delayMs * 2 ** (failures - 1), this.#options.maxDelayMs);
  }

  succeeded(source: string, user: string): void {
    const key = keyOf(source, user);
    if (this.#entries.delete(key)) this.#options.hints?.succeeded(key);
  }

  /** From another process: so many further failures, after a success where `forget` says so. */
  heard({ key, forget, failures }: LedgerChange): void {
    if (forget) this.#entries.delete(key);
    if (failures > 0) this.#add(key, failures);
  }

  #add(key: string, more: number): number {
    const failures = (this.#current(key)?.failures ?? 0) + more;
    this.#entries.delete(key);
    this.#entries.set(key, { failures, lastAt: this.#options.now() });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > REMEMBERED && oldest.done !== true) this.#entries.delete(oldest.value);
    return failures;
  }

  #current(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#options.now() - entry.lastAt <= this.#options.windowMs) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}

/** Of one length whatever strangers send: it is kept, and told to other processes. */
const keyOf = (source: string, user: string): string =>
  `${networkOf(source)} ${createHash('sha256').update(user).digest('base64url')}`;

/** One customer has a whole /64 of IPv6: all of it is one source. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  if (tail === undefined) return groups.slice(0, 4).join(':');
  const filled = [...groups.filter((group) => group !== ''), '0', '0', '0', '0'];
  return filled.slice(0, 4).join(':');
}
