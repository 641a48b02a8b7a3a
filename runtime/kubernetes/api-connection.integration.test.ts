import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { ApiConnection } from './api-connection.ts';

// Promise: a request that waits for its turn ends with its signal, is never sent then, and holds up nobody after it.

const LATE_MS = 200;

/** A server that begins an answer to whoever asks for `/watch`, and ends it when told; everything else is answered at once. */
async function serve() {
  const heard: string[] = [];
  const watches: ServerResponse[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    heard.push(`${request.method} ${request.url}`);
    if (request.url !== '/watch') return response.end('{}');
    watches.push(response);
    return response.write('{}\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const config = new KubeConfig();
  const { port } = server.address() as AddressInfo;
  config.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'me' },
  );
  const connection = new ApiConnection(config, 'imapcluster-test', 1);
  return {
    connection,
    heard,
    endWatches() {
      for (const watch of watches) watch.end();
    },
    async [Symbol.asyncDispose]() {
      connection.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const { signal } = new AbortController();
const put = (path: string, ends: AbortSignal) => ({ method: 'PUT', path, body: {}, signal: ends }) as const;

test('one that waits ends in time, and the next is sent as soon as there is room', async () => {
  await using server = await serve();
  const { connection, heard } = server;
  const watch = await connection.send({ method: 'GET', path: '/watch', signal });
  const began = performance.now();
  const late = connection.send(put('/late', AbortSignal.timeout(LATE_MS)));
  const next = connection.send(put('/next', signal));
  await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(performance.now() - began).toBeLessThan(LATE_MS + 1_000);
  server.endWatches();
  await text(watch);
  expect(await text(await next)).toBe('{}');
  expect(heard).toEqual(['GET /watch', 'PUT /next']);
}, 10_000);

test('one that waits is rejected with the reason of whoever gives it up', async () => {
  await using server = await serve();
  await server.connection.send({ method: 'GET', path: '/watch', signal });
  const stop = new AbortController();
  const waiting = server.connection.send(put('/waiting', stop.signal));
  const over = expect(waiting).rejects.toThrow('the lease is lost');
  setTimeout(() => stop.abort(new Error('the lease is lost')), 1);
  await over;
}, 10_000);

test('one whose signal has fired is not sent', async () => {
  await using server = await serve();
  const over = AbortSignal.abort(new Error('too late'));
  await expect(server.connection.send(put('/late', over))).rejects.toThrow('too late');
  expect(server.heard).toEqual([]);
}, 10_000);
