import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { SimulatedCluster } from '../../test-support/simulated-cluster.ts';
import { agentOf } from './agent-of.ts';

const [spec] = new SimulatedCluster({ members: 2 }).spec.partitions;
if (spec === undefined) throw new Error('a cluster without a partition');
const a1 = memberName('a1');
const agentUrl = spec.members[1]?.agentUrl;

test('who copies MariaDB is told where the agent is that makes the copy; agents of PostgreSQL of before would refuse it', () => {
  expect(agentUrl).toEqual(expect.any(String));
  expect(agentOf({ ...spec, engine: 'mariadb' }, a1)).toEqual({ agentUrl });
  expect(agentOf({ ...spec, engine: 'mysql' }, a1)).toEqual({});
  expect(agentOf({ ...spec, engine: 'postgresql' }, a1)).toEqual({});
});

test('a server that somebody else runs has none', () => {
  const members = spec.members.map((member) => ({ ...member, agentUrl: null }));
  expect(agentOf({ ...spec, engine: 'mariadb', members }, a1)).toEqual({});
});
