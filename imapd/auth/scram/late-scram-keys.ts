import type { Logger } from '#runtime/logger.ts';
import { withoutHold } from '../../mailbox/without-hold.ts';
import type { Account, AccountStore } from '../../store/account-store.ts';
import type { OperationId } from '../../store/types.ts';
import type { ScramKeyMaker } from './scram-key-maker.ts';
import { readScramKeys } from './scram-keys.ts';

export type LateScramKeysOptions = {
  readonly maker: ScramKeyMaker;
  readonly newOperation: () => OperationId;
  readonly log: Logger;
};

export type RightPassword = {
  readonly store: Pick<AccountStore, 'keepScramKeys'>;
  readonly account: Pick<Account, 'name' | 'passwordHash' | 'scramKeys'>;
  readonly password: string;
};

/** After an upgrade everybody lacks keys at once: more than so many neither wait with their passwords nor keep the primary busy. */
const MOST_UNDER_WAY = 32;

/**
 * Makes the SCRAM keys of a user who has none, or of another cost, when the password is at hand: at a sign-in with it. In
 * the background and only if there is a writer: nobody waits for it, and the next sign-in tries again.
 */
export class LateScramKeys {
  readonly #options: LateScramKeysOptions;
  readonly #underWay = new Set<string>();

  constructor(options: LateScramKeysOptions) {
    this.#options = options;
  }

  remember(login: RightPassword): void {
    const { name, scramKeys } = login.account;
    if (this.#underWay.size >= MOST_UNDER_WAY || this.#underWay.has(name) || this.#isCurrent(scramKeys)) return;
    this.#underWay.add(name);
    void this.#make(login).finally(() => this.#underWay.delete(name));
  }

  #isCurrent(scramKeys: string | null): boolean {
    try {
      return scramKeys !== null && readScramKeys(scramKeys).iterations === this.#options.maker.iterations;
    } catch {
      return false; // what cannot be read is made anew
    }
  }

  async #make({ store, account: { name, passwordHash }, password }: RightPassword): Promise<void> {
    const { maker, newOperation, log } = this.#options;
    try {
      const scramKeys = await maker.make(name, password);
      if (scramKeys === null) return;
      const request = { operation: newOperation(), name, passwordHash, scramKeys };
      await withoutHold((attempt) => store.keepScramKeys(request, attempt));
    } catch (error) {
      log.debug({ user: name, error: String(error) }, 'the SCRAM keys of a user could not be stored');
    }
  }
}
