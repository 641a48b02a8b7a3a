import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test } from 'vitest';
import { greetingAt } from './greeting.ts';
import { openDoor } from './way-in/door.ts';

/** A port of TLS, and what is done with whoever comes. */
async function listener(meet: (socket: TLSSocket) => void) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'test' }]);
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => undefined);
    meet(socket);
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('what is said first', async () => {
  const place = await listener((socket) => void socket.write('* OK IMAP4rev1 at your service\r\n'));
  expect(await greetingAt(place, 5_000)).toBe('* OK IMAP4rev1 at your service');
});

test('a port that accepts, with nobody behind it, is reached by nobody', async () => {
  const place = await openDoor(() => Promise.reject(new Error('gone')));
  await expect(greetingAt(place, 5_000)).rejects.toThrow();
});

test('nor is one that ends the connection, or says nothing', async () => {
  const ends = await listener((socket) => void socket.end());
  await expect(greetingAt(ends, 5_000)).rejects.toThrow('the connection ended before anything was said');
  const silent = await listener(() => undefined);
  await expect(greetingAt(silent, 200)).rejects.toMatchObject({ name: 'AbortError' });
});
