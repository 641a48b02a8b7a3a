import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryFile } from './memory-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-memory-'));
  path = join(folder, 'data.agent.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was told is known after a restart', async () => {
  const memory = await MemoryFile.open(path);
  expect(memory.current).toMatchObject({ highestEpoch: 0, detached: false, upstream: null });
  await memory.update({ highestEpoch: 7 });
  await memory.update({ detached: true });
  expect((await MemoryFile.open(path)).current).toMatchObject({ highestEpoch: 7, detached: true });
  expect(await readdir(folder)).toEqual(['data.agent.json']);
});

test('changes made at once all stay', async () => {
  const memory = await MemoryFile.open(path);
  await Promise.all([memory.update({ highestEpoch: 3 }), memory.update({ detached: true })]);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ highestEpoch: 3, detached: true });
});

test('what is on disk already is not written again', async () => {
  const memory = await MemoryFile.open(path);
  await memory.update({ highestEpoch: 7, detached: true });
  const { ino } = await stat(path);
  await memory.update({ detached: true });
  expect((await stat(path)).ino).toBe(ino);
  await memory.update({ detached: false });
  expect((await stat(path)).ino).not.toBe(ino);
});

test('a file that is no memory is refused, not overwritten', async () => {
  await writeFile(path, '{"highestEpoch": "many"}');
  await expect(MemoryFile.open(path)).rejects.toThrow('not the notes of a member agent');
  await writeFile(path, 'half a fi');
  await expect(MemoryFile.open(path)).rejects.toThrow('not JSON');
});
