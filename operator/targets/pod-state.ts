import type { HeartbeatAnswer } from '#contract/push-api.ts';
import type { Pod } from '../ports.ts';

/** What the operator remembers of one imapd process. Written by the publisher and the heartbeat alone. */
export type PodState = {
  pod: Pod;
  /** Version of the routing document that it obeys; 0 = none that we know of. */
  applied: number;
  pushing: boolean;
  sequence: number;
  /** Nonce of its last answer, to be echoed, with the monotonic time at which it came. */
  nonce: { readonly value: string; readonly at: number } | null;
  /** What it takes beside heartbeats for itself (`HeartbeatAnswer.takes`), as long as it answers. */
  takes: readonly string[];
  answer: { readonly value: HeartbeatAnswer; readonly at: number } | null;
  /** Version of the list of peers that it has taken; 0: none. */
  peers: number;
};

export const newPodState = (pod: Pod): PodState => ({
  pod,
  applied: 0,
  pushing: false,
  sequence: 0,
  nonce: null,
  takes: [],
  answer: null,
  peers: 0,
});
