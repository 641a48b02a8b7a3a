import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type Acknowledged, keepsWriting } from './test-support/keeps-writing.ts';
import { pidOf, signedInAs, statusOf } from './test-support/look-at-run.ts';
import { type Run, Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';
import { serverUnderTest } from './test-support/server-under-test.ts';
import { tellOnFailure } from './test-support/tell-on-failure.ts';

/**
 * Promise: with another engine in the manifest all else is as ever: mail comes in, is read octet by octet, survives a change of
 * primary and the death of everything at once, and a check of the whole repository finds nothing amiss.
 */
const START_MS = 90_000;
/** What is told of PostgreSQL is in standalone.integration.test.ts. */
const others = enginesUnderTest.filter((engine) => engine !== 'postgresql');
if (others.length === 0) test('PostgreSQL alone is here', () => expect(enginesUnderTest).toEqual(['postgresql']));

const ROOT = join(import.meta.dirname, '..');
const PASSWORD = 'correct horse';
const USER = { user: 'ada', password: PASSWORD };

/** Eight-bit octets, quotes, backslashes, every control character but NUL, and more than a chunk. */
const ODD = Array.from({ length: 255 }, (_, octet) => octet + 1).filter((octet) => ![10, 13].includes(octet));
const BODIES = [
  Buffer.from('Grüße, 藤原, \'"`\\%_; -- /* */ \u{1F4EC}\r\n'),
  Buffer.concat([Buffer.from(ODD), Buffer.from('\r\n')]),
  Buffer.from(`${'0123456789'.repeat(7)}\r\n`.repeat(9_000)),
];
const message = (subject: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`Subject: ${subject}\r\nMessage-ID: <${subject}@example.org>\r\n\r\n`), body]);

describe.each(others)('%s', (name) => {
  const sandbox = new Sandbox();
  let engine: string;
  let run: Run;
  let start: () => Run;

  beforeAll(async () => {
    const server = await serverUnderTest(name);
    engine = server.engine;
    const manifest = await sandbox.manifest(SMALL_CLUSTER.replace('engine: postgresql', `engine: ${engine}`));
    const ports = ['--imap-port', '0', '--imaps-port', '0'];
    start = () => sandbox.standalone('-f', manifest, '--state', sandbox.state, ...ports, ...server.options);
    run = start();
    await run.says('Serving IMAP');
    expect(await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], `${PASSWORD}\n`)).toMatchObject({
      code: 0,
    });
  }, START_MS);
  afterAll(() => sandbox.close());
  tellOnFailure(() => run);

  const signedIn = () => signedInAs(sandbox, USER.user, USER.password);

  test('what is appended is fetched octet by octet', { timeout: START_MS }, async () => {
    const client = await signedIn();
    for (const [index, body] of BODIES.entries()) {
      const text = message(`odd ${index}`, body);
      client.send(Buffer.concat([Buffer.from(`a APPEND INBOX (\\Seen $Work) {${text.length}+}\r\n`), text]));
      client.send('\r\n');
      expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK \[APPENDUID/);
    }
    await client.command('s SELECT INBOX');
    for (const [index, body] of BODIES.entries()) {
      const text = message(`odd ${index}`, body);
      const found = (await client.command(`f FETCH ${index + 1} (FLAGS BODY.PEEK[])`)).join('\r\n');
      expect(found).toMatch(/^\* \d+ FETCH \(FLAGS \([^)]*\\Seen [^)]*\$Work\)/);
      expect(Buffer.from(found, 'latin1').includes(text), `message ${index}`).toBe(true);
    }
    client.close();
  });

  test('an mbox is imported, searched, and exported as it was', { timeout: START_MS }, async () => {
    const mbox = join(sandbox.folder, 'mail.mbox');
    const entry = (n: number): string =>
      `From a@b Mon Jan  5 10:00:00 2026\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_${n}?=\n\nHello ${n}, Grüße\n\n`;
    await writeFile(mbox, Array.from({ length: 60 }, (_, n) => entry(n)).join(''));
    const imported = await sandbox.imapctl(['import', '--user', 'ada', '--mbox', mbox, '--mailbox', 'Old/Mail']);
    expect(imported, imported.output).toMatchObject({
      code: 0,
      output: expect.stringContaining('imported 60 messages'),
    });
    const client = await signedIn();
    await client.command('s SELECT Old/Mail');
    const [found = ''] = await client.command('a UID SEARCH BODY "Hello 7,"');
    expect(found).toMatch(/^\* SEARCH \d+$/);
    client.close();
    const exported = await sandbox.imapctl(['export', '--user', 'ada', '--mailbox', 'Old/Mail', '--mbox', '-']);
    expect(exported.output.match(/^Hello \d+, Grüße$/gm)).toHaveLength(60);
  });

  test('the primary changes as imapctl asks, and a killed server is no loss', { timeout: 2 * START_MS }, async () => {
    await vi.waitFor(
      async () => {
        const done = await sandbox.imapctl(['switchover', 'users', '--to', 'users-1']);
        expect(done).toEqual({
          code: 0,
          output: expect.stringMatching(/^users: users-1 is the primary since epoch \d+\n$/),
        });
      },
      { timeout: START_MS, interval: 500 },
    );
    const table = (await sandbox.imapctl(['status'])).output;
    expect(table).toMatch(new RegExp(`partition users +\\w+ +epoch \\d+ +primary users-1 +${engine}, Async$`, 'm'));
    const { members } = await statusOf(sandbox);
    process.kill(members.find(({ name: member }) => member === 'users-1')?.serverPid ?? 0, 'SIGKILL');
    const client = await signedIn();
    expect((await client.command('c CREATE Journal')).at(-1)).toMatch(/^c OK/);
    client.close();
  });

  test('after a kill of everything in the middle of writing, all that was acknowledged is there', {
    timeout: 2 * START_MS,
  }, async () => {
    const writer = await signedIn();
    const acknowledged: Acknowledged[] = [];
    const writing = keepsWriting(writer, acknowledged);
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(30), { timeout: 30_000, interval: 5 });
    const everything = await sandbox.processes();
    expect(everything).toContain(run.child.pid);
    expect(everything).toContain(pidOf(await statusOf(sandbox), 'agent users-0'));
    for (const pid of everything) process.kill(pid, 'SIGKILL');
    await writing;
    writer.close();
    run = start();
    await run.says('Serving IMAP');
    const reader = await signedIn();
    await reader.command('s SELECT Journal');
    for (const { uid, text } of acknowledged) {
      const found = (await reader.command(`f UID FETCH ${uid} BODY.PEEK[]`)).join('\r\n');
      expect(found.includes(text), `UID ${uid}`).toBe(true);
    }
    reader.close();
  });

  test('a check finds nothing amiss on any member', { timeout: START_MS }, async () => {
    await vi.waitFor(
      async () => expect((await sandbox.imapctl(['status'])).output).toMatch(/replica +running +lag 0/),
      {
        timeout: START_MS,
        interval: 200,
      },
    );
    for (const member of ['users-0', 'users-1']) expect(await verified(member)).toEqual({ differences: 0 });
  });

  test('told to stop, it ends in order', { timeout: START_MS }, async () => {
    run.child.kill('SIGTERM');
    expect(await run.ended()).toBe(0);
    expect(await sandbox.processes()).toEqual([]);
    expect(run.output()).not.toContain('ProcessDied');
    expect(run.output()).not.toContain('"code":"Unexpected"');
  });

  /** What the job `verify` prints. @throws Error with its table */
  async function verified(member: string): Promise<unknown> {
    const ports = JSON.parse(await readFile(join(sandbox.state, 'ports.json'), 'utf8')) as Record<string, number>;
    const { output } = await sandbox.imapctl(['status', '-o', 'yaml']);
    const objects = (parse(output) as { objects: readonly { kind: string; status?: { epoch: number } }[] }).objects;
    const epoch = objects.find(({ kind }) => kind === 'MailboxPartition')?.status?.epoch;
    const writer = { member, endpoint: { host: '127.0.0.1', port: ports[`${member} server`] } };
    const file = join(sandbox.folder, `verify-${member}.json`);
    const credentialsFile = join(sandbox.state, 'credentials/users.json');
    const place = { engine, cluster: 'mail', partition: 'users', database: 'imap', epoch, writer, credentialsFile };
    await writeFile(file, JSON.stringify(place));
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(ROOT, 'imapd/jobs/verify.ts'),
      '--config',
      file,
    ]);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  }
});
