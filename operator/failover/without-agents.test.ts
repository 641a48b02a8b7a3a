import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { buildInput, type Looks, type Scene } from '../test-support/build-input.ts';
import { decisionInWords } from '../test-support/decision-in-words.ts';
import { chooseAdopted } from './choose-adopted.ts';
import { decide } from './decide.ts';

// Servers that somebody else runs: nobody is on the spot who could end or start one, or shut one that is cut off.

const deaf: Looks = { streaming: false };
const silent: Looks = { upstreamSilentMs: 1_600 };
const hung: Looks = { failures: 8, failure: 'timeout' };
const refusing: Looks = { failures: 3, failure: 'refused' };
const bySql: Scene['spec'] = { control: 'sql' };
const bySqlAsync: Scene['spec'] = { control: 'sql', durability: { mode: 'Async', whenDegraded: 'Hold' } };
const nobodyElse: Scene['record'] = { synchronous: { required: 0, members: [] } };
const mayDegrade: Scene['spec'] = { control: 'sql', durability: { mode: 'Quorum', whenDegraded: 'Async' } };

const someMembers = (...names: readonly string[]) =>
  names.map((name) => ({ name: memberName(name), endpoint: { host: name, port: 5432 }, agentUrl: null }));

test.each<[string, Scene, string]>([
  ['all is well', { spec: bySql }, 'nothing'],
  ['it refuses connections', { spec: bySql, a: refusing }, 'begin Failover at 6'],
  ['probes time out, nobody else misses it', { spec: bySql, a: hung }, 'wait'],
  ['probes time out, a replica misses it too', { spec: bySql, a: hung, b: silent }, 'begin Failover at 6'],
  [
    'Async: nobody could start it again in place, so the replica that is close is promoted',
    { spec: bySqlAsync, record: nobodyElse, a: refusing, lag: { b: 1, c: 1 } },
    'begin Failover at 6',
  ],
  [
    'Async: it may be alive, but leases end',
    { spec: bySqlAsync, record: nobodyElse, a: hung, b: silent, lag: { b: 1, c: 1 } },
    'begin Failover at 6',
  ],
  [
    'a Quorum that goes on alone: it may be alive, and nothing ends what it acknowledges',
    { spec: mayDegrade, record: nobodyElse, a: hung, b: silent, lag: { b: 1, c: 1 } },
    'blocked MayBeServing',
  ],
  [
    'a Quorum that goes on alone: nobody listens there any more',
    { spec: mayDegrade, record: nobodyElse, a: refusing, lag: { b: 1, c: 1 } },
    'begin Failover at 6',
  ],
  [
    'a person took the primary out of the list',
    { spec: { ...bySql, members: someMembers('b', 'c') }, a: refusing },
    'wait',
  ],
  ['a replica that hangs is waited for', { spec: bySql, b: hung }, 'nothing'],
  [
    'nobody is killed where a primary that hangs cannot be replaced',
    { spec: bySql, a: hung, b: deaf, c: hung },
    'blocked QuorumLost',
  ],
  [
    'a person asks for a planned change',
    { spec: bySql, request: { kind: 'switchover', to: memberName('b') } },
    'refuse SwitchoverImpossible',
  ],
])('%s', (_, scene, expected) => {
  expect(decisionInWords(decide(buildInput(scene)))).toBe(expected);
});

const primary: Looks = { role: 'primary' };

test.each<[string, Scene, string]>([
  ['one primary', {}, 'a'],
  ['another one than the first', { a: { role: 'replica' }, c: primary }, 'c'],
  ['none', { a: { role: 'replica' } }, 'promote one of them'],
  ['two', { b: primary }, 'a and b are both primaries'],
  ['one that does not answer', { b: { gone: 'refused' } }, 'b: no answer (refused)'],
  ['one that has stopped answering', { b: refusing }, 'b: not seen yet'],
])('taking over servers that exist: %s', (_, scene, expected) => {
  const { spec, observation } = buildInput({ ...scene, spec: bySql });
  const found = chooseAdopted(spec, observation);
  expect('why' in found ? found.why : found.primary).toContain(expected);
});

test.each([
  ['CredentialsRefused', 'b: wrong password'],
  ['WrongRepository', 'a'],
] as const)('taking over servers of which one has the problem %s', (code, expected) => {
  const { spec, observation } = buildInput({ spec: bySql, b: primary });
  const b = observation.members.get(memberName('b'))!;
  const report = { ...b.report!, replication: null };
  const members = new Map(observation.members).set(b.name, {
    ...b,
    report,
    problem: { code, message: 'wrong password' },
  });
  const found = chooseAdopted(spec, { ...observation, members });
  expect('why' in found ? found.why : found.primary).toBe(expected);
});
