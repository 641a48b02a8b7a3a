import type { AppendStep, LiteralPlace } from '../protocol/command.ts';
import type { MessageLiteral } from '../protocol/command-reader.ts';
import type { Limits } from '../protocol/limits.ts';
import { type ParsedSteps, parseFurtherSteps } from '../protocol/parse-command.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { ConnectionClosed } from './output.ts';

/**
 * What stands behind a literal up to the end of the command, or up to a further literal (RFC 3502; RFC 4469); or something
 * wrong.
 */
export type AppendEnd =
  | { readonly kind: 'complete'; readonly steps: readonly AppendStep[] }
  | { readonly kind: 'further'; readonly steps: readonly AppendStep[]; readonly message: IncomingMessage }
  | { readonly kind: 'refused'; readonly refusal: Omit<Refusal, 'tag'> };

export type IncomingMessageOptions = {
  readonly limits: Limits;
  /** Reads what follows a literal that was refused in the middle of its command. */
  skipRefused(): Promise<void>;
};

/**
 * A literal of an APPEND while the client still holds it: a message, or a part of one. A command that ends without having
 * called `receive` refuses it: the session skips it and then answers, so that the client is understood again afterwards.
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

  /** The client waits for leave to send it; otherwise it is on its way, whatever the answer will be. */
  get synchronizing(): boolean {
    return this.#literal.synchronizing;
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

  /** After the last octet: what follows a literal of this place. Nothing may be done before the command has ended. */
  complete(place: LiteralPlace): Promise<AppendEnd> {
    this.#end ??= this.#readEnd(place);
    return this.#end;
  }

  /** Not wanted: skip it; `refusal` is what the session reads next. */
  refuse(refusal: Refusal): void {
    this.#literal.refuse(refusal);
  }

  /** Reads to the end of the command, whatever its handler has left: what comes next is another command. */
  async settle(): Promise<void> {
    // Where nobody has asked what follows, nobody is told: only where it ends counts.
    const end = await this.complete('message');
    if (end.kind !== 'further') return;
    if (end.message.received) return end.message.settle();
    await this.#skip(end.message.#literal);
  }

  async #readEnd(place: LiteralPlace): Promise<AppendEnd> {
    const rest = await this.#literal.after();
    switch (rest?.kind) {
      case 'end': {
        const parsed = this.#parse(rest.bytes, place);
        return parsed.ok ? { kind: 'complete', steps: parsed.steps } : refused(parsed.refusal);
      }
      case 'next': {
        const parsed = this.#parse(rest.bytes, place);
        const message = new IncomingMessage(rest.literal, this.#options);
        if (parsed.ok) return { kind: 'further', steps: parsed.steps, message };
        await this.#skip(rest.literal);
        return refused(parsed.refusal);
      }
      case 'refused':
        return refused(rest.refusal);
      default:
        throw new ConnectionClosed('the client went away before the end of its command');
    }
  }

  #parse(bytes: Buffer, behind: LiteralPlace): ParsedSteps {
    return parseFurtherSteps(bytes, behind, this.#options.limits);
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
