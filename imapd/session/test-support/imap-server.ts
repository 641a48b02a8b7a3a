import { canonicalUser } from '#contract/placement.ts';
import { ofAccount } from '../../auth/find-account.ts';
import type { Store } from '../../store/store.ts';
import { openStore } from '../../store/test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../../store/test-support/postgres-server.ts';
import { operation, type StoreFixture } from '../../store/test-support/store-fixture.ts';
import type { Authenticator } from '../authenticator.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts';

/** Every user of the test server has this password. */
export const PASSWORD = 'secret pass';

export type ImapServer = TestServer & {
  /** With the user `ada`, her INBOX and Sent. */
  readonly fixture: StoreFixture;
  addUser(name: string): Promise<void>;
};

let postgres: Promise<PostgresServer> | null = null;
let servers = 0;

/**
 * A whole IMAP server over a store of its own, in a real PostgreSQL that the servers of one test file share. Signing in
 * compares with one password: imapd/auth has tests of its own.
 */
export async function startImapServer(options: Partial<TestServerOptions> = {}): Promise<ImapServer> {
  postgres ??= startPostgres();
  servers++;
  const fixture = await openStore(await postgres);
  const server = await startTestServer({
    authenticator: signsInto(fixture.store),
    placeOf: () => ({
      kind: 'store',
      partition: 'test',
      store: fixture.store,
      unserved: new AbortController().signal,
    }),
    stores: () => [fixture.store],
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
      await release();
    },
  };
}

/** The last server takes the database down. */
async function release(): Promise<void> {
  servers--;
  if (servers > 0 || postgres === null) return;
  const last = await postgres;
  postgres = null;
  await last.stop();
}

const signsInto =
  (store: Store): Authenticator =>
  async ({ user, password }, attempt) => {
    const name = canonicalUser(user);
    const account = password === PASSWORD ? await store.findAccount(name, attempt) : null;
    return account === null ? { kind: 'wrong' } : { kind: 'ok', user: { name, store, ...ofAccount(account) } };
  };
