import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { requestJson } from './json-request.ts';

let stop = (): void => undefined;
afterEach(() => stop());

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  stop = () => {
    server.close();
    server.closeAllConnections();
  };
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('JSON goes there and comes back, over one connection however often', async () => {
  const connections = new Set<unknown>();
  const url = await serve(async (request, response) => {
    connections.add(request.socket);
    const body = Buffer.concat(await request.toArray()).toString();
    response
      .writeHead(409)
      .end(JSON.stringify({ method: request.method, length: body.length, body: JSON.parse(body) }));
  });
  const body = { text: 'ünï' };
  for (let time = 0; time < 3; time += 1) {
    const answer = await requestJson({ method: 'PUT', url, body, deadlineMs: 5_000 });
    expect(answer).toEqual({ answered: true, status: 409, body: { method: 'PUT', length: 14, body } });
  }
  expect(connections.size).toBe(1);
});

test('an answer without a body is null', async () => {
  const url = await serve((_, response) => void response.writeHead(204).end());
  expect(await requestJson({ method: 'GET', url, deadlineMs: 5_000 })).toEqual({
    answered: true,
    status: 204,
    body: null,
  });
});

const failures: readonly (readonly [string, RequestListener, object])[] = [
  ['that never comes', () => undefined, { failure: 'timeout', message: expect.stringContaining('within 50 ms') }],
  [
    'that stops in its midst: silence, and no connection that was reset',
    (_, response) => void response.writeHead(200, { 'content-length': 100 }).write('{'),
    { failure: 'timeout' },
  ],
  ['in place of which the connection ends', (request) => void request.socket.destroy(), { failure: 'reset' }],
  ['that is no JSON', (_, response) => void response.end('<html>'), { failure: 'timeout' }],
];

test.each(failures)('an answer %s', async (_, listener, failure) => {
  const url = await serve(listener);
  expect(await requestJson({ method: 'GET', url, deadlineMs: 50 })).toEqual({
    answered: false,
    message: expect.any(String),
    ...failure,
  });
});

test('given up, it ends at once, and that is no reset either', async () => {
  const url = await serve((_, response) => void response.writeHead(200).write('{'));
  for (const signal of [AbortSignal.timeout(20), AbortSignal.abort(new Error('over'))])
    expect(await requestJson({ method: 'GET', url, deadlineMs: 60_000, signal })).toMatchObject({
      answered: false,
      failure: 'timeout',
    });
});

test('nobody listens', async () => {
  const url = await serve(() => undefined);
  stop();
  expect(await requestJson({ method: 'GET', url, deadlineMs: 5_000 })).toMatchObject({ failure: 'refused' });
});
