import type { FatalFrame, Frame, MessageFrame, RefusedFrame } from './frame.ts';
import { Framer } from './framer.ts';
import type { Limits } from './limits.ts';
import type { Refusal } from './refusal.ts';

/** What a session reads. `null` in place of it: the client has closed its side. */
export type Received =
  | { readonly kind: 'command'; readonly bytes: Buffer }
  | { readonly kind: 'append'; readonly bytes: Buffer; readonly literal: MessageLiteral }
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | RefusedFrame
  | FatalFrame;

/** What stands behind the message of an APPEND: nothing (`end`), a further message, or something wrong. */
export type AfterMessage =
  | { readonly kind: 'end'; readonly bytes: Buffer }
  | { readonly kind: 'next'; readonly bytes: Buffer; readonly literal: MessageLiteral }
  | RefusedFrame
  | FatalFrame;

/** A message under way from the client. Exactly one of `read` and `refuse` must be called before anything else is read. */
export interface MessageLiteral {
  readonly size: number;
  /** The client waits for leave to send it. */
  readonly synchronizing: boolean;
  /**
   * The octets, as they arrive; reading on asks the client for more, so a slow consumer slows the client. A consumer
   * that stops early has the rest read and thrown away. Ends short, without an error, where the client closes.
   */
  read(): AsyncIterable<Buffer>;
  /** After the last octet; null where the client has closed. */
  after(): Promise<AfterMessage | null>;
  /** Skip it and the rest of the command; the next thing received is `refused` with this refusal. */
  refuse(refusal: Refusal): void;
}

export type CommandReaderOptions = {
  readonly source: AsyncIterable<Buffer>;
  readonly limits: Limits;
  /** See `Framer`. */
  readonly unaskedLiteral?: number;
  readonly sendContinuation: () => void;
};

/**
 * The reading side of a session: commands out of a source of bytes (a socket is one). Reads from the source only when
 * asked, so that pressure reaches the client. Calls `sendContinuation` when the client waits for leave to send a literal.
 */
export class CommandReader {
  readonly #framer: Framer;
  readonly #sendContinuation: () => void;
  #source: AsyncIterator<Buffer>;

  constructor(options: CommandReaderOptions) {
    this.#framer = new Framer(options.limits, options);
    this.#source = options.source[Symbol.asyncIterator]();
    this.#sendContinuation = options.sendContinuation;
  }

  /** The next command or, after `expectLine`, the next line. Rejects with what the source rejects with. */
  async next(): Promise<Received | null> {
    const frame = await this.#frameOf(['message', 'command', 'line', 'refused', 'fatal']);
    if (frame?.kind !== 'message') return frame;
    return { kind: 'append', bytes: frame.bytes, literal: this.#literal(frame) };
  }

  /** See `Framer.signedIn`. */
  signedIn(): void {
    this.#framer.signedIn();
  }

  /** See `Framer.signedOut`. */
  signedOut(): void {
    this.#framer.signedOut();
  }

  /** See `Framer.expectLine`. */
  expectLine(): void {
    this.#framer.expectLine();
  }

  /** Go on with another source, the decrypted one: what came in clear behind STARTTLS is dropped. Gives the octets. */
  replaceSource(source: AsyncIterable<Buffer>): number {
    this.#source = source[Symbol.asyncIterator]();
    return this.#framer.discardInput();
  }

  /** The next frame. @throws Error where another kind is due: a caller that reads on in the middle of a message */
  async #frameOf<K extends Frame['kind']>(kinds: readonly K[]): Promise<Extract<Frame, { readonly kind: K }> | null> {
    const frame = await this.#frame();
    const isDue = (due: Frame): due is Extract<Frame, { readonly kind: K }> =>
      (kinds as readonly string[]).includes(due.kind);
    if (frame === null || isDue(frame)) return frame;
    throw new Error(`${frame.kind} is not what is due here: ${kinds.join(', ')}`);
  }

  async #frame(): Promise<Frame | null> {
    for (;;) {
      const frame = this.#framer.next();
      if (frame?.kind === 'continue') this.#sendContinuation();
      else if (frame !== null) return frame;
      else if (!(await this.#readSource())) return null;
    }
  }

  async #readSource(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done === true) return false;
    this.#framer.push(value);
    return true;
  }

  #literal(frame: MessageFrame): MessageLiteral {
    const self = this;
    let left = frame.size;
    async function* chunks(): AsyncGenerator<Buffer> {
      while (left > 0) {
        const next = await self.#frame();
        if (next?.kind !== 'chunk') return;
        left -= next.bytes.length;
        yield next.bytes;
      }
    }
    return {
      size: frame.size,
      synchronizing: frame.synchronizing,
      read: () => {
        this.#framer.accept();
        return chunks();
      },
      after: async () => {
        for await (const _ of chunks());
        return this.#afterMessage();
      },
      refuse: (refusal) => this.#framer.refuse(refusal),
    };
  }

  async #afterMessage(): Promise<AfterMessage | null> {
    const frame = await this.#frameOf(['message', 'end', 'refused', 'fatal']);
    if (frame?.kind !== 'message') return frame;
    return { kind: 'next', bytes: frame.bytes, literal: this.#literal(frame) };
  }
}
