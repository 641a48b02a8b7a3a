import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { CHUNK_SIZE } from '../messages/content-row.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, inPieces, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import type { OperationId, Uid } from '../types.ts';

// Promise: every mutation that is repeated with its operation id gives the same answer and changes nothing.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  let uids: Uid[];
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore();
    uids = [];
    for (let i = 0; i < 6; i++) uids.push(await f.append(`n: ${i}\r\n\r\n`, { system: i % 2 === 0 ? 8 : 0 }));
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  const tables = ['account', 'mailbox', 'message', 'tombstone', 'content', 'subscription', 'fork', 'uid_validity'];
  const everything = async (): Promise<string> => {
    const dumps = tables.map(async (table) => {
      const found = await f.sql(`SELECT * FROM mail.${table}`);
      return found.map((row) => JSON.stringify(row)).sort();
    });
    return JSON.stringify(await Promise.all(dumps));
  };

  const named = (id: OperationId) => ({ operation: id, owner: 'ada' });
  const mutations: Record<string, (id: OperationId) => Promise<unknown>> = {
    'APPEND of a small message': async (id) => {
      const staged = await f.store.stage(inPieces(Buffer.from('a: b\r\n\r\n')), { operation: id, ordinal: 0 }, attempt);
      const messages = [{ staged, flags: { system: 1, keywords: ['k'] }, internalDate: new Date(0) }];
      return await f.store.append({ ...named(id), mailbox: 'INBOX', messages }, attempt);
    },
    STORE: (id) =>
      f.store.storeFlags(
        {
          operation: id,
          mailbox: f.inbox,
          uids,
          change: { mode: 'add', system: 4, keywords: ['x'] },
          unchangedSince: null,
        },
        attempt,
      ),
    COPY: (id) =>
      f.store.copy({ ...named(id), from: f.inbox, to: 'Sent', uids: uids.slice(0, 3), move: false }, attempt),
    MOVE: (id) =>
      f.store.copy({ ...named(id), from: f.inbox, to: 'Sent', uids: uids.slice(0, 2), move: true }, attempt),
    EXPUNGE: (id) => f.store.expunge({ operation: id, mailbox: f.inbox, uids, onlyDeleted: true }, attempt),
    CREATE: (id) => f.store.createMailbox({ ...named(id), name: 'new/box', specialUse: [] }, attempt),
    RENAME: (id) => f.store.renameMailbox({ ...named(id), name: 'new', to: 'newer' }, attempt),
    'RENAME of INBOX': (id) => f.store.renameMailbox({ ...named(id), name: 'INBOX', to: 'former' }, attempt),
    DELETE: (id) => f.store.deleteMailbox({ ...named(id), name: 'newer/box' }, attempt),
    SUBSCRIBE: (id) => f.store.subscribe({ ...named(id), name: 'somewhere', subscribed: true }, attempt),
    'claim of \\Recent': async (id) => {
      await f.append('for: recent\r\n\r\n');
      return await f.store.claimRecent(f.inbox, id, attempt);
    },
    'new account': (id) =>
      f.store.createAccount({ operation: id, name: 'bob', passwordHash: 'h', mailboxes: [] }, attempt),
    password: (id) => f.store.setPassword({ operation: id, name: 'bob', passwordHash: 'i' }, attempt),
    'removed account': (id) => f.store.removeAccount({ operation: id, name: 'bob' }, attempt),
  };

  for (const [name, run] of Object.entries(mutations)) {
    test(`${name}: the second time finds the first`, async () => {
      const id = operation();
      const before = await everything();
      const first = await run(id);
      const after = await everything();
      expect(after).not.toBe(before);
      if (name === 'claim of \\Recent') return;
      expect(await run(id)).toEqual(first);
      expect(await everything()).toBe(after);
    });
  }

  test('twice at the same moment is once', async () => {
    const id = operation();
    const before = await f.store.findMailbox('ada', 'INBOX', attempt);
    const staged = await f.store.stage(inPieces(Buffer.from('t: w\r\n\r\n')), { operation: id, ordinal: 0 }, attempt);
    const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
    const request = { ...named(id), mailbox: 'INBOX', messages };
    const answers = await Promise.all(Array.from({ length: 8 }, () => f.store.append(request, attempt)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const after = await f.store.findMailbox('ada', 'INBOX', attempt);
    expect(after?.messages).toBe((before?.messages ?? 0) + 1);
  });

  test('a staged message survives a failed APPEND and is appended by the next try', async () => {
    const id = operation();
    const bytes = randomBytes(2 * CHUNK_SIZE);
    const staged = await f.store.stage(inPieces(bytes), { operation: id, ordinal: 0 }, attempt);
    const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
    expect(await f.store.append({ ...named(id), mailbox: 'nowhere', messages }, attempt)).toEqual({
      kind: 'noMailbox',
    });
    expect(await f.store.append({ ...named(id), mailbox: 'INBOX', messages }, attempt)).toMatchObject({
      kind: 'appended',
    });
  });

  test('an upload whose first chunks were lost is refused, not stored in part', async () => {
    const id = operation();
    const staged = await f.store.stage(inPieces(randomBytes(2 * CHUNK_SIZE)), { operation: id, ordinal: 0 }, attempt);
    await f.sql('DELETE FROM mail.chunk WHERE content = ? AND number = 0', [staged.content]);
    const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
    const before = await f.store.findMailbox('ada', 'INBOX', attempt);
    const refused = f.store.append({ ...named(id), mailbox: 'INBOX', messages }, attempt);
    await expect(refused).rejects.toThrow('lost with the primary');
    expect(await f.store.findMailbox('ada', 'INBOX', attempt)).toEqual(before);
  });
});
