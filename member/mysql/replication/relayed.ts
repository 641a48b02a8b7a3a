import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { holdsPosition } from '#database/position.ts';
import { flush } from '../../supervisor/flush-tree.ts';

/**
 *   none   all is applied, and nothing more is received
 *   some   it receives
 *   lost   its server was started on `some`, and has not been level since with what its upstream had by then
 */
const Relay = Type.Object({
  relayed: Type.Union([Type.Literal('none'), Type.Literal('some'), Type.Literal('lost')]),
});
type State = Static<typeof Relay>['relayed'];

/**
 * What a replica of MariaDB has received and not applied, and has perhaps acknowledged: a start of its server throws it away. Noted in a
 * file of the agent's, before it becomes worse and after it has become better. Where there is none, nobody knows what a server that had
 * this data, or the member's name, has acknowledged: `some`.
 */
export class Relayed {
  readonly #path: string;
  #state: State | null = null;
  /** An end of its upstream's log from after the server was started: who has come to it has all that it ever acknowledged. */
  #goal: string | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether it may have acknowledged what it does not have. */
  get mayLack(): boolean {
    return this.#state === 'lost';
  }

  /** It may lack something, and where it would have to come to is not known. */
  get isAimless(): boolean {
    return this.mayLack && this.#goal === null;
  }

  /** Data that had no upstream so far. */
  begin(): Promise<void> {
    return this.#change(() => 'none');
  }

  /** Before its server is started. */
  async start(): Promise<void> {
    this.#goal = null;
    await this.#change((state) => (state === 'some' ? 'lost' : state));
  }

  /** Before it receives. */
  receive(): Promise<void> {
    return this.#change((state) => (state === 'none' ? 'some' : state));
  }

  /** @param end of the log of whom it follows, read since the server was started */
  aimAt(end: string): void {
    this.#goal = end;
  }

  /** @param received of the server that was started last */
  async reach(received: string): Promise<void> {
    if (this.mayLack) await this.#change((state) => (this.#isLevel(state, received) ? 'some' : state));
  }

  /** It receives nothing any more. @param applied all that it had received */
  async drain(applied: string): Promise<void> {
    await this.reach(applied);
    await this.#change((state) => (state === 'some' ? 'none' : state));
  }

  /** Its data are removed. */
  async forget(): Promise<void> {
    await this.#change(() => 'some');
    await rm(this.#path, { force: true });
  }

  #isLevel(state: State, received: string): boolean {
    return state === 'lost' && this.#goal !== null && holdsPosition(received, this.#goal);
  }

  /** One change after another. What is worse is said at once, what is better once it is on disk. */
  async #change(next: (state: State) => State): Promise<void> {
    const before = this.#writing;
    const mine = before.catch(() => undefined).then(() => this.#write(next));
    this.#writing = mine;
    await mine;
  }

  async #write(next: (state: State) => State): Promise<void> {
    const state = this.#state ?? (await this.#read());
    const wanted = next(state);
    this.#state = wanted === 'lost' ? wanted : state;
    if (wanted !== state) {
      await writeFile(`${this.#path}.new`, JSON.stringify({ relayed: wanted }), { mode: 0o600, flush: true });
      await rename(`${this.#path}.new`, this.#path);
      await flush(dirname(this.#path));
    }
    this.#state = wanted;
  }

  async #read(): Promise<State> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return text === null ? 'some' : Value.Parse(Relay, JSON.parse(text)).relayed;
  }
}
