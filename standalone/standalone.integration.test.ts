import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Run, Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';

/**
 * Promise: one command brings a cluster up as whoever starts it; it survives the death of any part, of everything at
 * once, and leaves nothing behind when it is told to stop or when its supervisor is killed.
 */
const START_MS = 60_000;
const MAIL = ['one', 'two']
  .map((subject) => `From a@b Mon Jan  5 10:00:00 2026\nSubject: ${subject}\n\nHello\n\n`)
  .join('');

const sandbox = new Sandbox();
let manifest: string;
let run: Run;
let certificate: { readonly cert: string; readonly private: string };

const withCertificate = (
  manifests: string,
): string => `${manifests.replace('replicas: 1', 'replicas: 1, tls: {secretName: cert}')}---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: {name: cert}
data:
  tls.crt: ${Buffer.from(certificate.cert).toString('base64')}
  tls.key: ${Buffer.from(certificate.private).toString('base64')}
`;

const start = (): Run =>
  sandbox.standalone('-f', manifest, '--state', sandbox.state, '--imap-port', '0', '--imaps-port', '0');

type Status = {
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly state: string }[];
  readonly members: readonly { readonly name: string; readonly serverPid: number }[];
  readonly endpoints: Readonly<Record<'imap' | 'imaps', { readonly port: number }>>;
};
async function status(): Promise<Status> {
  const { code, output } = await sandbox.imapctl(['status', '-o', 'json']);
  expect(code, output).toBe(0);
  return JSON.parse(output);
}
const pidOf = (now: Status, name: string): number => now.processes.find((entry) => entry.name === name)?.pid ?? 0;

async function subjects(): Promise<readonly (string | undefined)[]> {
  const { port } = (await status()).endpoints.imap;
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    tls: { rejectUnauthorized: false },
    auth: { user: 'ada', pass: 'correct horse' },
    logger: false,
  });
  await client.connect();
  try {
    await client.mailboxOpen('INBOX');
    const found = await client.fetchAll('1:*', { envelope: true });
    return found.map(({ envelope }) => envelope?.subject);
  } finally {
    await client.logout();
  }
}

beforeAll(async () => {
  certificate = await generate([{ name: 'commonName', value: 'mail.example.org' }], { keyType: 'ec' });
  manifest = await sandbox.manifest(withCertificate(SMALL_CLUSTER));
  run = start();
  await run.says('Serving IMAP');
}, START_MS);
afterAll(() => sandbox.close());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => {
    process.stderr.write(run.output());
  });
});

test(
  'mail comes in by imapctl and is read over IMAP',
  async () => {
    expect(await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], 'correct horse\n')).toMatchObject({
      code: 0,
    });
    const mbox = join(sandbox.folder, 'mail.mbox');
    await writeFile(mbox, `${MAIL}From x Mon Jan  5 10:00:00 2026\n\nno header\n`);
    const first = await sandbox.imapctl(['import', '--user', 'ada', '--mbox', mbox]);
    expect(first.output).toContain('imported 2 messages');
    expect(first.output).toContain(`passed over: mail.mbox at offset ${MAIL.length}: no header`);
    expect(first.code).toBe(3);
    const again = await sandbox.imapctl(['import', '--user', 'ada', '--mbox', mbox]);
    expect(again.output).toContain('imported 0 messages');
    expect(again.output).toContain('2 were there already');
    expect(await subjects()).toEqual(['one', 'two']);
  },
  START_MS,
);

test(
  'an import that was interrupted goes on where it was, and stores nothing twice',
  async () => {
    await sandbox.imapctl(['user', 'add', 'eve', '--password-stdin'], 'x');
    const mbox = join(sandbox.folder, 'many.mbox');
    const entry = (n: number): string =>
      `From a@b Mon Jan  5 10:00:00 2026\nSubject: ${n}\n\n${'Hello\n'.repeat(99)}\n`;
    await writeFile(mbox, Array.from({ length: 400 }, (_, n) => entry(n)).join(''));
    const args = ['import', '--user', 'eve', '--mbox', mbox];
    const interrupted = sandbox.program('cli/main.ts', ['--state', sandbox.state, ...args]);
    await vi.waitFor(async () => expect((await exported('eve')).length).toBeGreaterThan(10), { timeout: START_MS });
    interrupted.child.kill('SIGINT');
    expect([0, 130]).toContain(await interrupted.ended());
    const rest = await sandbox.imapctl(args);
    expect(rest.code, rest.output).toBe(0);
    expect(rest.output).toMatch(/, \d+ were there already/);
    expect(new Set(await exported('eve')).size).toBe(400);
    expect(await exported('eve')).toHaveLength(400);
  },
  START_MS,
);

async function exported(user: string): Promise<readonly string[]> {
  const { output } = await sandbox.imapctl(['export', '--user', user, '--mbox', '-']);
  return output.match(/^Subject: .*$/gm) ?? [];
}

test(
  'a switchover, as imapctl asks for it and shows it',
  async () => {
    // On a machine that is busy enough the operator gives a switchover up rather than keep writing waiting.
    await vi.waitFor(
      async () => {
        const done = await sandbox.imapctl(['switchover', 'users', '--to', 'users-1']);
        expect(done.output).toMatch(/^users: users-1 is the primary since epoch \d+\n$/);
        expect(done.code).toBe(0);
      },
      { timeout: START_MS, interval: 500 },
    );
    const table = (await sandbox.imapctl(['status'])).output;
    expect(table).toMatch(/^users +postgresql +Async +users-1 +\d+ +\w+/m);
    expect(table).toMatch(/^users +Switchover +users-0 → users-1/m);
    const routing = (await sandbox.imapctl(['routing'])).output;
    expect(routing).toMatch(/^imapd-0 +\d+ +users +\d+ +users-1/m);
    const refused = await sandbox.imapctl(['switchover', 'nobody']);
    expect(refused).toEqual({ code: 1, output: 'imapctl: there is no partition nobody; there are: users\n' });
  },
  START_MS,
);

test('clients see the certificate of the manifests, and only the owner may open the control socket', async () => {
  const { imaps } = (await status()).endpoints;
  const socket = connect({ host: '127.0.0.1', port: imaps.port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  expect(socket.getPeerX509Certificate()?.fingerprint256).toBe(new X509Certificate(certificate.cert).fingerprint256);
  socket.destroy();
  expect((await stat(join(sandbox.state, 'control.sock'))).mode & 0o777).toBe(0o600);
});

test('nothing but the supervisor runs as root', async () => {
  if (process.getuid?.() !== 0) return;
  const { processes, members } = await status();
  for (const pid of [...processes.map((entry) => entry.pid), ...members.map(({ serverPid }) => serverPid)]) {
    expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
  }
});

test(
  'a second run on the same folder is refused and says who holds it',
  async () => {
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain(`${sandbox.state} is in use by process ${run.child.pid}`);
  },
  START_MS,
);

test(
  'a killed operator, imapd and agent are started again',
  async () => {
    const before = await status();
    const names = ['operator', 'imapd-0', 'agent users-1'];
    for (const name of names) process.kill(pidOf(before, name), 'SIGKILL');
    await vi.waitFor(
      async () => {
        const now = await status();
        for (const name of names) expect(pidOf(now, name)).not.toBe(pidOf(before, name));
        expect(await subjects()).toEqual(['one', 'two']);
      },
      { timeout: START_MS, interval: 500 },
    );
  },
  START_MS,
);

test(
  'after a kill of everything at once the next start goes on',
  async () => {
    run.child.kill('SIGKILL');
    for (const pid of await sandbox.processes()) process.kill(pid, 'SIGKILL');
    run = start();
    await run.says('Serving IMAP');
    expect(await subjects()).toEqual(['one', 'two']);
  },
  START_MS,
);

test(
  'the death of the supervisor ends everything',
  async () => {
    run.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await sandbox.processes()).toEqual([]), { timeout: 20_000, interval: 50 });
    run = start();
    await run.says('Serving IMAP');
  },
  START_MS,
);

test(
  'told to stop, it ends in order and leaves nothing but its state',
  async () => {
    run.child.kill('SIGTERM');
    expect(await run.ended()).toBe(0);
    expect(await sandbox.processes()).toEqual([]);
    expect(run.output()).not.toContain('ProcessDied');
    expect((await sandbox.imapctl(['status'])).code).toBe(4);
  },
  START_MS,
);
