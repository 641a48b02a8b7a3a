import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { refuses } from './refuses.ts';

test('an address refuses as soon as nobody listens there any more', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const there = { host: '127.0.0.1', port };
  expect(await refuses(there)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await refuses(there)).toBe(true);
});

test('a name that nobody knows says nothing', async () => {
  expect(await refuses({ host: 'nobody.invalid', port: 5432 })).toBe(false);
});
