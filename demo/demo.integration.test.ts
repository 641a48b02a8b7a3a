import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packagedServers } from '#database/programs/catalogue.ts';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import { type Finding, holds } from './checker/invariant.ts';
import { processTree, type RunningProcess } from './processes/process-tree.ts';
import { brokenPromises, type Shown } from './scenes/promises.ts';

/** The demo itself, with a smaller load: the whole mission in one run, and nothing left behind. */
const BUDGET_MS = 660_000;
const SESSIONS = '12';
/** A run of this load takes half a minute on a machine that does nothing else, which a tested one never is. */
const GENEROUS_SECONDS = 300;

type Report = Shown & {
  readonly outcome: string;
  readonly seconds: number;
  readonly withinPromise: boolean;
  readonly verdict: readonly Finding[];
  readonly failover: { readonly firstWriteMs: number; readonly phases: Readonly<Record<string, number>> };
  readonly history: readonly unknown[];
};

let folder: string;
let running: ChildProcess | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-demo-test-'));
  // As root the children are somebody else, who must be able to pass.
  await chmod(folder, 0o711);
});
afterEach(async () => {
  // Only where a test failed: everything that it started ends with it.
  if (running?.exitCode === null && running.signalCode === null) running.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
});

/** In a process group of its own, as a terminal starts it; every temporary file falls into `folder`. */
function startDemo(...args: readonly string[]) {
  const demo = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--sessions', SESSIONS, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running = demo;
  let text = '';
  for (const stream of [demo.stdout, demo.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const ended = once(demo, 'close').then(([code]) => code as number | null);
  /** Rejects where the demo ends first. */
  const says = async (what: string): Promise<void> => {
    while (!text.includes(what)) {
      const end = await Promise.race([ended.then((code) => ({ code })), once(demo.stdout, 'data').then(() => null)]);
      if (end !== null) throw new Error(`the demo ended with ${end.code} before it said "${what}":\n${text}`);
    }
  };
  return { demo, pid: demo.pid ?? 0, output: () => text, ended, says };
}

async function survivors(tree: readonly RunningProcess[]): Promise<readonly RunningProcess[]> {
  const now = await Promise.all(tree.map(({ pid }) => processTree(pid)));
  return now.flat().filter(({ command }) => tree.some((before) => before.command === command));
}

test("one's own mail in a run that holds every invariant and shows every scene; served on where asked for, and nothing left", {
  timeout: BUDGET_MS,
}, async () => {
  const mbox = join(folder, 'own.mbox');
  const json = join(folder, 'run.json');
  await writeFile(mbox, 'From a@example.org Mon Sep 17 00:00:00 2001\nSubject: a letter of my own\n\nFrom here on.\n');
  const run = startDemo('--mbox', mbox, '--keep', '--json', json, '--seed', '3');
  await run.says('Ctrl-C ends it');
  expect(run.output()).toContain(`1 of 1 messages of ${mbox} and 119 generated ones`);
  expect(await subjectsFound(run.output(), 'a letter of my own')).toBe(1);
  const tree = await processTree(run.pid);
  run.demo.kill('SIGINT');
  // The run itself was good, and its end was asked for.
  expect(await run.ended, run.output()).toBe(0);
  expect(await survivors(tree)).toEqual([]);
  expect(await readdir(folder)).toEqual(['own.mbox', 'run.json']);
  mustBeGood(JSON.parse(await readFile(json, 'utf8')) as Report, run.output());
});

/** On PostgreSQL it is the run above. */
const others = enginesUnderTest.flatMap((name) => (name === 'postgresql' ? [] : [packagedServers[name].kind]));

test.each([...new Set(others)])('the same on %s', { timeout: BUDGET_MS }, async (engine) => {
  const json = join(folder, 'run.json');
  const run = startDemo('--engine', engine, '--json', json, '--seed', '3');
  await run.says('IMAP sessions are open');
  const tree = await processTree(run.pid);
  expect(await run.ended, run.output()).toBe(0);
  expect(await survivors(tree)).toEqual([]);
  expect(await readdir(folder)).toEqual(['run.json']);
  mustBeGood(JSON.parse(await readFile(json, 'utf8')) as Report, run.output());
});

function mustBeGood(report: Report, output: string): void {
  expect(report.outcome).toBe('good');
  expect(report.verdict).toHaveLength(8);
  for (const finding of report.verdict) expect(holds(finding), JSON.stringify(finding)).toBe(true);
  expect(brokenPromises(report)).toEqual([]);
  expect(report.failover.firstWriteMs).toBeGreaterThan(0);
  expect(Object.keys(report.failover.phases)).toEqual(expect.arrayContaining(['fence', 'promote', 'retarget']));
  expect(report.history.length).toBeGreaterThan(1_000);
  expect(report.seconds).toBeLessThan(GENEROUS_SECONDS);
  expect(report.withinPromise).toBe(report.seconds <= 60);
  expect(output).toContain(`${report.seconds.toFixed(1)} s in all`);
}
/** By the login that a kept run has printed. */
async function subjectsFound(output: string, subject: string): Promise<number> {
  const [, host = '', port, user = '', pass = ''] =
    /IMAP on (.*):(\d+), user (\S+), password (.*)\n/.exec(output) ?? [];
  const client = new ImapFlow({
    host,
    port: Number(port),
    auth: { user, pass },
    logger: false,
    secure: false,
    tls: { rejectUnauthorized: false },
  });
  await client.connect();
  await client.mailboxOpen('INBOX', { readOnly: true });
  const found = await client.search({ subject });
  await client.logout();
  return Array.isArray(found) ? found.length : 0;
}

type Demo = ReturnType<typeof startDemo>;
/** As a terminal does it: to every process at once. And again, as npm and impatient people do. */
async function ctrlCTwice({ demo, pid }: Demo): Promise<void> {
  process.kill(-pid, 'SIGINT');
  await pause(200);
  if (demo.exitCode === null && demo.signalCode === null) process.kill(-pid, 'SIGINT');
}
async function terminateTwice({ demo }: Demo): Promise<void> {
  demo.kill('SIGTERM');
  await pause(200);
  demo.kill('SIGTERM');
}

test.each<
  [string, { says: string; until?: (tree: readonly RunningProcess[]) => boolean; end: (demo: Demo) => unknown }]
>([
  [
    'Ctrl-C before it is up',
    { says: 'on this machine', until: (tree) => tree.some((p) => p.command.includes('postgres')), end: ctrlCTwice },
  ],
  ['nobody who reads', { says: 'on this machine', end: ({ demo }) => demo.stdout.destroy() }],
  ['Ctrl-C while a replica is frozen', { says: 'receives nothing any more', end: ctrlCTwice }],
  ['SIGTERM while a host is off', { says: 'loses its power', end: terminateTwice }],
])('%s ends every process and removes every file', { timeout: BUDGET_MS }, async (_, { says, until, end }) => {
  const run = startDemo('--json', join(folder, 'run.json'));
  await run.says(says);
  let tree = await processTree(run.pid);
  while (until?.(tree) === false) tree = await processTree(run.pid);
  await end(run);
  // Null: the second signal found the process after everything was done, in Node's own last steps.
  expect([130, null], run.output()).toContain(await run.ended);
  expect(await survivors(tree)).toEqual([]);
  expect(await readdir(folder)).toEqual(['run.json']);
  expect(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'))).toMatchObject({ outcome: 'interrupted' });
});

test.each([
  ['--mbox', 'nowhere.mbox'],
  ['--json', 'nowhere/run.json'],
  ['--seed', 'many'],
])('%s %s is a mistake: a line, exit code 2, and nothing is started', async (option, value) => {
  const { ended, output } = startDemo(option, option === '--seed' ? value : join(folder, value));
  expect(await ended).toBe(2);
  expect(output().trim().split('\n')).toEqual([expect.stringContaining(value)]);
  expect(await readdir(folder)).toEqual([]);
});
