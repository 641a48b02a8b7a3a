import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { Operation } from '../../../partition/operation.ts';
import { isHandingOver } from './is-handing-over.ts';

const [primary, replica] = [memberName('a0'), memberName('a1')];
const target = { epoch: 3, writer: primary, readers: [replica] };
const served = { operation: null, phase: 'Healthy', primary, target } as const;
const there = { metadata: { name: 'a' } };
const going = { metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' } };
const underWay = { kind: 'Switchover' } as Operation;

test.each([
  ['its pod is there', served, { a0: there, a1: there }, false],
  ['its pod was deleted in order', served, { a0: going, a1: there }, true],
  ['its pod was deleted by force', served, { a1: there }, true],
  ['nobody reads from anybody else', { ...served, target: { ...target, readers: [] } }, { a1: there }, false],
  ['all pods are gone: new ones are what helps', served, {}, false],
  ['all pods go', served, { a0: going, a1: going }, false],
  ['a change is blocked: a new pod is what helps', { ...served, phase: 'Blocked' }, { a1: there }, false],
  ['nobody has ever served', { ...served, primary: null, target: null }, { a1: there }, false],
  ['somebody takes over already', { ...served, operation: underWay }, { a1: there }, false],
] as const)('%s', (...[, record, pods, expected]) => {
  const known = new Map(Object.entries(pods));
  expect(isHandingOver(record, (member) => known.get(member) ?? null)).toBe(expected);
});
