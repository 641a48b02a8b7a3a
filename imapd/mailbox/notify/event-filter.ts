import { SEPARATOR } from '../../acl/separator.ts';
import { type EventGroup, type NotifyEvent, ofSelected } from '../../protocol/notify.ts';

type Test = (name: string, subscribed: boolean) => boolean;

/** Which events a client wants of which mailbox (RFC 5465, 6): what several groups say of one mailbox counts together. */
export class EventFilter {
  readonly #groups: readonly { readonly test: Test; readonly events: readonly NotifyEvent[] }[];

  /** `levels`: those below which mailboxes are others'. */
  constructor(groups: readonly EventGroup[], levels: readonly string[]) {
    this.#groups = groups
      .filter(({ filter, events }) => !ofSelected(filter) && events.length > 0)
      .map(({ filter, events }) => ({ test: testOf(filter, levels), events }));
  }

  /** Nothing is wanted of mailboxes that are not selected. */
  get empty(): boolean {
    return this.#groups.length === 0;
  }

  /** Somebody wants it, of whatever mailbox. */
  wantsAnywhere(...names: readonly NotifyEvent[]): boolean {
    return this.#groups.some(({ events }) => names.some((name) => events.includes(name)));
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

/** What has this name is somebody else's, or nobody's, and is not watched. */
export const isOfOthers = (name: string, levels: readonly string[]): boolean =>
  levels.some((level) => name === level || name.startsWith(`${level}${SEPARATOR}`));

/** It is one of them, or below one. */
function isBelow(name: string, roots: ReadonlySet<string>): boolean {
  for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1)) {
    if (roots.has(name.slice(0, end))) return true;
  }
  return false;
}
