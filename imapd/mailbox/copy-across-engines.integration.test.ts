import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { answers } from '../session/test-support/answers.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';
import { startStoreServer } from '../store/test-support/start-store-server.ts';
import { attempt, collect, inPieces, operation, type StoreFixture } from '../store/test-support/store-fixture.ts';
import type { TestStoreServer } from '../store/test-support/test-store-server.ts';
import { systemFlags, type Uid } from '../store/types.ts';

// Promise: a message that goes from a partition of one engine to one of another is the same there: each octet, its flags, its keywords,
// its INTERNALDATE and its size.

type Sample = { readonly what: string; readonly raw: Buffer; readonly flags: readonly string[]; readonly date: string };

const withoutNul = (octets: Buffer): Buffer => Buffer.from(octets.map((octet) => octet || 1));
const header = Buffer.from('Subject: =?utf-8?q?=C3=A9?=\r\n\r\n');

/** More than one chunk each of what is large; what a server of either engine may be tempted to read as text is in it raw. */
const samples: readonly Sample[] = [
  { what: 'plain', raw: Buffer.from('Subject: a\r\n\r\nb\r\n'), flags: [], date: '2026-11-01T12:00:00Z' },
  {
    what: 'every octet but NUL',
    raw: Buffer.concat([header, Buffer.from(Array.from({ length: 255 }, (_, n) => n + 1))]),
    flags: ['\\Answered', '\\Flagged', '$Forwarded', 'Keyword.Of-Hers'],
    date: '1996-07-17T09:44:25Z',
  },
  {
    what: 'quotes, backslashes, bare CR and LF',
    raw: Buffer.from(`Subject: 'x' "y" \\ \\' ? :a $1\r\n\r\n'; \\0 \\x00 ? \n \r 'end\\`),
    flags: ['\\Draft', '\\Seen', 'keyword.of-hers2'],
    date: '1969-12-31T23:59:59Z',
  },
  {
    what: 'large',
    raw: Buffer.concat([header, withoutNul(randomBytes(700_001))]),
    flags: ['\\Deleted', '$Forwarded'],
    date: '2038-01-19T03:14:08Z',
  },
  {
    what: 'only a header',
    raw: Buffer.from('Subject: nothing\r\n'),
    flags: ['$a', '$b'],
    date: '2026-02-28T23:59:59Z',
  },
];

const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex');
const expected = samples.map(({ raw, flags, date }) => ({
  sha256: sha256(raw),
  size: raw.length,
  flags: [...flags].sort(),
  date,
}));

describe.each(enginesUnderTest)('between PostgreSQL and %s', (engine) => {
  const databases: TestStoreServer[] = [];
  let here: StoreFixture;
  let there: StoreFixture;
  let server: TestServer;
  let bob: RawClient;

  /** Ann is on PostgreSQL, bob on the other. */
  const fixtureOf = (user: string): StoreFixture => (user.startsWith('bob') ? there : here);

  beforeAll(async () => {
    databases.push(await startStoreServer('postgresql'), await startStoreServer(engine));
    [here, there] = (await Promise.all(databases.map((each) => each.openStore()))) as [StoreFixture, StoreFixture];
    server = await startTestServer({
      authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store: fixtureOf(user).store } }),
      placeOf: (user) => {
        const { store } = fixtureOf(user);
        return { kind: 'store', partition: fixtureOf(user).database, store, unserved: new AbortController().signal };
      },
      stores: () => [here.store, there.store],
    });
  });
  afterAll(async () => {
    await server?.stop();
    for (const fixture of [here, there]) await fixture?.close();
    for (const each of databases) await each.stop();
  });

  let users = 0;
  let names: { readonly ann: string; readonly bob: string };
  beforeEach(async () => {
    names = { ann: `ann${users}`, bob: `bob${users++}` };
    for (const name of Object.values(names)) {
      const account = { operation: operation(), name, passwordHash: 'x', mailboxes: [] };
      await fixtureOf(name).store.createAccount(account, attempt);
    }
    const ann = await signedIn(names.ann);
    await answers(ann, 'CREATE box');
    await answers(ann, `SETACL box ${names.bob} lrswitekx`);
    bob = await signedIn(names.bob);
  });

  async function signedIn(user: string): Promise<RawClient> {
    const client = await RawClient.greeted(server.port);
    await answers(client, `LOGIN ${user} x`);
    return client;
  }

  async function fill(owner: string, mailbox: string): Promise<void> {
    const { store } = fixtureOf(owner);
    for (const { raw, flags, date } of samples) {
      const id = operation();
      const staged = await store.stage(inPieces(raw), { operation: id, ordinal: 0 }, attempt);
      const system = Object.entries(systemFlags).reduce(
        (sum, [name, bit]) => sum | (flags.includes(name) ? bit : 0),
        0,
      );
      const keywords = flags.filter((flag) => !flag.startsWith('\\'));
      const messages = [{ staged, flags: { system, keywords }, internalDate: new Date(date) }];
      expect(await store.append({ operation: id, owner, mailbox, messages }, attempt)).toMatchObject({
        kind: 'appended',
      });
    }
  }

  /** What a client is told of each message, and its octets as the store has them. */
  async function contents(owner: string, mailbox: string): Promise<unknown[]> {
    const { store } = fixtureOf(owner);
    const client = await signedIn(owner);
    await answers(client, `EXAMINE ${mailbox}`);
    const lines = await answers(client, 'UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE)');
    const id = (await store.findMailbox(owner, mailbox, attempt))?.id ?? expect.fail('no mailbox');
    return await Promise.all(
      lines.map(async (line) => {
        const uid = Number(/UID (\d+)/.exec(line)?.[1]) as Uid;
        const size = Number(/RFC822\.SIZE (\d+)/.exec(line)?.[1]);
        const flags = (/FLAGS \(([^)]*)\)/.exec(line)?.[1] ?? '').split(' ');
        const date = Date.parse(/INTERNALDATE "([^"]*)"/.exec(line)?.[1] ?? '');
        const raw = await collect(store.readRaw({ mailbox: id, uid, offset: 0, length: 2 * size + 1 }, attempt));
        return {
          sha256: sha256(Buffer.concat(raw)),
          size,
          flags: flags.filter((flag) => flag !== '' && flag !== '\\Recent').sort(),
          date: new Date(date).toISOString().replace('.000', ''),
        };
      }),
    );
  }

  test.each([
    { command: 'COPY', from: 'ann', to: 'bob' },
    { command: 'MOVE', from: 'ann', to: 'bob' },
    { command: 'COPY', from: 'bob', to: 'ann' },
    { command: 'MOVE', from: 'bob', to: 'ann' },
  ] as const)('$command from $from to $to brings each message whole', async ({ command, from, to }) => {
    const boxes = { ann: 'box', bob: 'INBOX' };
    const seenByBob = { ann: `"Other Users/${names.ann}/box"`, bob: 'INBOX' };
    await fill(names[from], boxes[from]);
    expect(await contents(names[from], boxes[from])).toEqual(expected);
    await answers(bob, `SELECT ${seenByBob[from]}`);
    expect((await bob.command(`a ${command} 1:* ${seenByBob[to]}`)).at(-1)).toMatch(/^a OK/);
    expect(await contents(names[to], boxes[to])).toEqual(expected);
    expect(await contents(names[from], boxes[from])).toEqual(command === 'MOVE' ? [] : expected);
    expect([await here.verify(), await there.verify()]).toEqual([[], []]);
  });
});
