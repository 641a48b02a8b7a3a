import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import type { MailboxId } from '../types.ts';

// Promise: who changes one mailbox waits for those who write to it, and for nobody who writes to another one of the same user. In
// a table so small servers like to read all rows, and some lock all that they read.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore({ mailboxes: ['a', 'held', 'z'] });
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  /** In a session of its own, which a server ends that has nothing to do for five seconds. */
  async function holdOther() {
    const session = await f.session();
    await session.sql('START TRANSACTION');
    await session.sql('SELECT id FROM mail.mailbox WHERE id = ? FOR UPDATE', [await idOf('held')]);
    return session;
  }

  const named = <N extends string>(name: N) => ({ operation: operation(), owner: 'ada', name }) as const;
  const idOf = async (name: string) => (await f.store.findMailbox('ada', name, attempt))?.id as MailboxId;

  const changes: Record<string, () => Promise<{ readonly kind: string }>> = {
    CREATE: () => f.store.createMailbox({ ...named('new/one'), specialUse: [] }, attempt),
    'CREATE below': () => f.store.createMailbox({ ...named('held/one'), specialUse: [] }, attempt),
    RENAME: () => f.store.renameMailbox({ ...named('new'), to: 'other/name' }, attempt),
    DELETE: () => f.store.deleteMailbox(named('other/name'), attempt),
    COPY: async () => {
      const uid = await f.append('a: b\r\n\r\n');
      const request = { operation: operation(), from: f.inbox, owner: 'ada', to: 'a', uids: [uid], move: false };
      return await f.store.copy(request, attempt);
    },
    SETACL: async () =>
      f.store.changeAcl(
        { operation: operation(), mailbox: await idOf('a'), identifier: 'b', mode: 'add', rights: 'l', most: 9 },
        attempt,
      ),
    SETMETADATA: async () =>
      f.store.writeAnnotations(
        {
          ...{ operation: operation(), mailbox: await idOf('a'), reader: 'ada', most: 9 },
          changes: [{ entry: '/private/comment', value: Buffer.from('a') }],
        },
        attempt,
      ),
  };

  for (const [name, change] of Object.entries(changes)) {
    test(`${name} waits for no other mailbox`, async () => {
      const held = await holdOther();
      const began = performance.now();
      const { kind } = await change();
      const took = performance.now() - began;
      await held.end();
      expect(kind).toMatch(/created|renamed|deleted|copied|changed|written/);
      expect(took, 'as long as a server waits for a lock').toBeLessThan(4_000);
    });
  }

  test('DELETE of the mailbox itself waits', async () => {
    const held = await holdOther();
    const deleted = f.store.deleteMailbox(named('held'), attempt);
    await expect.poll(() => f.waiting()).toBe(1);
    await held.end();
    expect(await deleted).toMatchObject({ kind: 'deleted' });
  });
});
