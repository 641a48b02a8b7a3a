import { expect, test } from 'vitest';
import { clusterName, partitionName } from '#contract/names.ts';
import { Heartbeats as ForSeveral, Heartbeat, type HeartbeatAnswer } from '#contract/push-api.ts';
import { generateSigningKey, verify } from '#contract/signature.ts';
import { createLogger } from '#runtime/logger.ts';
import type { PodApi } from '../ports.ts';
import { VirtualClock } from '../test-support/virtual-clock.ts';
import { defaultTuning } from '../tuning.ts';
import { Heartbeats } from './heartbeats.ts';
import { LeaseLedger } from './lease-ledger.ts';
import { nextPeers, noPeers, sendPeers } from './peers.ts';
import { newPodState } from './pod-state.ts';

const key = await generateSigningKey('test');
const [pod, other] = ['imapd-0', 'imapd-1'].map((name) => ({ name, adminUrl: `http://${name}:8080` }));

/** What tells one process from another in its answers. */
type Said = Pick<HeartbeatAnswer, 'applied' | 'bootId'>;

/** How often a process was told its peers, by an operator that looks once after each of its answers. */
async function timesTold(answers: readonly Said[]): Promise<number> {
  let told = 0;
  const left = [...answers];
  const podApi: PodApi = {
    push: async () => ({ kind: 'unreachable', failure: 'timeout', message: '' }),
    heartbeat: async ({ name }) => {
      const said = left.shift();
      if (said === undefined) return { ok: false, message: 'no answer' };
      return { ok: true, answer: { pod: name, nonce: 'n', sessions: 0, repositories: {}, ...said } };
    },
    peers: async () => {
      told += 1;
      return true;
    },
  };
  const clock = new VirtualClock();
  const log = createLogger({ program: 'operator', level: 'silent', pretty: false });
  const ports = { podApi, clock, log, keys: { signing: async () => key.privateJwk } };
  const leases = new LeaseLedger(0, 0);
  const around = { ports, tuning: defaultTuning };
  const heartbeats = new Heartbeats({
    ...around,
    leases,
    leased: () => new Map(),
    full: () => [],
    cluster: clusterName('mail'),
  });
  const state = newPodState(pod!);
  const list = nextPeers([pod!, other!], noPeers);
  sendPeers(state, list, around);
  while (left.length > 0) {
    const before = state.answer;
    heartbeats.beat(state, 0);
    await expect.poll(() => state.answer).not.toBe(before);
    sendPeers(state, list, around);
  }
  return told;
}

/** What an operator with five pods says in one turn, by the lines that they get. */
async function saidTo(takes: readonly string[]): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  const podApi: PodApi = {
    push: async () => ({ kind: 'unreachable', failure: 'timeout', message: '' }),
    heartbeat: async ({ name }, line) => {
      said.set(name, line);
      return { ok: false, message: 'no answer' };
    },
    peers: async () => true,
  };
  const log = createLogger({ program: 'operator', level: 'silent', pretty: false });
  const heartbeats = new Heartbeats({
    ports: { podApi, clock: new VirtualClock(), log, keys: { signing: async () => key.privateJwk } },
    tuning: defaultTuning,
    leases: new LeaseLedger(0, 0),
    leased: () => new Map([[partitionName('users-a'), 4]]),
    full: () => [],
    cluster: clusterName('mail'),
  });
  for (let number = 0; number < 5; number += 1) {
    const state = newPodState({ name: `imapd-${number}`, adminUrl: `http://imapd-${number}:8080` });
    // Of the last one nothing was heard yet.
    state.takes = number < 4 ? takes : [];
    // All but one obey the newest document.
    state.applied = number === 2 ? 6 : 7;
    state.nonce = number < 4 ? { value: `nonce-${number}`, at: 0 } : null;
    heartbeats.beat(state, 7);
  }
  await expect.poll(() => said.size).toBe(5);
  return said;
}

test('those who take them together have their heartbeats under one signature, with leases for whom they are due', async () => {
  const said = await saidTo(['heartbeats']);
  expect(new Set(['imapd-0', 'imapd-1', 'imapd-2', 'imapd-3'].map((name) => said.get(name))).size).toBe(1);
  const keys = [key.publicJwk];
  const together = { purpose: 'heartbeats', schema: ForSeveral, keys } as const;
  const read = await verify(said.get('imapd-0') ?? '', together);
  const leases = { 'users-a': { epoch: 4, seconds: defaultTuning.leaseSeconds } };
  const pods = Object.fromEntries(
    [0, 1, 2, 3].map((each) => [`imapd-${each}`, { sequence: 1, echo: `nonce-${each}`, leased: each !== 2 }]),
  );
  expect(read).toEqual({ ok: true, payload: { cluster: 'mail', pods, leases, full: [] } });
  const alone = { purpose: 'heartbeat', schema: Heartbeat, keys } as const;
  expect(await verify(said.get('imapd-4') ?? '', alone)).toMatchObject({
    ok: true,
    payload: { echo: null, leases: {} },
  });
});

test('an imapd of before has each of its heartbeats alone', async () => {
  const said = await saidTo([]);
  for (const [name, line] of said) {
    const leased = name !== 'imapd-2' && name !== 'imapd-4';
    const read = await verify(line, { purpose: 'heartbeat', schema: Heartbeat, keys: [key.publicJwk] });
    expect(read).toMatchObject({ ok: true, payload: { pod: name } });
    expect(read.ok && Object.keys(read.payload.leases)).toEqual(leased ? ['users-a'] : []);
  }
});

// The newest document lies in a file or a ConfigMap, which a process reads before anybody can ask it anything.
test.each<{ name: string; answers: readonly Said[]; told: number }>([
  { name: 'the same process', answers: [said(7, 'x'), said(7, 'x'), said(8, 'x')], told: 1 },
  { name: 'another one, which obeys the same document already', answers: [said(7, 'x'), said(7, 'y')], told: 2 },
  { name: 'another one, which obeys a newer document', answers: [said(7, 'x'), said(8, 'y')], told: 2 },
  { name: 'an older imapd, which does not tell them apart', answers: [said(7), said(7)], told: 1 },
  { name: 'an older imapd, started anew without a document', answers: [said(7), said(0)], told: 2 },
  { name: 'an older imapd that was replaced by a newer one', answers: [said(7), said(7, 'x'), said(7, 'x')], told: 2 },
])('told its peers: $name', async ({ answers, told }) => {
  expect(await timesTold(answers)).toBe(told);
});

function said(applied: number, bootId?: string): Said {
  return { applied, ...(bootId === undefined ? {} : { bootId }) };
}
