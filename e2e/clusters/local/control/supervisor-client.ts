import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Cluster, type FaultName, type Faults, faultNames } from '../../cluster.ts';
import { readConnections } from '../connections/read-connections.ts';
import type { SupervisorStatus } from './supervisor-api.ts';

/** The longest answer: importing a large image into every node. */
const DEADLINE_MS = 600_000;
const OK = 200;

/** The other side of supervisor-server.ts. */
export class SupervisorClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Rejects where no cluster runs: nobody listens. */
  async status(): Promise<SupervisorStatus> {
    return (await this.#ask('GET', '/status')) as SupervisorStatus;
  }

  /** The running cluster, as if it were in this process. Only inside its namespaces can it be spoken to. */
  async connect(): Promise<Cluster> {
    const status = await this.status().catch((cause: Error) => {
      throw new Error(`no cluster answers on ${this.#socket}: start one by "npm run cluster -- up"`, { cause });
    });
    if (status.phase !== 'ready') throw new Error(`the cluster is not up yet: ${status.step}`);
    return {
      provider: 'local',
      ...status.cluster,
      loadImage: async (archive) => {
        await this.#ask('POST', '/images', { archive });
      },
      // Seen from here as well: whoever can speak to the cluster is in its namespaces.
      connections: readConnections,
      faults: Object.fromEntries(faultNames.map((name) => [name, this.#fault(name)])) as Faults,
      cannot: () => null,
    };
  }

  #fault(name: FaultName) {
    return async (...words: readonly unknown[]): Promise<unknown> => {
      const answer = (await this.#ask('POST', `/faults/${name}`, words)) as { readonly result: unknown };
      return answer.result;
    };
  }

  /** @throws Error with the server's words, or that of a connection that is refused */
  async #ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const asked = request({
      socketPath: this.#socket,
      method,
      path,
      signal,
      ...(body === undefined ? {} : { headers }),
    });
    asked.on('error', reject).on('response', (response) => {
      text(response).then((answer) => {
        const value = JSON.parse(answer) as { readonly message?: string };
        if (response.statusCode === OK) resolve(value);
        else reject(new Error(value.message ?? answer));
      }, reject);
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    return await promise;
  }
}
