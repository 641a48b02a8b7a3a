import { SEPARATOR } from '../../acl/separator.ts';
import { type EventGroup, type NotifyEvent, ofSelected } from '../../protocol/notify.ts';

/** What is told of mailboxes of others. */
const OF_MAILBOXES: ReadonlySet<NotifyEvent> = new Set(['MessageNew', 'MessageExpunge', 'FlagChange', 'MailboxName']);

type Test = (name: string, subscribed: boolean) => boolean;

/** Which events a client wants of which mailbox (RFC 5465, 6): what several groups say of one mailbox counts together. */
export class EventFilter {
  readonly #groups: readonly (Pick<EventGroup, 'filter' | 'events'> & { readonly test: Test })[];
  readonly #levels: readonly string[];

  /** `levels`: those below which mailboxes are others'. */
  constructor(groups: readonly EventGroup[], levels: readonly string[]) {
    this.#groups = groups
      .filter(({ filter, events }) => !ofSelected(filter) && events.length > 0)
      .map(({ filter, events }) => ({ filter, events, test: testOf(filter, levels) }));
    this.#levels = levels;
  }

  /** Nothing is wanted of mailboxes that are not selected. */
  get empty(): boolean {
    return this.#groups.length === 0;
  }

  /** Somebody wants it, of whatever mailbox. */
  wantsAnywhere(...names: readonly NotifyEvent[]): boolean {
    return this.#groups.some(({ events }) => names.some((name) => events.includes(name)));
  }

  /** Now or later: what is subscribed to changes. */
  get mayWantOthers(): boolean {
    if (this.#groups.some(({ filter }) => filter.kind === 'subscribed')) return this.#levels.length > 0;
    return this.levelsOf(new Set()).length > 0;
  }

  /** Below which levels there may be mailboxes of others of which more is wanted than whether one is subscribed to them. */
  levelsOf(subscribed: ReadonlySet<string>): readonly string[] {
    const watching = this.#groups.filter(({ events }) => events.some((event) => OF_MAILBOXES.has(event)));
    const named = watching.flatMap(({ filter }) => ('names' in filter ? filter.names : []));
    const names = watching.some(({ filter }) => filter.kind === 'subscribed') ? [...named, ...subscribed] : named;
    return this.#levels.filter((level) => names.some((name) => isOfOthers(name, [level])));
  }

  /** Something of what is told of mailboxes of others. */
  wantsAny(name: string, subscribed: boolean): boolean {
    return OF_MAILBOXES.values().some((event) => this.wants(event, name, subscribed));
  }

  wants(event: NotifyEvent, name: string, subscribed: boolean): boolean {
    return this.#groups.some(({ test, events }) => events.includes(event) && test(name, subscribed));
  }
}

function testOf(filter: EventGroup['filter'], levels: readonly string[]): Test {
  switch (filter.kind) {
    case 'subscribed':
      return (_, subscribed) => subscribed;
    case 'mailboxes': {
      const names = new Set(filter.names);
      return (name) => names.has(name);
    }
    case 'subtree': {
      const roots = new Set(filter.names);
      return (name) => isBelow(name, roots);
    }
    // RFC 5465, 6.2 and 6.3. Of the names of others a user may have subscriptions.
    default:
      return (name) => !isOfOthers(name, levels);
  }
}

/** What has this name is somebody else's, or nobody's. */
export const isOfOthers = (name: string, levels: readonly string[]): boolean =>
  levels.some((level) => name === level || name.startsWith(`${level}${SEPARATOR}`));

/** It is one of them, or below one. */
function isBelow(name: string, roots: ReadonlySet<string>): boolean {
  for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1)) {
    if (roots.has(name.slice(0, end))) return true;
  }
  return false;
}
