import { expect, test } from 'vitest';
import { newRecord, type PartitionRecord } from '../../partition/record.ts';
import { startSimulation } from '../../test-support/simulated-cluster.ts';
import { CHECKSUM, MOST_OCTETS, RECORD_FILE, readRecordData, recordData } from './record-data.ts';

const record: PartitionRecord = { ...newRecord, epoch: 7, servedEpoch: 7, phase: 'Healthy' };

test('what is written is read back', () => {
  expect(readRecordData(recordData(3, record))).toEqual({ ok: true, revision: 3, record });
});

test('every record of a failover and of a way back can be read back', async () => {
  const cluster = await startSimulation();
  expect(await cluster.healthy()).toBe(true);
  cluster.write();
  cluster.primary.kill();
  expect(await cluster.until(() => cluster.record.epoch === 2 && cluster.record.operation === null, 60_000)).toBe(true);
  expect(await cluster.until(() => cluster.record.rejoining.length === 0, 120_000)).toBe(true);
  await cluster.stop();
  const { history } = cluster.stores;
  expect(history.length).toBeGreaterThan(10);
  for (const saved of history) {
    expect(readRecordData(recordData(1, saved))).toEqual({
      ok: true,
      revision: 1,
      record: JSON.parse(JSON.stringify(saved)),
    });
  }
});

/** The record after somebody has edited it, without the checksum: as far as it goes by its content. */
function edited(change: (text: string) => string) {
  const text = change(recordData(3, record)[RECORD_FILE] ?? '');
  return readRecordData({ [RECORD_FILE]: text });
}

test.each([
  ['a truncated text', (text: string) => text.slice(0, 200), 'damaged: it is not JSON'],
  ['another phase', (text: string) => text.replace('"Healthy"', '"Fine"'), 'damaged: /record/phase'],
  ['a missing field', (text: string) => text.replace('"promotions": [],', ''), 'damaged: /record'],
  [
    'an epoch that is no number',
    (text: string) => text.replace('"epoch": 7', '"epoch": "7"'),
    'damaged: /record/epoch',
  ],
  [
    'an epoch that went back',
    (text: string) => text.replace('"epoch": 7', '"epoch": 6'),
    'servedEpoch 7 is above epoch 6',
  ],
  ['no revision', (text: string) => text.replace('"revision": 3,', ''), 'damaged: /'],
])('%s is not acted on', (_, change, problem) => {
  const read = edited(change);
  expect(read.ok ? null : read.problem).toContain(problem);
});

test('an edit is noticed by the checksum, and accepted by who takes the checksum away', () => {
  const data = recordData(3, record);
  const text = (data[RECORD_FILE] ?? '').replace('"epoch": 7', '"epoch": 8');
  const read = readRecordData({ ...data, [RECORD_FILE]: text });
  expect(read.ok ? null : read.problem).toContain('its checksum does not fit');
  expect(readRecordData({ [RECORD_FILE]: text })).toMatchObject({ ok: true, record: { epoch: 8 } });
});

test('no data, and data without a record', () => {
  expect(readRecordData(undefined)).toMatchObject({ ok: false, problem: `it has no ${RECORD_FILE}` });
  expect(readRecordData({ [CHECKSUM]: '1' })).toMatchObject({ ok: false });
});

test('fields of a later version are let pass, and kept', () => {
  const later = { ...record, quarantine: { a0: true } };
  expect(readRecordData(recordData(3, later))).toEqual({ ok: true, revision: 3, record: later });
});

test('a record that no ConfigMap can hold is refused with its size', () => {
  const large = { ...record, promotions: Array.from({ length: MOST_OCTETS / 8 }, () => 1_790_000_000_000) };
  expect(() => recordData(1, large)).toThrow(/the record has \d{7} octets; a ConfigMap holds 1048576 at most/);
});
