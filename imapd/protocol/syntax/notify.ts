import {
  EVENT_NAMES,
  type EventGroup,
  type Notify,
  type NotifyEvent,
  type NotifyFilter,
  ofSelected,
} from '../notify.ts';
import type { Cursor } from './cursor.ts';
import { fetchAttributes } from './fetch.ts';
import { mailbox } from './mailbox.ts';
import { SyntaxFault } from './syntax-fault.ts';

const FILTERS = ['SELECTED', 'SELECTED-DELAYED', 'INBOXES', 'PERSONAL', 'SUBSCRIBED', 'SUBTREE', 'MAILBOXES'] as const;
const MESSAGE_EVENTS: readonly NotifyEvent[] = ['MessageNew', 'MessageExpunge', 'FlagChange', 'AnnotationChange'];
const MOST_EVENTS = 16;

/** NOTIFY NONE, or NOTIFY SET [STATUS] (filter events) …: RFC 5465, 8. */
export function notify(cursor: Cursor): Notify {
  cursor.space();
  if (cursor.oneOf(['SET', 'NONE'], 'SET or NONE') === 'NONE') return { name: 'NOTIFY', status: false, groups: null };
  cursor.space();
  const status = cursor.match(/STATUS /iy) !== null;
  const { notifyGroups } = cursor.limits;
  const groups: EventGroup[] = [];
  do {
    groups.push(eventGroup(cursor));
    if (groups.length > notifyGroups) throw new SyntaxFault(`More than ${notifyGroups} groups of events`);
  } while (cursor.more());
  if (groups.filter(({ filter }) => ofSelected(filter)).length > 1) {
    throw new SyntaxFault('SELECTED and SELECTED-DELAYED can be said once');
  }
  return { name: 'NOTIFY', status, groups };
}

function eventGroup(cursor: Cursor): EventGroup {
  cursor.expect('(');
  const chosen = filter(cursor);
  cursor.space();
  const none = cursor.match(/NONE(?=\))/iy) !== null;
  const events = none ? [] : cursor.list(() => event(cursor), { of: 'events', most: MOST_EVENTS });
  if (!none && events.length === 0) cursor.fail('an event');
  cursor.expect(')');
  const group = {
    filter: chosen,
    events: EVENT_NAMES.filter((name) => events.some((each) => each.name === name)),
    unknown: events.flatMap(({ unknown }) => (unknown === null ? [] : [unknown])),
    fetch: events.find(({ fetch }) => fetch !== null)?.fetch ?? [],
  };
  check(group);
  return group;
}

function filter(cursor: Cursor): NotifyFilter {
  const name = cursor.oneOf(FILTERS, 'which mailboxes');
  const kind = name.toLowerCase() as NotifyFilter['kind'];
  if (kind !== 'subtree' && kind !== 'mailboxes') return { kind };
  cursor.space();
  const { notifyMailboxes } = cursor.limits;
  const several = cursor.next === '(';
  const names = several
    ? cursor.list(() => mailbox(cursor), { of: 'mailboxes', most: notifyMailboxes })
    : [mailbox(cursor)];
  if (names.length === 0) cursor.fail('a mailbox');
  return { kind, names: [...new Set(names)] };
}

type Event = {
  readonly name: NotifyEvent | null;
  readonly unknown: string | null;
  readonly fetch: EventGroup['fetch'] | null;
};

function event(cursor: Cursor): Event {
  const atom = cursor.atom('an event');
  const name = EVENT_NAMES.find((known) => known.toUpperCase() === atom.toUpperCase()) ?? null;
  const fetch = name === 'MessageNew' && cursor.match(/ (?=\()/y) !== null ? fetchAttributes(cursor) : null;
  return { name, unknown: name === null ? atom : null, fetch };
}

/** RFC 5465, 5 and 6.1: what must not be said without the other, and where. */
function check({ filter: chosen, events, fetch }: EventGroup): void {
  const has = (name: NotifyEvent): boolean => events.includes(name);
  const both = has('MessageNew') && has('MessageExpunge');
  if (!both && MESSAGE_EVENTS.some(has)) {
    throw new SyntaxFault('MessageNew and MessageExpunge go together, and with every other event of messages');
  }
  if (ofSelected(chosen) && events.some((name) => !MESSAGE_EVENTS.includes(name))) {
    throw new SyntaxFault('Of the selected mailbox there are only events of messages');
  }
  if (!ofSelected(chosen) && fetch.length > 0)
    throw new SyntaxFault('Only messages of the selected mailbox are fetched');
}
