import { expect, test } from 'vitest';
import { epoch } from '#contract/names.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { ManualClock } from '../test-support/manual-clock.ts';
import { SpaceWatch } from './space-watch.ts';

const term = { epoch: epoch(3), writer: 'a', endpoint: { host: 'h', port: 1 }, over: new AbortController().signal };
const full = new Error('could not extend file: No space left on device');

test('a full disk is told once, whatever fits in meanwhile, and its end is told once', () => {
  const clock = new ManualClock();
  const log = new RecordedLog();
  const watch = new SpaceWatch({ clock, log });
  watch.accepted();
  expect(log.events).toEqual([]);
  for (let command = 0; command < 100; command++) {
    watch.refused(term, full);
    watch.accepted(); // a flag finds room where a message does not
    clock.advance(1_000);
  }
  expect(log.events).toEqual([{ code: 'DiskFull', fields: { writer: 'a', epoch: 3, reason: full.message } }]);
  clock.advance(10_000);
  watch.accepted();
  watch.accepted();
  expect(log.codes()).toEqual(['DiskFull', 'DiskSpaceBack']);
  watch.refused(term, full);
  expect(log.codes()).toEqual(['DiskFull', 'DiskSpaceBack', 'DiskFull']);
});

test('by the word of the operator: told once, in force while it is repeated, over after a write', () => {
  const clock = new ManualClock();
  const log = new RecordedLog();
  const watch = new SpaceWatch({ clock, log });
  watch.told(term, false);
  expect([watch.isDown, watch.explains, log.events]).toEqual([false, false, []]);
  for (let beat = 0; beat < 10; beat++) {
    watch.told(term, true);
    expect([watch.isDown, watch.explains]).toEqual([true, true]);
    clock.advance(1_000);
  }
  expect(log.events).toMatchObject([{ code: 'DiskFull', fields: { writer: 'a', epoch: 3 } }]);
  watch.told(term, false);
  expect(watch.isDown).toBe(false);
  clock.advance(60_000);
  watch.accepted();
  expect(log.codes()).toEqual(['DiskFull', 'DiskSpaceBack']);
});

test('an operator that has gone is not believed for ever, nor does a refusal explain what happens an hour later', () => {
  const clock = new ManualClock();
  const watch = new SpaceWatch({ clock, log: new RecordedLog() });
  watch.told(term, true);
  clock.advance(10_000);
  expect(watch.isDown).toBe(false);
  watch.refused(term, full);
  expect([watch.isDown, watch.explains]).toEqual([false, true]);
  clock.advance(60_000);
  expect(watch.explains).toBe(false);
});
