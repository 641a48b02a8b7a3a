/** Connections that one process opens to one member at the same time. */
const WIDTH = 2;

/**
 * Lets a pool grow two connections at a time. After a failover everybody who was held wants one at once; opening them all
 * (a process and a password check each, on a primary that has just been promoted) would make the first answer wait for
 * the last connection. Whoever waits here usually gets a connection that somebody has finished with meanwhile.
 */
export class ConnectRamp {
  #busy = 0;
  #waiting: PromiseWithResolvers<void>[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `connect` in its turn. Where one fails, all who wait for theirs fail alike, for the member is the same; unless
   * `isOwn` says of the error that it tells nothing about the others.
   */
  async run<T>(connect: () => Promise<T>, isOwn: (error: unknown) => boolean = () => false): Promise<T> {
    if (this.#busy >= WIDTH) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn);
      await turn.promise;
    } else {
      this.#busy += 1;
    }
    try {
      return await connect();
    } catch (error) {
      if (!isOwn(error)) for (const turn of this.#waiting.splice(0)) turn.reject(error);
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy -= 1;
      else next.resolve();
    }
  }
}
