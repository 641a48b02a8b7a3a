import { expect, test, vi } from 'vitest';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import type { MessageContent } from '../../store/content-store.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId, Uid } from '../../store/types.ts';
import { noteOwnArrivals } from '../notify/own-arrivals.ts';
import { ModelMailbox } from '../test-support/model-mailbox.ts';
import { selectModel } from '../test-support/model-selection.ts';

// Promise: what a search that is kept up fetches of new messages is fetched of each that it finds and others have brought, once,
// also where its database could not be asked when the message came; and no command waits long for that, however many there are.

let away: boolean;
let hangs = false;
const store: Partial<Store> = {
  async *readMessages({ uids }, { signal }): AsyncGenerator<readonly MessageContent[]> {
    if (hangs) await new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
    if (away) throw new RepositoryUnavailable('away');
    yield uids.map((uid) => ({ uid, size: uid, internalDate: new Date(0) }));
  },
};

function keptUp() {
  const mailbox = new ModelMailbox();
  mailbox.append(1);
  const { session, selected, view, output } = selectModel(mailbox, { store });
  selected.contexts.open({
    ...{ tag: 'a', uid: true, found: IdSet.EMPTY, fetch: [{ kind: 'UID' }], mostFetched: 10 },
    key: { kind: 'size', relation: 'larger', octets: 2 },
  });
  return {
    selected,
    /** What the client is told after something has happened. */
    async told(happens: (mailbox: ModelMailbox) => void): Promise<string[]> {
      output.lines.length = 0;
      happens(mailbox);
      view.apply(mailbox.changes(view.modSeq));
      await selected.report('all', output);
      return output.lines
        .join('')
        .split('\r\n')
        .filter((line) => /FETCH|ESEARCH/.test(line));
    },
    bring: (...uids: number[]): void => noteOwnArrivals(session, selected.mailbox as MailboxId, uids as Uid[]),
  };
}

test('what comes while it cannot be looked at is fetched later, with what comes then', async () => {
  const { told, bring } = keptUp();
  away = true;
  bring(4);
  expect(await told((mailbox) => mailbox.append(4))).toEqual([]);
  expect(await told((mailbox) => mailbox.expunge([5]))).toEqual([]);
  away = false;
  // 2 is too small; 4 the session has brought itself; 5 is gone.
  expect(await told((mailbox) => mailbox.append(1))).toEqual([
    ...['* 3 FETCH (UID 3)', '* 5 FETCH (UID 6)'],
    '* ESEARCH (TAG "a") UID ADDTO (0 3:4,6)',
  ]);
  expect(await told((mailbox) => mailbox.store([3], 1))).toEqual([expect.stringMatching(/^\* 3 FETCH \(UID 3 FLAGS/)]);
});

test('own messages are known until they are told, and no longer', async () => {
  const { told, bring, selected } = keptUp();
  away = false;
  bring(3, 9);
  expect(await told((mailbox) => mailbox.append(2))).toEqual(['* ESEARCH (TAG "a") UID ADDTO (0 3)']);
  expect([...selected.ownArrivals]).toEqual([9]);
});

test('nothing is noted for who has nothing fetched', () => {
  const { bring, selected } = keptUp();
  selected.contexts.cancel('a');
  bring(2);
  expect(selected.ownArrivals.size).toBe(0);
});

test('a database that hangs keeps a command for half a minute, not for that of each search', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const { told, selected } = keptUp();
    const search = { uid: true, found: IdSet.EMPTY, fetch: [], mostFetched: 10 };
    for (const tag of ['b', 'c']) {
      selected.contexts.open({ ...search, tag, key: { kind: 'size', relation: 'larger', octets: 2 } });
    }
    [away, hangs] = [false, true];
    const answered = told((mailbox) => mailbox.append(3));
    await vi.advanceTimersByTimeAsync(31_000);
    expect(await Promise.race([answered, 'still waiting'])).toEqual([]);
    hangs = false;
    const found = (await told((mailbox) => mailbox.append(1))).filter((line) => line.includes('ESEARCH'));
    expect(found).toEqual(['a', 'b', 'c'].map((tag) => `* ESEARCH (TAG "${tag}") UID ADDTO (0 3:5)`));
  } finally {
    hangs = false;
    vi.useRealTimers();
  }
});
