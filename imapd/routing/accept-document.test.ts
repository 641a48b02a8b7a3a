import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ROUTING_API_VERSION, type RoutingDocument } from '#contract/routing-document.ts';
import { acceptDocument } from './accept-document.ts';

function document(version: number, epochs: Readonly<Record<string, number>>, cluster = 'mail'): RoutingDocument {
  const partitions = Object.entries(epochs).map(([name, epoch]) => [
    name,
    {
      epoch,
      engine: 'postgresql' as const,
      database: 'imap',
      durability: 'Quorum' as const,
      writer: null,
      readers: [],
      leaseSeconds: null,
      members: {},
    },
  ]);
  const placement = { users: {}, namespaces: {}, slots: [] };
  return { apiVersion: ROUTING_API_VERSION, cluster, version, placement, partitions: Object.fromEntries(partitions) };
}

const known = { cluster: 'mail', version: 7, epochs: new Map([['users-a', 3]]) };

test.each([
  ['newer version, same epoch', document(8, { 'users-a': 3 }), 'accept'],
  ['newer version and epoch', document(8, { 'users-a': 4 }), 'accept'],
  ['a partition that is new', document(8, { 'users-a': 3, news: 1 }), 'accept'],
  ['a partition that is gone', document(9, {}), 'accept'],
  ['the same version', document(7, { 'users-a': 4 }), 'stale'],
  ['an older version', document(6, { 'users-a': 9 }), 'stale'],
  ['a newer version with a lower epoch', document(8, { 'users-a': 2 }), 'stale'],
  ['another cluster', document(8, { 'users-a': 3 }, 'other'), 'refuse'],
])('%s', (_, candidate, kind) => {
  expect(acceptDocument(known, candidate).kind).toBe(kind);
});

test('whatever order documents arrive in, versions and epochs never go back', () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 10 })));
  fc.assert(
    fc.property(arrivals, (list) => {
      let version = 0;
      const epochs = new Map<string, number>();
      for (const [nextVersion, nextEpoch] of list) {
        const verdict = acceptDocument({ cluster: 'mail', version, epochs }, document(nextVersion, { a: nextEpoch }));
        if (verdict.kind !== 'accept') continue;
        expect(nextVersion).toBeGreaterThan(version);
        expect(nextEpoch).toBeGreaterThanOrEqual(epochs.get('a') ?? 0);
        version = nextVersion;
        epochs.set('a', nextEpoch);
      }
    }),
  );
});
