import type { ControlRouting } from '#contract/control-api.ts';
import { PUSH_PATH } from '#contract/push-api.ts';
import type { Pod } from '../ports.ts';
import type { ClusterControl } from './cluster-control.ts';

const BELIEF_DEADLINE_MS = 2_000;

/** What each imapd pod believes, by its own word; one that does not answer has the reason in its place. */
export async function askBeliefs({ pods, adminToken }: Asked): Promise<ControlRouting> {
  return { pods: await Promise.all(pods().map((pod) => askPod(pod, adminToken))) };
}

type Asked = Pick<ClusterControl, 'pods' | 'adminToken'>;

async function askPod(pod: Pod, token: string): Promise<ControlRouting['pods'][number]> {
  try {
    const response = await fetch(new URL(PUSH_PATH, pod.adminUrl), {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(BELIEF_DEADLINE_MS),
    });
    if (!response.ok) return { pod: pod.name, belief: null, problem: `HTTP ${response.status}` };
    return { pod: pod.name, belief: await response.json(), problem: null };
  } catch (error) {
    return { pod: pod.name, belief: null, problem: (error as Error).message };
  }
}
