import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { within } from '#runtime/deadline.ts';

/** One end of the channel between supervisor and operator (`process.send`, `child.send`). */
export type Channel = { send(message: object): boolean };
/** `signal` fires when the caller gives up or is gone. */
export type LinkHandler = (parameters: unknown, signal: AbortSignal) => Promise<unknown>;

const Message = Type.Union([
  Type.Object({ link: Type.Literal('call'), id: Type.String(), method: Type.String(), parameters: Type.Unknown() }),
  Type.Object({ link: Type.Literal('cancel'), id: Type.String() }),
  Type.Object({ link: Type.Literal('result'), id: Type.String(), result: Type.Unknown() }),
  Type.Object({ link: Type.Literal('error'), id: Type.String(), error: Type.String() }),
]);

/** `deadlineMs` ends the waiting, `signal` asks the other side to stop as well. */
export type CallOptions = { readonly deadlineMs: number; readonly signal?: AbortSignal };

/** The other end is gone, or answered with an error. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/**
 * Calls in both directions over one channel of messages. Each side serves some methods and calls those of the other.
 * When the other process ends, `reset` fails what waits for it and cancels what runs for it.
 */
export class MessageLink {
  readonly #channel: Channel;
  readonly #handlers: ReadonlyMap<string, LinkHandler>;
  readonly #waiting = new Map<string, PromiseWithResolvers<unknown>>();
  readonly #running = new Map<string, AbortController>();

  constructor(channel: Channel, handlers: Readonly<Record<string, LinkHandler>>) {
    this.#channel = channel;
    this.#handlers = new Map(Object.entries(handlers));
  }

  /** @throws LinkError, DeadlineError */
  async call(method: string, parameters: unknown, { deadlineMs, signal }: CallOptions): Promise<unknown> {
    const id = randomUUID();
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    const cancel = (): void => {
      this.#channel.send({ link: 'cancel', id });
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (!this.#channel.send({ link: 'call', id, method, parameters }))
        throw new LinkError(`${method}: nobody is there`);
      return await within(deadlineMs, method, answer.promise);
    } finally {
      this.#waiting.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Takes a message of the channel; others than ours are passed over. */
  receive(message: unknown): void {
    if (!Value.Check(Message, message)) return;
    if (message.link === 'call') this.#serve(message.id, message.method, message.parameters);
    else if (message.link === 'cancel') this.#running.get(message.id)?.abort();
    else if (message.link === 'result') this.#waiting.get(message.id)?.resolve(message.result);
    else this.#waiting.get(message.id)?.reject(new LinkError(message.error));
  }

  reset(): void {
    for (const answer of this.#waiting.values()) answer.reject(new LinkError('the other process ended'));
    for (const controller of this.#running.values()) controller.abort();
  }

  #serve(id: string, method: string, parameters: unknown): void {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const handler = this.#handlers.get(method);
    const work = handler?.(parameters, controller.signal) ?? Promise.reject(new LinkError(`no method ${method}`));
    work
      .then((result) => this.#channel.send({ link: 'result', id, result: result ?? null }))
      .catch((error: unknown) => this.#channel.send({ link: 'error', id, error: (error as Error).message }))
      .finally(() => this.#running.delete(id));
  }
}
