import { describe, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { Operation } from './operation.ts';
import type { FinishedChange, PartitionRecord } from './record.ts';
import { respite } from './respite.ts';

// Promise: a change of primary puts off what can wait, and none for more than 2 s while it goes on.

const NOW = 1_000_000;
const RESPITE_MS = 500;

const during = (kind: Operation['kind'], ageMs: number): PartitionRecord['operation'] =>
  ({ kind, startedAt: NOW - ageMs }) as Operation;
const after = (ageMs: number): FinishedChange =>
  ({ kind: 'Switchover', to: memberName('a1'), startedAt: 0, finishedAt: NOW - ageMs }) as FinishedChange;

describe('how long', () => {
  test.each([
    ['nothing has ever changed', { operation: null, lastChange: null }, 0],
    ['a change has just begun', { operation: during('Failover', 0), lastChange: null }, 2_000],
    ['a change has gone on for a while', { operation: during('Switchover', 700), lastChange: after(90_000) }, 1_300],
    [
      'it goes on for long: nothing waits for it any more',
      { operation: during('Failover', 2_500), lastChange: null },
      0,
    ],
    ['an old primary is reinstated', { operation: during('Reinstate', 500), lastChange: null }, 1_500],
    ['the first primary is made: nobody writes yet', { operation: during('Bootstrap', 10), lastChange: null }, 0],
    ['a change has just ended', { operation: null, lastChange: after(100) }, 400],
    ['a change ended long ago', { operation: null, lastChange: after(60_000) }, 0],
    ['the clock was set back since', { operation: null, lastChange: after(-90_000) }, 0],
    ['the clock was set back since it began', { operation: during('Failover', -90_000), lastChange: null }, 0],
  ] as const)('%s', (_, record, ms) => {
    expect(respite(record, { now: NOW, respiteMs: RESPITE_MS })).toBe(ms);
  });
});
