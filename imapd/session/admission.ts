import type { SessionLimits } from './session-limits.ts';

/** A place in the house, to be given back by `leave`. */
export interface Admitted {
  /** A stranger becomes a user; false where this user has as many sessions as one may have. */
  signIn(user: string): boolean;
  /** Takes the memory that compressing needs; false where as many sessions as may have it do. Once a session. */
  compress(): boolean;
  leave(): void;
  /** A user becomes a stranger again; false where there is no room for a further one. */
  signOut(): boolean;
}

type Bounds = Pick<
  SessionLimits,
  'maxPerPod' | 'maxPerUser' | 'maxStrangers' | 'maxStrangersPerAddress' | 'maxCompressed'
>;

/** Counts connections and decides who may come in. */
export class Admission {
  readonly #bounds: Bounds;
  readonly #strangers = new Map<string, number>();
  readonly #users = new Map<string, number>();
  #strangerCount = 0;
  #sessions = 0;
  #compressed = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Connections of this process, now. */
  get sessions(): number {
    return this.#sessions;
  }

  /** null: there is no room. */
  enter(address: string): Admitted | null {
    if (this.#sessions >= this.#bounds.maxPerPod || !this.#roomForStranger(address)) return null;
    this.#sessions++;
    this.#countStranger(address, 1);
    let user: string | null = null;
    let compressed = false;
    let left = false;
    return {
      signIn: (name) => {
        if ((this.#users.get(name) ?? 0) >= this.#bounds.maxPerUser) return false;
        user = name;
        this.#countStranger(address, -1);
        add(this.#users, name, 1);
        return true;
      },
      compress: () => {
        if (this.#compressed >= this.#bounds.maxCompressed) return false;
        compressed = true;
        this.#compressed++;
        return true;
      },
      leave: () => {
        if (left) return;
        left = true;
        this.#sessions--;
        if (compressed) this.#compressed--;
        if (user === null) this.#countStranger(address, -1);
        else add(this.#users, user, -1);
      },
      signOut: () => {
        if (user === null) return true;
        if (!this.#roomForStranger(address)) return false;
        add(this.#users, user, -1);
        user = null;
        this.#countStranger(address, 1);
        return true;
      },
    };
  }

  #roomForStranger(address: string): boolean {
    const { maxStrangers, maxStrangersPerAddress } = this.#bounds;
    return this.#strangerCount < maxStrangers && (this.#strangers.get(address) ?? 0) < maxStrangersPerAddress;
  }

  #countStranger(address: string, by: 1 | -1): void {
    this.#strangerCount += by;
    add(this.#strangers, address, by);
  }
}

/** Keeps no entry at zero: addresses come and go for as long as the process lives. */
function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
