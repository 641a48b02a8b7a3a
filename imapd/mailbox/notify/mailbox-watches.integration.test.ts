import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import type { Store } from '../../store/store.ts';
import { openStore } from '../../store/test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../../store/test-support/postgres-server.ts';
import { attempt, operation, type StoreFixture } from '../../store/test-support/store-fixture.ts';
import { MailboxWatches } from './mailbox-watches.ts';
import type { WatchListener } from './watched-user.ts';

// Promise: users are watched together, and what goes wrong with one of them is no loss of another's.

let server: PostgresServer;
let f: StoreFixture;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  f = await openStore(server);
  return () => f.close();
});

/** Names that were heard of. */
class Ears implements WatchListener {
  readonly annotations = false;
  readonly names: string[] = [];

  heard(...[changes]: Parameters<WatchListener['heard']>): void {
    for (const change of changes) if (change.kind === 'name') this.names.push(change.name);
  }
}

test.each([
  { what: 'whose look fails', failure: () => new Error('the look fails') },
  { what: 'whose look takes too long', failure: () => new RepositoryUnavailable('it takes too long') },
])('a user $what starves nobody', async ({ failure }) => {
  const failing = new Set<string>();
  const store: Store = {
    ...f.store,
    watchedMailboxes: async (request, tried) => {
      if (failing.has(request.owner)) throw failure();
      return await f.store.watchedMailboxes(request, tried);
    },
  };
  const stopped = new AbortController();
  const watches = new MailboxWatches({ log: new RecordedLog(), signal: stopped.signal, notifyPollMs: 50 });
  const users = ['ada', 'bob', 'eve'];
  const ears = new Map(users.map((owner) => [owner, new Ears()]));
  for (const owner of users) {
    if (owner !== 'ada') {
      await f.store.createAccount({ operation: operation(), name: owner, passwordHash: 'x', mailboxes: [] }, attempt);
    }
    await watches.open({ store, owner }, ears.get(owner) ?? expect.fail('nobody'), attempt);
  }
  for (const { names } of ears.values()) names.length = 0;
  failing.add('ada');
  for (const owner of users) {
    await f.store.createMailbox({ operation: operation(), owner, name: 'new', specialUse: [] }, attempt);
  }
  const heard = () => users.map((owner) => ears.get(owner)?.names);
  await expect.poll(heard, { timeout: 5000 }).toEqual([[], ['new'], ['new']]);
  failing.clear();
  await expect.poll(heard, { timeout: 5000 }).toEqual([['new'], ['new'], ['new']]);
  stopped.abort();
});
