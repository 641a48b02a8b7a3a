import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { debianPostgres } from '#member/test-support/embedded-postgres.ts';
import { Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';

/** Promise: with `--postgres-bin` the databases are those of the machine, from version 15 on, and all else is as ever. 90 s. */
const bin = await debianPostgres();
const sandbox = new Sandbox();
afterAll(() => sandbox.close());

test.skipIf(bin === null)('mail is kept in the server that the machine has', { timeout: 90_000 }, async () => {
  const manifest = await sandbox.manifest(SMALL_CLUSTER);
  const ports = ['--imap-port', '0', '--imaps-port', '0'];
  const run = sandbox.standalone('-f', manifest, '--state', sandbox.state, '--postgres-bin', bin ?? '', ...ports);
  await run.says('Serving IMAP');
  const added = await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], 'correct horse\n');
  expect(added.code, added.output).toBe(0);
  const { output } = await sandbox.imapctl(['status', '-o', 'json']);
  const { members } = JSON.parse(output) as { members: readonly { serverPid: number; state: string }[] };
  expect(members.map(({ state }) => state)).toEqual(['running', 'running']);
  for (const { serverPid } of members) {
    expect(await readFile(`/proc/${serverPid}/cmdline`, 'utf8')).toContain(join(bin ?? '', 'postgres'));
  }
  run.child.kill('SIGTERM');
  expect(await run.ended()).toBe(0);
});
