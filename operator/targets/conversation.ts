import type { LineChannel } from '#runtime/channel/line-channel.ts';
import { DeadlineError } from '#runtime/deadline.ts';

type Waiting = { readonly resolve: (line: string) => void; readonly reject: (error: unknown) => void };

/**
 * Questions and answers over one channel, a line each: answers come in the order of the questions. Over as soon as anything is
 * amiss, an answer too late among it: nobody could tell any more which answer belongs to which question.
 */
export class Conversation {
  readonly #channel: LineChannel;
  readonly #waiting: Waiting[] = [];
  readonly #idle: NodeJS.Timeout;

  /** @param idleMs after so long without a question it is ended */
  constructor(channel: LineChannel, idleMs: number) {
    this.#channel = channel;
    this.#idle = setTimeout(() => channel.close(), idleMs);
    channel.onClosed(() => clearTimeout(this.#idle));
    channel
      .read((line) => this.#take(line))
      .then(
        () => this.#fail(new Error('the other side has ended the channel')),
        (error: unknown) => this.#fail(error),
      );
  }

  get isOver(): boolean {
    return this.#channel.isClosed;
  }

  /** The answer. @throws DeadlineError · whatever has ended the channel */
  async ask(line: string, deadlineMs: number): Promise<string> {
    if (this.isOver) throw new Error('the channel has ended');
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiting = { resolve, reject };
    this.#waiting.push(waiting);
    this.#idle.refresh();
    const late = setTimeout(() => {
      // What was held up itself finds its timers before the answer that has come meanwhile: that is looked for first.
      setImmediate(() => {
        if (this.#waiting.includes(waiting)) this.close(new DeadlineError(`no answer within ${deadlineMs} ms`));
      });
    }, deadlineMs);
    this.#channel.send(line);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
    }
  }

  close(why?: Error): void {
    this.#channel.close(why);
  }

  onOver(listener: () => void): void {
    this.#channel.onClosed(listener);
  }

  #take(line: string): void {
    const first = this.#waiting.shift();
    if (first === undefined) throw new Error('an answer that nobody has asked for');
    first.resolve(line);
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
