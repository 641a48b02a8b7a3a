import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { attempt, collect, inPieces, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import type { MailboxId, Uid } from './types.ts';

// Promise: the number of statements of a call does not depend on the number of messages. What is counted went to the
// server; a mutation has four besides its work: BEGIN with the epoch's lock, the door (epoch and operation), the record of
// the operation, COMMIT. They take three round trips: begin and door, work, record and COMMIT. What is sent at once has one,
// the lock of the epoch, which a STORE and an EXPUNGE take together with that of the mailbox; the rest is in its last statement.
//
// MariaDB and MySQL have smaller statements, and what counts is how many packets they go in: each is a round trip. A mutation has two
// besides its work, begin with the door, and record and COMMIT; what is sent at once is one.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  let sent: MailboxId;
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore();
    sent = (await f.store.findMailbox('ada', 'Sent', attempt))?.id as MailboxId;
    for (const mailbox of ['INBOX', 'Sent']) {
      for (let i = 0; i < 300; i++)
        await f.append(`n: ${i}\r\n\r\nbody`, { mailbox, keywords: i === 0 ? [`of-${mailbox}`] : [] });
    }
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  const first = (n: number): Uid[] => Array.from({ length: n }, (_, i) => (i + 1) as Uid);
  const change = { mode: 'add', system: 1, keywords: [] } as const;
  const fields = new Set(['envelope', 'bodyStructure', 'internalDate', 'size'] as const);

  const calls: Record<string, { statements: number; packets: number; run: (n: number) => Promise<unknown> }> = {
    'mailbox by name (STATUS)': { statements: 1, packets: 1, run: () => f.store.findMailbox('ada', 'INBOX', attempt) },
    'all mailboxes (LIST, LIST-STATUS)': {
      statements: 1,
      packets: 1,
      run: () => f.store.listMailboxes('ada', attempt),
    },
    'view (SELECT)': { statements: 1, packets: 1, run: () => f.store.loadView(f.inbox, attempt) },
    'changes (poll of a changed mailbox)': {
      statements: 1,
      packets: 1,
      run: (n) => f.store.loadChanges(f.inbox, (300 - n) as never, attempt),
    },
    'mod-sequences (poll of all watched mailboxes)': {
      statements: 1,
      packets: 1,
      run: (n) =>
        f.store.newestOf(
          Array.from({ length: n }, () => sent),
          attempt,
        ),
    },
    'claim of \\Recent where nothing is recent': {
      statements: 1,
      packets: 1,
      run: async () => {
        await f.store.claimRecent(sent, operation(), attempt);
        f.statements.length = 0;
        f.packets.length = 0;
        await f.store.claimRecent(sent, operation(), attempt);
      },
    },
    'facts of messages (FETCH, SEARCH), each 1,000 messages or 1 MiB': {
      statements: 1,
      packets: 1,
      run: (n) => collect(f.store.readMessages({ mailbox: f.inbox, uids: first(n), fields }, attempt)),
    },
    'APPEND of a small message': { statements: 1 + 2, packets: 1, run: () => f.append('a: b\r\n\r\n') },
    'APPEND of a small message with known keywords': {
      statements: 4 + 3,
      packets: 2 + 2,
      run: () => f.append('a: b\r\n\r\n', { keywords: ['of-INBOX'] }),
    },
    'APPEND of a large message, each chunk of 256 KiB': {
      // Two chunks and the content in three transactions of 4 + 1, then the message in one of 1 + 1. As packets: of 2 + 1, and one
      // more that tells of the upload; then one.
      statements: 3 * 5 + 2,
      packets: 3 * 3 + 1 + 1,
      run: async () => {
        const id = operation();
        const staged = await f.store.stage(
          inPieces(Buffer.alloc(300_000, 'x')),
          { operation: id, ordinal: 0 },
          attempt,
        );
        const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
        await f.store.append({ operation: id, owner: 'ada', mailbox: 'INBOX', messages }, attempt);
      },
    },
    'REPLACE of a message': {
      statements: 4 + 5,
      packets: 2 + 4,
      run: async () => {
        const uid = await f.append('a: b\r\n\r\n');
        f.statements.length = 0;
        f.packets.length = 0;
        const id = operation();
        const staged = await f.store.stage(
          inPieces(Buffer.from('a: c\r\n\r\n')),
          { operation: id, ordinal: 0 },
          attempt,
        );
        const message = { staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) };
        const request = { operation: id, from: f.inbox, uid, owner: 'ada', mailbox: 'INBOX', message };
        expect(await f.store.replace(request, attempt)).toMatchObject({ kind: 'replaced' });
      },
    },
    'STORE of system flags': {
      statements: 1 + 1,
      packets: 1,
      run: (n) =>
        f.store.storeFlags(
          { operation: operation(), mailbox: sent, uids: first(n), change, unchangedSince: null },
          attempt,
        ),
    },
    'STORE with a new keyword': {
      statements: 4 + 3,
      packets: 2 + 2,
      run: (n) =>
        f.store.storeFlags(
          {
            operation: operation(),
            mailbox: sent,
            uids: first(n),
            change: { ...change, keywords: [`k${n}`] },
            unchangedSince: null,
          },
          attempt,
        ),
    },
    'COPY between mailboxes with the same keywords': {
      statements: 4 + 2,
      packets: 2 + 2,
      run: (n) =>
        f.store.copy(
          { operation: operation(), from: sent, owner: 'ada', to: 'Sent', uids: first(n), move: false },
          attempt,
        ),
    },
    'COPY between mailboxes with other keywords': {
      statements: 4 + 3,
      packets: 2 + 3,
      run: (n) =>
        f.store.copy(
          { operation: operation(), from: f.inbox, owner: 'ada', to: 'Sent', uids: first(n).slice(1), move: false },
          attempt,
        ),
    },
    MOVE: {
      statements: 4 + 4,
      packets: 2 + 3,
      run: (n) =>
        f.store.copy(
          { operation: operation(), from: f.inbox, owner: 'ada', to: 'Sent', uids: first(n).slice(1), move: true },
          attempt,
        ),
    },
    EXPUNGE: {
      statements: 1 + 1,
      packets: 1,
      run: (n) =>
        f.store.expunge({ operation: operation(), mailbox: sent, uids: first(n), onlyDeleted: false }, attempt),
    },
    'expunges (QRESYNC)': { statements: 1, packets: 1, run: () => f.store.loadExpunges(sent, 1 as never, attempt) },
  };

  for (const [name, call] of Object.entries(calls)) {
    test(`${name}: ${call.statements} statements, or ${call.packets} packets`, async () => {
      const numbers: number[] = [];
      for (const messages of [2, 250]) {
        f.statements.length = 0;
        f.packets.length = 0;
        await call.run(messages);
        const what = `with ${messages} messages:\n${f.statements.join('\n')}`;
        if (engine === 'postgresql') expect(f.statements.length, what).toBe(call.statements);
        else expect(f.packets.length, what).toBe(call.packets);
        numbers.push(f.statements.length);
      }
      expect(numbers[1]).toBe(numbers[0]);
    });
  }
});
