import { canonicalUser } from '#contract/placement.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { ofAccount } from '../../auth/find-account.ts';
import type { Store } from '../../store/store.ts';
import type { StoreLimits } from '../../store/store-limits.ts';
import { startStoreServer } from '../../store/test-support/start-store-server.ts';
import { operation, type StoreFixture } from '../../store/test-support/store-fixture.ts';
import type { TestStoreServer } from '../../store/test-support/test-store-server.ts';
import type { Authenticator } from '../authenticator.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts';

/** Every user of the test server has this password. */
export const PASSWORD = 'secret pass';

export type ImapServer = TestServer & {
  /** With the user `ada`, her INBOX and Sent. */
  readonly fixture: StoreFixture;
  addUser(name: string): Promise<void>;
};

export type ImapServerOptions = Partial<TestServerOptions> & {
  /** Of the database. */
  readonly engine?: EngineUnderTest;
  readonly storeLimits?: StoreLimits;
  /** What sessions have in place of the store itself: with memory, for instance. */
  readonly inFront?: (store: Store) => Store;
};

type Shared = { readonly server: Promise<TestStoreServer>; users: number };
/** One of each engine at most. */
const databases = new Map<EngineUnderTest, Shared>();

/**
 * A whole IMAP server over a store of its own, in a real database server that the IMAP servers of one test file share. Signing in
 * compares with one password: imapd/auth has tests of its own.
 */
export async function startImapServer({
  engine = 'postgresql',
  storeLimits = {},
  inFront = (store) => store,
  ...options
}: ImapServerOptions = {}): Promise<ImapServer> {
  const fixture = await (await acquire(engine)).openStore(storeLimits);
  const store = inFront(fixture.store);
  const server = await startTestServer({
    authenticator: signsInto(store),
    placeOf: () => ({
      kind: 'store',
      partition: 'test',
      store,
      unserved: new AbortController().signal,
    }),
    stores: () => [store],
    ...options,
  });
  return {
    ...server,
    fixture,
    async addUser(name) {
      const account = { operation: operation(), name, passwordHash: 'x', mailboxes: [] };
      await fixture.store.createAccount(account, { signal: AbortSignal.timeout(10_000) });
    },
    async stop(graceMs) {
      await server.stop(graceMs);
      await fixture.close();
      await release(engine);
    },
  };
}

function acquire(engine: EngineUnderTest): Promise<TestStoreServer> {
  const shared = databases.get(engine) ?? { server: startStoreServer(engine), users: 0 };
  databases.set(engine, shared);
  shared.users++;
  return shared.server;
}

/** The last server takes the database down. */
async function release(engine: EngineUnderTest): Promise<void> {
  const shared = databases.get(engine);
  if (shared === undefined || --shared.users > 0) return;
  databases.delete(engine);
  await (await shared.server).stop();
}

const signsInto =
  (store: Store): Authenticator =>
  async ({ user, password }, attempt) => {
    const name = canonicalUser(user);
    const account = password === PASSWORD ? await store.findAccount(name, attempt) : null;
    return account === null ? { kind: 'wrong' } : { kind: 'ok', user: { name, store, ...ofAccount(account) } };
  };
