import {
  HEARTBEAT_PATH,
  HeartbeatAnswer,
  LONGEST_PUSHED_LINE,
  PEERS_PATH,
  type Peers,
  PUSH_PATH,
  PushAck,
  PushConflict,
  PushRefusal,
  type PushRequest,
  type Takes,
} from '#contract/push-api.ts';
import { contactFailure } from '../http/contact-failure.ts';
import { requestJson } from '../http/json-request.ts';
import { shaped } from '../http/shaped.ts';
import type { BeatOutcome, Pod, PodApi, PushOutcome } from '../ports.ts';
import { Conversations } from './conversations.ts';

/**
 * The push API of imapd (`contract/push-api.ts`): heartbeats over a channel to each, documents over it too where a process takes
 * them there, and else by HTTP, as the rest.
 */
export const httpPodApi: PodApi = { push, heartbeat, peers };

const NO_CONTENT = 204;

/** Five heartbeats: then the process is gone, or this operator says nothing any more. */
const IDLE_MS = 5_000;

/** Kept between heartbeats, as connections are between requests: for all clusters of the process. */
const heartbeats = new Conversations(HEARTBEAT_PATH, IDLE_MS);

/** Those that take documents over their channel: as long as they answer over it. */
const takers = new WeakSet<Pod>();

async function push(pod: Pod, signed: string, deadlineMs: number): Promise<PushOutcome> {
  if (takers.has(pod) && signed.length <= LONGEST_PUSHED_LINE) return await pushOverChannel(pod, signed, deadlineMs);
  return await put(pod, signed, deadlineMs);
}

async function pushOverChannel(pod: Pod, signed: string, deadlineMs: number): Promise<PushOutcome> {
  try {
    const said: unknown = JSON.parse(await heartbeats.ask(pod, signed, deadlineMs));
    const ack = shaped(PushAck, said);
    if (ack !== null) return { kind: 'applied', ack };
    const conflict = shaped(PushConflict, said);
    if (conflict !== null) return { kind: 'stale', current: conflict.current, epochs: conflict.epochs };
    const refusal = shaped(PushRefusal, said);
    if (refusal !== null) return { kind: 'refused', ...refusal };
    throw new Error('unknown answer');
  } catch (error) {
    // The next attempt is a request: whatever is wrong with the channel, the document is not to wait for it.
    takers.delete(pod);
    heartbeats.giveUp(pod);
    return { kind: 'unreachable', failure: contactFailure(error), message: String(error) };
  }
}

async function put(pod: Pod, signed: string, deadlineMs: number): Promise<PushOutcome> {
  const answer = await requestJson({ method: 'PUT', url: urlOf(pod, PUSH_PATH), body: bodyOf(signed), deadlineMs });
  if (!answer.answered) return { kind: 'unreachable', failure: answer.failure, message: answer.message };
  const ack = answer.status === 200 ? shaped(PushAck, answer.body) : null;
  if (ack !== null) return { kind: 'applied', ack };
  const conflict = answer.status === 409 ? shaped(PushConflict, answer.body) : null;
  if (conflict !== null) return { kind: 'stale', current: conflict.current, epochs: conflict.epochs };
  const refusal = shaped(PushRefusal, answer.body);
  return { kind: 'refused', ...(refusal ?? { code: `Http${answer.status}`, message: 'unknown answer' }) };
}

/** As they are sent, the newest last: each goes to all imapd of its cluster, and to make it anew for each would hold up who is behind. */
const bodies = new Map<string, Buffer>();
const MOST_BODIES = 16;

function bodyOf(signed: string): Buffer {
  const made = bodies.get(signed);
  if (made !== undefined) return made;
  const [oldest] = bodies.keys();
  if (oldest !== undefined && bodies.size >= MOST_BODIES) bodies.delete(oldest);
  const body = Buffer.from(JSON.stringify({ document: signed } satisfies PushRequest));
  bodies.set(signed, body);
  return body;
}

/** Signed, and nothing but signed: the line is the JWS. */
async function heartbeat(pod: Pod, signed: string, deadlineMs: number): Promise<BeatOutcome> {
  try {
    const said: unknown = JSON.parse(await heartbeats.ask(pod, signed, deadlineMs));
    const answer = shaped(HeartbeatAnswer, said);
    if (answer !== null) {
      if (answer.takes?.includes('routing' satisfies Takes) === true) takers.add(pod);
      return { ok: true, answer };
    }
    const refusal = shaped(PushRefusal, said);
    if (refusal !== null) return { ok: false, message: `${refusal.code}: ${refusal.message}` };
    heartbeats.giveUp(pod);
    return { ok: false, message: 'unknown answer' };
  } catch (error) {
    // Of no answer; or of one that is no JSON.
    if (error instanceof SyntaxError) heartbeats.giveUp(pod);
    return { ok: false, message: String(error) };
  }
}

async function peers(pod: Pod, list: Peers, deadlineMs: number): Promise<boolean> {
  const answer = await requestJson({ method: 'PUT', url: urlOf(pod, PEERS_PATH), body: list, deadlineMs });
  return answer.answered && answer.status === NO_CONTENT;
}

const urlOf = (pod: Pod, path: string): URL => new URL(path, pod.adminUrl);
