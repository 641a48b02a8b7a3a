import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandError } from './command-error.ts';
import { Daemon } from './daemon.ts';
import { KeptDaemon } from './kept-daemon.ts';
import { commandLine } from './process-tree.ts';

let folder: string;
let logFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daemon-'));
  logFile = join(folder, 'logs', 'a.log');
});
afterEach(() => rm(folder, { recursive: true }));

const shell = (script: string) => ({ name: 'a', command: ['sh', '-c', script] as const, logFile });
const never = () => Promise.resolve(false);

test('a program that dies before it is ready is quoted', async () => {
  const daemon = await Daemon.start(shell('echo the disk is gone >&2; exit 3'));
  const ready = daemon.until(never, { what: 'ready', deadlineMs: 10_000 });
  await expect(ready).rejects.toThrow(new CommandError('a ended with 3 before it was ready', ['the disk is gone']));
});

test('a program that does not become ready is quoted too', async () => {
  const daemon = await Daemon.start(shell('echo still thinking; exec sleep 1000'));
  const ready = daemon.until(never, { what: 'ready', deadlineMs: 300 });
  await expect(ready).rejects.toThrow(/a is not ready: .*300 ms[\s\S]*still thinking/);
  await daemon.stop();
  expect(daemon.running).toBe(false);
});

test('one that was hung can be stopped all the same', async () => {
  const daemon = await Daemon.start(shell('exec sleep 1000'));
  await daemon.signal('SIGSTOP');
  await daemon.stop();
  expect(await daemon.ended).toBe('SIGTERM');
});

test('one that will not hear is killed', async () => {
  const daemon = await Daemon.start(shell(`trap '' TERM; echo up; while :; do sleep 1000; done`));
  await daemon.until(async () => (await readFile(logFile, 'utf8')).includes('up'), { what: 'up', deadlineMs: 10_000 });
  await daemon.stop(100);
  expect(await daemon.ended).toBe('SIGKILL');
});

test('kept: it is started again when it dies, said with its last lines, and not when it is held down', async () => {
  const told: string[] = [];
  const kept = new KeptDaemon(shell('echo hello; exec sleep 1000'), (text) => told.push(text));
  const first = await kept.start();
  const hellos = async (): Promise<number> => (await readFile(logFile, 'utf8')).split('hello').length - 1;
  await expect.poll(hellos).toBe(1);
  await kept.signal('SIGKILL');
  await first.ended;
  await expect.poll(hellos, { timeout: 10_000 }).toBe(2);
  expect(told.join()).toMatch(/a ended with SIGKILL[\s\S]*hello/);
  const second = await kept.start();
  await kept.holdDown();
  expect(await commandLine(second.pid)).toBe('');
  expect(told).toHaveLength(1);
});
