import { rmSync } from 'node:fs';
import { startMysql } from '#database/mysql/test-support/mysql-server.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { startOwnPostgres } from '../postgres-server.ts';
import { clearMysql, clearPostgres } from './clear-server.ts';

/** A server that is lent, as whoever lends it has it. */
export type SuppliedServer = {
  readonly engine: EngineUnderTest;
  readonly at: string;
  readonly pid: number;
  /** Leaves it as it was when it was new, but for accounts. */
  clear(): Promise<void>;
  stop(): Promise<void>;
  /** At once, for a process that ends: leaves nothing behind but what cannot be removed under it. */
  abandon(): void;
};

/**
 * Servers that one borrower after another has to himself. A start takes a second or two of a processor, and MySQL as long to stop: there are as
 * many as were wanted at the same time.
 */
export class ServerSupply {
  readonly #starting = new Set<Promise<SuppliedServer>>();
  readonly #running = new Set<SuppliedServer>();
  /** Given back; null once it turned out that it could not be cleared. */
  readonly #free = new Map<EngineUnderTest, Promise<SuppliedServer | null>[]>();

  async take(engine: EngineUnderTest): Promise<SuppliedServer> {
    const free = await this.#free.get(engine)?.shift();
    if (free != null) return free;
    const starting = start(engine);
    this.#starting.add(starting);
    try {
      const server = await starting;
      this.#running.add(server);
      return server;
    } finally {
      this.#starting.delete(starting);
    }
  }

  giveBack(server: SuppliedServer): void {
    const cleared = server.clear().then(
      () => server,
      async (error: Error) => {
        process.stderr.write(`a server of ${server.engine} is stopped, as it could not be cleared: ${error.message}\n`);
        this.#running.delete(server);
        await server.stop();
        return null;
      },
    );
    const free = this.#free.get(server.engine) ?? [];
    this.#free.set(server.engine, [...free, cleared]);
  }

  /** All of them, whoever has them. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#starting, ...[...this.#free.values()].flat()]);
    const all = [...this.#running];
    this.#running.clear();
    await Promise.all(all.map((server) => server.stop()));
  }

  /** The same where there is no time left. */
  abandon(): void {
    for (const server of this.#running) server.abandon();
  }
}

async function start(engine: EngineUnderTest): Promise<SuppliedServer> {
  if (engine === 'postgresql') {
    const { host: at, pid, stop } = await startOwnPostgres();
    // SIGQUIT: its processes end with it.
    const abandon = (): void => endNow({ pid, signal: 'SIGQUIT', folder: at });
    return { engine, at, pid, clear: () => clearPostgres(at), stop, abandon };
  }
  const server = await startMysql(engine);
  const { socketPath: at, pid, folder } = server;
  const abandon = (): void => endNow({ pid, signal: 'SIGKILL', folder });
  return { engine, at, pid, clear: () => clearMysql(server), stop: () => server.stop(), abandon };
}

type Running = { readonly pid: number; readonly signal: NodeJS.Signals; readonly folder: string };

function endNow({ pid, signal, folder }: Running): void {
  try {
    process.kill(pid, signal);
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is gone already, or still writes.
  }
}
