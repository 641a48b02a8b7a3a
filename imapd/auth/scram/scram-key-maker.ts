import { createHmac, randomBytes } from 'node:crypto';
import type { Semaphore } from '../semaphore.ts';
import { saslPrep } from './sasl-prep.ts';
import { deriveKeys, HASH_OCTETS, type ScramKeys, writeScramKeys } from './scram-keys.ts';

const SALT_OCTETS = 16;

export type ScramKeyMakerOptions = {
  readonly iterations: number;
  /** Shared with the hashing of passwords: each key takes a thread of the same pool. */
  readonly lanes: Semaphore;
  /** The same in every imapd of the cluster, and after a restart. */
  readonly secret: string;
};

/**
 * Makes the SCRAM keys of passwords, and keys that no password opens for who has none. The salt is computed from the name:
 * anybody may ask for it, and were that of a user random, it would tell users from nobody, whose salt has to be made up the
 * same each time, by whichever process is asked.
 */
export class ScramKeyMaker {
  readonly iterations: number;
  readonly #secret: Buffer;
  readonly #lanes: Semaphore;

  constructor({ iterations, lanes, secret }: ScramKeyMakerOptions) {
    this.iterations = iterations;
    this.#lanes = lanes;
    this.#secret = createHmac('sha256', secret).update('salts of SCRAM').digest();
  }

  /** Keys of the password of `user` (canonical), as they are stored; null where SASLprep leaves nothing of it. */
  async make(user: string, password: string): Promise<string | null> {
    if (saslPrep(password) === '') return null;
    const cost = { salt: this.#salt(user), iterations: this.iterations };
    return writeScramKeys(await this.#lanes.run(() => deriveKeys(password, cost)));
  }

  /** What is answered for a user who does not exist, or has no keys yet. */
  ofNobody(user: string): ScramKeys {
    const [storedKey, serverKey] = [randomBytes(HASH_OCTETS), randomBytes(HASH_OCTETS)];
    return { iterations: this.iterations, salt: this.#salt(user), storedKey, serverKey };
  }

  #salt(user: string): Buffer {
    return createHmac('sha256', this.#secret).update(user).digest().subarray(0, SALT_OCTETS);
  }
}
