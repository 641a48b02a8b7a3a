import { expect, test } from 'vitest';
import { MailboxCursor } from '../mailbox-cursor.ts';
import { MailboxView } from '../mailbox-view.ts';
import { ModelMailbox } from '../test-support/model-mailbox.ts';
import { ContentWalk } from './content-walk.ts';

/** A mailbox of messages 1 to `count`, a session in it, and what it would read ahead after each FETCH. */
function opened(count: number) {
  const mailbox = new ModelMailbox();
  mailbox.append(count);
  const view = new MailboxView(mailbox.load());
  const cursor = new MailboxCursor(view);
  const walk = new ContentWalk();
  const signals: (AbortSignal | undefined)[] = [];
  const fetch = (...uids: number[]): readonly number[] | null => {
    const { ahead } = walk.ahead(Uint32Array.from(uids), cursor);
    signals.push(ahead?.until);
    return ahead === undefined ? null : ahead.next(3);
  };
  const expunge = (...uids: number[]): void => {
    const since = view.modSeq;
    mailbox.expunge(uids);
    view.apply(mailbox.changes(since));
    cursor.take('all');
  };
  const arrive = (): void => {
    const since = view.modSeq;
    mailbox.append(1);
    view.apply(mailbox.changes(since));
    cursor.take('all');
  };
  return { walk, fetch, expunge, arrive, signals };
}

test('the third message in a row shows that the next ones will be asked for', () => {
  const { fetch } = opened(9);
  expect([3, 4, 5, 6, 7, 8, 9].map((uid) => fetch(uid))).toEqual([null, null, [6, 7, 8], [7, 8, 9], [8, 9], [9], []]);
});

test('a message that is asked for twice, as by its parts, is one step', () => {
  const { fetch } = opened(9);
  expect([1, 1, 1, 2, 2, 3, 3].map((uid) => fetch(uid)?.length)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    3,
    3,
  ]);
});

test.each([
  ['backwards', [4, 3, 2, 1]],
  ['with one left out', [1, 2, 4, 5, 7, 8]],
])('%s is no walk', (_, uids) => {
  const { fetch } = opened(9);
  expect(uids.map((uid) => fetch(uid)).every((next) => next === null)).toBe(true);
});

test('what was expunged in between is not left out, nor read ahead', () => {
  const { fetch, expunge } = opened(9);
  fetch(1);
  fetch(2);
  expunge(1, 3, 6);
  expect(fetch(4)).toEqual([5, 7, 8]);
  expunge(4);
  expect(fetch(5)).toEqual([7, 8, 9]);
});

test('what has come while the session was there is not read ahead: a replica may lack it', () => {
  const { fetch, arrive } = opened(4);
  arrive();
  expect([1, 2, 3].map((uid) => fetch(uid)).at(-1)).toEqual([4]);
});

test('a walk ends by anything else that is fetched, and with the session in the mailbox', () => {
  const { walk, fetch, signals } = opened(9);
  for (const uid of [1, 2, 3]) fetch(uid);
  fetch(7);
  expect(signals[2]?.aborted).toBe(true);
  for (const uid of [8, 9]) fetch(uid);
  expect(signals[5]?.aborted).toBe(false);
  fetch(1, 2, 3);
  expect(signals[5]?.aborted).toBe(true);
  for (const uid of [1, 2, 3]) fetch(uid);
  walk.end();
  expect(signals.at(-1)?.aborted).toBe(true);
});
