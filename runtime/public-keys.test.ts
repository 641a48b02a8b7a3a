import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigurationError } from './configuration.ts';
import type { Logger } from './logger.ts';
import { PublicKeys } from './public-keys.ts';

const key = (x: string) => ({ kty: 'OKP', crv: 'Ed25519', x });
let folder: string;
let told: string[];
const open: PublicKeys[] = [];
const log: Logger = { event: (code) => void told.push(code), debug: () => undefined, child: () => log };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'public-keys-'));
  told = [];
});
afterEach(() => {
  for (const keys of open.splice(0)) keys.close();
  rmSync(folder, { recursive: true });
});

const file = (): string => join(folder, 'public-keys.json');
/** As the kubelet renews a mounted file: a link begins to point elsewhere. */
function put(text: string): void {
  const target = join(folder, crypto.randomUUID());
  writeFileSync(target, text);
  symlinkSync(target, `${file()}.new`);
  renameSync(`${file()}.new`, file());
}
function watch(): PublicKeys {
  const keys = new PublicKeys({ keys: undefined, file: file(), log, lookMs: 10 });
  open.push(keys);
  return keys;
}

test('a changed file is read again', async () => {
  put(JSON.stringify([key('a')]));
  const keys = watch();
  expect(keys.current).toEqual([key('a')]);
  put(JSON.stringify([key('a'), key('b')]));
  await expect.poll(() => keys.current).toEqual([key('a'), key('b')]);
  expect(told).toEqual(['FileRenewed']);
});

test.each([
  ['no JSON', '[{'],
  ['no list', '{}'],
  ['nobody at all', '[]'],
  ['a private key', JSON.stringify([{ ...key('a'), d: 'secret' }])],
])('a file that holds %s keeps the keys from before, and is told once', async (_, text) => {
  put(JSON.stringify([key('a')]));
  const keys = watch();
  put(text);
  await expect.poll(() => told).toEqual(['FileUnusable']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told).toEqual(['FileUnusable']);
  expect(keys.current).toEqual([key('a')]);
  put(JSON.stringify([key('c')]));
  await expect.poll(() => keys.current).toEqual([key('c')]);
});

test('a file that is gone keeps the keys from before', async () => {
  put(JSON.stringify([key('a')]));
  const keys = watch();
  rmSync(file());
  await expect.poll(() => told).toEqual(['FileUnusable']);
  expect(keys.current).toEqual([key('a')]);
});

test('to begin with it must be usable', () => {
  expect(watch).toThrow(ConfigurationError);
});

test('keys come one way, not two and not none', () => {
  expect(new PublicKeys({ keys: [key('a')], file: undefined, log }).current).toEqual([key('a')]);
  expect(() => new PublicKeys({ keys: [key('a')], file: 'x', log })).toThrow(/either/);
  expect(() => new PublicKeys({ keys: undefined, file: undefined, log })).toThrow(/either/);
});
