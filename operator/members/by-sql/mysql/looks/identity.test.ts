import { expect, test } from 'vitest';
import { identityOf } from './identity.ts';
import type { MysqlLook } from './look.ts';

/** `stamp`: its first, empty before there is one. `upstream`: the `server_id` of whom it follows; 0: never connected; null: a primary. */
type Server = { readonly id: number; readonly stamp?: string; readonly upstream?: number | null };

const lookOf = ({ id, stamp = '', upstream = null }: Server): MysqlLook =>
  ({
    facts: { serverId: id, upstream: upstream === null ? null : { serverId: upstream } },
    observation: { replication: { systemIdentifier: stamp } },
  }) as MysqlLook;

test.each<[string, readonly Server[], string | null]>([
  ['one with a stamp', [{ id: 1, stamp: 'e0 2026' }], 'e0 2026'],
  ['a primary before the first', [{ id: 1 }], 'server_id 1'],
  ['its replica', [{ id: 2, upstream: 1 }, { id: 1 }], 'server_id 1'],
  ['a replica of its replica', [{ id: 3, upstream: 2 }, { id: 2, upstream: 1 }, { id: 1 }], 'server_id 1'],
  [
    'a replica to which the stamp has not come',
    [
      { id: 2, upstream: 1 },
      { id: 1, stamp: 'e0 2026' },
    ],
    'e0 2026',
  ],
  ['a replica of somebody else', [{ id: 2, upstream: 9 }], 'server_id 9'],
  ['a replica that has not connected since its start', [{ id: 2, upstream: 0 }, { id: 1 }], null],
  [
    'two that follow each other',
    [
      { id: 1, upstream: 2 },
      { id: 2, upstream: 1 },
    ],
    null,
  ],
])('%s', (_, servers, expected) => {
  const looks = servers.map(lookOf);
  const withServerId = (id: number): MysqlLook | null => looks.find(({ facts }) => facts.serverId === id) ?? null;
  expect(identityOf({ look: looks[0] ?? null, withServerId })).toBe(expected);
});

test('nothing was seen', () => {
  expect(identityOf({ look: null, withServerId: () => null })).toBeNull();
});
