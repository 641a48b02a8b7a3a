import { basename } from 'node:path';
import { pause } from '#runtime/deadline.ts';

/** Where Node listens for a debugger that SIGUSR1 asks for. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const OPENS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;
const INTERVAL_US = 500;
const ROWS = 15;

type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly hitCount?: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
};

/**
 * Where a running Node process spends its time while `work` goes on: share, function and place, the longest first; idle
 * time is not counted. By the inspector, which stays open on 127.0.0.1:9229 until that process ends.
 *
 * @throws Error where something else has that port
 */
export async function profiled(pid: number, work: () => Promise<unknown>): Promise<readonly string[]> {
  process.kill(pid, 'SIGUSR1');
  const inspector = await Inspector.open(await address());
  try {
    const found = await inspector.ask('Runtime.evaluate', { expression: 'process.pid' });
    if ((found as { result?: { value?: number } }).result?.value !== pid) {
      throw new Error('port 9229 belongs to another process: no profile');
    }
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await inspector.ask('Profiler.start');
    await work();
    const { profile } = (await inspector.ask('Profiler.stop')) as { profile: Profile };
    return rowsOf(profile);
  } finally {
    inspector.close();
  }
}

async function address(): Promise<string> {
  const until = performance.now() + OPENS_WITHIN_MS;
  for (;;) {
    const list = await fetch(INSPECTOR)
      .then(async (answer) => (await answer.json()) as readonly { webSocketDebuggerUrl: string }[])
      .catch((error: Error) => error);
    if (!(list instanceof Error)) return list[0]?.webSocketDebuggerUrl ?? '';
    if (performance.now() > until) throw new Error('no inspector on port 9229', { cause: list });
    await pause(LOOK_EVERY_MS);
  }
}

function rowsOf({ nodes }: Profile): readonly string[] {
  const hits = new Map<string, number>();
  let all = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    if (hitCount === 0 || callFrame.functionName === '(idle)') continue;
    const place = callFrame.url === '' ? '' : ` ${basename(callFrame.url)}:${callFrame.lineNumber + 1}`;
    const name = `${callFrame.functionName || '(anonymous)'}${place}`;
    hits.set(name, (hits.get(name) ?? 0) + hitCount);
    all += hitCount;
  }
  const rows = [...hits].toSorted(([, a], [, b]) => b - a).slice(0, ROWS);
  return rows.map(([name, count]) => `${((count * 100) / all).toFixed(1).padStart(5)} %  ${name}`);
}

/** As much of the protocol of V8's inspector as a profile needs. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#settle(String(data)));
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the inspector closed'));
    });
  }

  static async open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    const inspector = new Inspector(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)));
    });
    return inspector;
  }

  async ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await promise;
  }

  close(): void {
    this.#socket.close();
  }

  #settle(text: string): void {
    const { id, result, error } = JSON.parse(text) as { id?: number; result?: unknown; error?: { message: string } };
    const waiting = this.#waiting.get(id ?? 0);
    if (waiting === undefined) return;
    this.#waiting.delete(id ?? 0);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new Error(error.message));
  }
}
