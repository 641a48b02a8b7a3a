import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { newRecord } from '../../partition/record.ts';
import { SimulatedCluster } from '../../test-support/simulated-cluster.ts';
import type { MemberObservation } from '../observation/observation.ts';
import { chooseDonor, type DonorInput } from './choose-donor.ts';

const [a, b, c, d] = ['a0', 'a1', 'a2', 'a3'].map(memberName) as [never, never, never, never];

type Seen = {
  readonly upstream?: string | null;
  readonly timeline?: number;
  readonly received?: string;
  readonly connected?: boolean;
  readonly leaving?: boolean;
  readonly silentMs?: number;
  readonly state?: string;
  readonly platform?: string;
};

function seen(name: string, of: Seen): MemberObservation {
  const { upstream = 'a0', timeline = 3, received = '0/100', connected = true, leaving = false, silentMs = 100 } = of;
  const role = upstream === null ? 'primary' : 'replica';
  const stream = upstream === null ? null : { member: upstream, streaming: true, silentMs };
  const replication = { role, timeline, received, applied: received, upstream: stream };
  const probe = { consecutiveFailures: 0, failure: null };
  const report = { state: of.state ?? 'running', leaving, replication, probe };
  const platform = of.platform === undefined ? null : { state: of.platform, instance: 'x', ends: [] };
  return { name, connected, failure: null, silentMs: 0, report, platform } as never;
}

const rejoining = (member: string, donor?: string) =>
  ({
    member,
    step: 'clone',
    lastEpoch: 0,
    since: 0,
    problem: null,
    ...(donor === undefined ? {} : { donor }),
  }) as never;

/** a0 is the primary, a3 is to be copied. */
function input(members: Readonly<Record<string, Seen>>, record: object = {}): DonorInput {
  const cluster = new SimulatedCluster({ members: 4 });
  const [spec] = cluster.spec.partitions;
  const all = { a0: { upstream: null }, ...members };
  return {
    spec: spec as DonorInput['spec'],
    record: { ...newRecord, primary: a, operation: null, rejoining: [rejoining('a3')], ...record },
    members: new Map(Object.entries(all).map(([name, of]) => [memberName(name), seen(name, of)])),
  };
}

test.each<{ name: string; of: DonorInput; donor: string | null }>([
  { name: 'a replica that streams', of: input({ a1: {} }), donor: b },
  { name: 'of two the one that has more', of: input({ a1: {}, a2: { received: '0/200' } }), donor: c },
  {
    name: 'of two the one that nobody is copied of',
    of: input({ a1: {}, a2: { received: '0/200' } }, { rejoining: [rejoining('a3'), rejoining('a9', 'a2')] }),
    donor: b,
  },
  {
    name: 'the one of before, after a restart of the operator',
    of: input({ a1: {}, a2: { received: '0/200' } }, { rejoining: [rejoining('a3', 'a1')] }),
    donor: b,
  },
  { name: 'nobody is there but the primary', of: input({}), donor: null },
  { name: 'itself', of: input({ a3: {} }), donor: null },
  {
    name: 'one that is on its way back',
    of: input({ a1: {} }, { rejoining: [rejoining('a3'), rejoining('a1')] }),
    donor: null,
  },
  { name: 'one that streams from somebody else', of: input({ a1: { upstream: 'a2' } }), donor: null },
  { name: 'one that hears nothing from the primary', of: input({ a1: { silentMs: 5_000 } }), donor: null },
  { name: 'one that does not answer', of: input({ a1: { connected: false } }), donor: null },
  { name: 'one that does not run', of: input({ a1: { state: 'exited' } }), donor: null },
  { name: 'one on another timeline', of: input({ a1: { timeline: 2 } }), donor: null },
  { name: 'one that was told to end', of: input({ a1: { leaving: true } }), donor: null },
  { name: 'one whose pod is being deleted', of: input({ a1: { platform: 'leaving' } }), donor: null },
  { name: 'while the primary changes', of: input({ a1: {} }, { operation: { kind: 'Failover' } }), donor: null },
  { name: 'before there is a primary', of: input({ a1: {} }, { primary: null }), donor: null },
])('$name: $donor', ({ of, donor }) => {
  expect(chooseDonor(d, of)).toBe(donor);
});

test('servers that somebody else runs are not copied', () => {
  const { spec, ...rest } = input({ a1: {} });
  expect(chooseDonor(d, { ...rest, spec: { ...spec, control: 'sql' } })).toBeNull();
});
