import type { IncomingMessage } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiConnection, type ApiRequest } from '#runtime/kubernetes/api-connection.ts';
import { resourceIn } from './resource-in.ts';

export type MeteredConnectionOptions = {
  readonly wrote: (method: string, resource: string) => void;
  /** At the same time; null: as many as there are. */
  readonly maxRequests: number | null;
};

/** A connection that counts what is written over it. */
export class MeteredConnection extends ApiConnection {
  readonly #wrote: (method: string, resource: string) => void;

  constructor(config: KubeConfig, userAgent: string, { wrote, maxRequests }: MeteredConnectionOptions) {
    super(config, userAgent, maxRequests ?? undefined);
    this.#wrote = wrote;
  }

  override async send(request: ApiRequest): Promise<IncomingMessage> {
    if (request.method !== 'GET') this.#wrote(request.method, resourceIn(request.path));
    return await super.send(request);
  }
}
