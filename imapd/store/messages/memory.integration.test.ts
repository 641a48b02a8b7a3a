import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';

// Promise: large messages pass through in bounded memory, whatever their size. bench/ measures 16 of 50 MiB.

// A log of 16 MiB, as test servers have, would have it write the same pages again and again.
const ROOM = ['--innodb-redo-log-capacity=256M', '--innodb-buffer-pool-size=256M'];

describe.each(enginesUnderTest)('%s', (engine) => {
  const MEBIBYTE = 1024 * 1024;
  let server: TestStoreServer;
  beforeAll(async () => {
    server = await startStoreServer(engine, engine === 'mysql-9.7' ? ROOM : []);
  });
  afterAll(() => server?.stop());

  // Held in memory whole, the messages alone would be 160 MiB, and unswept buffers up to 100 MiB.
  // MySQL writes every octet three times, with a busy machine's patience.
  test('8 clients that append and read messages of 20 MiB grow a process by less than 64 MiB', {
    timeout: 180_000,
  }, async () => {
    const { database, close } = await server.openStore();
    await close();
    const program = join(import.meta.dirname, '../test-support/stream-large.ts');
    const options = { engine, at: server.at, database, clients: '8', size: String(20 * MEBIBYTE) };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, ...args]);
    expect(stdout).toMatch(/^\d+\n$/);
    expect(Number(stdout)).toBeLessThan(64 * MEBIBYTE);
  });
});
