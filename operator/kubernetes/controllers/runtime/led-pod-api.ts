import type { PodApi } from '../../../ports.ts';
import type { RightToWrite } from '../../api/api-client.ts';
import { isHeld } from './is-held.ts';
import type { SessionCount } from './session-count.ts';

const WHY = 'this operator does not lead any more';

/**
 * What is said to imapd pods, for as long as this operator leads: a lease that a former leader grants is one that the next
 * does not know of. Their answers tell how many sessions there are.
 */
export const ledPodApi = (api: PodApi, right: RightToWrite, sessions: SessionCount): PodApi => ({
  async push(pod, signed, deadlineMs) {
    if (!isHeld(right)) return { kind: 'unreachable', failure: 'timeout', message: WHY };
    return await api.push(pod, signed, deadlineMs);
  },
  async heartbeat(pod, signed, deadlineMs) {
    if (!isHeld(right)) return { ok: false, message: WHY };
    const outcome = await api.heartbeat(pod, signed, deadlineMs);
    if (outcome.ok) sessions.note(pod.name, outcome.answer.sessions);
    return outcome;
  },
  async peers(pod, peers, deadlineMs) {
    return isHeld(right) && (await api.peers(pod, peers, deadlineMs));
  },
});
