import { beforeEach, expect, test } from 'vitest';
import { RecordedLog } from '../session/test-support/recorded-log.ts';
import { HoldExpiries } from './hold-expiries.ts';
import { ManualClock } from './test-support/manual-clock.ts';

let clock: ManualClock;
let log: RecordedLog;
let expiries: HoldExpiries;
beforeEach(() => {
  clock = new ManualClock();
  log = new RecordedLog();
  expiries = new HoldExpiries({ clock, log });
});

test('an outage is one line, with how many waited in vain and how long', () => {
  for (const heldMs of [15_000, 15_003.4, 15_001]) expiries.add(heldMs);
  expect(log.events).toEqual([]);
  expiries.tell();
  expect(log.events).toEqual([{ code: 'HoldExpired', fields: { count: 3, longestMs: 15_003 } }]);
});

test('an outage without such a wait is none', () => {
  expiries.tell();
  clock.advance(600_000);
  expect(log.events).toEqual([]);
});

test('an outage that lasts is told of once a minute', () => {
  for (let second = 0; second < 180; second++) {
    expiries.add(15_000);
    clock.advance(1_000);
  }
  expect(log.events.map(({ fields }) => fields.count)).toEqual([60, 60, 60]);
});
