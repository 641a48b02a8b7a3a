import { expect, test } from 'vitest';
import type { OwnChange } from '../../session/news.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../../store/types.ts';
import type { WatchedMailboxState } from '../../store/watched.ts';
import { OwnChanges } from './own-changes.ts';
import { changesBetween, NO_WORLD, type WatchedWorld } from './watched-changes.ts';

// Promise (RFC 5465, 5): of its own changes a client is not told; of whatever others make of them it is.

const mailbox = (
  id: string,
  name: string,
  [uidNext, modSeq, messages]: readonly [number, number, number] = [1, 1, 0],
): WatchedMailboxState => ({
  ...{ id: id as MailboxId, owner: 'ann', name, uidValidity: 1 as UidValidity, specialUse: [], unseen: 0, hash: '' },
  ...{ uidNext: uidNext as Uid, highestModSeq: modSeq as ModSeq, messages },
});
const world = (mailboxes: readonly WatchedMailboxState[], subscribed: readonly string[] = []): WatchedWorld => ({
  ...{ ...NO_WORLD, mailboxes: new Map(mailboxes.map((each) => [each.id, each])), subscribed: new Set(subscribed) },
});
const named = (name: string, ...ids: string[]): OwnChange => ({ kind: 'name', name, mailboxes: ids as MailboxId[] });
const came = (first: number, last: number): OwnChange => ({
  ...{ kind: 'arrival', mailbox: 'a' as MailboxId, first: first as Uid, last: last as Uid },
});
const subscribed = (name: string, is: boolean): OwnChange => ({ kind: 'subscription', name, subscribed: is });

/** What is told, where a session has done something and then the world goes from state to state. */
function toldOf(did: readonly OwnChange[], worlds: readonly WatchedWorld[]): string[] {
  const own = new OwnChanges();
  for (const change of did) own.note(change);
  return worlds.slice(1).flatMap((after, at) =>
    changesBetween(worlds[at] ?? NO_WORLD, after)
      .filter((change) => !own.covers(change, after))
      .map((change) => `${change.kind} ${'mailbox' in change ? change.mailbox.name : change.name}`),
  );
}

const A = mailbox('a', 'A');
const more = (...numbers: [number, number, number]): WatchedWorld => world([mailbox('a', 'A', numbers)]);

const CASES: readonly [string, readonly OwnChange[], readonly WatchedWorld[], readonly string[]][] = [
  ['made', [named('A', 'a')], [NO_WORLD, world([A])], []],
  ['made, and removed by another later', [named('A', 'a')], [NO_WORLD, world([A]), NO_WORLD], ['name A']],
  ['made, and another made in its place', [named('A', 'a')], [NO_WORLD, world([mailbox('b', 'A')])], ['name A']],
  ['removed', [named('A')], [world([A]), NO_WORLD], []],
  ['removed, and made by another', [named('A')], [world([A]), world([mailbox('b', 'A')])], ['name A']],
  ['renamed with what is below', [named('B', 'x', 'a')], [world([A]), world([mailbox('a', 'B')])], []],
  ['renamed, and once more by another', [named('B', 'a')], [world([A]), world([mailbox('a', 'C')])], ['name C']],
  ['subscribed', [subscribed('A', true)], [world([A]), world([A], ['A'])], []],
  [
    'subscribed, and no more by another',
    [subscribed('A', true)],
    [world([A]), world([A], ['A']), world([A])],
    ['subscription A'],
  ],
  ['messages', [came(1, 2)], [world([A]), more(3, 2, 2)], []],
  ['messages, seen one change at a time', [came(1, 1), came(2, 3)], [world([A]), more(2, 2, 1), more(4, 3, 3)], []],
  ['messages, seen together', [came(1, 1), came(2, 3)], [world([A]), more(4, 3, 3)], []],
  ['messages after those of another', [came(2, 2)], [world([A]), more(3, 3, 2)], ['messages A']],
  ['messages before those of another', [came(1, 1)], [world([A]), more(3, 3, 2)], ['messages A']],
  ['messages around those of another', [came(1, 1), came(3, 3)], [world([A]), more(4, 4, 3)], ['messages A']],
  ['messages, one of which another removes', [came(1, 2)], [world([A]), more(3, 3, 1)], ['messages A']],
  ['messages, of which another changes flags', [came(1, 1)], [world([A]), more(2, 3, 1)], ['messages A']],
  ['nothing', [], [NO_WORLD, world([A]), more(2, 2, 1)], ['name A', 'messages A']],
];

test.each(CASES.map(([what, did, worlds, told]) => ({ what, did, worlds, told })))('$what', ({ did, worlds, told }) => {
  expect(toldOf(did, worlds)).toEqual(told);
});

test('of so many changes that they cannot all be remembered the client is told', () => {
  const many = Array.from({ length: 1001 }, (_, n) => named(`${n}`, `${n}`));
  const all = world(many.map((_, n) => mailbox(`${n}`, `${n}`)));
  expect(toldOf(many, [NO_WORLD, all])).toHaveLength(1000);
});
