import { expect, test } from 'vitest';
import type { Peers } from '#contract/push-api.ts';
import { createLogger } from '#runtime/logger.ts';
import type { Pod, PodApi } from '../ports.ts';
import { defaultTuning } from '../tuning.ts';
import { nextPeers, noPeers, sendPeers } from './peers.ts';
import { newPodState } from './pod-state.ts';

const pod = (name: string): Pod => ({ name, adminUrl: `http://${name}:8080` });
const peer = (name: string) => ({ pod: name, host: name, port: 8080 });

/** Who was told of whom, by a port whose other side takes what it is told or does not. */
function around(takes: () => boolean) {
  const told: [string, Peers][] = [];
  const podApi: PodApi = {
    push: async () => ({ kind: 'unreachable', failure: 'timeout', message: '' }),
    heartbeat: async () => ({ ok: false, message: '' }),
    peers: async ({ name }, list) => {
      told.push([name, list]);
      return takes();
    },
  };
  const log = createLogger({ program: 'operator', level: 'silent', pretty: false });
  return { told, ports: { podApi, log }, tuning: defaultTuning };
}

test('each is told of the others in the order of their names, once for every change', () => {
  const { told, ...ports } = around(() => true);
  const state = newPodState(pod('b'));
  const three = nextPeers([pod('c'), pod('a'), pod('b')], noPeers);
  for (let look = 0; look < 3; look += 1) sendPeers(state, three, ports);
  const two = nextPeers([pod('b'), pod('c')], three);
  sendPeers(state, two, ports);
  expect(told).toEqual([
    ['b', { peers: [peer('a'), peer('c')] }],
    ['b', { peers: [peer('c')] }],
  ]);
});

test('what was not taken is told again', async () => {
  const answers = [false, true];
  const { told, ...ports } = around(() => answers.shift() === true);
  const state = newPodState(pod('a'));
  const list = nextPeers([pod('a'), pod('b')], noPeers);
  for (let look = 0; look < 3; look += 1) {
    sendPeers(state, list, ports);
    await new Promise(setImmediate);
  }
  expect(told).toHaveLength(2);
});

test('where it listens for hints may be said apart from where it is told', () => {
  const there = { ...pod('a'), hints: { host: '10.0.0.1', port: 7000 } };
  expect(nextPeers([there], noPeers).all).toEqual([{ pod: 'a', host: '10.0.0.1', port: 7000 }]);
});
