import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { ControlProblem } from '#contract/control-api.ts';

/** The answer to one request. A handler may instead answer by itself and return null. */
export type ControlAnswer = { readonly status: number; readonly body: unknown };
/** `body` reads and parses the JSON body; a handler that needs none does not wait for it. */
export type ControlRequest = { readonly method: string; readonly path: string; readonly body: () => Promise<unknown> };
/** Answers null where the path is not its own: the client gets 404. */
export type ControlHandler = (request: ControlRequest) => Promise<ControlAnswer | null>;
/** Takes the raw exchange over where the path is its own. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** `raw` is asked first. */
export type ControlServerOptions = {
  readonly socket: string;
  readonly handle: ControlHandler;
  readonly raw: RawHandler;
};

const OWNER_ONLY = 0o177;

/**
 * HTTP on a Unix socket that only the owner of the run may open: whoever may open it, may do everything. The socket of
 * a run that was killed is removed; the lock of the state folder has proved that nobody listens on it.
 */
export async function serveControl({ socket, handle, raw }: ControlServerOptions): Promise<Server> {
  await rm(socket, { force: true });
  const server = createServer((request, response) => {
    if (raw(request, response)) return;
    const body = (): Promise<unknown> => json(request);
    const path = new URL(request.url ?? '/', 'http://control').pathname;
    handle({ method: request.method ?? 'GET', path, body }).then(
      (answer) => send(response, answer ?? notFound(path)),
      (error: Error) => send(response, { status: 500, body: problem('Unexpected', error.message) }),
    );
  });
  // An import runs for as long as it takes.
  server.requestTimeout = 0;
  // The mode must be right from the first moment on, not a moment later.
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

/** The one shape of every refusal. */
export const problem = (code: string, message: string): ControlProblem => ({ code, message });

const notFound = (path: string): ControlAnswer => ({ status: 404, body: problem('NotFound', `there is no ${path}`) });

function send(response: ServerResponse, { status, body }: ControlAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
