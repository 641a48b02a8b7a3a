import { settled } from '#runtime/settled.ts';
import { Superseded } from '../superseded.ts';

export type Order = {
  readonly epoch: number;
  /** Does not wait for what is under way (a clone, a barrier): that is given up. */
  readonly urgent: boolean;
};

type Running = { readonly order: Order; readonly controller: AbortController };

/** One piece of work on the server at a time, in the order of arrival; a higher epoch, and a fence or stop, go ahead. */
export class CommandQueue {
  #running: Running | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  get idle(): boolean {
    return this.#running === null && this.#waiting === 0;
  }

  async run<T>(order: Order, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { controller, order: under } = this.#running ?? { controller: null, order };
    if (order.urgent || order.epoch > under.epoch) {
      controller?.abort(new Superseded());
    }
    this.#waiting += 1;
    const result = this.#tail.then(() => this.#start(order, job));
    this.#tail = settled(result);
    return await result;
  }

  /** Gives up what is under way; what waits behind it still runs. */
  interrupt(reason: Error): void {
    this.#running?.controller.abort(reason);
  }

  async #start<T>(order: Order, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#waiting -= 1;
    const running = { order, controller: new AbortController() };
    this.#running = running;
    try {
      return await job(running.controller.signal);
    } finally {
      this.#running = null;
    }
  }
}
