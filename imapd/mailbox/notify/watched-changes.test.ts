import { expect, test } from 'vitest';
import { SERVER } from '../../store/annotations.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../../store/types.ts';
import type { WatchedMailboxState } from '../../store/watched.ts';
import { annotationKey, changesBetween, type WatchedWorld } from './watched-changes.ts';

type Given = Partial<Record<'uidNext' | 'highestModSeq' | 'messages' | 'unseen', number>>;

const mailbox = (id: string, name: string, given: Given = {}): WatchedMailboxState => ({
  id: id as MailboxId,
  owner: 'ada',
  name,
  uidValidity: 1 as UidValidity,
  uidNext: (given.uidNext ?? 1) as Uid,
  highestModSeq: (given.highestModSeq ?? 1) as ModSeq,
  messages: given.messages ?? 0,
  unseen: given.unseen ?? 0,
  specialUse: [],
  hash: '',
});

const world = (
  mailboxes: readonly WatchedMailboxState[],
  { subscribed = [], annotations = [] }: { subscribed?: string[]; annotations?: [MailboxId, string, string][] } = {},
): WatchedWorld => ({
  mailboxes: new Map(mailboxes.map((each) => [each.id, each])),
  subscribed: new Set(subscribed),
  annotations: new Map(
    annotations.map(([of, entry, at]) => [annotationKey({ mailbox: of, entry, at }), { mailbox: of, entry, at }]),
  ),
});

const a = 'a' as MailboxId;
const name = (of: string, oldName: string | null = null) => ({ kind: 'name', name: of, oldName });

const CASES: readonly [string, WatchedWorld, WatchedWorld, readonly object[]][] = [
  ['nothing', world([mailbox('a', 'A')]), world([mailbox('a', 'A')]), []],
  ['made, with its parent', world([]), world([mailbox('a', 'A/B')]), [name('A/B'), name('A')]],
  ['removed', world([mailbox('a', 'A')]), world([]), [name('A')]],
  ['removed and made again', world([mailbox('a', 'A')]), world([mailbox('b', 'A')]), [name('A')]],
  ['renamed', world([mailbox('a', 'A')]), world([mailbox('a', 'B')]), [name('B', 'A')]],
  [
    'renamed with what is below',
    world([mailbox('a', 'A'), mailbox('b', 'A/x'), mailbox('c', 'A/x/y')]),
    world([mailbox('a', 'B'), mailbox('b', 'B/x'), mailbox('c', 'B/x/y')]),
    [name('B', 'A')],
  ],
  [
    'one below renamed by itself as well',
    world([mailbox('a', 'A'), mailbox('b', 'A/x')]),
    world([mailbox('a', 'B'), mailbox('b', 'C')]),
    [name('B', 'A'), name('C', 'A/x')],
  ],
  ['subscribed', world([]), world([], { subscribed: ['A'] }), [{ kind: 'subscription', name: 'A' }]],
  ['unsubscribed', world([], { subscribed: ['A'] }), world([]), [{ kind: 'subscription', name: 'A' }]],
  [
    'an annotation, and one of the server',
    world([mailbox('a', 'A')]),
    world([mailbox('a', 'A')], {
      annotations: [
        [a, '/shared/x', '1'],
        [SERVER, '/private/y', '1'],
      ],
    }),
    [
      { kind: 'metadata', name: 'A', entry: '/shared/x' },
      { kind: 'metadata', name: null, entry: '/private/y' },
    ],
  ],
  [
    'an annotation written again, one removed',
    world([mailbox('a', 'A')], {
      annotations: [
        [a, '/shared/x', '1'],
        [a, '/shared/y', '1'],
      ],
    }),
    world([mailbox('a', 'A')], { annotations: [[a, '/shared/x', '2']] }),
    [
      { kind: 'metadata', name: 'A', entry: '/shared/x' },
      { kind: 'metadata', name: 'A', entry: '/shared/y' },
    ],
  ],
];

test.each(CASES.map(([what, before, after, changes]) => ({ what, before, after, changes })))(
  '$what',
  ({ before, after, changes }) => {
    expect(changesBetween(before, after)).toEqual(changes);
  },
);

test.each([
  ['a message', { uidNext: 2, messages: 1, highestModSeq: 2 }, { kind: 'messages', unseen: false }],
  ['one unseen', { uidNext: 2, messages: 1, unseen: 1, highestModSeq: 2 }, { kind: 'messages', unseen: true }],
  ['flags', { highestModSeq: 2 }, { kind: 'flags', unseen: false }],
  ['\\Seen', { highestModSeq: 2, unseen: 1 }, { kind: 'flags', unseen: true }],
])('%s', (_, given, change) => {
  const [before, after] = [mailbox('a', 'A'), mailbox('a', 'A', given)];
  const expected = { ...change, ...(change.kind === 'messages' ? { before } : {}), mailbox: after };
  expect(changesBetween(world([before]), world([after]))).toEqual([expected]);
});
