import { createHmac, timingSafeEqual } from 'node:crypto';

/** Users that are remembered; beyond, the ones who signed in longest ago are forgotten. */
const REMEMBERED = 20_000;

export type VerifiedLoginsOptions = {
  readonly now: () => number;
  readonly ttlMs: number;
  /** Random, new in each process, never stored: what a dump of the memory shows is of no use elsewhere. */
  readonly key: Buffer;
};

/**
 * Logins that argon2 has confirmed lately, so that a mail client with ten connections costs one hash. Kept as a MAC, never
 * the password; wrong passwords are never remembered.
 */
export class VerifiedLogins {
  readonly #options: VerifiedLoginsOptions;
  readonly #logins = new Map<string, { readonly mac: Buffer; readonly until: number }>();

  constructor(options: VerifiedLoginsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#logins.size;
  }

  knows(user: string, password: string): boolean {
    const login = this.#logins.get(user);
    if (login === undefined) return false;
    if (login.until <= this.#options.now()) {
      this.#logins.delete(user);
      return false;
    }
    return timingSafeEqual(login.mac, this.#mac(user, password));
  }

  remember(user: string, password: string): void {
    const { now, ttlMs } = this.#options;
    if (ttlMs === 0) return;
    this.#logins.delete(user);
    this.#logins.set(user, { mac: this.#mac(user, password), until: now() + ttlMs });
    const oldest = this.#logins.keys().next();
    if (this.#logins.size > REMEMBERED && oldest.done !== true) this.#logins.delete(oldest.value);
  }

  /** The password has changed, or the user is gone. */
  forget(user: string): void {
    this.#logins.delete(user);
  }

  #mac(user: string, password: string): Buffer {
    // The length keeps `a`, `bc` and `ab`, `c` apart.
    return createHmac('sha256', this.#options.key).update(`${user.length}:${user}${password}`).digest();
  }
}
