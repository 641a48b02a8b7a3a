import { expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import { newRecord } from '../../../partition/record.ts';
import { MemoryStores } from '../../../test-support/memory-stores.ts';
import { RememberedRecords } from './remembered-records.ts';

const NAME = partitionName('users-a');
const record = { ...newRecord, epoch: 1 };

function counted() {
  const stores = new MemoryStores();
  const count = { loads: 0 };
  const saved: string[] = [];
  const store = {
    ...stores.records,
    load: (partition: typeof NAME) => {
      count.loads += 1;
      return stores.records.load(partition);
    },
  };
  return { records: new RememberedRecords(store, (partition) => saved.push(partition)), stores, count, saved };
}

test('what was looked at before the core began is not read twice, but is after that', async () => {
  const { records, stores, count } = counted();
  await stores.records.save(NAME, record, null);
  expect(records.known(NAME)).toBeUndefined();
  await records.learn(NAME);
  await records.learn(NAME);
  expect(records.known(NAME)).toEqual(record);
  expect(await records.load(NAME)).toEqual({ record, version: '1' });
  expect(count.loads).toBe(1);
  await records.load(NAME);
  expect(count.loads).toBe(2);
});

test('a saved record is known and told of; one that was refused is neither', async () => {
  const { records, saved } = counted();
  await records.learn(NAME);
  expect(records.known(NAME)).toBeNull();
  expect(await records.save(NAME, record, null)).toMatchObject({ ok: true });
  expect(records.known(NAME)).toEqual(record);
  expect(saved).toEqual([NAME]);
  expect(await records.save(NAME, { ...record, epoch: 2 }, null)).toMatchObject({ ok: false });
  expect(records.known(NAME)).toEqual(record);
  expect(saved).toEqual([NAME]);
  records.forget(NAME);
  expect(records.known(NAME)).toBeUndefined();
});
