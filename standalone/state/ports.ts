import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { Type } from 'typebox';
import { writeFileAtomically } from './atomic-file.ts';
import { readKept } from './kept-value.ts';

const Ports = Type.Record(Type.String(), Type.Integer({ minimum: 1, maximum: 65_535 }));

/** Below the ephemeral ports of Linux (32768) and macOS (49152): no outgoing connection ever takes one of ours. */
const FIRST = 20_000;
const COUNT = 10_000;

/**
 * Ports of the inner connections, one per purpose, kept in the state folder: a member keeps its address over restarts,
 * since its peers, and the routing document, know it by that.
 */
export class PortBook {
  readonly #file: string;
  readonly #host: string;
  readonly #ports: Map<string, number>;

  private constructor(file: string, host: string, ports: Map<string, number>) {
    this.#file = file;
    this.#host = host;
    this.#ports = ports;
  }

  static async open(file: string, host: string): Promise<PortBook> {
    return new PortBook(file, host, new Map(Object.entries((await readKept(file, Ports)) ?? {})));
  }

  /** The port of `purpose`; a free one is chosen, and kept, at the first call. */
  async portFor(purpose: string): Promise<number> {
    const kept = this.#ports.get(purpose);
    if (kept !== undefined) return kept;
    const port = await this.#choose();
    this.#ports.set(purpose, port);
    await writeFileAtomically(this.#file, `${JSON.stringify(Object.fromEntries(this.#ports), null, 2)}\n`);
    return port;
  }

  /** Begins where the name of the folder points, so that several runs on a machine seldom try the same ports. */
  async #choose(): Promise<number> {
    const start = createHash('sha256').update(this.#file).digest().readUInt32BE(0);
    const taken = new Set(this.#ports.values());
    for (let step = 0; step < COUNT; step++) {
      const port = FIRST + ((start + step) % COUNT);
      if (!taken.has(port) && (await portIsFree(port, this.#host))) return port;
    }
    throw new Error(`no free port between ${FIRST} and ${FIRST + COUNT}`);
  }
}

/** Whether one can listen on the port now. Other failures than "in use" are the caller's to see. */
export async function portIsFree(port: number, host: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(false);
    else reject(error);
  });
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  return await promise;
}
