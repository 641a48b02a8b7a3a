import { expect, test } from 'vitest';
import { buildInput, type Looks, type Scene } from '../../test-support/build-input.ts';
import { decisionInWords } from '../../test-support/decision-in-words.ts';
import { decide } from '../decide.ts';

// What the platform says of pods and nodes, and what is done about it: which of it is hard, which is no more than a reason
// to look, and what is said of somebody else.

const deaf: Looks = { streaming: false };
const away: Looks = { gone: 'refused' };
const hung: Looks = { failures: 4, failure: 'timeout' };
const dead: Looks = { state: 'exited', granted: null, fence: 'NoGrant' };
const async_: Scene['spec'] = { durability: { mode: 'Async', whenDegraded: 'Hold' } };
const asyncRecord: Scene['record'] = { synchronous: { required: 0, members: [] } };
const ended: Scene = { a: { gone: 'reset', silentMs: 10, platform: { endedMs: 50_000 } } };
const justGone = (state: 'leaving' | 'gone' | 'hostLost'): Looks => ({
  gone: 'reset',
  silentMs: 10,
  platform: { state },
});
const deleted: Looks = { platform: { state: 'leaving' } };
const lag = { b: 0, c: 0 };

const rows: readonly (readonly [string, Scene, string])[] = [
  // What the platform says of pods and nodes
  ['its container ended', { a: { gone: 'reset', silentMs: 10, platform: { endedMs: 50_000 } } }, 'begin Failover at 6'],
  ['… though nothing has told its connection', { a: { platform: { endedMs: 50_000 } } }, 'begin Failover at 6'],
  ['… Async', { ...ended, spec: async_, record: asyncRecord, lag: { b: 1 }, pods: [{}] }, 'begin Failover at 6'],
  ['… in Manual mode', { ...ended, spec: { failover: { mode: 'Manual' } } }, 'blocked ManualMode'],
  ['… and no replica is there', { ...ended, b: away, c: away }, 'wait'],
  ['an earlier container of its pod ended', { a: { platform: { endedMs: -3_000 } } }, 'nothing'],
  ['… and now its agent is silent', { a: { gone: 'reset', platform: { endedMs: -3_000 } } }, 'wait'],
  [
    '… and has been started again',
    { a: { gone: 'reset', platform: { endedMs: 50_000, replacedMs: 52_000 } } },
    'begin Failover at 6',
  ],
  [
    'an earlier one ended, and then the clock was set back',
    { a: { platform: { endedMs: 50_000, replacedMs: -1_000 } } },
    'nothing',
  ],
  ['another pod of that name ended', { a: { platform: { endedMs: 50_000, instance: 'uid-0' } } }, 'nothing'],
  ['its pod was removed, it has just gone silent, replicas hear it', { a: justGone('gone') }, 'wait'],
  ['… no replica hears it', { a: justGone('gone'), b: deaf, c: deaf }, 'begin Failover at 6'],
  ['its pod is deleted, it has just gone silent', { a: justGone('leaving'), b: deaf, c: deaf }, 'begin Failover at 6'],
  ['its node is lost, it has just gone silent: not hurried', { a: justGone('hostLost'), b: deaf, c: deaf }, 'wait'],
  [
    'its node is lost, its agent is silent, replicas hear it',
    { a: { ...justGone('hostLost'), silentMs: 9_000 } },
    'wait',
  ],
  ['its node is lost, and it is well', { a: { platform: { state: 'hostLost' } } }, 'nothing'],
  ['probes time out and its node is lost', { a: { ...hung, platform: { state: 'hostLost' } } }, 'begin Failover at 6'],
  [
    'probes time out, its node is lost, but imapd reaches it',
    { a: { ...hung, platform: { state: 'hostLost' } }, pods: [{}] },
    'wait',
  ],
  [
    'the container of a replica ended: no vote, whatever it said last',
    { a: dead, c: { platform: { endedMs: 50_000 } } },
    'grant a, follow c',
  ],
  // It is about to end: handed over while it lives, for which it is prepared first
  ['its pod is deleted', { a: deleted, lag }, 'prepare a and b within 2000'],
  [
    'its pod is removed by force, and still there, for a moment',
    { a: { platform: { state: 'gone' } }, lag },
    'begin Switchover at 6',
  ],
  [
    '… its agent has told so before, and it is being prepared',
    { a: { leaving: true, platform: { state: 'gone' } }, lag, preparation: { to: 'b', ended: false, ageMs: 10 } },
    'begin Switchover at 6',
  ],
  ['its agent was told to end', { a: { leaving: true }, lag }, 'prepare a and b within 2000'],
  ['… Async', { a: { leaving: true }, lag, spec: async_, record: asyncRecord }, 'prepare a and b within 2000'],
  [
    '… in Manual mode: nothing is lost by it',
    { a: deleted, lag, spec: { failover: { mode: 'Manual' } } },
    'prepare a and b within 2000',
  ],
  ['… paused', { a: deleted, lag, spec: { paused: true } }, 'nothing'],
  ['another pod of its name is deleted', { a: { platform: { state: 'leaving', instance: 'uid-0' } }, lag }, 'nothing'],
  ['… nobody knows how far behind the replicas are', { a: deleted }, 'wait'],
  ['… the replicas are too far behind', { a: deleted, lag: { b: 60, c: 60 } }, 'wait'],
  ['… all replicas go as well', { a: deleted, b: deleted, c: deleted, lag }, 'wait'],
  ['… one replica goes as well, so that nobody would acknowledge', { a: deleted, c: deleted, lag }, 'wait'],
  [
    '… of two, where commits go on without a replica',
    { a: deleted, c: deleted, lag, spec: { durability: { mode: 'Quorum', whenDegraded: 'Async' } } },
    'prepare a and b within 2000',
  ],
  [
    '… it waits for its grant: it serves nobody',
    { a: { ...deleted, granted: null, fence: 'NoGrant' }, lag },
    'grant a',
  ],
  ['… and has stopped in order', { a: { state: 'stopped', granted: null, leaving: true }, lag }, 'wait'],
  ['a replica is deleted, and stops', { b: { state: 'stopped', leaving: true } }, 'nothing'],
];

test.each(rows)('%s', (_, scene, expected) => {
  expect(decisionInWords(decide(buildInput(scene)))).toBe(expected);
});
