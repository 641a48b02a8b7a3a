import { expect, test } from 'vitest';
import { PasswordHasher } from './password-hasher.ts';
import { ScramKeyMaker } from './scram/scram-key-maker.ts';
import { Semaphore } from './semaphore.ts';

const hasher = new PasswordHasher({
  cost: { memoryKiB: 8 * 1024, iterations: 3, parallelism: 1 },
  lanes: new Semaphore(1),
});

/** The quickest of some checks, ms: what the machine does besides only adds to it. */
async function quickest(passwordHash: string | null): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 8; attempt++) {
    const began = performance.now();
    expect(await hasher.verify(passwordHash, 'guess')).toBe(false);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

test('nobody takes as long to refuse as somebody', async () => {
  const stored = await hasher.hash('secret');
  expect(await hasher.verify(stored, 'secret')).toBe(true);
  await hasher.prepare();
  const ratio = (await quickest(null)) / (await quickest(stored));
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test('what is stored tells nothing: each time another salt', async () => {
  const [one, two] = [await hasher.hash('secret'), await hasher.hash('secret')];
  expect(one).toMatch(/^\$argon2id\$/);
  expect(one).not.toBe(two);
});

test('hashes and SCRAM keys share their lanes: what checks a password waits for what makes keys', async () => {
  const lanes = new Semaphore(1);
  const ended: string[] = [];
  const maker = new ScramKeyMaker({ iterations: 200_000, lanes, secret: 'a secret' });
  const shared = new PasswordHasher({ cost: { memoryKiB: 8, iterations: 1, parallelism: 1 }, lanes });
  await Promise.all([
    maker.make('ada', 'password').then(() => ended.push('keys')),
    shared.hash('password').then(() => ended.push('hash')),
  ]);
  expect(ended).toEqual(['keys', 'hash']);
});
