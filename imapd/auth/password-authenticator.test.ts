import { beforeEach, expect, test } from 'vitest';
import { createLogger } from '#runtime/logger.ts';
import { RepositoryUnavailable } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { Authenticator } from '../session/authenticator.ts';
import type { Store } from '../store/store.ts';
import { FailureLedger } from './failure-ledger.ts';
import { passwordAuthenticator } from './password-authenticator.ts';
import { PasswordHasher } from './password-hasher.ts';
import { Semaphore } from './semaphore.ts';
import { VerifiedLogins } from './verified-logins.ts';

const attempt = { signal: new AbortController().signal };
const now = (): number => 0;

/** Counts how often the work of argon2 was done. */
class CountingHasher extends PasswordHasher {
  checks = 0;

  override async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const right = await super.verify(passwordHash, password);
    this.checks += 1;
    return right;
  }
}

const hasher = new CountingHasher({ cost: { memoryKiB: 64, iterations: 1, parallelism: 1 }, lanes: new Semaphore(1) });
const verified = new VerifiedLogins({ now, ttlMs: 60_000, key: Buffer.alloc(32) });
const ownLimits = { STORAGE: 'default', MESSAGE: 'default', MAILBOX: 'default' } as const;
const nothing = { used: 0, limit: null };
const quota = { STORAGE: nothing, MESSAGE: nothing, MAILBOX: nothing };
let asked: string[];
let authenticate: Authenticator;

/** Just the two questions that are asked of a store and its directory. */
async function known(accounts: Readonly<Record<string, string>>, delayMs = 1): Promise<void> {
  const hashes = new Map<string, string>();
  for (const [name, password] of Object.entries(accounts)) hashes.set(name, await hasher.hash(password));
  const findAccount: Store['findAccount'] = async (name) => {
    asked.push(name);
    if (name === 'dead') throw new RepositoryUnavailable('nobody answers');
    const passwordHash = hashes.get(name);
    if (passwordHash === undefined) return null;
    const account = { name, passwordHash, scramKeys: null, createdAt: new Date(0), admin: false, groups: [] };
    return { ...account, ownLimits, quota };
  };
  const store = { findAccount } as Store;
  const unserved = new AbortController().signal;
  const ofUser: UserStores['ofUser'] = (name) => {
    if (name === 'lost') return { kind: 'unavailable' };
    return name === 'homeless' ? { kind: 'nowhere' } : { kind: 'store', partition: 'users-a', store, unserved };
  };
  const failures = new FailureLedger({ now, delayMs, maxDelayMs: 4 * delayMs, maxFailures: 3, windowMs: 1_000 });
  const log = createLogger({ program: 'test', level: 'silent', pretty: false });
  const stores = { ofUser } as UserStores;
  authenticate = passwordAuthenticator({ stores, hasher, failures, verified, lateKeys: null, log });
}

const login = async (user: string, password: string): Promise<string> =>
  (await authenticate({ user, password, remoteAddress: '192.0.2.1' }, attempt)).kind;

beforeEach(async () => {
  asked = [];
  verified.forget('ada');
  await known({ ada: 'secret', dead: 'secret' });
});

test('who is right is let in under the canonical name', async () => {
  const outcome = await authenticate({ user: 'ADA', password: 'secret', remoteAddress: '::1' }, attempt);
  expect(outcome).toMatchObject({ kind: 'ok', user: { name: 'ada' } });
});

test.each([
  { case: 'a wrong password', user: 'ada', password: 'guess', kind: 'wrong' },
  { case: 'an unknown user', user: 'eve', password: 'secret', kind: 'wrong' },
  { case: 'a user no rule places', user: 'homeless', password: 'secret', kind: 'wrong' },
  { case: 'a partition that does not answer', user: 'dead', password: 'secret', kind: 'unavailable' },
  { case: 'no routing document', user: 'lost', password: 'secret', kind: 'unavailable' },
])('$case', async ({ user, password, kind }) => {
  expect(await login(user, password)).toBe(kind);
});

test.each(['ada', 'eve', 'homeless'])(
  'a wrong password of %s costs one check: the time does not tell who exists',
  async (user) => {
    const before = hasher.checks;
    expect(await login(user, 'guess')).toBe('wrong');
    expect(hasher.checks - before).toBe(1);
  },
);

test('the second login asks nobody; a wrong password still does', async () => {
  await login('ada', 'secret');
  expect(await login('ada', 'secret')).toBe('ok');
  expect(asked).toEqual(['ada']);
  expect(await login('ada', 'guess')).toBe('wrong');
  expect(asked).toEqual(['ada', 'ada']);
});

test('after too many failures the right password is not heard either', async () => {
  for (let i = 0; i < 3; i += 1) expect(await login('ada', 'guess')).toBe('wrong');
  expect(await login('ada', 'secret')).toBe('tooMany');
});

test('a wrong password is answered late, the next one later; the right one and who has left wait for nothing', async () => {
  const delayMs = 60;
  await known({ ada: 'secret' }, delayMs);
  const waited = async (password: string): Promise<number> => {
    const begun = performance.now();
    await login('ada', password);
    return performance.now() - begun;
  };
  // A timer may fire up to a millisecond early.
  expect(await waited('guess')).toBeGreaterThan(delayMs - 2);
  expect(await waited('guess')).toBeGreaterThan(2 * delayMs - 2);
  await login('ada', 'secret');
  expect(verified.knows('ada', 'secret')).toBe(true);
  expect(await waited('secret')).toBeLessThan(delayMs);
});

test('a name that is longer than any can be is not looked up, and costs what a wrong one does', async () => {
  const before = hasher.checks;
  const longest = '\u{1f980}'.repeat(255);
  expect(await login(longest, 'guess')).toBe('wrong');
  expect(asked).toEqual([longest]);
  const longer = `${longest}x`;
  for (let i = 0; i < 3; i++) expect(await login(longer, 'guess')).toBe('wrong');
  expect(asked).toEqual([longest]);
  expect(hasher.checks - before).toBe(4);
  expect(await login(longer, 'guess')).toBe('tooMany');
});
