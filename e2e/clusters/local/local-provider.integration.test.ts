import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../process/wait-for.ts';
import { clusterFolder } from './cluster-folder.ts';
import { down, readHolder } from './down.ts';
import { lookForRemains, type Remains } from './remains.ts';

/** The provider as a person uses it: its commands, and what the machine looks like afterwards, whichever way it ended. */
const run = promisify(execFile);
const program = join(import.meta.dirname, '..', 'main.ts');
const cluster = (...words: readonly string[]) => run(process.execPath, [program, ...words]);

let state: string;
let before: Remains;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'imapcluster-provider-'));
  before = await lookForRemains(state);
});
afterEach(async () => {
  await down(state);
  await rm(state, { recursive: true, force: true });
});

test('up, a command inside, down: a node is Ready, and nothing is left', async () => {
  const { stdout } = await cluster('up', '--provider', 'local', '--nodes', '1', '--state', state);
  expect(stdout).toContain('node1 (10.77.0.11)');
  const nodes = await cluster('shell', '--state', state, 'kubectl', 'get', 'nodes', '--no-headers');
  expect(nodes.stdout).toMatch(/^node1\s+Ready/);
  await expect(cluster('up', '--provider', 'local', '--state', state)).rejects.toThrow('cluster -- down');
  expect((await lookForRemains(state)).processes.length).toBeGreaterThan(5);
  expect((await cluster('down', '--state', state)).stdout).toContain('nothing is left');
  expect(await lookForRemains(state)).toEqual(before);
  await expect(access(clusterFolder(state).etcd)).rejects.toThrow('ENOENT');
});

test('the exit code of a command inside is told', async () => {
  await cluster('up', '--provider', 'local', '--nodes', '1', '--state', state);
  await expect(cluster('shell', '--state', state, 'sh', '-c', 'exit 7')).rejects.toMatchObject({ code: 7 });
});

test('killed without mercy: the kernel ends every process, and down removes the rest', async () => {
  await cluster('up', '--provider', 'local', '--nodes', '1', '--state', state);
  const holder = await readHolder(clusterFolder(state).holder);
  process.kill(holder?.keeper ?? 0, 'SIGKILL');
  const ended = async (): Promise<boolean> => (await lookForRemains(state)).processes.length === 0;
  await waitFor(ended, { what: 'the end of every process', deadlineMs: 10_000 });
  expect((await cluster('down', '--state', state)).stdout).toContain('no cluster runs');
  expect(await lookForRemains(state)).toEqual(before);
});
