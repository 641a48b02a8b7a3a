import type { AppendMessage } from '../protocol/command.ts';
import type { MessageLiteral } from '../protocol/command-reader.ts';
import type { Limits } from '../protocol/limits.ts';
import { parseFurtherMessage } from '../protocol/parse-command.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { ConnectionClosed } from './output.ts';

/** What stands behind a message: nothing, a further one (MULTIAPPEND, RFC 3502), or something wrong. */
export type AppendEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'further'; readonly details: AppendMessage; readonly message: IncomingMessage }
  | { readonly kind: 'refused'; readonly refusal: Omit<Refusal, 'tag'> };

export type IncomingMessageOptions = {
  readonly limits: Limits;
  /** Reads what follows a literal that was refused in the middle of its command. */
  skipRefused(): Promise<void>;
};

/**
 * A message of an APPEND while the client still holds it. A command that ends without having called `receive` refuses
 * it: the session skips it and then answers, so that the client is understood again afterwards.
 */
export class IncomingMessage {
  readonly #literal: MessageLiteral;
  readonly #options: IncomingMessageOptions;
  #received = false;
  #end: Promise<AppendEnd> | null = null;

  constructor(literal: MessageLiteral, options: IncomingMessageOptions) {
    this.#literal = literal;
    this.#options = options;
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

  /** Reads to the end of the command, whatever its handler has left: what comes next is another command. */
  async settle(): Promise<void> {
    const end = await this.complete();
    if (end.kind !== 'further') return;
    if (end.message.received) return end.message.settle();
    await this.#skip(end.message.#literal);
  }

  async #readEnd(): Promise<AppendEnd> {
    const rest = await this.#literal.after();
    switch (rest?.kind) {
      case 'end':
        if (rest.bytes.length === 0) return { kind: 'complete' };
        return refused({ status: 'BAD', code: null, text: 'Text after the message' });
      case 'next': {
        const parsed = parseFurtherMessage(rest.bytes, this.#options.limits);
        if (parsed.ok) {
          return {
            kind: 'further',
            details: parsed.message,
            message: new IncomingMessage(rest.literal, this.#options),
          };
        }
        await this.#skip(rest.literal);
        return refused(parsed.refusal);
      }
      case 'refused':
        return refused(rest.refusal);
      default:
        throw new ConnectionClosed('the client went away before the end of its command');
    }
  }

  /** The command has another answer: this refusal is read by nobody. */
  async #skip(literal: MessageLiteral): Promise<void> {
    literal.refuse({ tag: null, status: 'BAD', code: null, text: 'The command was refused before this message' });
    await this.#options.skipRefused();
  }
}

const refused = ({ status, code, text }: Omit<Refusal, 'tag'>): AppendEnd => ({
  kind: 'refused',
  refusal: { status, code, text },
});
