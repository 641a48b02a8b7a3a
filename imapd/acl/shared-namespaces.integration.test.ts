import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { Authenticator } from '../session/authenticator.ts';
import { answers, last } from '../session/test-support/answers.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';
import type { Store } from '../store/store.ts';
import { startStoreServer } from '../store/test-support/start-store-server.ts';
import { attempt, inPieces, operation, type StoreFixture } from '../store/test-support/store-fixture.ts';
import type { TestStoreServer } from '../store/test-support/test-store-server.ts';
import { namespaceOwner } from './namespace-owner.ts';

// Promise (RFC 2342, RFC 4314): below a shared namespace mailboxes are nobody's, in the partition that holds it. Administrators make them
// and have every right there; others have what is granted, across partitions, and see no more. Users are in the first partition, with
// News, on PostgreSQL; Shared is in the second.

describe.each(enginesUnderTest)('with shared mailboxes on %s', (engine) => {
  const databases: TestStoreServer[] = [];
  let users: StoreFixture;
  let folders: StoreFixture;
  let server: TestServer;
  let away = false;
  let [root, bob, eve] = [] as unknown as [RawClient, RawClient, RawClient];
  let boxes = 0;
  let box = '';

  const names = ['root', 'bob', 'eve'];

  beforeAll(async () => {
    databases.push(await startStoreServer('postgresql'), await startStoreServer(engine));
    [users, folders] = (await Promise.all(databases.map((each) => each.openStore()))) as [StoreFixture, StoreFixture];
    for (const name of names) {
      await users.store.createAccount({ operation: operation(), name, passwordHash: 'x', mailboxes: [] }, attempt);
    }
    await users.store.changeAccount({ operation: operation(), name: 'root', admin: true }, attempt);
    await users.store.changeAccount({ operation: operation(), name: 'bob', groups: ['team'] }, attempt);
    const authenticator: Authenticator = async ({ user }) => ({ kind: 'ok', user: { name: user, store: users.store } });
    const unserved = new AbortController().signal;
    const held: Readonly<Record<string, Store>> = { News: users.store, Shared: folders.store };
    server = await startTestServer({
      authenticator,
      placeOf: (user) =>
        names.includes(user)
          ? { kind: 'store', partition: 'users', store: users.store, unserved }
          : { kind: 'nowhere' },
      stores: () => [users.store, folders.store],
      namespaces: {
        names: Object.keys(held),
        of: (level) =>
          away && level === 'Shared' ? 'unavailable' : (Object.hasOwn(held, level) && held[level]) || null,
      },
    });
    [root, bob, eve] = [await signedIn('root'), await signedIn('bob'), await signedIn('eve')];
  });
  afterAll(async () => {
    await server?.stop();
    await users?.close();
    await folders?.close();
    for (const each of databases) await each.stop();
  });
  beforeEach(() => {
    box = `Shared/box${boxes++}`;
  });

  async function signedIn(user: string): Promise<RawClient> {
    const client = await RawClient.greeted(server.port);
    await client.command(`in LOGIN ${user} x`);
    return client;
  }
  const listed = async (client: RawClient, pattern = '*'): Promise<readonly string[]> =>
    (await answers(client, `LIST "" "${pattern}"`)).map((line) => line.replace(/^\* LIST \(([^)]*)\) "\/" /, ''));

  test('NAMESPACE tells of both, in its third part', async () => {
    expect(await answers(bob, 'NAMESPACE')).toEqual([
      '* NAMESPACE (("" "/")) (("Other Users/" "/")) (("News/" "/")("Shared/" "/"))',
    ]);
  });

  test('administrators make mailboxes, which are theirs alone until something is granted', async () => {
    expect(await last(bob, `CREATE ${box}`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(root, `CREATE ${box}/a/b`)).toMatch(/^a OK \[MAILBOXID/);
    expect(await listed(root, `${box}*`)).toEqual([box, `${box}/a`, `${box}/a/b`]);
    expect(await answers(root, `MYRIGHTS ${box}`)).toEqual([`* MYRIGHTS ${box} lrswipkxteacd`]);
    expect(await answers(root, `GETACL ${box}`)).toEqual([`* ACL ${box}`]);
    for (const command of [
      `SELECT ${box}`,
      `MYRIGHTS ${box}`,
      `GETACL ${box}`,
      `STATUS ${box} (MESSAGES)`,
      `DELETE ${box}`,
    ]) {
      expect(await last(bob, command), command).toMatch(/^a NO \[NONEXISTENT\]/);
    }
    expect(await last(bob, `APPEND ${box} {6+}\r\na: b\r\n`)).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await listed(bob)).toEqual(['INBOX']);
    expect(await last(root, `APPEND ${box}/none {6+}\r\na: b\r\n`)).toMatch(/^a NO \[TRYCREATE\]/);
    expect(await last(root, `CREATE ${box}/sent (USE (\\Sent))`)).toMatch(/^a NO \[USEATTR\]/);
  });

  test('everybody lists what everybody may see, and reads what he may read, out of the other partition', async () => {
    await answers(root, `CREATE ${box}`);
    await answers(root, `SETACL ${box} anyone lrs`);
    await answers(root, `SETACL ${box} $team +wi`);
    await answers(root, `APPEND ${box} {22+}\r\nSubject: news\r\n\r\nabcde`);
    expect(await answers(eve, `LIST "" Shared/% RETURN (STATUS (MESSAGES) MYRIGHTS)`)).toEqual(
      expect.arrayContaining([
        `* LIST (\\HasNoChildren) "/" ${box}`,
        `* STATUS ${box} (MESSAGES 1)`,
        `* MYRIGHTS ${box} lrs`,
      ]),
    );
    expect(await answers(eve, 'LIST "" %')).toContain('* LIST (\\Noselect \\HasChildren) "/" Shared');
    await answers(eve, `SELECT ${box}`);
    expect(await answers(eve, 'FETCH 1 BODY.PEEK[TEXT]')).toEqual(['* 1 FETCH (BODY[TEXT] {5}', 'abcde)']);
    expect(await last(eve, 'COPY 1 INBOX')).toMatch(/^a OK \[COPYUID/);
    expect(await last(eve, `APPEND ${box} {6+}\r\na: b\r\n`)).toMatch(/^a NO \[NOPERM\]/);
    await answers(bob, `APPEND ${box} {6+}\r\na: b\r\n`);
    await answers(bob, 'APPEND INBOX {6+}\r\nc: d\r\n');
    await answers(bob, 'SELECT INBOX');
    expect(await last(bob, `MOVE 1 ${box}`)).toMatch(/^a OK/);
    expect(await answers(root, `STATUS ${box} (MESSAGES)`)).toEqual([`* STATUS ${box} (MESSAGES 3)`]);
    expect((await answers(eve, `ESEARCH IN (mailboxes ${box}) SUBJECT news`))[0]).toMatch(
      /MAILBOX Shared\/box\d+ .* ALL 1$/,
    );
    expect((await answers(eve, 'ESEARCH IN (subtree Shared) SUBJECT news')).join('\n')).toContain(box);
    expect((await answers(eve, 'ESEARCH IN (personal) SUBJECT news')).join('\n')).not.toContain(box);
    await answers(eve, `SUBSCRIBE ${box}`);
    expect(await answers(eve, 'LSUB "" *')).toContain(`* LSUB () "/" ${box}`);
    await answers(eve, `UNSUBSCRIBE ${box}`);
  });

  test('who may make and delete mailboxes does so by the rights k and x, and what is made has the ACL of what is above it', async () => {
    await answers(root, `CREATE ${box}`);
    await answers(root, `SETACL ${box} $team lrk`);
    expect(await last(eve, `CREATE ${box}/a`)).toMatch(/^a NO \[NOPERM\]/);
    await answers(bob, `CREATE ${box}/a`);
    expect(await answers(root, `GETACL ${box}/a`)).toEqual([`* ACL ${box}/a $team lrkc`]);
    expect(await last(bob, `DELETE ${box}/a`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(bob, `RENAME ${box}/a ${box}/b`)).toMatch(/^a NO \[NOPERM\]/);
    await answers(root, `SETACL ${box}/a $team +x`);
    await answers(bob, `RENAME ${box}/a ${box}/b`);
    expect(await last(bob, `RENAME ${box}/b top`)).toMatch(/^a NO \[CANNOT\]/);
    expect(await last(root, `RENAME ${box}/b News/b`)).toMatch(/^a NO \[CANNOT\]/);
    expect(await last(root, `RENAME INBOX ${box}/c`)).toMatch(/^a NO \[CANNOT\]/);
    await answers(bob, `DELETE ${box}/b`);
    await answers(root, `RENAME ${box} ${box}x`);
    await answers(root, `DELETE ${box}x`);
  });

  test('who becomes, or is no longer, an administrator is so with the next command, also in a selected mailbox', async () => {
    const become = async (admin: boolean): Promise<void> => {
      await users.store.changeAccount({ operation: operation(), name: 'eve', admin }, attempt);
      server.standings.forget('eve');
    };
    await answers(root, `CREATE ${box}`);
    await answers(root, `APPEND ${box} {6+}\r\na: b\r\n`);
    await become(true);
    await answers(eve, `SELECT ${box}`);
    await answers(eve, 'STORE 1 +FLAGS (\\Flagged)');
    await become(false);
    expect(await last(eve, 'STORE 1 -FLAGS (\\Flagged)')).toMatch(/^a NO/);
    await answers(eve, 'UNSELECT');
    expect(await last(eve, `SELECT ${box}`)).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('the room of a namespace is its own, and without limit until an administrator sets one', async () => {
    const quotaRoot = namespaceOwner('News');
    await answers(root, 'CREATE News/box');
    await answers(root, 'SETACL News/box anyone lri');
    await answers(bob, 'APPEND News/box {6+}\r\na: b\r\n');
    expect(await answers(bob, 'GETQUOTAROOT News/box')).toEqual([
      `* QUOTAROOT News/box ${quotaRoot}`,
      `* QUOTA ${quotaRoot} ()`,
    ]);
    expect(await last(bob, `GETQUOTA ${quotaRoot}`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(root, `GETQUOTA ${namespaceOwner('none')}`)).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await answers(root, `SETQUOTA ${quotaRoot} (MESSAGE 1)`)).toEqual([`* QUOTA ${quotaRoot} (MESSAGE 1 1)`]);
    expect(await last(bob, 'APPEND News/box {6+}\r\na: b\r\n')).toMatch(/^a NO \[OVERQUOTA\]/);
  });

  test.each(['Shared', 'Shared/INBOX', 'Shared/inbox/a', 'News'])('no mailbox can be called %s', async (name) => {
    expect(await last(root, `CREATE ${name}`)).toMatch(/^a NO/);
    expect(await last(root, `SELECT ${name}`)).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('users can neither be called as a namespace is stored, nor reach it by the level of other users', async () => {
    await answers(root, `CREATE ${box}`);
    await answers(root, `SETACL ${box} anyone lr`);
    expect(await last(bob, `SELECT "Other Users/${namespaceOwner('Shared')}/${box.slice(7)}"`)).toMatch(/^a NO/);
    expect((await listed(bob)).filter((name) => name.includes('NAMESPACE'))).toEqual([]);
  });

  test('own mailboxes that had the name before are out of reach, neither listed nor searched', async () => {
    await users.store.createMailbox(
      { operation: operation(), owner: 'eve', name: 'Shared/mine', specialUse: [] },
      attempt,
    );
    expect(await listed(eve)).not.toContain('Shared/mine');
    expect(await last(eve, 'SELECT Shared/mine')).toMatch(/^a NO \[NONEXISTENT\]/);
    const [operationId, piece] = [operation(), Buffer.from('Subject: x\r\n\r\n')];
    const staged = await users.store.stage(inPieces(piece), { operation: operationId, ordinal: 0 }, attempt);
    const messages = [{ staged, flags: { system: 0, keywords: [] }, internalDate: new Date(0) }];
    const appended = { operation: operationId, owner: 'eve', mailbox: 'Shared/mine', messages };
    expect(await users.store.append(appended, attempt)).toMatchObject({ kind: 'appended' });
    expect((await answers(eve, 'ESEARCH IN (personal) ALL')).join('\n')).not.toContain('Shared/mine');
  });

  test('a namespace whose partition is away hides what it has, and says so', async () => {
    await answers(root, `CREATE ${box}`);
    await answers(root, `SETACL ${box} anyone lr`);
    away = true;
    try {
      for (const client of [root, eve]) {
        const lines = await answers(client, 'LIST "" *');
        expect(lines.at(-1)).toBe('* NO [UNAVAILABLE] Some mailboxes of others cannot be told at the moment');
        expect(lines.join('\n')).not.toContain(box);
      }
      expect(await last(eve, `SELECT ${box}`)).toMatch(/^a NO \[UNAVAILABLE\]/);
      expect(await last(root, 'CREATE Shared/x')).toMatch(/^a NO \[UNAVAILABLE\]/);
    } finally {
      away = false;
    }
  });

  test('what a namespace cost when nobody looked at it: nothing', async () => {
    users.statementNames.splice(0);
    folders.statementNames.splice(0);
    for (const command of ['LIST "" INBOX', 'SELECT INBOX', 'STATUS INBOX (MESSAGES)', 'NAMESPACE'])
      await answers(bob, command);
    expect(folders.statementNames).toEqual([]);
    expect(users.statementNames.filter((name) => /^(acl|account)-/.test(name))).toEqual([]);
  });
});
