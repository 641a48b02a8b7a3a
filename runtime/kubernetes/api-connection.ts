import { Agent as HttpAgent, type IncomingMessage, request as openHttp } from 'node:http';
import { Agent, request as openHttps, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: object | undefined;
  /** Of the body; JSON unless said. */
  readonly contentType?: string | undefined;
  /** Ends the request, and the stream of its answer. */
  readonly signal: AbortSignal;
};

/** A peer that vanished without a word is noticed after this plus ten probes, a second apart. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Requests to the API server a kubeconfig names. Credentials are client-node's matter (files that are renewed, tokens,
 * exec plugins); the rest is node:https, because client-node's own requests know neither signals nor streams: a watch of
 * its would end for good, a request of its would never.
 */
export class ApiConnection {
  readonly #config: KubeConfig;
  readonly #server: URL;
  readonly #userAgent: string;
  readonly #proxied: boolean;
  readonly #agent: Agent | HttpAgent;

  /** @param maxRequests at the same time; others wait for their turn, within their deadline */
  constructor(config: KubeConfig, userAgent: string, maxRequests = Number.POSITIVE_INFINITY) {
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig names no current cluster');
    this.#config = config;
    this.#userAgent = userAgent;
    this.#server = new URL(cluster.server);
    this.#proxied = cluster.proxyUrl !== undefined;
    const kept = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxSockets: maxRequests };
    this.#agent = this.#server.protocol === 'http:' ? new HttpAgent(kept) : new Agent(kept);
  }

  /** Resolves with the head of the answer, whatever its status. @throws Error of the network, the reason of the signal */
  async send(request: ApiRequest): Promise<IncomingMessage> {
    const { signal } = request;
    const options = await this.#options(request);
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const body = request.body === undefined ? '' : JSON.stringify(request.body);
    // Of its own accord node:http gives a DELETE no length, and the server takes its body for the next request.
    options.headers = { ...options.headers, 'content-length': Buffer.byteLength(body) };
    const open = this.#server.protocol === 'http:' ? openHttp : openHttps;
    const sent = open(options, resolve);
    sent.on('error', reject);
    sent.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    sent.end(body);
    // node:http says nothing of a request that is given up while it waits for a socket; nor does it ever send it.
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Ends the connections that are kept for later. */
  close(): void {
    this.#agent.destroy();
  }

  async #options(request: ApiRequest): Promise<RequestOptions> {
    const options: RequestOptions = {
      method: request.method,
      host: this.#server.hostname.replace(/^\[|\]$/g, ''),
      port: this.#server.port,
      path: `${this.#server.pathname.replace(/\/$/, '')}${request.path}`,
      signal: request.signal,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
    };
    await this.#config.applyToHTTPSOptions(options);
    // Theirs keeps no connection, and the certificate it was first made with for ever. But only theirs knows the way
    // through a proxy.
    if (!this.#proxied) options.agent = this.#agent;
    return options;
  }
}
