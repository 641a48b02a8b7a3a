import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import { newRecord } from '#operator/partition/record.ts';
import { RecordFileStore } from './record-file-store.ts';

const users = partitionName('users-a');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'records-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('what was saved is there for the next process', async () => {
  await new RecordFileStore(folder).save(users, { ...newRecord, epoch: 7 }, null);
  expect(await new RecordFileStore(folder).load(users)).toEqual({ record: { ...newRecord, epoch: 7 }, version: '1' });
});

test('a save on another version than the one in force is a conflict and writes nothing', async () => {
  const [first, second] = [new RecordFileStore(folder), new RecordFileStore(folder)];
  expect(await first.save(users, newRecord, null)).toEqual({ ok: true, version: '1' });
  expect(await second.save(users, { ...newRecord, epoch: 9 }, null)).toEqual({ ok: false, reason: 'conflict' });
  expect(await first.save(users, { ...newRecord, epoch: 1 }, '1')).toEqual({ ok: true, version: '2' });
  expect(await second.save(users, { ...newRecord, epoch: 9 }, '1')).toEqual({ ok: false, reason: 'conflict' });
  expect((await second.load(users))?.record.epoch).toBe(1);
});

test('of saves at the same moment on the same version exactly one wins', async () => {
  const store = new RecordFileStore(folder);
  const outcomes = await Promise.all([1, 2, 3, 4].map((epoch) => store.save(users, { ...newRecord, epoch }, null)));
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
});

test('a damaged record is an error, never a partition that nobody has touched yet', async () => {
  await writeFile(join(folder, 'users-a.json'), '{"version": 3, "rec');
  await expect(new RecordFileStore(folder).load(users)).rejects.toThrow();
});
