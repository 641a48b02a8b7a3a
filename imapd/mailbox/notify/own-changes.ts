import type { OwnChange } from '../../session/news.ts';
import type { MailboxId } from '../../store/types.ts';
import type { WatchedChange, WatchedWorld } from './watched-changes.ts';

/** Changes that are remembered; of more than these the client is told like everybody. */
const MOST = 1000;

type Change<K extends WatchedChange['kind']> = Extract<WatchedChange, { readonly kind: K }>;
type Arrival = Extract<OwnChange, { readonly kind: 'arrival' }>;

/**
 * What a session has changed itself, of which its client is not told (RFC 5465, 5), as the state that the client knows by that: what
 * others do before anybody looks makes another state of it, and is told.
 */
export class OwnChanges {
  readonly #names = new Map<string, readonly MailboxId[]>();
  readonly #subscriptions = new Map<string, boolean>();
  #arrivals: Arrival[] = [];

  note(change: OwnChange): void {
    if (this.#names.size + this.#subscriptions.size + this.#arrivals.length >= MOST) this.clear();
    if (change.kind === 'name') this.#names.set(change.name, change.mailboxes);
    else if (change.kind === 'subscription') this.#subscriptions.set(change.name, change.subscribed);
    else this.#arrivals.push(change);
  }

  clear(): void {
    this.#names.clear();
    this.#subscriptions.clear();
    this.#arrivals = [];
  }

  /** Does the client know all of it? To be asked once of each change; `world` is as it is after it. */
  covers(change: WatchedChange, world: WatchedWorld): boolean {
    switch (change.kind) {
      case 'name':
        return this.#coversName(change, world);
      case 'subscription':
        return this.#takeSubscription(change.name) === world.subscribed.has(change.name);
      case 'messages':
        return this.#coversMessages(change);
      default:
        return false;
    }
  }

  #coversName({ name, oldName }: Change<'name'>, { mailboxes }: WatchedWorld): boolean {
    const known = this.#names.get(name);
    this.#names.delete(name);
    const now = mailboxes.values().find((mailbox) => mailbox.name === name)?.id;
    const covered = known !== undefined && (now === undefined ? known.length === 0 : known.includes(now));
    // With another name goes what is below it, of which nothing is said.
    if (!covered && oldName !== null) this.#names.clear();
    return covered;
  }

  #takeSubscription(name: string): boolean | undefined {
    const known = this.#subscriptions.get(name);
    this.#subscriptions.delete(name);
    return known;
  }

  /** Messages of this session, one after the other, and nothing between and beside them. */
  #coversMessages({ before, mailbox }: Change<'messages'>): boolean {
    const seen = this.#arrivals.filter((each) => each.mailbox === mailbox.id && each.last < mailbox.uidNext);
    this.#arrivals = this.#arrivals.filter((each) => !seen.includes(each));
    const follow = seen.every(({ first }, at) => first === (seen[at - 1]?.last ?? before.uidNext - 1) + 1);
    const count = mailbox.uidNext - before.uidNext;
    return (
      seen.length > 0 &&
      follow &&
      seen.at(-1)?.last === mailbox.uidNext - 1 &&
      mailbox.messages === before.messages + count &&
      mailbox.highestModSeq === before.highestModSeq + seen.length
    );
  }
}
