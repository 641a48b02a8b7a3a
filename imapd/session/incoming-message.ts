import type { MessageLiteral } from '../protocol/command-reader.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { ConnectionClosed } from './output.ts';

/** Whether an APPEND ended where it must. */
export type AppendEnd = { readonly kind: 'complete' } | { readonly kind: 'malformed'; readonly text: string };

/**
 * The message of an APPEND while the client still holds it. A command that ends without having called `receive` refuses
 * it: the session skips it and then answers, so that the client is understood again afterwards.
 */
export class IncomingMessage {
  readonly #literal: MessageLiteral;
  readonly #skipRefused: () => Promise<void>;
  #received = false;
  #end: Promise<AppendEnd> | null = null;

  constructor(literal: MessageLiteral, skipRefused: () => Promise<void>) {
    this.#literal = literal;
    this.#skipRefused = skipRefused;
  }

  /** Octets announced. */
  get size(): number {
    return this.#literal.size;
  }

  get received(): boolean {
    return this.#received;
  }

  /**
   * Lets the client send, and gives the octets as they arrive; reading on is what asks for more. A reader that stops
   * early has the rest read and thrown away.
   * @throws ConnectionClosed where the client goes away before the last octet
   */
  async *receive(): AsyncGenerator<Buffer> {
    this.#received = true;
    let left = this.#literal.size;
    for await (const chunk of this.#literal.read()) {
      left -= chunk.length;
      yield chunk;
    }
    if (left > 0) throw new ConnectionClosed('the client went away in the middle of a message');
  }

  /** After the last octet: whether the command ends there. Nothing may be done before it has. */
  complete(): Promise<AppendEnd> {
    this.#end ??= this.#readEnd();
    return this.#end;
  }

  /** Not wanted: skip it; `refusal` is what the session reads next. */
  refuse(refusal: Refusal): void {
    this.#literal.refuse(refusal);
  }

  async #readEnd(): Promise<AppendEnd> {
    const rest = await this.#literal.after();
    switch (rest?.kind) {
      case 'end':
        return rest.bytes.length === 0 ? { kind: 'complete' } : { kind: 'malformed', text: 'Text after the message' };
      case 'next': {
        const text = 'One message a command (no MULTIAPPEND)';
        rest.literal.refuse({ tag: null, status: 'BAD', code: null, text });
        await this.#skipRefused();
        return { kind: 'malformed', text };
      }
      case 'refused':
        return { kind: 'malformed', text: rest.refusal.text };
      default:
        throw new ConnectionClosed('the client went away before the end of its command');
    }
  }
}
