import { Value } from 'typebox/value';
import { Impossible } from '#database/impossible.ts';
import { pause } from '#runtime/deadline.ts';
import type { ServedCopy } from '../engine.ts';
import type { Identity } from '../member.ts';
import type { Passwords } from '../passwords.ts';
import { COPY_PATH, CopyBegin, CopyChallenge, CopyRefusal, type CopyRequest } from './copy-api.ts';
import { copyKey, newNonce, proofOf } from './copy-key.ts';
import { BrokenCopy, type Frame, readFrames } from './frames.ts';

export type CopySource = {
  /** The member whose server is copied, and its agent. */
  readonly donor: string;
  readonly agentUrl: string;
  readonly token: string;
  /** Who asks. */
  readonly identity: Identity;
  readonly passwords: Pick<Passwords, 'candidates'>;
  /** Called each time that something is heard of the copy. */
  readonly onHeard: () => void;
};

/** To be asked again where another member is copied at present. */
const BUSY_MS = 1_000;
const CHALLENGE_MS = 5_000;

/**
 * Asks a member's agent for a copy of its server, for as long as another one is copied.
 * @throws Impossible `CloneUnavailable` where that cannot be done there; `pieces` throw where the copy does not come to its end
 */
export async function requestCopy(source: CopySource, signal: AbortSignal): Promise<ServedCopy> {
  for (;;) {
    const copy = await ask(source, signal);
    source.onHeard();
    if (copy !== 'busy') return copy;
    await pause(BUSY_MS, signal);
    signal.throwIfAborted();
  }
}

/** What a copy would begin with, of which none is made yet. @throws Impossible `CloneUnavailable` */
export async function askBegin(source: CopySource, signal: AbortSignal): Promise<CopyBegin> {
  return (await challengeOf(source, signal)).begin;
}

/** By each password that may be right: files with them do not change at the same moment. */
async function ask(source: CopySource, signal: AbortSignal): Promise<ServedCopy | 'busy'> {
  for (const password of source.passwords.candidates('replication')) {
    const copy = await askWith(password, source, signal);
    if (copy !== 'refused') return copy;
  }
  throw new Error(`the agent of ${source.donor} takes none of our passwords of replication`);
}

async function askWith(
  password: string,
  source: CopySource,
  signal: AbortSignal,
): Promise<ServedCopy | 'busy' | 'refused'> {
  const { donor, identity } = source;
  const { cluster, partition, member: recipient } = identity;
  const { nonce } = await challengeOf(source, signal);
  const recipientNonce = newNonce();
  const key = copyKey(password, { cluster, partition, donor, recipient, nonce, recipientNonce });
  const answer = await post(source, { recipient, nonce, recipientNonce, proof: proofOf(key) }, signal);
  if (answer.status === 401) return await drop(answer, 'refused');
  if (answer.status === 409) return await drop(answer, 'busy');
  if (!answer.ok || answer.body === null) throw await refusalOf(answer, donor);
  return await begun(answer.body, key, source);
}

async function challengeOf(source: CopySource, signal: AbortSignal): Promise<CopyChallenge> {
  const answer = await post(source, null, AbortSignal.any([signal, AbortSignal.timeout(CHALLENGE_MS)]));
  if (!answer.ok) throw await refusalOf(answer, source.donor);
  return Value.Parse(CopyChallenge, await answer.json());
}

/** @param request null: for a nonce */
async function post(source: CopySource, request: CopyRequest | null, signal: AbortSignal): Promise<Response> {
  const { agentUrl, token, donor } = source;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = request === null ? {} : { method: 'POST', body: JSON.stringify(request) };
  try {
    return await fetch(new URL(COPY_PATH, agentUrl), { ...sent, headers, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`the agent of ${donor} does not answer`, { cause });
  }
}

async function drop<T>(answer: Response, meaning: T): Promise<T> {
  await answer.body?.cancel();
  return meaning;
}

async function refusalOf(answer: Response, donor: string): Promise<Error> {
  const said: unknown = await answer.json().catch(() => null);
  const { code, message } = Value.Check(CopyRefusal, said) ? said : { code: '', message: `HTTP ${answer.status}` };
  // An agent of before has no such path.
  if (answer.status === 422 || answer.status === 404) return new Impossible('CloneUnavailable', `${donor}: ${message}`);
  return new Error(`${donor}: ${code}: ${message}`);
}

async function begun(body: AsyncIterable<Uint8Array>, key: Buffer, source: CopySource): Promise<ServedCopy> {
  const frames = readFrames(body, key);
  const first = await nextOf(frames, source);
  if (first?.kind !== 'begin') throw new BrokenCopy(`${source.donor} does not say what it sends`);
  return { begin: Value.Parse(CopyBegin, JSON.parse(first.body.toString())), pieces: piecesOf(frames, source) };
}

async function* piecesOf(frames: AsyncGenerator<Frame>, source: CopySource): AsyncGenerator<Buffer> {
  try {
    for (let next = await nextOf(frames, source); next !== null; next = await nextOf(frames, source)) yield next.body;
  } finally {
    await frames.return(undefined);
  }
}

/** The next one that says something; null: the copy is complete. @throws in the donor's words where it has failed */
async function nextOf(frames: AsyncGenerator<Frame>, { donor, onHeard }: CopySource): Promise<Frame | null> {
  for (;;) {
    const { value: frame, done } = await frames.next();
    if (done === true || frame.kind === 'complete') return null;
    onHeard();
    if (frame.kind === 'failed') throw failureOf(frame.body, donor);
    if (frame.kind !== 'alive') return frame;
  }
}

function failureOf(body: Buffer, donor: string): Error {
  const { code, message } = Value.Parse(CopyRefusal, JSON.parse(body.toString()));
  return code === 'CloneUnavailable' ? new Impossible(code, `${donor}: ${message}`) : new Error(`${donor}: ${message}`);
}
