import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export type HealthOptions = {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly ready: () => boolean;
};

/** `/healthz` (the event loop turns), `/readyz` (the records are loaded), `/metrics`. */
export async function serveHealth({ host, port, registry, ready }: HealthOptions): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return answer(response, 200, 'ok\n');
    if (request.url === '/readyz') return ready() ? answer(response, 200, 'ok\n') : answer(response, 503, 'starting\n');
    if (request.url !== '/metrics') return answer(response, 404, 'not found\n');
    registry.metrics().then(
      (text) => answer(response.setHeader('content-type', registry.contentType), 200, text),
      (error: unknown) => answer(response, 500, `${String(error)}\n`),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(text);
}
