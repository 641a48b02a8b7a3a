import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { RecordedLog } from '../session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from '../test-support/test-imapd.ts';
import { scramSignIn } from './test-support/scram-client.ts';

// Promise (RFC 4422, 2): an admin opens the mailbox of another user with a password of its own, and that is written down; nobody
// else does, and nobody learns by trying who there is.

const log = new RecordedLog();
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
let client: RawClient;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  imapd = await startTestImapd(cluster, {
    log,
    targets: { 'users-a': repository.target('a', 1) },
    more: {
      authentication: {
        ...{ argon2: { memoryKiB: 64, iterations: 1 }, scramIterations: 4096, failureDelayMs: 1, admins: ['Root'] },
      },
    },
  });
  for (const name of ['root', 'ada', 'bob']) {
    const added = await imapd.ask(usersPath, json('POST', { name, password: `password of ${name}` }));
    expect(added.status).toBe(201);
  }
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
});
beforeEach(async () => {
  client = await RawClient.greeted(imapd.imapPort);
  log.events.length = 0;
});
afterEach(() => client.close());

const last = async (line: string): Promise<string> => (await client.command(line)).at(-1) ?? '';
const plain = (identity: string, user: string, password = `password of ${user}`): Promise<string> =>
  last(`a AUTHENTICATE PLAIN ${Buffer.from(`${identity}\0${user}\0${password}`).toString('base64')}`);
const acted = async (result: string): Promise<number> => {
  const metrics = await (await imapd.ask('/metrics')).text();
  return Number(new RegExp(`^imapd_acting_sign_ins_total\\{result="${result}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0);
};
/** Makes a mailbox as whoever is signed in, and tells whose it is. */
async function seesMailboxOf(user: string): Promise<void> {
  const name = `of-${crypto.randomUUID()}`;
  expect(await last(`b CREATE ${name}`)).toMatch(/^b OK/);
  const own = await RawClient.greeted(imapd.imapPort);
  await own.command(`a LOGIN ${user} "password of ${user}"`);
  expect((await own.command(`b LIST "" ${name}`))[0]).toContain(name);
  own.close();
}

test('an admin acts for a user, by PLAIN and in any spelling of the name; log and metric tell it', async () => {
  const before = await acted('allowed');
  expect(await plain('ADA', 'root')).toMatch(/^a OK \[CAPABILITY /);
  await seesMailboxOf('ada');
  expect(log.events).toContainEqual({
    code: 'ActingFor',
    fields: expect.objectContaining({ actor: 'root', user: 'ADA', remoteAddress: '127.0.0.1' }),
  });
  expect(await acted('allowed')).toBe(before + 1);
  client.send('z LOGOUT\r\n');
  await client.readToEnd();
  await expect
    .poll(() => log.events)
    .toContainEqual({ code: 'SessionClosed', fields: expect.objectContaining({ user: 'ada', actor: 'root' }) });
});

test('by SCRAM, too', async () => {
  const root = { user: 'root', password: 'password of root' };
  expect((await scramSignIn(client, { ...root, gs2Header: 'n,a=bob,' })).tagged).toMatch(/^s OK/);
  await seesMailboxOf('bob');
});

test('an admin who names nobody, or itself, is itself', async () => {
  expect(await plain('root', 'root')).toMatch(/^a OK/);
  await seesMailboxOf('root');
  expect(log.codes()).not.toContain('ActingFor');
});

test('nobody else acts for anybody, and an admin for nobody who does not exist; the answer is the same', async () => {
  const before = await acted('refused');
  const answers = [await plain('bob', 'ada'), await plain('nobody', 'ada'), await plain('nobody', 'root')];
  for (const answer of answers) expect(answer).toMatch(/^a NO \[AUTHORIZATIONFAILED\]/);
  expect(new Set(answers).size).toBe(1);
  const refused = log.events.filter(({ code }) => code === 'ActingRefused').map(({ fields }) => fields.reason);
  expect(refused).toEqual(['not among the admins', 'not among the admins', 'no such user']);
  expect(await acted('refused')).toBe(before + 3);
  expect(await last('b SELECT INBOX')).toMatch(/^b BAD/);
  const ada = { user: 'ada', password: 'password of ada' };
  expect((await scramSignIn(client, { ...ada, gs2Header: 'n,a=bob,' })).tagged).toMatch(
    /^s NO \[AUTHORIZATIONFAILED\]/,
  );
});

test('a wrong password of an admin is a wrong password', async () => {
  expect(await plain('ada', 'root', 'guess')).toMatch(/^a NO \[AUTHENTICATIONFAILED\]/);
  expect(log.codes()).not.toContain('ActingRefused');
});
