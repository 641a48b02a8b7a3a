import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { CreateAccount } from './account-store.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';

// Promise: users are made, changed and removed whole, once an operation; what they have and may have is told as it is.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore({ limits: { STORAGE: 5000, MESSAGE: null, MAILBOX: 10 } });
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  const create = (name: string, more: Partial<CreateAccount> = {}) =>
    f.store.createAccount({ operation: operation(), name, passwordHash: 'of x', mailboxes: [], ...more }, attempt);
  const find = (name: string) => f.store.findAccount(name, attempt);

  test('a user is made once, with INBOX and what was asked for, all of it subscribed', async () => {
    const request: CreateAccount = {
      operation: operation(),
      name: 'eve',
      passwordHash: 'of x',
      scramKeys: 'keys of x',
      mailboxes: [{ name: 'Sent', specialUse: ['\\Sent'] }],
      limits: { STORAGE: 1000, MESSAGE: 'unlimited' },
      admin: true,
      groups: ['board of friends', 'staff'],
    };
    for (let i = 0; i < 2; i++) expect(await f.store.createAccount(request, attempt)).toEqual({ kind: 'created' });
    expect(await create('eve', { passwordHash: 'of y' })).toEqual({ kind: 'exists' });
    const { createdAt, ...account } = (await find('eve')) ?? expect.fail('nobody');
    expect(account).toEqual({
      name: 'eve',
      passwordHash: 'of x',
      scramKeys: 'keys of x',
      admin: true,
      groups: ['board of friends', 'staff'],
      ownLimits: { STORAGE: 1000, MESSAGE: 'unlimited', MAILBOX: 'default' },
      quota: {
        STORAGE: { used: 0, limit: 1000 },
        MESSAGE: { used: 0, limit: null },
        MAILBOX: { used: 2, limit: 10 },
      },
    });
    expect(Math.abs(Date.now() - createdAt.getTime())).toBeLessThan(60_000);
    const listed = await f.store.listMailboxes('eve', attempt);
    expect(listed.map(({ name, subscribed }) => [name, subscribed])).toEqual([
      ['INBOX', true],
      ['Sent', true],
    ]);
    expect(await find('Eve')).toBeNull();
    expect(await find('eve ')).toBeNull();
  });

  test('users are listed in the order of their octets', async () => {
    for (const name of ['Äda', 'Zoe', 'zoe']) await create(name);
    const names = (await f.store.listAccounts(attempt)).map(({ name }) => name);
    expect(names.filter((name) => ['Äda', 'Zoe', 'ada', 'zoe'].includes(name))).toEqual(['Zoe', 'ada', 'zoe', 'Äda']);
  });

  test('what is named is changed, and nothing else', async () => {
    await create('kim', { groups: ['a'], limits: { MAILBOX: 3 } });
    const change = (wanted: Pick<CreateAccount, 'limits' | 'admin' | 'groups'>, name = 'kim') =>
      f.store.changeAccount({ operation: operation(), name, ...wanted }, attempt);
    expect(await change({ admin: true, limits: { STORAGE: 'unlimited' } })).toEqual({ kind: 'changed' });
    expect(await find('kim')).toMatchObject({
      admin: true,
      groups: ['a'],
      ownLimits: { STORAGE: 'unlimited', MESSAGE: 'default', MAILBOX: 3 },
      quota: { STORAGE: { limit: null }, MAILBOX: { used: 1, limit: 3 } },
    });
    for (const wanted of [{}, { groups: [], limits: { STORAGE: 'default', MAILBOX: 'default' } as const }]) {
      expect(await change(wanted)).toEqual({ kind: 'changed' });
    }
    expect(await find('kim')).toMatchObject({ admin: true, groups: [], quota: { STORAGE: { limit: 5000 } } });
    expect(await change({ admin: true }, 'nobody')).toEqual({ kind: 'missing' });
  });

  test('keys are of one password and go with it', async () => {
    const keep = (passwordHash: string) =>
      f.store.keepScramKeys({ operation: operation(), name: 'pat', passwordHash, scramKeys: 'keys' }, attempt);
    const set = (passwordHash: string, scramKeys?: string) =>
      f.store.setPassword(
        { operation: operation(), name: 'pat', passwordHash, ...(scramKeys && { scramKeys }) },
        attempt,
      );
    expect(await set('of x')).toEqual({ kind: 'missing' });
    await create('pat');
    expect(await keep('of y')).toEqual({ kind: 'missing' });
    expect(await find('pat')).toMatchObject({ passwordHash: 'of x', scramKeys: null });
    for (let i = 0; i < 2; i++) expect(await keep('of x')).toEqual({ kind: 'kept' });
    expect(await find('pat')).toMatchObject({ scramKeys: 'keys' });
    expect(await set('of y')).toEqual({ kind: 'changed' });
    expect(await find('pat')).toMatchObject({ passwordHash: 'of y', scramKeys: null });
    expect(await set('of z', 'keys of z')).toEqual({ kind: 'changed' });
    // As a program of before SCRAM does it.
    await f.sql("UPDATE mail.account SET password_hash = 'of w' WHERE name = 'pat'");
    expect(await find('pat')).toMatchObject({ passwordHash: 'of w', scramKeys: null });
  });

  test('what is there and what an EXPUNGE would free is counted', async () => {
    await f.append('a: b\r\n\r\n12', { system: 8 });
    await f.append('a: b\r\n\r\n123', { mailbox: 'Sent', system: 9 });
    await f.append('a: b\r\n\r\n1234', { mailbox: 'Sent' });
    expect(await f.store.findQuota('ada', attempt)).toEqual({
      STORAGE: { used: 33, limit: 5000 },
      MESSAGE: { used: 3, limit: null },
      MAILBOX: { used: 2, limit: 10 },
    });
    expect(await f.store.findQuota('nobody', attempt)).toBeNull();
    const sent = (await f.store.findMailbox('ada', 'Sent', attempt))?.id ?? expect.fail('no mailbox');
    expect([...(await f.store.deletedOctets([f.inbox, sent], attempt))].sort()).toEqual(
      [
        [f.inbox, 10],
        [sent, 11],
      ].sort(),
    );
    expect(await f.store.deletedOctets([], attempt)).toEqual(new Map());
  });

  test('who is removed leaves nothing, neither of his own nor in mailboxes of others', async () => {
    await create('bob');
    for (const identifier of ['bob', '-bob', 'bobby']) {
      await f.sql('INSERT INTO mail.acl (mailbox, identifier, rights) VALUES (?, ?, ?)', [f.inbox, identifier, 'lr']);
    }
    for (const reader of ['bob', '']) {
      const values = [f.inbox, reader, 'comment', Buffer.from('x')];
      await f.sql('INSERT INTO mail.annotation (mailbox, reader, entry, value) VALUES (?, ?, ?, ?)', values);
    }
    const remove = () => f.store.removeAccount({ operation: operation(), name: 'bob' }, attempt);
    expect(await remove()).toEqual({ kind: 'removed' });
    expect(await remove()).toEqual({ kind: 'missing' });
    expect(await find('bob')).toBeNull();
    expect(await f.store.findQuota('bob', attempt)).toBeNull();
    expect(await f.store.listMailboxes('bob', attempt)).toEqual([]);
    expect(await f.sql('SELECT identifier FROM mail.acl')).toEqual([{ identifier: 'bobby' }]);
    expect(await f.sql('SELECT reader FROM mail.annotation')).toEqual([{ reader: '' }]);
    await f.store.forgetUser({ operation: operation(), name: 'bobby' }, attempt);
    expect(await f.sql('SELECT identifier FROM mail.acl')).toEqual([]);
    expect(await f.verify()).toEqual([]);
  });
});
