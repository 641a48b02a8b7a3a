import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReachableFor } from './run-as.ts';
import { Sandbox, SMALL_CLUSTER, somebodyElse } from './test-support/run-standalone.ts';

/** Promise: whatever keeps a run from starting is said in one message, with what to do, and nothing is started. */
let sandbox: Sandbox;
let manifest: string;

/** Root may use any port: then somebody else tries. */
const user = process.getuid?.() === 0 ? somebodyElse() : null;
const notAsUser =
  user === null || (await isReachableFor(user, import.meta.filename))
    ? null
    : 'the checkout is closed to every user but root';
if (notAsUser !== null) process.stderr.write(`standalone/refusals: a port that needs root: skipped: ${notAsUser}\n`);
beforeEach(async () => {
  sandbox = new Sandbox();
  manifest = await sandbox.manifest(SMALL_CLUSTER);
});
afterEach(() => sandbox.close());

async function refused(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const run = sandbox.standalone('--state', sandbox.state, ...args);
  const code = await run.ended();
  expect(await sandbox.processes()).toEqual([]);
  return { code, output: run.output() };
}

test('a wrong manifest: every mistake, and exit code 2', async () => {
  const file = await sandbox.manifest(SMALL_CLUSTER.replace('Async', 'Asink').replace('replicas: 1', 'replicas: -1'));
  const { code, output } = await refused('-f', file);
  expect(code).toBe(2);
  expect(output).toBe(
    `${file}:4: document 1 (ImapCluster mail): spec.replicas: found -1, allowed: a whole number from 1 to 500
${file}:13: document 2 (MailboxPartition users): spec.durability.mode: found "Asink", allowed: "Quorum", "Async"; did you mean "Async"?
2 mistakes in 1 file
`,
  );
});

test('a folder of manifests, and standard input', async () => {
  const folder = join(sandbox.folder, 'manifests');
  await mkdir(folder);
  await writeFile(join(folder, 'b.yaml'), 'kind: Foo\n');
  await writeFile(join(folder, 'notes.txt'), 'not looked at');
  expect(await refused('-f', folder)).toMatchObject({
    code: 2,
    output: expect.stringContaining('b.yaml:1: document 1'),
  });
  const run = sandbox.standalone('--state', sandbox.state, '-f', '-');
  run.child.stdin?.end('kind: Foo\n');
  expect(await run.ended()).toBe(2);
  expect(run.output()).toContain('(standard input):1: document 1 (Foo): kind: found "Foo"');
});

test('a port that another program has', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { readonly port: number };
  const { code, output } = await refused('-f', manifest, '--imap-port', String(port), '--imaps-port', '0');
  other.close();
  expect(code).toBe(1);
  expect(output).toContain('"code":"PortTaken"');
  expect(output).toContain(`port ${port} on 127.0.0.1 is in use by another program: choose another by --imap-port`);
});

test('one port for both', async () => {
  const { code, output } = await refused('-f', manifest, '--imap-port', '21143', '--imaps-port', '21143');
  expect(code).toBe(2);
  expect(output).toContain('--imap-port and --imaps-port are both 21143');
});

test.skipIf(notAsUser !== null)('a port that needs root', async () => {
  await sandbox.close();
  sandbox = new Sandbox(user);
  manifest = await sandbox.manifest(SMALL_CLUSTER);
  const { code, output } = await refused('-f', manifest, '--imap-port', '143', '--imaps-port', '0');
  expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('only root may use ports below 1024') });
});

test('the state folder of a newer version, and a folder that is none', async () => {
  await mkdir(sandbox.state);
  await writeFile(join(sandbox.state, 'version'), '99\n');
  expect(await refused('-f', manifest)).toMatchObject({ code: 1, output: expect.stringContaining('has format 99') });
  await writeFile(join(sandbox.folder, 'precious'), '');
  const run = sandbox.standalone('-f', manifest, '--state', sandbox.folder);
  expect(await run.ended()).toBe(2);
  expect(run.output()).toContain('is not a state folder and not empty');
});

test('a state folder that cannot be made', async () => {
  await writeFile(join(sandbox.folder, 'file'), '');
  const run = sandbox.standalone('-f', manifest, '--state', join(sandbox.folder, 'file', 'state'));
  expect(await run.ended()).toBe(2);
  expect(run.output()).toContain('"code":"ConfigurationInvalid"');
  expect(run.output()).toContain('file/state cannot be used (ENOTDIR: not a directory');
  expect(run.output()).not.toMatch(/ {4}at /);
});

test('an inner port that another program has, a database port too', async () => {
  for (const purpose of ['users-0 server', 'supervisor']) {
    await rm(sandbox.state, { recursive: true, force: true });
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { readonly port: number };
    await mkdir(sandbox.state, { mode: 0o700 });
    await writeFile(join(sandbox.state, 'version'), '1\n');
    await writeFile(join(sandbox.state, 'ports.json'), JSON.stringify({ [purpose]: port }));
    const { code, output } = await refused('-f', manifest, '--imap-port', '0', '--imaps-port', '0');
    other.close();
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining(`port ${port} on 127.0.0.1 is in use`),
    });
  }
});

test('programs that are not there, and an unknown user', async () => {
  expect(
    await refused('-f', manifest, '--postgres-bin', '/nowhere', '--imap-port', '0', '--imaps-port', '0'),
  ).toMatchObject({
    code: 1,
    output: expect.stringContaining('there is no postgres in this folder'),
  });
  const { code, output } = await refused('-f', manifest, '--user', 'no-such-user');
  expect(code).toBe(2);
  expect(output).toMatch(/no such user|--user is for root/);
});

test('wrong arguments', async () => {
  expect(await refused()).toMatchObject({ code: 2, output: expect.stringContaining("'-f, --filename <file...>'") });
  expect(await refused('-f', manifest, '--imap-port', '70000')).toMatchObject({ code: 2 });
});
