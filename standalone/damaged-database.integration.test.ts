import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Run, Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';

// Promise: a database that does not start is named with its last log lines and with what to do about it, in the log and
// by imapctl; it is told once, however often it is tried, and once it is mended the run goes on without a restart.

const LONG_MS = 60_000;
const sandbox = new Sandbox();
let run: Run;

const member = (name: string, ...parts: readonly string[]): string =>
  join(sandbox.state, 'members', 'users', name, 'data', ...parts);
const control = (name: string): string => member(name, 'global', 'pg_control');

beforeAll(async () => {
  const manifest = await sandbox.manifest(SMALL_CLUSTER);
  const start = (): Run =>
    sandbox.standalone('-f', manifest, '--state', sandbox.state, '--imap-port', '0', '--imaps-port', '0');
  const first = start();
  await first.says('Serving IMAP');
  first.child.kill('SIGTERM');
  await first.ended();
  for (const name of ['users-0', 'users-1']) {
    await rename(control(name), `${control(name)}.whole`);
    await cp(`${control(name)}.whole`, control(name));
    await writeFile(control(name), 'no control file');
  }
  run = start();
}, LONG_MS);
afterAll(() => sandbox.close());

test(
  'its last log lines are in the log, once, with advice',
  async () => {
    await run.says('"code":"ServerStartFailed"');
    const line =
      run
        .output()
        .split('\n')
        .find((one) => one.includes('"code":"ServerStartFailed"')) ?? '';
    const { lastLog, todo } = JSON.parse(line) as { readonly lastLog: readonly string[]; readonly todo: string };
    expect(lastLog.join('\n')).toMatch(/(?:FATAL|PANIC): .*pg_control/);
    expect(todo).toContain('data directory');
  },
  LONG_MS,
);

test(
  'imapctl shows them, and that there is no writer',
  async () => {
    await vi.waitFor(
      async () => {
        const { output } = await sandbox.imapctl(['status']);
        expect(output).toMatch(/^users-0 is down; its last words:\n(?: {2}.*\n)*? {2}.*pg_control/m);
        expect(output).toMatch(/partition users +\w+ +epoch \d+ +primary users-0 +postgresql, Async/);
        expect(output).toMatch(/! Ready False /);
      },
      { timeout: LONG_MS, interval: 200 },
    );
    expect(run.output()).not.toContain('"code":"Unexpected"');
    const told = run
      .output()
      .split('\n')
      .filter((line) => line.includes('"code":"ServerStartFailed"'));
    expect(told.filter((line) => line.includes('"member":"users-0"'))).toHaveLength(1);
  },
  LONG_MS,
);

test(
  'mended, it is served from again',
  async () => {
    for (const name of ['users-0', 'users-1']) await rename(`${control(name)}.whole`, control(name));
    await run.says('Serving IMAP');
    expect(await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], 'x')).toMatchObject({ code: 0 });
  },
  LONG_MS,
);
