import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { ChangeAcl } from './acl.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import type { MailboxId } from './types.ts';

// Promise: what an ACL says is found by mailbox and by identifier, in one statement each; it goes with a mailbox that is renamed,
// comes to those that are made below it, and nobody has it once the mailbox, or the user it is of, is gone.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  let box: MailboxId;
  beforeAll(async () => {
    server = await startStoreServer(engine);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    f = await server.openStore();
    box = await made('box');
    return () => f.close();
  });

  async function made(name: string, owner = 'ada'): Promise<MailboxId> {
    const outcome = await f.store.createMailbox({ operation: operation(), owner, name, specialUse: [] }, attempt);
    return outcome.kind === 'created' ? outcome.id : expect.fail(outcome.kind);
  }

  const change = (identifier: string, rights: string, more: Partial<ChangeAcl> = {}) =>
    f.store.changeAcl(
      { operation: operation(), mailbox: box, identifier, mode: 'replace', rights, most: 3, ...more },
      attempt,
    );

  const page = (identifiers: readonly string[], most: number) =>
    f.store.listGranted({ user: 'bob', identifiers, most }, attempt);
  const listed = async (identifiers: readonly string[], most = 100): Promise<string[]> =>
    (await page(identifiers, most)).granted.map(({ mailbox }) => mailbox.name);

  test('rights are set, added, taken away and removed', async () => {
    await change('bob', 'lr');
    await change('bob', 'wr', { mode: 'add' });
    await change('-bob', 's');
    expect(await f.store.readAcl(box, attempt)).toEqual({ '-bob': 's', bob: 'lrw' });
    await change('bob', 'lx', { mode: 'remove' });
    await change('-bob', '');
    expect(await f.store.readAcl(box, attempt)).toEqual({ bob: 'rw' });
    await change('bob', 'rw', { mode: 'remove' });
    expect(await f.store.readAcl(box, attempt)).toEqual({});
  });

  test('a mailbox has so many entries and no more; those it has can be changed', async () => {
    for (const name of ['a', 'b', 'c']) expect(await change(name, 'l')).toEqual({ kind: 'changed' });
    expect(await change('d', 'l')).toEqual({ kind: 'tooMany' });
    expect(await change('c', 'lr')).toEqual({ kind: 'changed' });
    expect(await change('d', '')).toEqual({ kind: 'changed' });
  });

  test('a mailbox is found with what concerns who asks', async () => {
    await change('bob', 'lr');
    await change('eve', 'l');
    f.statements.length = 0;
    const identifiers = ['bob', 'anyone', '-bob', '-anyone'];
    const found = await f.store.findGranted({ owner: 'ada', names: ['box'], identifiers }, attempt);
    expect(found?.entries).toEqual({ bob: 'lr' });
    expect(found?.mailbox).toMatchObject({ id: box, name: 'box', quota: { MAILBOX: { used: 3 } } });
    expect(f.statements).toHaveLength(1);
    const parent = await f.store.findGranted({ owner: 'ada', names: ['box', 'box/a', 'b'], identifiers: [] }, attempt);
    expect(parent).toMatchObject({ mailbox: { name: 'box' }, entries: {} });
    expect(await f.store.findGranted({ owner: 'ada', names: ['b'], identifiers }, attempt)).toBeNull();
    expect(await f.store.readEntries({ mailbox: box, identifiers }, attempt)).toEqual({ bob: 'lr' });
  });

  test('what is granted is listed, by the index, in one statement with what one has', async () => {
    await change('anyone', 'lr');
    await change('-bob', 'r');
    const other = await made('other');
    await change('bob', 'r', { mailbox: other });
    expect(await listed(['bob', 'anyone', '-bob'])).toEqual(['box']);
    await change('bob', 'l', { mailbox: other, mode: 'add' });
    expect(await listed(['bob', 'anyone', '-bob'])).toEqual(['box', 'other']);
    // By name comes first.
    expect(await listed(['bob', 'anyone'], 1)).toEqual(['other']);
    expect([await page(['bob', 'anyone'], 1), await page(['bob', 'anyone'], 2)].map(({ more }) => more)).toEqual([
      true,
      false,
    ]);
    expect(await listed(['eve'])).toEqual([]);
    f.statements.length = 0;
    const account = { operation: operation(), name: 'bob', passwordHash: 'x', mailboxes: [] };
    await f.store.createAccount(account, attempt);
    f.statements.length = 0;
    const all = await f.store.listAccessible({ user: 'bob', identifiers: ['bob', 'anyone', '-bob'], most: 9 }, attempt);
    expect(f.statements).toHaveLength(1);
    expect(all.own.map(({ name, subscribed }) => ({ name, subscribed }))).toEqual([
      { name: 'INBOX', subscribed: true },
    ]);
    expect(all.granted.map(({ mailbox, entries }) => [mailbox.owner, mailbox.name, entries])).toEqual([
      ['ada', 'box', { '-bob': 'r', anyone: 'lr' }],
      ['ada', 'other', { bob: 'lr' }],
    ]);
    expect(all.more).toBe(false);
    const one = await f.store.listAccessible({ user: 'bob', identifiers: ['bob', 'anyone'], most: 1 }, attempt);
    expect([one.granted.map(({ mailbox }) => mailbox.name), one.more]).toEqual([['other'], true]);
    const own = await f.store.listAccessible({ user: 'ada', identifiers: ['anyone'], most: 9 }, attempt);
    expect(own.granted).toEqual([]);
    expect(own.own).toEqual(await f.store.listMailboxes('ada', attempt));
  });

  test('RENAME keeps an ACL, what is made below inherits it, and DELETE ends it', async () => {
    await change('bob', 'lr');
    await f.store.renameMailbox({ operation: operation(), owner: 'ada', name: 'box', to: 'chest' }, attempt);
    const child = await made('chest/a/b');
    expect(await f.store.readAcl(child, attempt)).toEqual({ bob: 'lr' });
    expect(await listed(['bob'])).toEqual(['chest', 'chest/a', 'chest/a/b']);
    expect(await f.store.readAcl(await made('chestnut'), attempt)).toEqual({});
    await f.store.deleteMailbox({ operation: operation(), owner: 'ada', name: 'chest' }, attempt);
    expect(await listed(['bob'])).toEqual(['chest/a', 'chest/a/b']);
    expect(await f.store.readEntries({ mailbox: box, identifiers: ['bob'] }, attempt)).toBeNull();
    expect(await change('bob', 'lr')).toEqual({ kind: 'gone' });
  });

  test('whoever comes after a user who was removed gets none of the rights', async () => {
    await f.store.createAccount({ operation: operation(), name: 'bob', passwordHash: 'x', mailboxes: [] }, attempt);
    await change('bob', 'lr');
    await change('-bob', 'r');
    await change('bobby', 'l');
    await f.store.removeAccount({ operation: operation(), name: 'bob' }, attempt);
    expect(await f.store.readAcl(box, attempt)).toEqual({ bobby: 'l' });
  });

  test('who has a name that an ACL uses for something else leaves it as it is', async () => {
    const entries = { anyone: 'lr', '-anyone': 's', '-bob': 'lr' };
    for (const [identifier, rights] of Object.entries(entries)) await change(identifier, rights);
    for (const name of ['anyone', '-bob', 'bob']) {
      const change = { operation: operation(), mailbox: box, reader: name, most: 9 };
      const changes = [{ entry: '/private/comment', value: Buffer.from('mine') }];
      await f.store.writeAnnotations({ ...change, changes }, attempt);
    }
    for (const name of ['anyone', '-bob']) await f.store.forgetUser({ operation: operation(), name }, attempt);
    expect(await f.store.readAcl(box, attempt)).toEqual(entries);
    expect(await f.sql('SELECT reader FROM mail.annotation')).toEqual([{ reader: 'bob' }]);
    await f.store.forgetUser({ operation: operation(), name: 'bob' }, attempt);
    expect(await f.store.readAcl(box, attempt)).toEqual({ anyone: 'lr', '-anyone': 's' });
  });
});
