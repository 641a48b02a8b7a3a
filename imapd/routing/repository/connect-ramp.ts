/** Connections that one process opens to one member at the same time. */
const WIDTH = 2;

type Turn = PromiseWithResolvers<void> & { readonly first: boolean };

/** What a turn is for. `first`: goes before those that are not. `isOwn`: whether an error tells nothing about the others. */
export type TurnOptions = { readonly first?: boolean; readonly isOwn?: (error: unknown) => boolean };

/**
 * Lets the connections to one member grow two at a time. After a failover everybody who was held wants one at once; opening them all
 * (a process and a password check each, on a primary that has just been promoted) would make the first answer wait for
 * the last connection. Whoever waits here usually gets a connection that somebody has finished with meanwhile.
 */
export class ConnectRamp {
  #busy = 0;
  #waiting: Turn[] = [];

  get waiting(): { readonly first: number; readonly others: number } {
    const first = this.#waiting.filter((turn) => turn.first).length;
    return { first, others: this.#waiting.length - first };
  }

  /**
   * Runs `connect` in its turn. Where one fails, all who wait for theirs fail alike, for the member is the same; unless the
   * error is its own.
   */
  async run<T>(connect: () => Promise<T>, { first = false, isOwn = () => false }: TurnOptions = {}): Promise<T> {
    if (this.#busy >= WIDTH) {
      const turn: Turn = { ...Promise.withResolvers<void>(), first };
      const before = first ? this.#waiting.findIndex((other) => !other.first) : -1;
      this.#waiting.splice(before < 0 ? this.#waiting.length : before, 0, turn);
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
