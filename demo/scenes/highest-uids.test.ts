import { expect, test } from 'vitest';
import type { HistoryEvent } from '../checker/history.ts';
import { highestUids } from './highest-uids.ts';

const where = { partition: 'b', mailbox: 'INBOX', client: 'c1', begun: 1, ended: 2 };

test('the highest UID of each mailbox, told by an APPEND or seen in a look', () => {
  const append = (user: string, uid: number | null): HistoryEvent => ({
    kind: 'append',
    ...where,
    user,
    outcome: 'ok',
    hash: 'h',
    uid,
    uidValidity: 1,
  });
  const look = (user: string, uids: readonly number[]): HistoryEvent => ({
    kind: 'observation',
    ...where,
    user,
    uidValidity: 1,
    uidNext: null,
    highestModSeq: null,
    messages: uids.map((uid) => ({ uid, hash: null, flags: [], modSeq: null })),
    whole: false,
  });
  const history = [append('ann', 7), look('ann', [3, 9]), append('ann', null), append('bob', 4), look('bob', [2])];
  expect(Object.fromEntries(highestUids(history))).toEqual({ 'b/ann/INBOX': 9, 'b/bob/INBOX': 4 });
});
