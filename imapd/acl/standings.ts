import type { Attempt } from '../routing/repository-access.ts';
import type { SessionUser } from '../session/session-user.ts';
import type { AccountStore } from '../store/account-store.ts';
import { groupIdentifier, identifiersOf } from './identifiers.ts';

/** What somebody is to mailboxes that are not his own. */
export type Standing = {
  /** The entries of ACLs that concern him. */
  readonly identifiers: readonly string[];
  readonly admin: boolean;
};

/** What a user's record says of that. */
export type StandingRecord = { readonly groups: readonly string[]; readonly admin: boolean };

export type StandingsOptions = {
  /** Canonical names of those whom the cluster names (`spec.authentication.admins`); others have it in their record. */
  readonly admins: ReadonlySet<string>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** How long a record is believed that nobody has said to have changed; 0: not at all. */
  readonly freshMs: number;
};

type Known = { readonly record: StandingRecord; readonly until: number };
type Asking = Pick<SessionUser, 'name' | 'groups'> & { readonly store: Pick<AccountStore, 'findAccount'> };

/** Longer than any sign-in takes, in milliseconds: what one has read before a change may be noted after it. */
const CHANGED_LATELY_MS = 600_000;
/** Users that are remembered; beyond, those whose records were read longest ago are forgotten. */
const REMEMBERED = 20_000;

/**
 * The groups of users, and who is an administrator, remembered for a while: mailboxes of others are in other partitions than the
 * record. Signing in has read it already, so that a LIST after it asks nothing more. Whoever changes a record tells all processes
 * (`forget`); the time bounds how long one believes the old one that was not reached.
 */
export class Standings {
  readonly #options: StandingsOptions;
  readonly #known = new Map<string, Known>();
  readonly #changed = new Map<string, number>();
  #changes = 0;

  constructor(options: StandingsOptions) {
    this.#options = options;
  }

  async of({ name, store, groups: ofToken = [] }: Asking, attempt: Attempt): Promise<Standing> {
    const { groups, admin } = this.#remembered(name) ?? (await this.#read(name, store, attempt));
    const named = [...groups, ...ofToken].flatMap((group) => groupIdentifier(group) ?? []);
    return {
      identifiers: identifiersOf(name, [...new Set(named)]),
      admin: admin || this.#options.admins.has(name),
    };
  }

  /** Somebody has read the record, to sign in. */
  note(user: string, record: StandingRecord): void {
    const changedAt = this.#changed.get(user);
    if (changedAt === undefined || this.#options.now() - changedAt >= CHANGED_LATELY_MS) this.#remember(user, record);
  }

  /** The record has changed, or the user is gone. */
  forget(user: string): void {
    this.#changes++;
    this.#known.delete(user);
    putLast(this.#changed, user, this.#options.now());
  }

  #remember(user: string, record: StandingRecord): void {
    const { now, freshMs } = this.#options;
    if (freshMs > 0) putLast(this.#known, user, { record, until: now() + freshMs });
  }

  #remembered(user: string): StandingRecord | null {
    const known = this.#known.get(user);
    return known === undefined || known.until <= this.#options.now() ? null : known.record;
  }

  async #read(user: string, store: Asking['store'], attempt: Attempt): Promise<StandingRecord> {
    const changes = this.#changes;
    const account = await store.findAccount(user, attempt);
    const record = { groups: account?.groups ?? [], admin: account?.admin ?? false };
    // What was read while it was changed may be what was before.
    if (changes === this.#changes) this.#remember(user, record);
    return record;
  }
}

/** As the newest; the oldest goes where there are too many. */
function putLast<T>(users: Map<string, T>, user: string, what: T): void {
  users.delete(user);
  users.set(user, what);
  const oldest = users.keys().next();
  if (users.size > REMEMBERED && oldest.done !== true) users.delete(oldest.value);
}
