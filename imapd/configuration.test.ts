import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { ImapdConfiguration } from './configuration.ts';

const minimal = {
  pod: 'imapd-0',
  cluster: 'mail',
  routing: { publicKeys: [{ kty: 'OKP' }] },
  credentialsDirectory: '/credentials',
  admin: { port: 0, token: 'a-token-of-some-length' },
  listen: { imap: { host: '127.0.0.1', port: 0 } },
};

test('what must be said is little; the rest has defaults', () => {
  const complete = Value.Default(ImapdConfiguration, structuredClone(minimal));
  expect(Value.Errors(ImapdConfiguration, complete)).toEqual([]);
  expect(complete).toMatchObject({
    admin: { host: '127.0.0.1' },
    sessions: { writeHoldMs: 15_000 },
    authentication: { argon2: { memoryKiB: 19_456 }, cacheMs: 60_000 },
    runAs: null,
  });
});

test('every bound on clients can be set, within reason', () => {
  const sessions = { maxStrangersPerAddress: 7, idleKeepAliveMs: 60_000 };
  const set = { ...structuredClone(minimal), sessions, protocol: { message: 1_000_000 } };
  expect(Value.Default(ImapdConfiguration, set)).toMatchObject({
    sessions: { ...sessions, ...{ maxStrangers: 1000, loginMs: 120_000 } },
    protocol: { message: 1_000_000, line: 65_536 },
  });
  const wrong = { ...set, sessions: { idleMs: 60_000 }, protocol: { line: 100 } };
  const paths = Value.Errors(ImapdConfiguration, Value.Default(ImapdConfiguration, wrong)).map((e) => e.instancePath);
  expect(paths).toEqual(['/sessions/idleMs', '/protocol/line']);
});

test.each([
  ['Other Users', true],
  ['Inboxes', true],
  ['Inbox', false],
  ['a/b', false],
])('the level above the mailboxes of others may be %s: %s', (otherUsers, accepted) => {
  const complete = Value.Default(ImapdConfiguration, { ...structuredClone(minimal), sharing: { otherUsers } });
  expect(Value.Check(ImapdConfiguration, complete)).toBe(accepted);
});

test('an unknown field is a mistake, and so is a cache of logins that outlives a minute', () => {
  const wrong = Value.Default(ImapdConfiguration, {
    ...structuredClone(minimal),
    pods: 3,
    authentication: { cacheMs: 60_001 },
  });
  const paths = Value.Errors(ImapdConfiguration, wrong).map((e) => `${e.instancePath} ${e.message}`);
  expect(paths.join('\n')).toMatch(/additional properties/);
  expect(paths.join('\n')).toMatch(/\/authentication\/cacheMs/);
});
