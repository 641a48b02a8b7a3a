import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { RawClient } from '#imapd/session/test-support/raw-client.ts';
import { STATE_LAYOUT } from './state/layout.ts';
import { type Acknowledged, keepsWriting } from './test-support/keeps-writing.ts';
import { pidOf, type Status, signedInAs, statusOf, subjectsOf } from './test-support/look-at-run.ts';
import { type Run, Sandbox, SMALL_CLUSTER } from './test-support/run-standalone.ts';
import { tellOnFailure } from './test-support/tell-on-failure.ts';

/**
 * Promise: one command brings a cluster up as whoever starts it, several imapd behind one port included; it survives the death of any part, of everything at
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
): string => `${manifests.replace('replicas: 1', 'replicas: 2, tls: {secretName: cert}')}---
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

const status = (): Promise<Status> => statusOf(sandbox);
const subjects = (): Promise<readonly (string | undefined)[]> =>
  subjectsOf(sandbox, { user: 'ada', pass: 'correct horse' });

beforeAll(async () => {
  certificate = await generate([{ name: 'commonName', value: 'mail.example.org' }], { keyType: 'ec' });
  manifest = await sandbox.manifest(withCertificate(SMALL_CLUSTER));
  run = start();
  await run.says('Serving IMAP');
}, START_MS);
afterAll(() => sandbox.close());
tellOnFailure(() => run);

test(
  'mail comes in by imapctl and is read over IMAP',
  async () => {
    expect(await sandbox.imapctl(['user', 'add', 'ada', '--password-stdin'], 'correct horse\n')).toMatchObject({
      code: 0,
    });
    const mbox = join(sandbox.folder, 'mail.mbox');
    await writeFile(mbox, `${MAIL}From x Mon Jan  5 10:00:00 2026\n\nno header\n`);
    // One at a time: several are under way through both imapd, and may overtake one another.
    const first = await sandbox.imapctl(['import', '--user', 'ada', '--mbox', mbox, '--parallel', '1']);
    expect(first.output).toContain('imported 2 messages');
    expect(first.output).toContain(`passed over: mail.mbox at offset ${MAIL.length}: no header`);
    expect(first.code).toBe(3);
    const again = await sandbox.imapctl(['import', '--user', 'ada', '--mbox', mbox]);
    expect(again.output).toContain('imported 0 messages');
    expect(again.output).toContain('2 were imported before');
    expect(await subjects()).toEqual(['one', 'two']);
    const unwritable = await sandbox.imapctl(['export', '--user', 'ada', '--mbox', '/nowhere/x.mbox']);
    expect(unwritable).toEqual({
      code: 1,
      output: expect.stringMatching(/^imapctl: \/nowhere\/x.mbox: cannot be written: .*\n$/),
    });
  },
  START_MS,
);

test(
  'an import that was interrupted goes on where it was, and stores nothing twice',
  async () => {
    await sandbox.imapctl(['user', 'add', 'eve', '--password-stdin'], 'x');
    const mbox = join(sandbox.folder, 'many.mbox');
    // Larger than what is read at a time, so that it is interrupted in the middle of an entry.
    const text = `${'Hello '.repeat(12)}\n`.repeat(18_000);
    const entry = (n: number): string => `From a@b Mon Jan  5 10:00:00 2026\nSubject: ${n}\n\n${text}\n`;
    await writeFile(mbox, Array.from({ length: 24 }, (_, n) => entry(n)).join(''));
    const args = ['import', '--user', 'eve', '--mbox', mbox, '--parallel', '2'];
    const watcher = await signedIn('eve', 'x');
    const interrupted = sandbox.program('cli/main.ts', ['--state', sandbox.state, ...args]);
    const arrived = async (): Promise<string> => (await watcher.command('s STATUS INBOX (MESSAGES)')).join(' ');
    await vi.waitFor(async () => expect(await arrived()).toMatch(/MESSAGES [1-9]/), { timeout: START_MS, interval: 5 });
    interrupted.child.kill('SIGINT');
    watcher.close();
    expect([await interrupted.ended(), interrupted.output()]).toEqual([
      130,
      expect.stringMatching(/^imported \d+ messages in .*\nimapctl: interrupted; run it again to go on\n$/),
    ]);
    const rest = await sandbox.imapctl(args);
    expect(rest.code, rest.output).toBe(0);
    expect(rest.output).toMatch(/, \d+ were imported before/);
    expect(new Set(await exported('eve')).size).toBe(24);
    expect(await exported('eve')).toHaveLength(24);
  },
  START_MS,
);

test(
  'users, their passwords, a Maildir with its folders and flags, single messages, and the status as YAML',
  async () => {
    await sandbox.imapctl(['user', 'add', 'max', '--password-stdin'], 'first\n');
    const changed = await sandbox.imapctl(['user', 'passwd', 'max', '--password-stdin'], 'second\n');
    expect(changed).toEqual({ code: 0, output: 'password of max changed\n' });
    await expect(signedIn('max', 'first')).rejects.toThrow('AUTHENTICATIONFAILED');
    expect((await sandbox.imapctl(['user', 'list'])).output).toMatch(/^max +users +20\d\d-/m);
    const maildir = join(sandbox.folder, 'Maildir');
    for (const part of ['cur', 'new', '.Sent.2024/cur']) await mkdir(join(maildir, part), { recursive: true });
    await writeFile(join(maildir, 'cur/1.host:2,FS'), 'Subject: seen\n\nx\n');
    await writeFile(join(maildir, 'new/2.host'), 'Subject: new\n\nx\n');
    await writeFile(join(maildir, '.Sent.2024/cur/3.host:2,RP'), 'Subject: sent\n\nx\n');
    const imported = await sandbox.imapctl(['import', '--user', 'max', '--maildir', maildir, '--parallel', '1']);
    expect(imported).toEqual({ code: 0, output: expect.stringContaining('imported 3 messages') });
    const client = await signedIn('max', 'second');
    await client.command('s EXAMINE INBOX');
    const inbox = (await client.command('f FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).join(' ');
    expect(inbox).toMatch(/\(\\Seen \\Flagged.*Subject: seen.*Subject: new/);
    await client.command('s EXAMINE Sent/2024');
    expect((await client.command('f FETCH 1 FLAGS')).at(0)).toMatch(/\\Answered.*\$Forwarded/);
    client.close();
    const [good, bad] = ['good.eml', 'bad.eml'].map((name) => join(sandbox.folder, name)) as [string, string];
    await writeFile(good, 'Subject: alone\n\nx\n');
    await writeFile(bad, 'no header here\n');
    const eml = await sandbox.imapctl(['import', '--user', 'max', '--mailbox', 'Eml', '--eml', good, bad]);
    expect(eml.code).toBe(3);
    expect(eml.output).toContain('imported 1 messages');
    expect(eml.output).toContain(`passed over: ${bad}: it does not begin with a header`);
    const yaml = await sandbox.imapctl(['status', '-o', 'yaml']);
    expect(Object.keys(parse(yaml.output))).toEqual(Object.keys(await status()));
  },
  START_MS,
);

const signedIn = (user: string, password: string): Promise<RawClient> => signedInAs(sandbox, user, password);

async function exported(user: string): Promise<readonly string[]> {
  const { output } = await sandbox.imapctl(['export', '--user', user, '--mbox', '-']);
  return output.match(/^Subject: .*$/gm) ?? [];
}

test(
  'what was imported into a mailbox that is gone is imported into its successor',
  async () => {
    const mbox = join(sandbox.folder, 'again.mbox');
    await writeFile(mbox, MAIL);
    for (let life = 0; life < 2; life++) {
      await sandbox.imapctl(['user', 'add', 'zoe', '--password-stdin'], 'x');
      const { code, output } = await sandbox.imapctl(['import', '--user', 'zoe', '--mbox', mbox]);
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('imported 2 messages') });
      expect(await exported('zoe')).toHaveLength(2);
      expect(await sandbox.imapctl(['user', 'remove', 'zoe', '--yes'])).toMatchObject({ code: 0 });
    }
  },
  START_MS,
);

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
    expect(table).toMatch(/partition users +\w+ +epoch \d+ +primary users-1 +postgresql, Async$/m);
    expect(table).toMatch(/last Switchover: users-0 → users-1/);
    const routing = (await sandbox.imapctl(['routing'])).output;
    expect(routing).toMatch(/^imapd-0 +\d+ +users +\d+ +users-1/m);
    const refused = await sandbox.imapctl(['switchover', 'nobody']);
    expect(refused).toEqual({ code: 1, output: 'imapctl: there is no partition nobody; there are: users\n' });
    const unknown = await sandbox.imapctl(['switchover', 'users', '--to', 'nobody']);
    expect(unknown).toEqual({ code: 1, output: 'imapctl: there is no member nobody; there are: users-0, users-1\n' });
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

type Target = {
  readonly targets: readonly [string];
  readonly labels: { readonly program: string; readonly instance: string };
};

test('the reference names everything that is in the state folder', async () => {
  const known = Object.keys(STATE_LAYOUT);
  expect((await readdir(sandbox.state)).filter((name) => !known.includes(name))).toEqual([]);
});

/** After the switchover above. */
const OPERATOR_FIGURES = [
  /^imapcluster_epoch\{partition="users"\} [2-9]/m,
  /^imapcluster_failover_phase_seconds_count\{partition="users",phase="promote"\} [1-9]/m,
  /^imapcluster_primary_changes_total\{partition="users",kind="Switchover"\} [1-9]/m,
  /^imapcluster_member_reachable\{partition="users",member="users-0"\} 1$/m,
  /^imapcluster_replica_lag_seconds\{partition="users",member="users-0"\} \d/m,
  /^imapcluster_imapd_lagging 0$/m,
  /^# TYPE imapcluster_reconcile_errors_total counter$/m,
];

async function scrapeTargets(): Promise<readonly Target[]> {
  return JSON.parse(await readFile(join(sandbox.state, 'prometheus-targets.json'), 'utf8'));
}

/** One figure of every imapd process, in the order of their numbers. */
async function ofEachImapd(metric: string): Promise<readonly number[]> {
  const imapds = (await scrapeTargets()).filter(({ labels }) => labels.program === 'imapd');
  const texts = await Promise.all(
    imapds.map(async ({ targets: [at] }) => (await fetch(`http://${at}/metrics`)).text()),
  );
  return texts.map((text) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${metric} `))
        ?.split(' ')[1] ?? 0,
    ),
  );
}

test('both imapd behind the port serve, and a change made through one reaches IDLE on the other before a poll', async () => {
  const clients: RawClient[] = [];
  const of = new Map<number, RawClient>();
  const selected = (): Promise<readonly number[]> => ofEachImapd('imapd_sessions{state="selected"}');
  for (let before = await selected(); of.size < 2 && clients.length < 8; before = await selected()) {
    const client = await signedIn('ada', 'correct horse');
    clients.push(client);
    await client.command('s SELECT INBOX');
    const now = await selected();
    of.set(
      now.findIndex((count, number) => count > (before[number] ?? 0)),
      client,
    );
  }
  const [writer, idler] = [of.get(0), of.get(1)] as [RawClient, RawClient];
  idler.send('i IDLE\r\n');
  while ((await idler.readLine()) !== '+ idling');
  const delays: number[] = [];
  for (let round = 0; round < 7; round++) {
    const begun = performance.now();
    const change = `a STORE 1 ${round % 2 === 0 ? '+' : '-'}FLAGS.SILENT (\\Flagged)`;
    const [, told] = await Promise.all([writer.command(change), idler.readLine()]);
    delays.push(performance.now() - begun);
    expect(told).toMatch(/^\* 1 FETCH \(UID 1 FLAGS/);
  }
  for (const client of clients) client.close();
  // By the poll of each second alone, every round but the first would take nearly one.
  expect(delays.toSorted((a, b) => a - b)[3], delays.map(Math.round).join(' ')).toBeLessThan(500);
});

test('Prometheus is told where every process shows its health and its metrics', async () => {
  const targets = await scrapeTargets();
  const names = targets.map(({ labels }) => labels.instance);
  expect(names).toEqual(['supervisor', 'operator', 'users-0', 'users-1', 'imapd-0', 'imapd-1']);
  const shown = new Map<string, string>();
  for (const { targets: where, labels } of targets) {
    for (const path of ['healthz', 'readyz'])
      expect((await fetch(`http://${where[0]}/${path}`)).status, path).toBe(200);
    const answer = await fetch(`http://${where[0]}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    shown.set(labels.instance, await answer.text());
  }
  for (const text of shown.values()) expect(text).toMatch(/^process_resident_memory_bytes/m);
  expect(shown.get('supervisor')).toContain('imapcluster_processes{kind="agent",state="running"} 2');
  for (const figure of OPERATOR_FIGURES) expect(shown.get('operator')).toMatch(figure);
  const members = ['users-0', 'users-1'].map((name) => shown.get(name) ?? '');
  for (const text of members) {
    expect(text).toMatch(/^imapcluster_member_server_up\{partition="users",member="users-\d"\} 1$/m);
    // The peers too: who knows of none would fence itself whenever the operator is away.
    for (const who of ['operator', 'peers']) {
      const silent = new RegExp(`^imapcluster_member_${who}_silent_seconds\\{.*\\} (.+)$`, 'm').exec(text)?.[1];
      expect(Number(silent), who).toBeLessThan(5);
    }
    expect(Number(/^imapcluster_member_received_bytes\{.*\} (.+)$/m.exec(text)?.[1])).toBeGreaterThan(1_000_000);
  }
  expect(members.filter((text) => text.includes('role="primary"'))).toHaveLength(1);
  expect(members.filter((text) => /^imapcluster_member_standby_behind_bytes/m.test(text))).toHaveLength(1);
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
  'the death of the operator alone is no matter to agents, servers and imapd',
  async () => {
    const lives = ({ processes, members }: Status) => ({
      processes: processes.filter(({ name }) => name !== 'operator').map(({ name, pid }) => [name, pid]),
      servers: members.map(({ name, serverPid }) => [name, serverPid]),
    });
    const before = await status();
    process.kill(pidOf(before, 'operator'), 'SIGKILL');
    // Answered before there is another one: by the servers alone.
    expect(await subjects()).toEqual(['one', 'two']);
    const again = async (): Promise<void> => {
      const now = await status();
      expect(pidOf(now, 'operator')).not.toBe(pidOf(before, 'operator'));
      expect(lives(now)).toEqual(lives(before));
    };
    await vi.waitFor(again, { timeout: START_MS, interval: 200 });
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
  'after a kill of everything at once, in the middle of writing, the next start has all that was acknowledged',
  async () => {
    const writer = await signedIn('ada', 'correct horse');
    await writer.command('c CREATE Journal');
    const acknowledged: Acknowledged[] = [];
    const writing = keepsWriting(writer, acknowledged);
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(30), { timeout: 20_000, interval: 5 });
    // Found first, so that nobody has the time to end in order.
    const everything = await sandbox.processes();
    expect(everything).toContain(run.child.pid);
    for (const pid of everything) process.kill(pid, 'SIGKILL');
    await writing;
    writer.close();
    run = start();
    await run.says('Serving IMAP');
    expect(await subjects()).toEqual(['one', 'two']);
    const reader = await signedIn('ada', 'correct horse');
    const selected = (await reader.command('s SELECT Journal')).join('\n');
    for (const { uidValidity, uid, text } of acknowledged) {
      expect(selected).toContain(`[UIDVALIDITY ${uidValidity}]`);
      const found = (await reader.command(`f UID FETCH ${uid} BODY.PEEK[]`)).join('\r\n');
      expect(found).toMatch(new RegExp(`\\* \\d+ FETCH \\(UID ${uid} BODY`));
      expect(found).toContain(text);
    }
    const later: Acknowledged[] = [];
    void keepsWriting(reader, later);
    await vi.waitFor(() => expect(later.length).toBeGreaterThan(0), { timeout: 10_000, interval: 5 });
    reader.close();
    expect(later[0]?.uid).toBeGreaterThan(acknowledged.at(-1)?.uid ?? Number.POSITIVE_INFINITY);
  },
  2 * START_MS,
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
