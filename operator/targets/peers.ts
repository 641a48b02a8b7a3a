import type { Peers } from '#contract/push-api.ts';
import type { Pod, Ports } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import type { PodState } from './pod-state.ts';

type Around = { readonly ports: Pick<Ports, 'podApi' | 'log'>; readonly tuning: Tuning };

/** All imapd processes of a cluster, for each to be told the others. */
export type PeerList = {
  /** Grows by one whenever somebody comes, goes or moves: then everybody is told again. */
  readonly version: number;
  /** In the order of their names. */
  readonly all: Peers['peers'];
};

export const noPeers: PeerList = { version: 0, all: [] };

/** Those who are there now. Made once for each change: for each process, several times a second, it would be most of the work. */
export const nextPeers = (pods: Iterable<Pod>, { version }: PeerList): PeerList => ({
  version: version + 1,
  all: [...pods].map(addressOf).toSorted((a, b) => (a.pod < b.pod ? -1 : 1)),
});

/** Tells a process who the others are, where that has changed since it was told. Repeated by the caller until taken. */
export function sendPeers(state: PodState, { version, all }: PeerList, { ports, tuning }: Around): void {
  if (state.peers === version) return;
  const before = state.peers;
  state.peers = version;
  const list: Peers = { peers: all.filter(({ pod }) => pod !== state.pod.name) };
  ports.podApi
    .peers(state.pod, list, tuning.pushTimeoutMs)
    .then((taken) => {
      if (!taken && state.peers === version) state.peers = before;
    })
    .catch((error: unknown) => ports.log.event('Unexpected', { error: String(error) }));
}

function addressOf(pod: Pod): Peers['peers'][number] {
  if (pod.hints !== undefined) return { pod: pod.name, ...pod.hints };
  const url = new URL(pod.adminUrl);
  return { pod: pod.name, host: url.hostname, port: Number(url.port) };
}
