import { expect, test } from 'vitest';
import { isIsolated } from './is-isolated.ts';

const facts = { serving: true, now: 10_000, operatorSeenAt: 0, peerSeenAt: null, afterMs: 5000 };

test.each([
  ['neither operator nor peer for long', {}, true],
  ['exactly as long as allowed', { now: 5000 }, true],
  ['the operator was heard', { operatorSeenAt: 6000 }, false],
  ['a peer was heard', { peerSeenAt: 6000 }, false],
  ['a peer was heard long ago', { peerSeenAt: 1000 }, true],
  ['not serving: there is nothing to fence', { serving: false }, false],
  ['switched off', { afterMs: null }, false],
])('%s', (_, change, expected) => {
  expect(isIsolated({ ...facts, ...change })).toBe(expected);
});
