import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';

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

  const create = (name: string, specialUse: string[] = []) =>
    f.store.createMailbox({ operation: operation(), owner: 'ada', name, specialUse }, attempt);
  const remove = (name: string) => f.store.deleteMailbox({ operation: operation(), owner: 'ada', name }, attempt);
  const rename = (name: string, to: string) =>
    f.store.renameMailbox({ operation: operation(), owner: 'ada', name, to }, attempt);
  const find = (name: string) => f.store.findMailbox('ada', name, attempt);
  const names = async () => (await f.store.listMailboxes('ada', attempt)).map((line) => line.name);

  test('a new account has INBOX and the mailboxes asked for, subscribed', async () => {
    const listing = await f.store.listMailboxes('ada', attempt);
    expect(listing).toMatchObject([
      { name: 'INBOX', subscribed: true, specialUse: [], state: { messages: 0, uidNext: 1 } },
      { name: 'Sent', subscribed: true, specialUse: ['\\Sent'] },
    ]);
    const again = { operation: operation(), name: 'ada', passwordHash: 'y', mailboxes: [] };
    expect(await f.store.createAccount(again, attempt)).toEqual({ kind: 'exists' });
  });

  test('CREATE makes missing parents; every mailbox has a UIDVALIDITY of its own', async () => {
    expect(await create('a/b/c', ['\\Archive', '\\Junk'])).toMatchObject({ kind: 'created' });
    expect(await create('a/b')).toEqual({ kind: 'exists' });
    const listing = await f.store.listMailboxes('ada', attempt);
    const validities = listing.map((line) => line.state?.uidValidity);
    expect(new Set(validities).size).toBe(listing.length);
    expect(listing.find((line) => line.name === 'a/b/c')?.specialUse).toEqual(['\\Archive', '\\Junk']);
  });

  test('a name that is used again after DELETE has a higher UIDVALIDITY and another id', async () => {
    await create('again');
    const before = await find('again');
    expect(await remove('again')).toMatchObject({ kind: 'deleted' });
    expect(await find('again')).toBeNull();
    expect(await remove('again')).toEqual({ kind: 'missing' });
    await create('again');
    const after = await find('again');
    expect(after?.uidValidity).toBeGreaterThan(before?.uidValidity ?? 0);
    expect(after?.id).not.toBe(before?.id);
  });

  test('DELETE with children leaves the name as \\Noselect', async () => {
    await create('p/child');
    expect(await remove('p')).toMatchObject({ kind: 'deleted' });
    expect(await remove('p')).toEqual({ kind: 'hasChildren' });
    expect((await f.store.listMailboxes('ada', attempt)).find((line) => line.name === 'p')).toMatchObject({
      state: null,
    });
    expect(await remove('INBOX')).toEqual({ kind: 'inbox' });
  });

  test('RENAME takes children along, keeps ids, and is refused whole where a name is taken', async () => {
    await create('x/y_z/w%');
    await create('x1');
    const inner = await find('x/y_z/w%');
    expect(await rename('x', 'q/r')).toMatchObject({ kind: 'renamed' });
    expect((await find('q/r/y_z/w%'))?.id).toBe(inner?.id);
    expect(await names()).toEqual(expect.arrayContaining(['q', 'q/r', 'q/r/y_z', 'x1']));
    expect(await find('x')).toBeNull();
    expect(await rename('nothing', 'z')).toEqual({ kind: 'missing' });
    expect(await rename('q', 'INBOX')).toEqual({ kind: 'exists' });
    await create('t/y_z');
    const listed = await names();
    expect(await remove('t')).toMatchObject({ kind: 'deleted' });
    // t itself is free, t/y_z is not.
    expect(await rename('q/r', 't')).toEqual({ kind: 'exists' });
    expect((await names()).sort()).toEqual(listed.sort());
    expect(await rename('x1', 'x1/sub')).toMatchObject({ kind: 'renamed' });
    expect((await find('x1'))?.messages).toBe(0);
  });

  test('RENAME of INBOX moves the messages and leaves INBOX empty', async () => {
    await f.append('a: b\r\n\r\n1', { keywords: ['k'], system: 1 });
    await f.append('a: b\r\n\r\n2');
    const before = await find('INBOX');
    expect(await rename('INBOX', 'old/2026')).toMatchObject({ kind: 'renamed' });
    expect(await find('INBOX')).toMatchObject({
      id: before?.id,
      messages: 0,
      unseen: 0,
      size: 0,
      uidNext: before?.uidNext,
    });
    expect(await find('old/2026')).toMatchObject({ messages: 2, unseen: 1, keywords: ['k'], uidNext: 3 });
    expect(await find('old')).not.toBeNull();
  });

  test('a subscription outlives its mailbox', async () => {
    const subscribe = (name: string, subscribed: boolean) =>
      f.store.subscribe({ operation: operation(), owner: 'ada', name, subscribed }, attempt);
    await subscribe('gone/for/good', true);
    await subscribe('gone/for/good', true);
    const line = async () => (await f.store.listMailboxes('ada', attempt)).find((l) => l.name === 'gone/for/good');
    expect(await line()).toMatchObject({ subscribed: true, state: null });
    expect(await names()).not.toContain('gone');
    await subscribe('gone/for/good', false);
    expect(await line()).toBeUndefined();
  });

  test('SCRAM keys belong to a password: whoever changes that without them makes them void', async () => {
    const password = (passwordHash: string, scramKeys?: string) => ({
      ...{ operation: operation(), name: 'kay', passwordHash },
      ...(scramKeys === undefined ? {} : { scramKeys }),
    });
    const keysOf = async () => (await f.store.findAccount('kay', attempt))?.scramKeys;
    const keep = (hash: string, scramKeys: string) =>
      f.store.keepScramKeys({ operation: operation(), name: 'kay', passwordHash: hash, scramKeys }, attempt);
    await f.store.createAccount({ ...password('hash', 'keys'), mailboxes: [] }, attempt);
    expect(await keysOf()).toBe('keys');
    await f.store.setPassword(password('second', 'keys'), attempt);
    expect(await keysOf()).toBe('keys');
    await f.store.setPassword(password('third'), attempt);
    expect(await keysOf()).toBeNull();
    expect(await keep('second', 'late')).toEqual({ kind: 'missing' });
    expect(await keysOf()).toBeNull();
    expect(await keep('third', 'late')).toEqual({ kind: 'kept' });
    expect(await keysOf()).toBe('late');
    // As a program of before does it.
    await f.sql("UPDATE mail.account SET password_hash = 'fourth' WHERE name = 'kay'");
    expect(await keysOf()).toBeNull();
    await f.store.removeAccount({ operation: operation(), name: 'kay' }, attempt);
  });

  test('an account: password, list, removal with everything', async () => {
    const eve = { operation: operation(), name: 'eve', passwordHash: 'hash', mailboxes: [] };
    expect(await f.store.createAccount(eve, attempt)).toEqual({ kind: 'created' });
    expect(await f.store.setPassword({ operation: operation(), name: 'eve', passwordHash: 'new' }, attempt)).toEqual({
      kind: 'changed',
    });
    expect(await f.store.findAccount('eve', attempt)).toMatchObject({ name: 'eve', passwordHash: 'new' });
    expect((await f.store.listAccounts(attempt)).map((account) => account.name)).toEqual(['ada', 'eve']);
    expect(await f.store.removeAccount({ operation: operation(), name: 'eve' }, attempt)).toEqual({ kind: 'removed' });
    expect(await f.store.removeAccount({ operation: operation(), name: 'eve' }, attempt)).toEqual({ kind: 'missing' });
    expect(await f.store.findAccount('eve', attempt)).toBeNull();
    expect(await f.store.listMailboxes('eve', attempt)).toEqual([]);
  });
});
