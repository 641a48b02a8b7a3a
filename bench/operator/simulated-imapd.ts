import { randomUUID } from 'node:crypto';
import { type HeartbeatAnswer, type PushAck, type PushConflict, TAKES } from '#contract/push-api.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';

/** An imapd process as far as the operator sees it: it obeys every newer document, and finds every writer well. */
export class SimulatedImapd {
  readonly name: string;
  readonly #bootId = randomUUID();
  #version = 0;
  #epochs: Readonly<Record<string, number>> = {};
  #repositories: HeartbeatAnswer['repositories'] = {};

  constructor(name: string) {
    this.name = name;
  }

  get version(): number {
    return this.#version;
  }

  /** What it answers, and what it obeys from now on. */
  push(document: RoutingDocument): PushAck | PushConflict {
    const { version, partitions } = document;
    if (version <= this.#version)
      return { pod: this.name, current: this.#version, epochs: this.#epochs, reason: 'version' };
    this.#version = version;
    this.#epochs = Object.fromEntries(Object.entries(partitions).map(([name, { epoch }]) => [name, epoch]));
    this.#repositories = Object.fromEntries(
      Object.entries(partitions).map(([name, { epoch, writer }]) => [
        name,
        {
          epoch,
          writerReachable: writer === null ? null : true,
          writerFailure: null,
          writerSilentMs: writer === null ? null : SILENT_MS,
          held: 0,
          leaseRemainingMs: null,
        },
      ]),
    );
    return { pod: this.name, applied: version, epochs: this.#epochs };
  }

  beat(): HeartbeatAnswer {
    return {
      pod: this.name,
      bootId: this.#bootId,
      nonce: randomUUID(),
      takes: [...TAKES],
      applied: this.#version,
      sessions: 100,
      repositories: this.#repositories,
    };
  }
}

/** Of a writer that is used all the time. */
const SILENT_MS = 40;
