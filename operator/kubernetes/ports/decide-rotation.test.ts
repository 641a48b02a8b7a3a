import { expect, test } from 'vitest';
import { decideRotation, type Rotation, type RotationStep } from './decide-rotation.ts';

const GRACE = 120_000;
const at = (stage: Rotation['stage'], since: number, request: string | null = 'a'): Rotation => ({
  stage,
  since,
  request,
});

type Asked = readonly [request: string | null, step: RotationStep];

test.each<readonly [string, Rotation, Asked]>([
  ['nothing is asked for', at('idle', 0, null), [null, { kind: 'nothing' }]],
  ['a first request', at('idle', 0, null), ['a', { kind: 'announce', request: 'a' }]],
  ['a request that was obeyed', at('idle', 0), ['a', { kind: 'nothing' }]],
  ['another request', at('idle', 0), ['b', { kind: 'announce', request: 'b' }]],
  ['a request that was taken back', at('idle', 0), [null, { kind: 'nothing' }]],
  ['announced just now', at('announced', 1_000_000), ['a', { kind: 'wait', ms: GRACE }]],
  ['announced a while ago', at('announced', 1_000_000 - GRACE + 1), ['a', { kind: 'wait', ms: 1 }]],
  ['announced for long enough', at('announced', 1_000_000 - GRACE), ['a', { kind: 'sign' }]],
  ['a further request meanwhile waits for its turn', at('announced', 1_000_000), ['b', { kind: 'wait', ms: GRACE }]],
  ['signing just now', at('signing', 1_000_000), ['a', { kind: 'wait', ms: GRACE }]],
  ['signing for long enough', at('signing', 1_000_000 - GRACE), ['b', { kind: 'retire' }]],
  ['it ends although the request was taken back', at('signing', 1_000_000 - GRACE), [null, { kind: 'retire' }]],
  ['the clock was put back', at('announced', 1_000_001), ['a', { kind: 'restart' }]],
])('%s', (_, rotation, [request, step]) => {
  expect(decideRotation(rotation, { request, now: 1_000_000, graceMs: GRACE })).toEqual(step);
});
