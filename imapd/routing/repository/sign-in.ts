import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { DatabaseCredentials, ReadCredentials } from '../credentials.ts';

export type SignInOptions = {
  readonly credentials: ReadCredentials;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What one attempt to connect uses. */
export type UserAndPassword = { readonly user: string; readonly password: string };

/** There are no credentials yet, or none that a member accepts. It lives all the same: connections that are open go on. */
export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn';
}

/** Pauses between attempts after the members have refused all that is known, ms; the last one goes on. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1_600];

/**
 * How this process signs in to the members of one repository. Passwords are replaced while it runs, and file and database do
 * not change at the same moment: a refused password is followed at once by another one that the file has, or has by now.
 * Where there is none it is asked again and again, each time a little later.
 */
export class SignIn {
  readonly #options: SignInOptions;
  #known: UserAndPassword | null = null;
  #reading: Promise<DatabaseCredentials> | null = null;
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #reason = '';

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** What to use for the next connection, while nobody has refused it. */
  get password(): string {
    return this.#known?.password ?? '';
  }

  /** @throws NotSignedIn while there is nothing to show */
  async known(): Promise<UserAndPassword> {
    if (this.#known !== null) return this.#known;
    this.mayConnect();
    try {
      const { user, password } = await this.#read();
      this.#known ??= { user, password };
      return this.#known;
    } catch (error) {
      throw this.#pause(error);
    }
  }

  /** @throws NotSignedIn where that was in vain a moment ago */
  mayConnect(): void {
    if (this.#options.clock.now() < this.#pausedUntil) throw new NotSignedIn(this.#reason);
  }

  accepted(): void {
    this.#failures = 0;
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }

  /**
   * A member has refused the passwords `tried`, the last one just now. Resolves once another one is there to be tried.
   * @throws NotSignedIn where there is none
   */
  async refused(tried: readonly string[], error: unknown): Promise<void> {
    let credentials: DatabaseCredentials;
    try {
      credentials = await this.#read();
    } catch (cause) {
      throw this.#pause(cause);
    }
    const { user, password, otherPassword } = credentials;
    const next = [password, otherPassword].find((one) => one !== undefined && !tried.includes(one));
    // From the beginning: which of them is right may have changed by the next attempt.
    this.#known = { user, password: next ?? password };
    if (next === undefined) throw this.#pause(error);
  }

  /** One reading for all who want to know at the same time. */
  #read(): Promise<DatabaseCredentials> {
    this.#reading ??= this.#options.credentials().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  #pause(cause: unknown): NotSignedIn {
    const { clock, log } = this.#options;
    const now = clock.now();
    this.#reason = cause instanceof Error ? cause.message : String(cause);
    if (now >= this.#pausedUntil) {
      if (this.#failures === 0) log.event('CredentialsRefused', { reason: this.#reason });
      this.#pausedUntil = now + (PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)] ?? 0);
      this.#failures += 1;
    }
    return new NotSignedIn(this.#reason, { cause });
  }
}
