import { expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import { MemoryStores } from '../test-support/memory-stores.ts';
import { RecordConflict, RecordKeeper } from './record-keeper.ts';

const users = partitionName('users-a');

test('what does not change is not written', async () => {
  const stores = new MemoryStores();
  const keeper = new RecordKeeper(stores.records, users);
  await keeper.load();
  expect(await keeper.save({ epoch: 1 })).toBe(true);
  expect(await keeper.save({ epoch: 1, conditions: [] })).toBe(false);
  expect(stores.writes).toBe(1);
});

test('two operators: the second to write is told, and acts on what it reads then', async () => {
  const stores = new MemoryStores();
  const [first, second] = [new RecordKeeper(stores.records, users), new RecordKeeper(stores.records, users)];
  await first.load();
  await second.load();
  await first.save({ epoch: 1 });
  await expect(second.save({ epoch: 7 })).rejects.toBeInstanceOf(RecordConflict);
  await second.load();
  expect(second.record.epoch).toBe(1);
});

test('an epoch never goes down', async () => {
  const keeper = new RecordKeeper(new MemoryStores().records, users);
  await keeper.load();
  await keeper.save({ epoch: 3 });
  await expect(keeper.save({ epoch: 2 })).rejects.toThrow('epoch 2 after 3');
});
