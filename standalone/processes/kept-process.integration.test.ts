import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { createLogger } from '#runtime/logger.ts';
import { EXIT_PORT_TAKEN } from '#runtime/program-options.ts';
import { KeptProcess } from './kept-process.ts';

// Promise: what ends is started again; what can never listen is said to be so, and only that.

let kept: KeptProcess;
let taken = 0;
afterEach(() => kept.stop(AbortSignal.abort()));

function keep(launch: () => ChildProcess): KeptProcess {
  taken = 0;
  const log = createLogger({ program: 'test', level: 'silent', pretty: false });
  const isReady = (message: unknown): boolean => message === 'ready';
  const onPortTaken = (): void => {
    taken += 1;
  };
  kept = new KeptProcess({ kind: 'imapd', name: 'imapd-0', launch, log, now: Date.now, isReady, onPortTaken });
  kept.start();
  return kept;
}

const program = (text: string): ChildProcess =>
  spawn(process.execPath, ['-e', text], { stdio: ['pipe', 'ignore', 'ignore', 'ipc'] });
const starts = (): number => kept.report().restarts + 1;
const MANY = { timeout: 30_000 };

test('a port that stays taken is told once', async () => {
  keep(() => program(`process.exit(${EXIT_PORT_TAKEN})`));
  await expect.poll(() => taken, MANY).toBe(1);
  expect(starts()).toBe(6);
  await expect.poll(starts, MANY).toBe(7);
  expect(taken).toBe(1);
});

test('it is told where the child ends of something else in between, too', async () => {
  let launches = 0;
  keep(() => program(`process.exit(${++launches === 6 ? 1 : EXIT_PORT_TAKEN})`));
  await expect.poll(() => taken, MANY).toBe(1);
  expect([launches, kept.portTaken]).toEqual([7, true]);
});

test('any other end, or one of a child that was ready before, is not', async () => {
  keep(() => program('process.exit(1)'));
  await expect.poll(starts, MANY).toBe(7);
  expect(taken).toBe(0);
  await kept.stop(AbortSignal.abort());
  keep(() => program(`process.send('ready', () => process.exit(${EXIT_PORT_TAKEN}))`));
  await expect.poll(starts, MANY).toBe(7);
  expect(taken).toBe(0);
});
