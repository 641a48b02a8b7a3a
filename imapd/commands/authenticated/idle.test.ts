import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { MailboxWatches } from '../../mailbox/notify/mailbox-watches.ts';
import { Notifications } from '../../mailbox/notify/notifications.ts';
import type { OthersWatches } from '../../mailbox/notify/others/others-watches.ts';
import { ModelMailbox } from '../../mailbox/test-support/model-mailbox.ts';
import { type ModelSelection, selectModel } from '../../mailbox/test-support/model-selection.ts';
import type { FetchItem } from '../../protocol/fetch-item.ts';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import { ConnectionClosed } from '../../session/output.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { MessageContent } from '../../store/content-store.ts';
import type { Store } from '../../store/store.ts';
import type { CommandContext } from '../command-handler.ts';
import { idle } from './idle.ts';

// Promise: who has used NOTIFY is told in IDLE what there is once, and of what cannot be told now again when something
// happens or at the next keep-alive: the event loop has its turn.

const LONG_MS = 600_000;
/** Far more than is ever right, and an end to what would go on for ever. */
const ENOUGH = 20;

const wanting = ({ session }: ModelSelection, fetch: readonly FetchItem[]): Notifications =>
  new Notifications(
    [{ filter: { kind: 'selected' }, events: ['MessageNew', 'MessageExpunge', 'FlagChange'], unknown: [], fetch }],
    {
      ...{ session, capabilities: { has: () => true }, watches: {} as MailboxWatches },
      ...{ levels: [], most: 100, log: new RecordedLog() },
      ...{ others: {} as OthersWatches, mostOthers: 0, sharedSeen: true },
      listOthers: () => Promise.reject(new Error('nobody asks')),
    },
  );

/** Begins IDLE, and gives how to end it. */
function idling({ session, output }: ModelSelection, keepAliveMs: number): () => Promise<unknown> {
  const said = Promise.withResolvers<Buffer | null>();
  const bounded = async (octets: Buffer | string): Promise<void> => {
    if (output.lines.length > ENOUGH) throw new ConnectionClosed('it says too much');
    await output.write(octets);
  };
  const context = { session, output: { write: bounded, writePart: bounded }, input: { ask: () => said.promise } };
  const running = idle({ keepAliveMs }).run({ name: 'IDLE' }, context as unknown as CommandContext);
  return async () => {
    said.resolve(Buffer.from('DONE'));
    return await running;
  };
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

test('a session that is outdated is told so once', async () => {
  const mailbox = new ModelMailbox();
  mailbox.append(3);
  mailbox.replicate();
  const client = selectModel(mailbox, { enabled: ['QRESYNC', 'CONDSTORE'] });
  const { selected, session, view, output } = client;
  const { uids, modSeq } = mailbox.expunge([2]);
  view.applyExpunged(uids, modSeq);
  await selected.report('all', output);
  mailbox.failOver(1000);
  view.apply(mailbox.changes(0));
  expect(selected.cursor.outdated).toBe(true);
  session.hear(wanting(client, []));
  output.lines.length = 0;
  const done = idling(client, LONG_MS);
  await someTurns();
  expect(output.lines.filter((line) => line.includes('HIGHESTMODSEQ'))).toHaveLength(1);
  mailbox.append(1);
  view.apply(mailbox.changes(view.modSeq));
  await someTurns();
  expect(output.lines.join('')).toContain('EXISTS');
  expect(await done()).toMatchObject({ status: 'OK' });
});

test.each([
  ['at the next keep-alive', 5],
  ['when something happens', LONG_MS],
])('what cannot be read is told later: %s', async (_, keepAliveMs) => {
  let [away, asked] = [true, 0];
  const store: Partial<Store> = {
    async *readMessages({ uids }): AsyncGenerator<readonly MessageContent[]> {
      asked += 1;
      if (asked > 10 * ENOUGH) throw new ConnectionClosed('it asks too often');
      if (away) throw new RepositoryUnavailable('away');
      yield uids.map((uid) => ({ uid, internalDate: new Date(0) }));
    },
  };
  const mailbox = new ModelMailbox();
  mailbox.append(1);
  const client = selectModel(mailbox, { store });
  const { session, view, output } = client;
  session.hear(wanting(client, [{ kind: 'INTERNALDATE' }]));
  const done = idling(client, keepAliveMs);
  mailbox.append(1);
  view.apply(mailbox.changes(view.modSeq));
  await someTurns();
  expect(output.lines.join('')).toContain('* 2 EXISTS');
  expect(asked).toBeGreaterThan(0);
  if (keepAliveMs === LONG_MS) expect(asked).toBe(1);
  away = false;
  if (keepAliveMs === LONG_MS) view.applyStored({ ...mailbox.store([1], 1), keywords: [] });
  await expect.poll(() => output.lines.join('')).toContain('* 2 FETCH (INTERNALDATE');
  expect(await done()).toMatchObject({ status: 'OK' });
});
