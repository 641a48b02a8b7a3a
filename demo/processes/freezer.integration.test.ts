import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Freezer } from './freezer.ts';

let child: ChildProcess;
beforeEach(async () => {
  child = spawn(process.execPath, ['-e', 'process.stdin.on("end", () => process.exit(7)).resume(); console.log("up")']);
  if (child.stdout !== null) await once(child.stdout, 'data');
});
afterEach(() => child.kill('SIGKILL'));

const frozen = () => [{ pid: child.pid ?? 0, parent: process.pid, command: 'child' }];
/** As ps tells it: T is stopped, and a process that is stopped does nothing. */
const state = async (): Promise<string> =>
  (await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(child.pid)])).stdout.trim();
const ended = async (): Promise<unknown> => (await once(child, 'exit'))[0];

test('what is frozen does nothing until it is let go', async () => {
  const letGo = new Freezer().freeze(frozen());
  child.stdin?.end();
  await expect.poll(state).toMatch(/^T/);
  expect(child.exitCode).toBeNull();
  const end = ended();
  letGo();
  letGo();
  expect(await end).toBe(7);
});

test('closing lets all go, and nothing is frozen afterwards', async () => {
  const freezer = new Freezer();
  freezer.freeze(frozen());
  child.stdin?.end();
  const end = ended();
  freezer.close();
  freezer.freeze(frozen());
  expect(await end).toBe(7);
});
