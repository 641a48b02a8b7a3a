import { hash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { defaultLimits, defaultRetention } from './collect/collect.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { attempt, inPieces, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import type { MailboxId, Uid } from './types.ts';

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore();
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  const names = ['INBOX', 'Sent', 'a', 'a/b', 'c'];
  const name = fc.constantFrom(...names);
  const uids = fc.uniqueArray(fc.integer({ min: 1, max: 12 }) as fc.Arbitrary<Uid>, { maxLength: 8 });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('append'),
      name,
      system: fc.integer({ min: 0, max: 31 }),
      keyword: fc.constantFrom('', 'x', 'y'),
    }),
    fc.record({
      kind: fc.constant('store'),
      name,
      uids,
      mode: fc.constantFrom('add', 'remove', 'replace'),
      system: fc.integer({ min: 0, max: 31 }),
    }),
    fc.record({ kind: fc.constant('expunge'), name, uids, onlyDeleted: fc.boolean() }),
    fc.record({ kind: fc.constant('copy'), name, to: name, uids, move: fc.boolean() }),
    fc.record({
      kind: fc.constant('replace'),
      name,
      to: name,
      uid: fc.integer({ min: 1, max: 12 }) as fc.Arbitrary<Uid>,
    }),
    fc.record({ kind: fc.constant('create'), name }),
    fc.record({ kind: fc.constant('delete'), name }),
    fc.record({ kind: fc.constant('rename'), name, to: name }),
    fc.record({ kind: fc.constant('collect') }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  async function run(s: Step): Promise<void> {
    const base = { operation: operation(), owner: 'ada' };
    if (s.kind === 'collect') {
      const retention = { ...defaultRetention, content: 0, tombstones: 0 };
      await f.collect({ ...defaultLimits, retention });
      return;
    }
    const { store } = f;
    const mailbox = await store.findMailbox('ada', s.name, attempt);
    if (s.kind === 'create') await store.createMailbox({ ...base, name: s.name, specialUse: [] }, attempt);
    if (s.kind === 'delete') await store.deleteMailbox({ ...base, name: s.name }, attempt);
    if (s.kind === 'rename' && s.name !== s.to) await store.renameMailbox({ ...base, name: s.name, to: s.to }, attempt);
    if (mailbox === null) return;
    const { operation: id } = base;
    if (s.kind === 'append') {
      const keywords = s.keyword === '' ? [] : [s.keyword];
      await f.append(`id: ${randomUUID()}\r\n\r\n`, { mailbox: s.name, system: s.system, keywords });
    }
    if (s.kind === 'store') {
      const change = { mode: s.mode as 'add', system: s.system, keywords: s.system > 15 ? ['y'] : [] };
      await store.storeFlags(
        { operation: id, mailbox: mailbox.id, uids: s.uids, change, unchangedSince: null },
        attempt,
      );
    }
    if (s.kind === 'expunge') {
      await store.expunge({ operation: id, mailbox: mailbox.id, uids: s.uids, onlyDeleted: s.onlyDeleted }, attempt);
    }
    if (s.kind === 'replace') await replace(s, mailbox.id);
    if (s.kind === 'copy')
      await store.copy({ ...base, from: mailbox.id, to: s.to, uids: s.uids, move: s.move }, attempt);
  }

  async function replace({ uid, to }: Extract<Step, { kind: 'replace' }>, from: MailboxId): Promise<void> {
    const id = operation();
    const staged = await f.store.stage(
      inPieces(Buffer.from(`id: ${id}\r\n\r\n`)),
      { operation: id, ordinal: 0 },
      attempt,
    );
    const message = { staged, flags: { system: 1, keywords: ['x'] }, internalDate: new Date(0) };
    await f.store.replace({ operation: id, from, uid, owner: 'ada', mailbox: to, message }, attempt);
  }

  test('after any work, counters, tombstones, references and hashes are as verify wants them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
        for (const s of steps) await run(s);
        expect(await f.verify()).toEqual([]);
      }),
      { seed: 5, numRuns: 12, endOnFailure: true },
    );
  });

  test('verify sees what is wrong', async () => {
    await f.append('broken: 1\r\n\r\n');
    await f.sql(`UPDATE mail.mailbox SET unseen = unseen + 1 WHERE name = 'INBOX'`);
    const raw = Buffer.from('broken: 1\r\n\r\n');
    const longer = Buffer.concat([raw, Buffer.alloc(1)]);
    await f.sql('UPDATE mail.chunk SET data = ? WHERE hash = ?', [longer, hash('sha256', raw, 'buffer')]);
    const found = await f.verify();
    expect(found.map((difference) => difference.check)).toEqual([
      'counters of a mailbox',
      'chunks of a content',
      'hash of a chunk',
    ]);
  });
});
