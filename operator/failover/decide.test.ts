import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { buildInput, type Looks, type Scene } from '../test-support/build-input.ts';
import { decisionInWords as inWords } from '../test-support/decision-in-words.ts';
import { decide } from './decide.ts';

// One row a situation: what it is, how it looks, what is done. `begin` names the kind of change, `upkeep` the actions.

const deaf: Looks = { streaming: false };
const silent: Looks = { upstreamSilentMs: 1_600 };
const hung: Looks = { failures: 4, failure: 'timeout' };
const hungLong: Looks = { failures: 8, failure: 'timeout' };
const refusing: Looks = { failures: 3, failure: 'refused' };
const away: Looks = { gone: 'refused' };
const alone: Scene['spec'] = {
  durability: { mode: 'Async', whenDegraded: 'Hold' },
  members: [{ name: memberName('a'), endpoint: { host: 'a', port: 5432 }, agentUrl: 'http://a' }],
};
const dead: Looks = { state: 'exited', granted: null, fence: 'NoGrant' };
const async_: Scene['spec'] = { durability: { mode: 'Async', whenDegraded: 'Hold' } };
const asyncRecord: Scene['record'] = { synchronous: { required: 0, members: [] } };
const missed = { writerReachable: false, writerFailure: 'timeout' } as const;
const toC: Scene = { lag: { b: 0, c: 0 }, request: { kind: 'switchover', to: memberName('c') } };
const toAny: Scene = { request: { kind: 'switchover', to: null } };
const leaves: Scene = { a: { leaving: true }, lag: { b: 0, c: 1 } };
const preparing = { to: 'c', ended: false };
const lost = { a: { gone: 'refused' }, b: deaf, c: deaf } as const satisfies Scene;

const rows: readonly (readonly [string, Scene, string])[] = [
  ['all is well', {}, 'nothing'],
  // Hard evidence
  ['the server ended', { a: dead }, 'begin Failover at 6'],
  ['the server ended, replicas not yet aware', { a: dead, b: silent }, 'begin Failover at 6'],
  ['it refuses connections although it runs', { a: refusing }, 'begin Failover at 6'],
  ['it resets connections', { a: { failures: 3, failure: 'reset' } }, 'begin Failover at 6'],
  ['its data directory is gone', { a: { state: 'empty' } }, 'begin Failover at 6'],
  // A lone failed probe is not a death
  ['one probe timed out', { a: { failures: 1, failure: 'timeout' } }, 'nothing'],
  ['one probe was refused', { a: { failures: 1, failure: 'refused' } }, 'nothing'],
  ['probes time out, nobody else misses it', { a: hung }, 'wait'],
  ['it answers that it has too many connections', { a: { failures: 50, failure: 'sql' } }, 'nothing'],
  [
    'failureThreshold not reached',
    { a: { failures: 4, failure: 'refused' }, spec: { failover: { failureThreshold: 5 } } },
    'nothing',
  ],
  [
    'host lost, but not for failureThreshold × probeInterval yet',
    { ...lost, spec: { failover: { probeIntervalMs: 1_000 } } },
    'wait',
  ],
  // Soft evidence with a witness
  ['probes time out and a replica is not streaming', { a: hung, b: deaf }, 'begin Failover at 6'],
  ['probes time out and a replica hears nothing', { a: hung, c: silent }, 'begin Failover at 6'],
  [
    'probes time out and imapd does not reach it',
    { a: hung, pods: [{ writerReachable: false, writerFailure: 'timeout' }] },
    'begin Failover at 6',
  ],
  [
    'probes time out, one imapd does not reach it, another does',
    { a: hung, pods: [{ writerReachable: false, writerFailure: 'timeout' }, {}] },
    'wait',
  ],
  [
    'probes time out, the view of imapd is stale',
    { a: hung, pods: [{ writerReachable: false, writerFailure: 'timeout', ageMs: 60_000 }] },
    'wait',
  ],
  [
    'probes time out, the view of imapd is of another epoch',
    { a: hung, pods: [{ writerReachable: false, writerFailure: 'timeout', epoch: 4 }] },
    'wait',
  ],
  ['a replica alone is cut off', { b: deaf }, 'follow b'],
  // The agent is out of reach
  ['agent gone, replicas still stream', { a: { gone: 'timeout' } }, 'wait'],
  ['agent gone, one replica still streams', { a: { gone: 'refused' }, b: deaf }, 'wait'],
  ['agent gone, no replica hears it', lost, 'begin Failover at 6'],
  ['agent gone a moment ago', { ...lost, a: { gone: 'reset', silentMs: 300 } }, 'wait'],
  [
    'no agent answers: the operator is blind',
    { a: { gone: 'timeout' }, b: { gone: 'timeout' }, c: { gone: 'timeout' } },
    'wait',
  ],
  ['a member was never contacted', { a: dead, c: { gone: 'unseen' } }, 'look'],
  [
    'Async: host out of our sight, imapd still writes to it',
    { ...lost, spec: async_, record: asyncRecord, lag: { b: 0, c: 0 }, pods: [{}] },
    'wait',
  ],
  // The gate
  // Paused: nobody is promoted and nobody's upstream is changed, but the primary goes on serving
  ['paused, all is well', { spec: { paused: true } }, 'nothing'],
  [
    'paused, a start: the primary waits for its grant',
    { a: { granted: null, fence: 'NoGrant' }, spec: { paused: true } },
    'grant a',
  ],
  ['paused, the server ended: started again in place', { a: dead, spec: { paused: true } }, 'grant a'],
  ['paused, host lost', { ...lost, spec: { paused: true } }, 'blocked Paused'],
  [
    'paused, replicas point elsewhere or are empty',
    { b: { upstream: 'c' }, c: { state: 'empty' }, spec: { paused: true } },
    'nothing',
  ],
  [
    'paused, whenDegraded Async, replicas away for long: it goes on writing',
    {
      b: deaf,
      c: deaf,
      degradedMs: 6_000,
      spec: { paused: true, durability: { mode: 'Quorum', whenDegraded: 'Async' } },
    },
    'recordSet',
  ],
  ['Manual mode, host lost', { ...lost, spec: { failover: { mode: 'Manual' } } }, 'blocked ManualMode'],
  ['Manual mode, server ended: started again in place', { a: dead, spec: { failover: { mode: 'Manual' } } }, 'grant a'],
  ['delay not over', { ...lost, downMs: 500, spec: { failover: { delayMs: 2_000 } } }, 'wait'],
  ['delay over', { ...lost, downMs: 2_500, spec: { failover: { delayMs: 2_000 } } }, 'begin Failover at 6'],
  [
    'flapping',
    { ...lost, record: { promotions: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => 1e12 - n * 1_000) } },
    'blocked Flapping',
  ],
  [
    'promotions long ago are not flapping',
    { ...lost, record: { promotions: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => 1e12 - n * 100_000) } },
    'begin Failover at 6',
  ],
  [
    'Quorum: a replica is missing with the host',
    { a: { gone: 'refused' }, b: deaf, c: { gone: 'refused' } },
    'blocked QuorumLost',
  ],
  ['Quorum: a replica may lack what it acknowledged', { ...lost, c: { ...deaf, mayLack: true } }, 'blocked QuorumLost'],
  [
    'Async: how far behind such a one is counts as it was seen since',
    { ...lost, b: { ...deaf, mayLack: true }, spec: async_, record: asyncRecord, lag: { b: 0.1 } },
    'begin Failover at 6',
  ],
  ['Quorum: a replica is missing, the server ended', { a: dead, c: { gone: 'refused' } }, 'grant a'],
  [
    'Quorum: a replica on its way back does not vote',
    {
      a: dead,
      record: { rejoining: [{ member: memberName('c'), step: 'clone', lastEpoch: 0, since: 0, problem: null }] },
    },
    'grant a',
  ],
  ['no replica at all', { a: dead, b: { state: 'exited' }, c: { gone: 'refused' } }, 'grant a, follow b'],
  // Async weighs
  [
    'Async: server ended, its agent starts it again',
    { a: dead, spec: async_, record: asyncRecord, lag: { b: 0 } },
    'grant a',
  ],
  [
    'Async: it does not come back, little would be lost',
    { a: dead, spec: async_, record: asyncRecord, lag: { b: 1, c: 9 }, restartingMs: 9_000 },
    'begin Failover at 6',
  ],
  [
    'Async: it does not come back, too much would be lost',
    { a: dead, spec: async_, record: asyncRecord, lag: { b: 6, c: 9 }, restartingMs: 9_000 },
    'grant a (LagTooLarge)',
  ],
  [
    'Async: host lost, little would be lost',
    { ...lost, spec: async_, record: asyncRecord, lag: { b: 1 } },
    'begin Failover at 6',
  ],
  [
    'Async: host lost, too much would be lost',
    { ...lost, spec: async_, record: asyncRecord, lag: { b: 6 } },
    'blocked LagTooLarge',
  ],
  ['Async: host lost, nobody knows how much', { ...lost, spec: async_, record: asyncRecord }, 'blocked LagUnknown'],
  [
    'degraded Quorum promised nothing: judged by lag',
    { ...lost, record: asyncRecord, lag: { b: 6 } },
    'blocked LagTooLarge',
  ],
  [
    'Async: its agent starts it again and again, in vain',
    { a: dead, spec: async_, record: asyncRecord, restartingMs: 9_000 },
    'grant a (LagUnknown)',
  ],
  // It runs and does not answer, and nobody is to be promoted (yet): killed, then started by the grant that follows
  ['Async: it hangs, nobody else misses it', { a: hung, spec: async_, record: asyncRecord }, 'wait'],
  [
    'Async: it hangs, a replica misses it',
    { a: hung, b: silent, spec: async_, record: asyncRecord, lag: { b: 0 } },
    'stop a',
  ],
  [
    'Async: it refuses connections although it runs',
    { a: refusing, spec: async_, record: asyncRecord, lag: { b: 0 } },
    'stop a',
  ],
  [
    'Async: it hangs on after all attempts, little would be lost',
    { a: hung, b: silent, spec: async_, record: asyncRecord, lag: { b: 1 }, restartingMs: 9_000 },
    'begin Failover at 6',
  ],
  [
    'Async: it hangs on after all attempts, too much would be lost',
    { a: hung, b: silent, spec: async_, record: asyncRecord, lag: { b: 6 }, restartingMs: 9_000 },
    'stop a (LagTooLarge)',
  ],
  [
    'Async: it hangs, the only replica that misses it is on its way back',
    {
      a: hung,
      b: deaf,
      spec: async_,
      record: {
        ...asyncRecord,
        rejoining: [{ member: memberName('b'), step: 'clone', lastEpoch: 0, since: 0, problem: null }],
      },
    },
    'rejoin',
  ],
  [
    'Async, alone: it hangs, imapd misses it',
    { a: hung, b: away, c: away, spec: alone, record: asyncRecord, pods: [missed] },
    'stop a',
  ],
  ['Async, alone: it hangs, nobody uses it', { a: hung, b: away, c: away, spec: alone, record: asyncRecord }, 'wait'],
  [
    'Async, alone: one imapd misses it, another has just had an answer',
    { a: hung, b: away, c: away, spec: alone, record: asyncRecord, pods: [missed, { writerSilentMs: 200 }] },
    'wait',
  ],
  [
    'Async, alone: one imapd misses it, another has not asked it for long',
    { a: hung, b: away, c: away, spec: alone, record: asyncRecord, pods: [missed, { writerSilentMs: 30_000 }] },
    'stop a',
  ],
  [
    'Async, two of three lost with their hosts, it hangs',
    { a: hung, b: away, c: silent, spec: async_, record: asyncRecord, lag: { c: 0 } },
    'stop a',
  ],
  ['Quorum: it hangs, a replica is away', { a: hung, b: away, c: silent }, 'stop a'],
  ['Quorum: it refuses connections, a replica is away', { a: refusing, b: away }, 'stop a'],
  [
    'Quorum: it hangs, both replicas are away, imapd misses it',
    { a: hung, b: away, c: away, pods: [missed] },
    'stop a',
  ],
  [
    'degraded Quorum that promised nothing: it hangs',
    { a: hung, b: deaf, record: asyncRecord, lag: { b: 1 } },
    'stop a, follow b',
  ],
  ['Manual mode: it hangs', { a: hung, c: silent, spec: { failover: { mode: 'Manual' } } }, 'stop a'],
  [
    'Manual mode: it does not come back',
    { a: hung, c: silent, restartingMs: 9_000, spec: { failover: { mode: 'Manual' } } },
    'stop a (ManualMode)',
  ],
  [
    'Manual mode: it refuses connections, but not for long enough',
    { a: { failures: 2, failure: 'refused' }, spec: { failover: { mode: 'Manual' } } },
    'nothing',
  ],
  ['paused: it hangs, perhaps in somebody’s hands', { a: hung, c: silent, spec: { paused: true } }, 'blocked Paused'],
  ['paused: it hangs, nobody else misses it', { a: hung, spec: { paused: true } }, 'wait'],
  [
    'it hangs, failover.delay not over',
    { a: hung, c: silent, downMs: 500, spec: { failover: { delayMs: 2_000 } } },
    'wait',
  ],
  [
    'Manual mode, failover.delay not over: it may come to itself',
    { a: hung, c: silent, downMs: 500, spec: { failover: { mode: 'Manual', delayMs: 2_000 } } },
    'wait',
  ],
  [
    'the server ended, failover.delay not over',
    { a: dead, downMs: 500, spec: { failover: { delayMs: 2_000 } } },
    'grant a',
  ],
  [
    'it was killed: started again',
    { a: { state: 'stopped', granted: null, fence: 'NoGrant' }, spec: async_, record: asyncRecord },
    'grant a',
  ],
  // What a server that hangs reports of itself is from before
  ['a replica hangs', { b: hungLong }, 'stop b'],
  ['a replica has missed some probes', { b: hung }, 'nothing'],
  ['a replica answers no probe and receives all the same: busy', { a: { standbys: ['b'] }, b: hungLong }, 'nothing'],
  ['a replica that hung was killed', { b: { state: 'stopped' } }, 'follow b'],
  ['agent gone, the replica that hears it hangs itself', { ...lost, b: hung }, 'blocked QuorumLost'],
  ['… for long: killed, since it has a vote', { ...lost, b: hungLong }, 'stop b (QuorumLost)'],
  ['… was killed: started again', { ...lost, b: { state: 'stopped' } }, 'follow b (QuorumLost)'],
  // A start is waited for
  ['all machines boot', { a: { state: 'starting', granted: null } }, 'wait'],
  ['it never starts', { a: { state: 'starting', granted: null }, downMs: 9_000 }, 'begin Failover at 6'],
  [
    'Async: it never starts, little would be lost',
    { a: { state: 'starting', granted: null }, downMs: 9_000, spec: async_, record: asyncRecord, lag: { b: 1 } },
    'begin Failover at 6',
  ],
  [
    'Async: it never starts, too much would be lost',
    { a: { state: 'starting', granted: null }, downMs: 9_000, spec: async_, record: asyncRecord, lag: { b: 6 } },
    'blocked LagTooLarge',
  ],
  ['started, not granted yet', { a: { granted: null, fence: 'NoGrant' } }, 'grant a'],
  ['it fenced itself while it was cut off', { a: { fence: 'Isolated' } }, 'grant a'],
  ['it was granted under an older epoch', { a: { granted: 4 } }, 'grant a'],
  // A person's word
  [
    'a person forces it, quorum lost',
    { ...lost, c: { gone: 'refused' }, request: { kind: 'failover', acceptDataLoss: false, reason: '' } },
    'refuse QuorumLost',
  ],
  [
    'a person accepts the loss',
    { ...lost, c: { gone: 'refused' }, request: { kind: 'failover', acceptDataLoss: true, reason: '' } },
    'begin Failover at 6',
  ],
  [
    'a person forces it in Manual mode',
    {
      ...lost,
      spec: { failover: { mode: 'Manual' } },
      request: { kind: 'failover', acceptDataLoss: false, reason: '' },
    },
    'begin Failover at 6',
  ],
  ['switchover', toC, 'prepare a and c within 20000'],
  ['… whose preparation is under way', { ...toC, preparation: preparing }, ''],
  ['… and a replica ends', { ...toC, preparation: preparing, b: { state: 'exited' } }, 'follow b'],
  ['… and the primary is lost', { ...toC, preparation: preparing, a: dead }, 'refuse PrimaryNotHealthy'],
  ['… and the successor is lost', { ...toC, preparation: preparing, c: deaf }, 'refuse NoReplica'],
  ['… or takes too long', { ...toC, preparation: { ...preparing, ageMs: 20_000 } }, 'begin Switchover at 6'],
  ['… that is prepared', { ...toC, preparation: { to: 'c' } }, 'begin Switchover at 6'],
  ['… with another one', { ...toC, preparation: { to: 'b' } }, 'prepare a and c within 20000'],
  ['switchover to anybody', { ...toAny, lag: { b: 1, c: 0 } }, 'prepare a and c within 20000'],
  [
    '… goes to the one that is being prepared',
    { ...toAny, lag: { b: 1, c: 0 }, preparation: { to: 'b', ended: false } },
    '',
  ],
  [
    '… unless that one falls behind',
    { ...toAny, lag: { b: 60, c: 0 }, preparation: { to: 'b', ended: false } },
    'prepare a and c within 20000',
  ],
  ['a primary is about to end', { ...leaves }, 'prepare a and b within 2000'],
  ['… which is being prepared', { ...leaves, preparation: { to: 'b', ended: false } }, ''],
  [
    '… for as long as there is time',
    { ...leaves, preparation: { to: 'b', ended: false, ageMs: 2_000 } },
    'begin Switchover at 6',
  ],
  ['… and dies meanwhile', { ...leaves, a: dead, preparation: { to: 'b', ended: false } }, 'begin Failover at 6'],
  ['switchover to the primary', { request: { kind: 'switchover', to: memberName('a') } }, 'refuse AlreadyPrimary'],
  [
    'switchover to a replica far behind',
    { lag: { c: 60 }, request: { kind: 'switchover', to: memberName('c') } },
    'refuse LagTooLarge',
  ],
  ['… or that is not known to be close yet', { request: { kind: 'switchover', to: memberName('c') } }, 'wait'],
  [
    '… nor after a while',
    { request: { kind: 'switchover', to: memberName('c') }, requestMs: 3_000 },
    'refuse LagTooLarge',
  ],
  [
    'switchover to a replica that is cut off',
    { c: deaf, request: { kind: 'switchover', to: memberName('c') } },
    'refuse NoReplica',
  ],
  ['switchover of a dead primary', { a: dead, request: { kind: 'switchover', to: null } }, 'refuse PrimaryNotHealthy'],
  ['switchover while paused', { spec: { paused: true }, request: { kind: 'switchover', to: null } }, 'refuse Paused'],
  // Two operators, lost records
  ['an agent has obeyed a higher epoch than is on record', { a: dead, b: { highestEpoch: 9 } }, 'blocked RecordBehind'],
  // The others
  ['a replica ended', { b: { state: 'exited' } }, 'follow b'],
  ['a replica follows somebody else', { b: { upstream: 'c' } }, 'follow b'],
  ['a replica follows the primary at an old address', { b: { upstreamHost: '10.0.0.9' } }, 'follow b'],
  ['… in vain', { b: { upstreamHost: '10.0.0.9', streaming: false } }, 'follow b'],
  ['a replica was left detached', { b: { upstream: null } }, 'follow b'],
  ['a replica can never go on', { b: { streaming: false, rebuild: 'Diverged' } }, 'admit'],
  ['a member has no data', { b: { state: 'empty' } }, 'admit'],
  ['a replica was promoted by hand', { b: { role: 'primary' } }, 'admit'],
  ['a replica is being started', { b: { state: 'starting' } }, 'nothing'],
  [
    'whenDegraded Async, replicas away for long',
    { b: deaf, c: deaf, degradedMs: 6_000, spec: { durability: { mode: 'Quorum', whenDegraded: 'Async' } } },
    'recordSet, follow b, follow c',
  ],
  [
    'whenDegraded Async, replicas away for a moment',
    { b: deaf, c: deaf, degradedMs: 500, spec: { durability: { mode: 'Quorum', whenDegraded: 'Async' } } },
    'follow b, follow c',
  ],
  [
    'whenDegraded Async, replicas silent because the primary hangs: the promise stands',
    {
      a: { failures: 2, failure: 'timeout' },
      b: deaf,
      c: deaf,
      degradedMs: 60_000,
      spec: { durability: { mode: 'Quorum', whenDegraded: 'Async' } },
    },
    'follow b, follow c',
  ],
  ['whenDegraded Hold, replicas away for long', { b: deaf, c: deaf, degradedMs: 60_000 }, 'follow b, follow c'],
  ['replicas are back after a degraded time: the server first', { record: asyncRecord }, 'applySet'],
];

test.each(rows)('%s', (_, scene, expected) => {
  expect(inWords(decide(buildInput(scene)))).toBe(expected);
});

test('a new repository is made once every agent answers', () => {
  const record = { epoch: 0, primary: null, servedEpoch: 0, target: null, synchronous: { required: 0, members: [] } };
  const empty: Looks = { state: 'empty', highestEpoch: 0 };
  const scene: Scene = { a: empty, b: empty, c: empty, record };
  expect(inWords(decide(buildInput(scene)))).toBe('begin Bootstrap at 1');
  expect(inWords(decide(buildInput({ ...scene, c: { gone: 'refused' } })))).toBe('wait');
});

test('a paused repository is not made', () => {
  const empty: Looks = { state: 'empty', highestEpoch: 0 };
  const record = { epoch: 0, primary: null, servedEpoch: 0, target: null };
  expect(inWords(decide(buildInput({ a: empty, b: empty, c: empty, record, spec: { paused: true } })))).toBe('wait');
});

test('members that hold data without a record are not made anew', () => {
  const record = { epoch: 0, primary: null, servedEpoch: 0, target: null };
  expect(inWords(decide(buildInput({ record })))).toBe('blocked RecordBehind');
});
