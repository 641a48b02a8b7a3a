import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { fastify } from 'fastify';
import { answerFailures } from '#operator/control/answer-failures.ts';
import type { ClusterControl } from '#operator/control/cluster-control.ts';
import { controlRoutes } from '#operator/control/control-routes.ts';

export type ControlServerOptions = { readonly socket: string; readonly control: ClusterControl };

const OWNER_ONLY = 0o177;

/**
 * The control API on a Unix socket that only the owner of the run may open: whoever may open it, may do everything, and no
 * token is asked for. The socket of a run that was killed is removed; the lock of the state folder has proved that nobody
 * listens on it.
 */
export async function serveControl({ socket, control }: ControlServerOptions): Promise<Server> {
  await rm(socket, { force: true });
  const app = fastify({ logger: false });
  answerFailures(app);
  controlRoutes(app, '/v1', () => control);
  await app.ready();
  // A server of our own, for the mode of its socket: it must be right from the first moment on, not a moment later.
  const server = createServer((request, response) => app.routing(request, response));
  // An import runs for as long as it takes.
  server.requestTimeout = 0;
  const before = process.umask(OWNER_ONLY);
  try {
    server.listen(socket);
    await once(server, 'listening');
  } finally {
    process.umask(before);
  }
  await chmod(socket, 0o600);
  return server;
}
