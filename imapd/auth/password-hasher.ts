import { hash, verify } from '@node-rs/argon2';
import type { Semaphore } from './semaphore.ts';

export type HashCost = { readonly memoryKiB: number; readonly iterations: number; readonly parallelism: number };

/** What the password of nobody is: only the time it takes to check against it matters. */
const NOBODY = 'the password of nobody';

/**
 * Argon2id (RFC 9106), as PHC strings. Hashing runs on the thread pool, never on the event loop, and only so many at a
 * time: each one takes `memoryKiB` and a core for tens of milliseconds.
 */
export class PasswordHasher {
  readonly #cost: HashCost;
  readonly #lanes: Semaphore;
  #nobody: Promise<string> | null = null;

  /** `lanes`: shared with all that works on the thread pool to check or to store a password. */
  constructor(options: { readonly cost: HashCost; readonly lanes: Semaphore }) {
    this.#cost = options.cost;
    this.#lanes = options.lanes;
  }

  async hash(password: string): Promise<string> {
    const { memoryKiB: memoryCost, iterations: timeCost, parallelism } = this.#cost;
    return await this.#lanes.run(() => hash(password, { memoryCost, timeCost, parallelism }));
  }

  /**
   * `passwordHash` null: there is no such user; takes as long as a check at today's cost and says no.
   * @throws Error where the stored hash is no PHC string of argon2
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    if (passwordHash === null) {
      this.#nobody ??= this.hash(NOBODY);
      const nobody = await this.#nobody;
      await this.#lanes.run(() => verify(nobody, password));
      return false;
    }
    return await this.#lanes.run(() => verify(passwordHash, password));
  }

  /** Makes the hash of nobody beforehand, so that the first unknown user takes no longer than the second. */
  async prepare(): Promise<void> {
    await this.verify(null, '');
  }
}
