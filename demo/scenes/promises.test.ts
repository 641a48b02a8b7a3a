import { expect, test } from 'vitest';
import { brokenPromises, type Shown } from './promises.ts';

const good: Shown = {
  reads: { chunks: 40, chunksOfReplicas: 39, bytes: 90_000, bytesOfReplicas: 89_000 },
  neighbour: { outageMs: 400, writes: 3, slowestMs: 20 },
  salvage: { tail: 25, lost: 27, salvaged: 27, unasked: 1, oldUids: 0, lossWindowSeconds: 1.5, rejoined: true },
};

test('a run that shows everything', () => {
  expect(brokenPromises(good)).toEqual([]);
});

test.each<[string, { [Part in keyof Shown]?: Partial<Shown[Part]> }]>([
  ['too few to tell', { reads: { chunks: 19, chunksOfReplicas: 19 } }],
  ['too many chunks', { reads: { chunksOfReplicas: 37 } }],
  ['too much content', { reads: { bytesOfReplicas: 80_000 } }],
  ['too much content', { reads: { bytes: 0, bytesOfReplicas: 0 } }],
  ['nothing was written', { neighbour: { writes: 0 } }],
  ['as long as the failover', { neighbour: { slowestMs: 1_001 } }],
  ['as long as the failover', { neighbour: { outageMs: 2_000, slowestMs: 2_001 } }],
  ['by the primary alone, and lost', { salvage: { tail: 24 } }],
  ['by the primary alone, and lost', { salvage: { lost: 0, salvaged: 0 } }],
  ['not all that was lost', { salvage: { salvaged: 26 } }],
  ['no new UID', { salvage: { oldUids: 1 } }],
  ['no replica', { salvage: { rejoined: false } }],
])('not as promised: %s', (said, change) => {
  const shown: Shown = {
    reads: { ...good.reads, ...change.reads },
    neighbour: { ...good.neighbour, ...change.neighbour },
    salvage: { ...good.salvage, ...change.salvage },
  };
  expect(brokenPromises(shown)).toEqual([expect.stringContaining(said)]);
});

test('a disk that is slow for a moment is no failover', () => {
  expect(brokenPromises({ ...good, neighbour: { outageMs: 300, writes: 1, slowestMs: 900 } })).toEqual([]);
});
