import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test-support/postgres-server.ts';
import { openStore } from '../../test-support/store-fixture.ts';

// Promise: large messages pass through in bounded memory, whatever their size. bench/ measures 16 of 50 MiB.

const MEBIBYTE = 1024 * 1024;
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

// Held in memory whole, the messages alone would be 160 MiB, and unswept buffers up to 100 MiB.
test('8 clients that append and read messages of 20 MiB grow a process by less than 64 MiB', async () => {
  const { database, close } = await openStore(server);
  await close();
  const program = join(import.meta.dirname, '../../test-support/stream-large.ts');
  const options = { host: server.host, database, clients: '8', size: String(20 * MEBIBYTE) };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, ...args]);
  expect(stdout).toMatch(/^\d+\n$/);
  expect(Number(stdout)).toBeLessThan(64 * MEBIBYTE);
});
