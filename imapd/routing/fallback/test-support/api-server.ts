import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { ConfigMapPlace } from '../config-map-document.ts';

/** How a server that is there may answer. */
type Mood = 'well' | 'failing' | 'hanging';

const NAMES = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
] as const;

/** An HTTPS server that knows the one GET that imapd sends to an API server, and refuses everything else. */
export class ApiServer {
  /** The document in the ConfigMap; null while there is no ConfigMap. */
  document: string | null = null;
  mood: Mood = 'well';
  /** Requests so far. */
  asked = 0;
  readonly #server: Server;
  readonly #folder: string;
  #token: string;

  private constructor(server: Server, folder: string, token: string) {
    this.#server = server;
    this.#folder = folder;
    this.#token = token;
  }

  static async start(folder: string): Promise<ApiServer> {
    const subject = [{ name: 'commonName', value: 'localhost' }];
    const extensions = [{ name: 'subjectAltName' as const, altNames: [...NAMES] }];
    const pair = await generate(subject, { keyType: 'ec', algorithm: 'sha256', extensions });
    await writeFile(join(folder, 'ca.crt'), pair.cert);
    const server = createServer({ cert: pair.cert, key: pair.private }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const api = new ApiServer(server, folder, '');
    await api.renewToken('first-token');
    server.on('request', (request, response) => {
      api.asked += 1;
      if (api.mood === 'hanging') return;
      const { status, body } = api.#answer(request.url ?? '', request.headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    return api;
  }

  get place(): ConfigMapPlace {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return {
      apiServer: `https://127.0.0.1:${address.port}`,
      namespace: 'post',
      name: 'mail-routing',
      key: 'routing.jws',
      tokenFile: join(this.#folder, 'token'),
      caFile: join(this.#folder, 'ca.crt'),
    };
  }

  /** As the kubelet does before the old one ends. */
  async renewToken(token: string): Promise<void> {
    await writeFile(join(this.#folder, 'token.new'), `${token}\n`);
    await rename(join(this.#folder, 'token.new'), join(this.#folder, 'token'));
    this.#token = token;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(url: string, authorization: string | undefined): { status: number; body: object } {
    if (this.mood === 'failing') return { status: 503, body: { kind: 'Status' } };
    if (authorization !== `Bearer ${this.#token}`) return { status: 401, body: { kind: 'Status' } };
    if (url !== '/api/v1/namespaces/post/configmaps/mail-routing') return { status: 403, body: { kind: 'Status' } };
    if (this.document === null) return { status: 404, body: { kind: 'Status' } };
    const data = { 'routing.jws': this.document };
    return { status: 200, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mail-routing' }, data } };
  }
}
