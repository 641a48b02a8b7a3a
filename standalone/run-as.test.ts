import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closedFolderAbove, isReachableFor } from './run-as.ts';

test('a file can be read by others only if every folder above lets them through', async () => {
  const base = await mkdtemp(join(tmpdir(), 'reach-'));
  const stranger = { uid: 12_345, gid: 12_345 };
  const file = join(base, 'a/b/file');
  await mkdir(join(base, 'a/b'), { recursive: true });
  await writeFile(file, '');
  for (const path of [base, join(base, 'a'), join(base, 'a/b')]) await chmod(path, 0o711);
  await chmod(file, 0o644);
  expect(await isReachableFor(stranger, file)).toBe(true);
  await chmod(join(base, 'a'), 0o700);
  expect(await isReachableFor(stranger, file)).toBe(false);
  expect(await closedFolderAbove(stranger, file)).toBe(join(base, 'a'));
  await chmod(join(base, 'a'), 0o711);
  await chmod(file, 0o600);
  expect(await isReachableFor(stranger, file)).toBe(false);
  expect(await isReachableFor(null, file)).toBe(true);
  await rm(base, { recursive: true });
});
