import { PEERS_PATH } from '#contract/push-api.ts';
import { requestJson } from '../http/json-request.ts';
import type { PodApi } from '../ports.ts';
import { httpPodApi } from './http-pod-api.ts';

const NO_CONTENT = 204;

/** The push API with the token that imapd wants before it lets itself be told its peers; the rest is signed. */
export const podApiWithToken = (token: string): PodApi => ({
  ...httpPodApi,
  async peers(pod, peers, deadlineMs) {
    const answer = await requestJson({
      method: 'PUT',
      url: new URL(PEERS_PATH, pod.adminUrl),
      body: peers,
      headers: { authorization: `Bearer ${token}` },
      deadlineMs,
    });
    return answer.answered && answer.status === NO_CONTENT;
  },
});
