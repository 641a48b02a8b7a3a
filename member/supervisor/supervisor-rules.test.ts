import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { failsForSpace, givesUpLog, panicsForSpace, waitsForLogSpace } from './disk-verdict.ts';
import { LogTail } from './log-tail.ts';
import { restartDelay } from './restart-delay.ts';
import { storyOfExit, ToldStories } from './story-of-exit.ts';
import { type ServerExit, Supervisor } from './supervisor.ts';

test('the tail keeps the last lines, cuts chunks into lines and bounds a line', () => {
  const heard: string[] = [];
  const tail = new LogTail(2, (line) => heard.push(line));
  tail.push('one\ntw');
  tail.push('o\nthree\nfou');
  expect(heard).toEqual(['one', 'two', 'three']);
  expect(tail.lines).toEqual(['two', 'three', 'fou']);
  tail.push(`${'x'.repeat(5000)}\n`);
  expect(tail.lines.at(-1)).toHaveLength(2000);
});

test('a replica comes back at once, then ever later; a primary is left to the operator for a while', () => {
  const policy = { primaryAfterMs: 5000, replicaAfterMs: 100, maximumMs: 1000 };
  expect([0, 1, 2, 3, 4, 100].map((failures) => restartDelay(policy, 'replica', failures))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect([0, 5].map((failures) => restartDelay(policy, 'primary', failures))).toEqual([5000, 5000]);
});

const PANIC =
  '2026-11-24 00:00:00 UTC [7] PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device';

test('a server without space for its log is told from one without space for data, which goes on', () => {
  expect(panicsForSpace(PANIC)).toBe(true);
  expect(panicsForSpace(PANIC.replace('PANIC', 'ERROR'))).toBe(false);
  expect(failsForSpace(PANIC.replace('PANIC', 'FATAL'))).toBe(true);
  // MariaDB and MySQL wait for space; a session's error of PostgreSQL is that session's alone.
  const written = "'./bin.000002' (OS errno 28 - No space left on device). Waiting for someone to free space...";
  expect(failsForSpace(`2026-11-28T16:08:23.9Z 8 [ERROR] [MY-000035] [Server] Disk is full writing ${written}`)).toBe(
    true,
  );
  // MariaDB says it as a warning.
  const waits = `2026-11-28 20:16:24 17 [Warning] mariadbd: Disk is full writing './bin.000001' (Errcode: 28 "No space left on device"). Waiting for someone to free space... (Expect up to 60 secs delay for server to continue after freeing disk space)`;
  expect([failsForSpace(waits), waitsForLogSpace(waits)]).toEqual([true, true]);
  const relay = waits.replace('./bin.', './relay.');
  expect([failsForSpace(relay), waitsForLogSpace(relay)]).toEqual([true, false]);
  expect(
    waitsForLogSpace(`2026-11-28T16:08:23.9Z 8 [ERROR] [MY-000035] [Server] Disk is full writing ${written}`),
  ).toBe(true);
  // What follows such a line, 30 lines of its stack, is said of no server in the tail.
  expect(panicsForSpace('2026-11-28 20:21:51 5 [ERROR] [FATAL] InnoDB: Error (Out of disk space) in rollback.')).toBe(
    true,
  );
  const givesUp =
    '2026-11-28 20:16:42 20 [ERROR] Could not use ./bin.000002 for logging (error 28). Turning logging off for the whole duration of the MariaDB server process. To turn it on again: fix the cause, shutdown the MariaDB server and restart it.';
  expect([givesUpLog(givesUp), givesUpLog(waits)]).toEqual([true, false]);
  expect(failsForSpace('[7] ERROR:  could not extend file "base/5/1": No space left on device')).toBe(false);
  expect(panicsForSpace('[7] PANIC:  could not locate a valid checkpoint record')).toBe(false);
});

async function endOf(script: string): Promise<ServerExit> {
  const log = { event: () => undefined, debug: () => undefined, child: () => log };
  const dataDirectory = `${tmpdir()}/there-is-no-such-folder`;
  const supervisor = new Supervisor({ dataDirectory, log, onExit: () => undefined, onLogLine: () => undefined });
  await supervisor.start({ command: '/bin/sh', args: ['-c', script], env: {} });
  const end = await supervisor.ended;
  if (end === null) throw new Error('it ended before it could be watched');
  return end;
}

test('why a server ended is kept although its sessions write more than the tail holds', async () => {
  const sessions = "i=0; while [ $i -lt 100 ]; do echo 'WARNING:  terminating connection'; i=$((i+1)); done";
  const end = await endOf(`exec 1>&2; echo '${PANIC}'; ${sessions}; exit 3`);
  expect(end).toMatchObject({ code: 3, cause: 'DiskFull' });
  expect(end.lastLog[0]).toBe(PANIC);
  expect(await endOf(`exec 1>&2; echo '${PANIC.replace('PANIC', 'ERROR')}'; exit 3`)).toMatchObject({ cause: null });
});

test('one trouble is told once a minute, whatever its attempts; another one, or the end of a server that ran, at once', () => {
  const told = new ToldStories();
  const failed = (pid: number, sentence = 'FATAL:  bogus data in lock file'): ServerExit => ({
    code: 1,
    signal: null,
    lastLog: [
      `2026-11-24 00:00:${pid} UTC [${pid}] LOG:  starting`,
      `2026-11-24 00:00:${pid} UTC [${pid}] ${sentence}`,
    ],
    cause: null,
  });
  const at = (now: number, exit: ServerExit, wasReady = false): boolean =>
    told.isNews(storyOfExit(exit, wasReady), now);
  expect([at(0, failed(10)), at(1_000, failed(11)), at(59_000, failed(12)), at(60_000, failed(13))]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(at(61_000, failed(14, 'FATAL:  could not open file'))).toBe(true);
  expect([at(62_000, failed(15), true), at(62_001, failed(15), true)]).toEqual([true, true]);
  const full = { ...failed(16), cause: 'DiskFull' } as const;
  expect([at(63_000, full, true), at(64_000, full), at(65_000, failed(17))]).toEqual([true, false, true]);
});

test('a server that has not even entered its directory is ended like any other', async () => {
  const log = { event: () => undefined, debug: () => undefined, child: () => log };
  const dataDirectory = `${tmpdir()}/there-is-no-such-folder`;
  const { promise: exited, resolve } = Promise.withResolvers<ServerExit>();
  const supervisor = new Supervisor({ dataDirectory, log, onExit: resolve, onLogLine: () => undefined });
  await supervisor.start({ command: '/bin/sleep', args: ['60'], env: {} });
  await supervisor.clear();
  expect(await exited).toMatchObject({ signal: 'SIGKILL' });
});
