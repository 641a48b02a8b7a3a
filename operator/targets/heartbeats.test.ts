import { expect, test } from 'vitest';
import { clusterName } from '#contract/names.ts';
import type { HeartbeatAnswer } from '#contract/push-api.ts';
import { generateSigningKey } from '#contract/signature.ts';
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
