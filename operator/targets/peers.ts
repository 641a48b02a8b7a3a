import type { Peers } from '#contract/push-api.ts';
import type { Pod, Ports } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import type { PodState } from './pod-state.ts';

type Around = { readonly ports: Pick<Ports, 'podApi' | 'log'>; readonly tuning: Tuning };

/** Tells a process who the others are, where that has changed since it was told. Repeated by the caller until taken. */
export function sendPeers(state: PodState, pods: ReadonlyMap<string, PodState>, { ports, tuning }: Around): void {
  const peers = [...pods.values()].filter((other) => other !== state).map((other) => addressOf(other.pod));
  const list: Peers = { peers: peers.toSorted((a, b) => (a.pod < b.pod ? -1 : 1)) };
  const text = JSON.stringify(list);
  if (text === state.peers) return;
  const before = state.peers;
  state.peers = text;
  ports.podApi
    .peers(state.pod, list, tuning.pushTimeoutMs)
    .then((taken) => {
      if (!taken && state.peers === text) state.peers = before;
    })
    .catch((error: unknown) => ports.log.event('Unexpected', { error: String(error) }));
}

function addressOf(pod: Pod): Peers['peers'][number] {
  if (pod.hints !== undefined) return { pod: pod.name, ...pod.hints };
  const url = new URL(pod.adminUrl);
  return { pod: pod.name, host: url.hostname, port: Number(url.port) };
}
