import type { Engine } from '#database/engine.ts';
import { roles } from '#database/roles.ts';
import { pause } from '#runtime/deadline.ts';
import { openTail, type Tail } from './open-tail.ts';
import type { TestPod } from './test-pod.ts';

export type Acknowledged = {
  readonly id: number;
  readonly at: number;
  readonly epoch: number;
  readonly member: string;
};

type Options = {
  readonly engine: Engine;
  readonly partition: string;
  readonly database: string;
  readonly password: string;
  /** Id of its first row. Another writer's rows are not its own: each begins somewhere else. */
  readonly first: number;
};

const GIVE_UP_MS = 1_500;
const PROGRESS_MS = 15_000;

/** Writes one row after the other through one pod's routing, as long as it may, and remembers what was acknowledged. */
export class TestWriter {
  readonly #pod: TestPod;
  readonly #options: Options;
  readonly acknowledged: Acknowledged[] = [];
  #session: Tail | null = null;
  #connectedTo = '';
  #next: number;
  #last = '';
  #stopped = false;
  #running: Promise<void>;

  constructor(pod: TestPod, options: Options) {
    this.#pod = pod;
    this.#options = options;
    this.#next = options.first;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Waits until `count` more rows are acknowledged. */
  async progress(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    const end = performance.now() + PROGRESS_MS;
    while (this.acknowledged.length < goal) {
      if (performance.now() > end)
        throw new Error(`no progress: ${this.acknowledged.length} of ${goal}; ${this.#last}`);
      await pause(5);
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const id = this.#next;
      if (!(await this.#write(id))) await pause(10);
      this.#next += 1;
    }
    await this.#close();
  }

  /** An unknown outcome is never repeated under the same id. */
  async #write(id: number): Promise<boolean> {
    const target = this.#pod.writable(this.#options.partition);
    if (target === null || target.writer === null) return false;
    const key = `${target.epoch}/${target.writer}`;
    try {
      if (key !== this.#connectedTo || this.#session?.isLost() !== false)
        await this.#connect(key, target.members[target.writer]!);
      const commit = this.#session!.insert(id);
      const outcome = await Promise.race([
        commit.then(() => 'ok'),
        this.#retargeted(key),
        pause(GIVE_UP_MS).then(() => 'late'),
      ]);
      // Given up, its answer may still come, or its connection may break: nobody waits for that.
      commit.catch(() => 'lost');
      if (outcome !== 'ok') throw new Error(outcome);
      this.acknowledged.push({ id, at: performance.now(), epoch: target.epoch, member: target.writer });
      return true;
    } catch (error) {
      this.#last = String(error);
      // Whatever it was, the next attempt begins with a new connection to what the routing says then.
      await this.#close();
      return false;
    }
  }

  async #retargeted(key: string): Promise<string> {
    for (;;) {
      await this.#pod.changed();
      const target = this.#pod.target(this.#options.partition);
      if (`${target?.epoch}/${target?.writer}` !== key) return 'retargeted';
    }
  }

  async #connect(key: string, endpoint: { host: string; port: number }): Promise<void> {
    await this.#close();
    const { engine, database, password } = this.#options;
    this.#session = await openTail({ engine, endpoint, database, user: roles.mail, password, timeoutMs: 500 });
    this.#connectedTo = key;
  }

  async #close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#connectedTo = '';
    // A server that hangs never says goodbye.
    if (session !== null) await Promise.race([session.end().catch(() => undefined), pause(50)]);
  }
}
