import type { AppendLiteral, AppendStep } from '../../protocol/command.ts';
import type { IncomingMessage } from '../../session/incoming-message.ts';
import { AppendRefused } from './append-refused.ts';

/** The steps of an APPEND, one after the other, read on as its literals are received. */
export class AppendSteps {
  #steps: readonly AppendStep[];
  #at = 0;
  /** The literal that is the last of the steps, until it is received. */
  #announced: IncomingMessage | null;
  #received: { readonly message: IncomingMessage; readonly literal: AppendLiteral } | null = null;

  constructor(steps: readonly AppendStep[], message: IncomingMessage | null) {
    this.#steps = steps;
    this.#announced = message;
  }

  /** The next step, which stays the next one; null at the end of the command. @throws AppendRefused */
  async next(): Promise<AppendStep | null> {
    if (this.#at === this.#steps.length && this.#received !== null) await this.#readOn(this.#received);
    return this.#steps[this.#at] ?? null;
  }

  /** Goes on to the step behind a message or URL. */
  pass(): void {
    this.#at += 1;
  }

  /** Lets the client send the literal that is next, and goes on to the step behind it once it is read. */
  receive(literal: AppendLiteral): AsyncGenerator<Buffer> {
    const message = this.#announced;
    if (message === null) throw new Error('a literal is due that was not announced');
    this.#announced = null;
    this.#received = { message, literal };
    this.#at += 1;
    return message.receive();
  }

  async #readOn({ message, literal }: { message: IncomingMessage; literal: AppendLiteral }): Promise<void> {
    const end = await message.complete(literal.place);
    if (end.kind === 'refused') {
      const { status, code, text } = end.refusal;
      throw new AppendRefused({ status, text, ...(code === null ? {} : { code }) });
    }
    this.#received = null;
    this.#steps = end.steps;
    this.#at = 0;
    if (end.kind === 'further') this.#announced = end.message;
  }
}
