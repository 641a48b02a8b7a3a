import { expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import { partitionCredentialsSecret } from '../../partition/objects/credentials-secret.ts';
import { testPartition } from '../../partition/objects/test-support/member-input.ts';
import { readSqlCredentials, sqlCredentialsIn } from './read-sql-credentials.ts';

const passwords = { admin: 'unused-here', replication: 'replication-1', mail: 'mail-password', salvage: 'salvage-1' };
const partition = withSecret();
const made = partitionCredentialsSecret(partition, passwords);

function withSecret(): ReturnType<typeof testPartition> {
  const { spec, ...object } = testPartition(null);
  return { ...object, spec: { ...spec, repository: { ...spec.repository, credentialsSecretRef: { name: 'db' } } } };
}

const secretWith = (values: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'post' },
  data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});
const whole = secretWith({ username: 'dba', password: 'a secret' });

test('both Secrets there: the administrator, and passwords for the roles', () => {
  const { replication, mail, salvage } = passwords;
  expect(sqlCredentialsIn('db', whole, made)).toEqual({
    ok: true,
    username: 'dba',
    password: 'a secret',
    rolePasswords: { replication, mail, salvage },
  });
});

test.each([
  ['there is no Secret db', null],
  ['has no password', secretWith({ username: 'dba' })],
  ['has no password', secretWith({ username: 'dba', password: '' })],
  ['has no username and no password', secretWith({})],
])('nobody to sign in as: %s', (words, secret) => {
  expect(sqlCredentialsIn('db', secret, made)).toMatchObject({ ok: false, message: expect.stringContaining(words) });
});

test('before the passwords of the roles are made nobody signs in', () => {
  expect(sqlCredentialsIn('db', whole, undefined)).toMatchObject({ ok: false });
});

type Answer = () => Promise<typeof whole | null>;

/** Whoever reads credentials, an API server that answers as it is told to, and how often it was asked. */
function scene(first: Answer) {
  const state = { now: 0, asked: 0, answer: first };
  const get: Answer = async () => {
    state.asked += 1;
    return await state.answer();
  };
  const read = readSqlCredentials({
    client: { get: get as never },
    clock: { monotonic: () => state.now },
    secrets: { get: () => made },
    partition: () => partition,
  });
  return { state, read: () => read(partitionName('users-a')) };
}

const away: Answer = async () => {
  throw new Error('away');
};
const never: Answer = () => new Promise(() => undefined);

test('an API server that does not answer takes nothing away; what was mended is noticed', async () => {
  const { state, read } = scene(async () => whole);
  expect(await read()).toMatchObject({ ok: true, password: 'a secret' });
  state.now += 60_000;
  state.answer = away;
  expect(await read()).toMatchObject({ ok: true, password: 'a secret' });
  state.now += 60_000;
  state.answer = async () => secretWith({ username: 'dba', password: 'another' });
  await expect.poll(read).toMatchObject({ ok: true, password: 'another' });
});

test('an API server that hangs keeps nobody waiting who knows something, and is asked once', async () => {
  const { state, read } = scene(async () => whole);
  await read();
  state.now += 60_000;
  state.answer = never;
  for (let each = 0; each < 3; each += 1) expect(await read()).toMatchObject({ ok: true, password: 'a secret' });
  expect(state.asked).toBe(2);
});

test('all who know nothing wait for one answer, which is as new as it came', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof whole>();
  const { state, read } = scene(() => promise);
  const both = Promise.all([read(), read()]);
  state.now += 60_000;
  resolve(whole);
  expect(await both).toMatchObject([{ ok: true }, { ok: true }]);
  await read();
  expect(state.asked).toBe(1);
});

test('where nothing is known, an API server that is away is told as it is, and asked again', async () => {
  const { state, read } = scene(away);
  await expect(read()).rejects.toThrow('away');
  state.answer = async () => null;
  expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('there is no Secret db') });
  // Once it was made it is not answered for by what was known before.
  state.now += 60_000;
  state.answer = async () => whole;
  expect(await read()).toMatchObject({ ok: true });
});
