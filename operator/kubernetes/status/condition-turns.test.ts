import { expect, test } from 'vitest';
import { conditionTurns, type Ledger, ledgerOf } from './condition-turns.ts';

/** `type reason message`. */
const judged = (line: string) => {
  const [type = '', reason = '', ...message] = line.split(' ');
  return { type, reason, message: message.join(' ') };
};

/** What is told, moment by moment; in each what the conditions are. */
function told(moments: readonly (readonly string[])[], ledger: Ledger = new Map()): readonly (readonly string[])[] {
  let known = ledger;
  return moments.map((conditions) => {
    const { turns, ledger: next } = conditionTurns(known, conditions.map(judged));
    known = next;
    return turns.map(({ kind, condition: { type, reason, message } }) => `${kind} ${type} ${reason} ${message}`.trim());
  });
}

const PULL = 'MembersReady ImagePullFailed';

test.each<{ name: string; moments: readonly (readonly string[])[]; turns: readonly (readonly string[])[] }>([
  { name: 'trouble from the first moment', moments: [[`${PULL} a`]], turns: [[`trouble ${PULL} a`]] },
  { name: 'the same again', moments: [[`${PULL} a`], [`${PULL} a`]], turns: [[`trouble ${PULL} a`], []] },
  {
    name: 'the same in other words',
    moments: [[`${PULL} ErrImagePull`], [`${PULL} ImagePullBackOff`]],
    turns: [[`trouble ${PULL} ErrImagePull`], []],
  },
  {
    name: 'another trouble after the first',
    moments: [[`${PULL} a`], ['MembersReady CrashLooping b']],
    turns: [[`trouble ${PULL} a`], ['trouble MembersReady CrashLooping b']],
  },
  {
    name: 'well again, by way of what passes',
    moments: [[`${PULL} a`], ['MembersReady Starting b'], ['MembersReady AllReady c'], ['MembersReady AllReady d']],
    turns: [[`trouble ${PULL} a`], [], ['over MembersReady AllReady c'], []],
  },
  {
    name: 'what passes and was no trouble',
    moments: [['MembersReady Starting'], ['MembersReady AllReady'], ['MembersReady Starting']],
    turns: [[], [], []],
  },
  {
    name: 'a second time',
    moments: [[`${PULL} a`], ['MembersReady AllReady'], [`${PULL} a`]],
    turns: [[`trouble ${PULL} a`], ['over MembersReady AllReady'], [`trouble ${PULL} a`]],
  },
  {
    name: 'an alarm, with other things to mend, and over',
    moments: [['Unsupported Unsupported x'], ['Unsupported Unsupported y'], ['Unsupported Unsupported y'], []],
    turns: [
      ['trouble Unsupported Unsupported x'],
      ['trouble Unsupported Unsupported y'],
      [],
      ['over Unsupported Unsupported y'],
    ],
  },
  { name: 'a condition that is told no more', moments: [[`${PULL} a`], []], turns: [[`trouble ${PULL} a`], []] },
  { name: 'conditions of others', moments: [['Mine Broken'], []], turns: [[], []] },
])('$name', ({ moments, turns }) => {
  expect(told(moments)).toEqual(turns);
});

const inStatus = (line: string, status: 'True' | 'False' = 'False') => ({
  ...judged(line),
  status,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

test.each<{ name: string; status: Parameters<typeof ledgerOf>[0]; now: readonly string[]; turns: readonly string[] }>([
  { name: 'trouble that was told', status: [inStatus(`${PULL} a`)], now: [`${PULL} b`], turns: [] },
  {
    name: 'trouble that ended meanwhile',
    status: [inStatus(`${PULL} a`)],
    now: ['MembersReady AllReady'],
    turns: ['over MembersReady AllReady'],
  },
  {
    name: 'what may have been trouble before it passed',
    status: [inStatus('MembersReady Starting')],
    now: ['MembersReady AllReady'],
    turns: ['over MembersReady AllReady'],
  },
  {
    name: 'what is never trouble',
    status: [inStatus('ReplicationHealthy NotStreaming')],
    now: ['ReplicationHealthy Streaming'],
    turns: [],
  },
  {
    name: 'what was well',
    status: [inStatus('MembersReady AllReady', 'True')],
    now: ['MembersReady AllReady'],
    turns: [],
  },
  {
    name: 'an alarm that was told',
    status: [inStatus('NameTaken NameTaken x', 'True')],
    now: ['NameTaken NameTaken x'],
    turns: [],
  },
  {
    name: 'an alarm that somebody has put to False',
    status: [inStatus('NameTaken NameTaken x')],
    now: [],
    turns: [],
  },
  {
    name: 'an alarm that is over',
    status: [inStatus('NameTaken NameTaken x', 'True')],
    now: [],
    turns: ['over NameTaken NameTaken x'],
  },
])('after an operator before this one: $name', ({ status, now, turns }) => {
  expect(told([now], ledgerOf(status))).toEqual([turns]);
});
