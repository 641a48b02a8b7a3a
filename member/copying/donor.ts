import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Impossible } from '#database/impossible.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Engine } from '../engine.ts';
import type { Identity } from '../member.ts';
import type { Passwords } from '../passwords.ts';
import type { CopyChallenge, CopyRefusal, CopyRequest } from './copy-api.ts';
import { copyKey, isProof, newNonce } from './copy-key.ts';
import { FrameWriter } from './frames.ts';

export type DonorOptions = {
  readonly identity: Identity;
  readonly engine: Pick<Engine, 'serveCopy'>;
  readonly passwords: Pick<Passwords, 'candidates'>;
  /** Whether the server is there to be copied. */
  readonly isRunning: () => boolean;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
};

export type Admission =
  | { readonly status: 200; readonly send: (to: Writable, signal: AbortSignal) => Promise<void> }
  | Refusal;
type Refusal = { readonly status: 401 | 409 | 422 | 503; readonly code: string; readonly message: string };
export type Challenge = Refusal | { readonly status: 200; readonly challenge: CopyChallenge };

const NOT_COPIED: Refusal = {
  status: 422,
  code: 'CloneUnavailable',
  message: 'this server is copied over its own protocol',
};

const NONCE_MS = 60_000;
/** To look at the server, for a challenge. */
const LOOK_MS = 4_000;
const MOST_NONCES = 64;
/** Sent where nothing else is. */
const ALIVE_MS = 1_000;
/** A recipient that takes nothing for so long is gone, whatever its socket says, or its disk is. */
const STALLED_MS = 60_000;

/** The half of an agent that serves copies of its server: to members of the same repository alone, to one of them at a time. */
export class Donor {
  readonly #options: DonorOptions;
  /** Given out and not used, and when. */
  readonly #nonces = new Map<string, number>();
  #recipient: string | null = null;

  constructor(options: DonorOptions) {
    this.#options = options;
  }

  /** Tells beforehand what would be copied, or why nothing is: a recipient has to make room. */
  async challenge(): Promise<Challenge> {
    const refusal = this.#refusal();
    if (refusal !== null) return refusal;
    try {
      const copy = await this.#options.engine.serveCopy?.(AbortSignal.timeout(LOOK_MS));
      if (copy !== undefined) return { status: 200, challenge: { nonce: this.#newNonce(), begin: copy.begin } };
    } catch (error) {
      const { code, message } = refusalOf(error);
      return { status: error instanceof Impossible ? 422 : 503, code, message };
    }
    return NOT_COPIED;
  }

  #newNonce(): string {
    const nonce = newNonce();
    this.#nonces.set(nonce, this.#options.now());
    const [oldest] = this.#nonces.keys();
    if (this.#nonces.size > MOST_NONCES && oldest !== undefined) this.#nonces.delete(oldest);
    return nonce;
  }

  /** Whether the request is to be answered by a copy: by `send`, which is called at once, and is the one at a time until it has ended. */
  admit(request: CopyRequest): Admission {
    const { identity, log } = this.#options;
    const key = this.#keyOf(request);
    if (key === null) {
      return { status: 401, code: 'Unauthorized', message: 'the proof is not that of a member of this repository' };
    }
    const refusal = this.#refusal();
    if (refusal !== null) return refusal;
    if (this.#recipient !== null) {
      return { status: 409, code: 'CopyUnderWay', message: `${identity.member} is being copied to ${this.#recipient}` };
    }
    const send = (to: Writable, signal: AbortSignal): Promise<void> => {
      this.#recipient = request.recipient;
      log.debug({ recipient: this.#recipient }, 'the server is copied');
      return this.#send(new FrameWriter(key), to, signal);
    };
    return { status: 200, send };
  }

  #refusal(): Refusal | null {
    const { identity, engine, isRunning } = this.#options;
    if (engine.serveCopy === null) return NOT_COPIED;
    if (isRunning()) return null;
    return { status: 503, code: 'NotRunning', message: `the server of ${identity.member} does not run` };
  }

  #keyOf({ recipient, nonce, recipientNonce, proof }: CopyRequest): Buffer | null {
    const { identity, passwords, now } = this.#options;
    const { cluster, partition, member: donor } = identity;
    const since = this.#nonces.get(nonce);
    this.#nonces.delete(nonce);
    if (since === undefined || now() - since > NONCE_MS) return null;
    const parties = { cluster, partition, donor, recipient, nonce, recipientNonce };
    const keys = passwords.candidates('replication').map((password) => copyKey(password, parties));
    return keys.find((key) => isProof(key, proof)) ?? null;
  }

  /** Never rejects: whoever reads learns of a failure by its frame, or by there being no last one. */
  async #send(frames: FrameWriter, to: Writable, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const over = new AbortController();
    const limit = AbortSignal.any([signal, over.signal]);
    const alive = setInterval(() => {
      if (!to.writableNeedDrain && !limit.aborted) to.write(frames.frame('alive'));
    }, ALIVE_MS);
    try {
      await this.#sendPieces(frames, to, limit);
      log.debug({ recipient: this.#recipient }, 'the copy is complete');
    } catch (error) {
      log.debug({ recipient: this.#recipient, error: String(error) }, 'the copy has failed');
      if (!limit.aborted) to.write(frames.message('failed', refusalOf(error)));
    } finally {
      clearInterval(alive);
      over.abort();
      this.#recipient = null;
    }
  }

  async #sendPieces(frames: FrameWriter, to: Writable, signal: AbortSignal): Promise<void> {
    const copy = await this.#options.engine.serveCopy?.(signal);
    if (copy === undefined) throw new Error('nothing is copied');
    to.write(frames.message('begin', copy.begin));
    for await (const piece of copy.pieces) {
      if (!to.write(frames.frame('data', piece))) await drained(to, signal);
    }
    to.write(frames.frame('complete'));
  }
}

const refusalOf = (error: unknown): CopyRefusal => ({
  code: error instanceof Impossible ? error.code : 'Failed',
  message: error instanceof Error ? error.message : String(error),
});

/** @throws where it takes nothing for long, or the signal fires */
async function drained(to: Writable, signal: AbortSignal): Promise<void> {
  const stalled = AbortSignal.timeout(STALLED_MS);
  try {
    await once(to, 'drain', { signal: AbortSignal.any([signal, stalled]) });
  } catch (error) {
    if (stalled.aborted) to.destroy();
    throw error;
  }
}
