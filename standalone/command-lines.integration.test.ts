import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

/** Promise: every program of the project says what it takes, and answers a wrong option with a line and exit code 2. */
const ROOT = join(import.meta.dirname, '..');
const SERVICES = [
  'member/main.ts',
  'imapd/main.ts',
  'standalone/operator-process.ts',
  'imapd/jobs/migrate.ts',
  'imapd/jobs/salvage.ts',
  'imapd/jobs/verify.ts',
];
const PROGRAMS = [
  ...SERVICES,
  'standalone/main.ts',
  'cli/main.ts',
  'demo/main.ts',
  'demo/picture.ts',
  'bench/main.ts',
  'images/main.ts',
  'e2e/main.ts',
  'e2e/clusters/main.ts',
  'reference/generate.ts',
];

async function run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: child.exitCode, output: output + complaints };
}

test.each(PROGRAMS)('%s', { timeout: 30_000 }, async (program) => {
  const [help, wrong] = await Promise.all([run(program, '--help'), run(program, '--bogus')]);
  expect(help).toMatchObject({ code: 0, output: expect.stringMatching(/^Usage: /) });
  expect(wrong).toMatchObject({
    code: 2,
    output: expect.stringMatching(/^error: (unknown option '--bogus'|required option)/),
  });
});

test('imapctl: subcommands have a help, and wrong arguments end with 2', { timeout: 60_000 }, async () => {
  const commands = ['status', 'failover', 'user add'];
  for (const command of commands) {
    const [help, wrong] = await Promise.all([
      run('cli/main.ts', ...command.split(' '), '--help'),
      run('cli/main.ts', ...command.split(' '), '--bogus'),
    ]);
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining(`Usage: imapctl ${command}`) });
    expect(wrong.code, `${command}: ${wrong.output}`).toBe(2);
    expect(wrong.output).toMatch(/^error: /);
  }
  expect(await run('cli/main.ts', 'status', '-o', 'xml')).toMatchObject({ code: 2 });
});

test.each(SERVICES)('%s without a configuration that can be read', { timeout: 30_000 }, async (program) => {
  const unreadable = await run(program, '--config', '/nowhere/x.json');
  expect(unreadable.output).toContain('/nowhere/x.json: cannot be read');
  // A job says the reason in its result, for the operator that waits for it.
  expect(unreadable.code).toBe(program.includes('jobs') ? 1 : 2);
});
