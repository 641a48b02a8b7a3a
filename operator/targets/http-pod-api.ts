import {
  HEARTBEAT_PATH,
  HeartbeatAnswer,
  type HeartbeatRequest,
  PEERS_PATH,
  type Peers,
  PUSH_PATH,
  PushAck,
  PushConflict,
  PushRefusal,
  type PushRequest,
} from '#contract/push-api.ts';
import { requestJson } from '../http/json-request.ts';
import { shaped } from '../http/shaped.ts';
import type { BeatOutcome, Pod, PodApi, PushOutcome } from '../ports.ts';

/** The push API of imapd (`contract/push-api.ts`) over HTTP. */
export const httpPodApi: PodApi = { push, heartbeat, peers };

const NO_CONTENT = 204;

async function push(pod: Pod, signed: string, deadlineMs: number): Promise<PushOutcome> {
  const body: PushRequest = { document: signed };
  const answer = await requestJson({ method: 'PUT', url: urlOf(pod, PUSH_PATH), body, deadlineMs });
  if (!answer.answered) return { kind: 'unreachable', failure: answer.failure, message: answer.message };
  const ack = answer.status === 200 ? shaped(PushAck, answer.body) : null;
  if (ack !== null) return { kind: 'applied', ack };
  const conflict = answer.status === 409 ? shaped(PushConflict, answer.body) : null;
  if (conflict !== null) return { kind: 'stale', current: conflict.current, epochs: conflict.epochs };
  const refusal = shaped(PushRefusal, answer.body);
  return { kind: 'refused', ...(refusal ?? { code: `Http${answer.status}`, message: 'unknown answer' }) };
}

async function heartbeat(pod: Pod, signed: string, deadlineMs: number): Promise<BeatOutcome> {
  const body: HeartbeatRequest = { heartbeat: signed };
  const answer = await requestJson({ method: 'POST', url: urlOf(pod, HEARTBEAT_PATH), body, deadlineMs });
  if (!answer.answered) return { ok: false, message: answer.message };
  const beat = answer.status === 200 ? shaped(HeartbeatAnswer, answer.body) : null;
  return beat === null ? { ok: false, message: `HTTP ${answer.status}` } : { ok: true, answer: beat };
}

async function peers(pod: Pod, list: Peers, deadlineMs: number): Promise<boolean> {
  const answer = await requestJson({ method: 'PUT', url: urlOf(pod, PEERS_PATH), body: list, deadlineMs });
  return answer.answered && answer.status === NO_CONTENT;
}

const urlOf = (pod: Pod, path: string): URL => new URL(path, pod.adminUrl);
