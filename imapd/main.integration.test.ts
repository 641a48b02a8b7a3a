import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EXIT_PORT_TAKEN } from '#runtime/program-options.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { imapdConfiguration } from './test-support/test-imapd.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
let cluster: TestCluster;
let child: ChildProcess | null = null;
let log = '';

beforeAll(async () => {
  cluster = await TestCluster.start([]);
});
afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
});
afterAll(async () => await cluster?.close());

/** Starts the program with a configuration; `more` changes it. */
async function start(more: object = {}): Promise<ChildProcess> {
  const configuration = { ...imapdConfiguration(cluster), ...more };
  const file = join(cluster.folder, 'imapd.config');
  await writeFile(file, JSON.stringify(configuration));
  log = '';
  const env = { ...process.env, IMAPCLUSTER_PARENT: 'stdin' };
  child = spawn(process.execPath, [MAIN, '--config', file], { stdio: ['pipe', 'ignore', 'pipe'], env });
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  return child;
}

const ended = async (program: ChildProcess): Promise<number | null> => {
  if (program.exitCode !== null) return program.exitCode;
  const [code] = await once(program, 'exit');
  return code;
};
/** The line with this code, once it is there. */
async function logged(code: string): Promise<Record<string, unknown>> {
  const find = (): Record<string, unknown> | undefined =>
    log
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line))
      .find((line) => line.code === code);
  await expect.poll(find, { timeout: 20_000 }).toBeDefined();
  return find() ?? {};
}

/** One below 1024 that nobody listens on now. */
async function freePrivilegedPort(): Promise<number> {
  for (let port = 1023; port > 512; port--) {
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (free) return port;
  }
  throw new Error('no port is free below 1024');
}

test('a configuration that cannot be used ends it with every mistake named', async () => {
  const program = await start({ listen: {}, reads: { maxReplicaLag: '5s' } });
  expect(await ended(program)).toBe(2);
  const { msg } = await logged('ConfigurationInvalid');
  expect(msg).toMatch(/\/listen/);
  expect(msg).toMatch(/\/reads/);
});

test('a port that is taken ends it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const program = await start({ listen: { imap: { host: '127.0.0.1', port } } });
  expect(await ended(program)).toBe(EXIT_PORT_TAKEN);
  expect((await logged('PortTaken')).msg).toContain(String(port));
  other.close();
});

test('without a routing document it lives, is not ready, and stops in good order with a BYE', async () => {
  const program = await start();
  const { adminPort, imapPort } = await logged('ProcessStarted');
  const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${adminPort}${path}`)).status;
  expect(await status('/healthz')).toBe(200);
  expect(await status('/readyz')).toBe(503);
  const client = connect(Number(imapPort), '127.0.0.1');
  let heard = '';
  client.on('data', (chunk) => {
    heard += chunk;
  });
  await expect.poll(() => heard).toContain('* OK');
  program.kill('SIGTERM');
  expect(await ended(program)).toBe(0);
  expect(heard).toContain('* BYE');
  client.destroy();
});

const mayDrop = process.platform === 'linux' && process.getuid?.() === 0;
if (!mayDrop) process.stderr.write('imapd/main: dropping root is not tested: that takes root, on Linux\n');

test.skipIf(!mayDrop)('started by root it serves as somebody else, on a port that only root may take', async () => {
  const [uid, gid] = [65_534, 65_533];
  const port = await freePrivilegedPort();
  const program = await start({ runAs: { uid, gid }, listen: { imap: { host: '127.0.0.1', port } } });
  expect((await logged('ProcessStarted')).imapPort).toBe(port);
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
  const ids = (name: string): number[] => {
    const line = status.split('\n').find((each) => each.startsWith(`${name}:`)) ?? '';
    return line.split(/\s+/).slice(1).filter(Boolean).map(Number);
  };
  // Real, effective, saved and of the file system: there is no way back.
  expect(ids('Uid')).toEqual([uid, uid, uid, uid]);
  expect(ids('Gid')).toEqual([gid, gid, gid, gid]);
  expect(ids('Groups')).toEqual([]);
  program.kill('SIGTERM');
  expect(await ended(program)).toBe(0);
});

test('it ends when its parent does', async () => {
  const program = await start();
  await logged('ProcessStarted');
  program.stdin?.end();
  expect(await ended(program)).toBe(0);
  expect(log).toContain('ParentGone');
});
