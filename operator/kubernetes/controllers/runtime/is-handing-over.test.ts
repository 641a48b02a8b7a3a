import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { Operation } from '../../../partition/operation.ts';
import { isHandingOver } from './is-handing-over.ts';

const primary = memberName('a0');
const served = {
  operation: null,
  primary,
  target: { epoch: 3, writer: primary, readers: [memberName('a1')] },
} as const;
const there = { metadata: { name: 'a0' } };
const going = { metadata: { name: 'a0', deletionTimestamp: '2026-01-01T00:00:00Z' } };
const underWay = { kind: 'Switchover' } as Operation;

test.each([
  ['its pod is there', served, there, false],
  ['its pod was deleted in order', served, going, true],
  ['its pod was deleted by force', served, null, true],
  [
    'nobody could take over: a new pod is what helps',
    { ...served, target: { ...served.target, readers: [] } },
    null,
    false,
  ],
  ['nobody has ever served', { ...served, primary: null, target: null }, null, false],
  ['somebody takes over already', { ...served, operation: underWay }, null, false],
] as const)('%s', (...[, record, pod, expected]) => {
  expect(isHandingOver(record, pod)).toBe(expected);
});
