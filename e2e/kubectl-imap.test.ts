import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMailSession } from '#demo/clients/mail-session.ts';
import { createRecorder } from '#demo/clients/recorder.ts';
import { Crowd } from './support/crowd.ts';
import { kubectlGet } from './support/kubectl.ts';
import { KubectlImap } from './support/kubectl-imap.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: with no more than a kubeconfig a person sees the cluster, looks after its users, brings mail in and out, changes a
 * primary under people at work, and collects what a support case needs, without a secret in it.
 * Budget: 2 minutes; a switchover ≤ 0.5 s without writes on a quiet machine, 5 s here.
 */
const SWITCHOVER_BUDGET_MS = 5_000;
const RUN_MS = 180_000;
/** Of this try alone. */
const user = (): string => `plugin-${Date.now()}@example.org`;

let mail: MailCluster;
let plugin: KubectlImap;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
  plugin = await KubectlImap.install(mail.namespace);
}, SHARED_MAIL_MS);
afterAll(async () => await plugin?.[Symbol.asyncDispose]());

test(
  'status is a tree of cluster, imapd, partitions and members; routing tells what each imapd believes',
  async () => {
    const tree = await plugin.run(['status']);
    const { status } = await mail.partition('users-a');
    const shown = ['mail', 'users-a', 'users-b', ...(status?.members ?? []).map(({ name }) => name)];
    expect(shown).toHaveLength(6);
    for (const name of shown) expect(tree).toContain(name);
    const { objects, members } = JSON.parse(await plugin.run(['status', '--output', 'json']));
    const names = objects.map((object: { metadata: { name: string } }) => object.metadata.name);
    expect(names.toSorted()).toEqual(['mail', 'users-a', 'users-b']);
    expect(members).toHaveLength(5);
    const routing = await plugin.run(['routing']);
    for (const { metadata } of await mail.pods('imapd')) expect(routing).toContain(metadata.name);
    expect(routing).toContain(status?.primary);
  },
  RUN_MS,
);

async function signsIn(name: string, password: string): Promise<boolean> {
  const recorder = createRecorder(() => performance.now());
  const login = { user: name, password, partition: '' };
  const opening = openMailSession({ name: 'plugin', endpoint: await mail.endpoint(), login, recorder });
  return await opening.then(
    async (session) => {
      await session.close();
      return true;
    },
    () => false,
  );
}

test(
  'a user is added, listed, given another password; mail is imported once and exported',
  async () => {
    const name = user();
    await plugin.run(['user', 'add', name, '--password-stdin'], { input: 'first secret\n' });
    expect(await plugin.run(['user', 'list'])).toContain(name);
    expect(await signsIn(name, 'first secret')).toBe(true);
    await plugin.run(['user', 'passwd', name, '--password-stdin'], { input: 'second secret\n' });
    expect([await signsIn(name, 'first secret'), await signsIn(name, 'second secret')]).toEqual([false, true]);

    const mbox = join(plugin.folder, 'in.mbox');
    const letter = (n: number): string =>
      `From a@example.org Mon Sep 17 00:00:00 2001\nSubject: letter ${n}\n\nText.\n\n`;
    await writeFile(mbox, Array.from({ length: 20 }, (_, n) => letter(n)).join(''));
    for (let times = 0; times < 2; times += 1) await plugin.run(['import', '--user', name, '--mbox', mbox]);
    const out = join(plugin.folder, 'out.mbox');
    await plugin.run(['export', '--user', name, '--mailbox', 'INBOX', '--mbox', out]);
    const subjects = (await readFile(out, 'utf8')).match(/^Subject: letter \d+$/gm) ?? [];
    expect([subjects.length, new Set(subjects).size]).toEqual([20, 20]);
  },
  RUN_MS,
);

test(
  'a switchover to a member that is named',
  async () => {
    const crowd = await Crowd.gather(mail, await mail.someUsers('plugin'), { idle: 4, list: 2, read: 4, write: 6 });
    const before = await mail.untilHealthy('users-a');
    const to = before.status?.members?.find(({ role }) => role === 'replica')?.name ?? '';
    const at = performance.now();
    await plugin.run(['switchover', 'users-a', '--to', to]);
    await crowd.untilWritten(20);
    const ms = crowd.longestPause(at, 'users-a');
    await report({
      what: 'switchover: longest time without an acknowledged write',
      value: ms,
      unit: 'ms',
      promise: '≤ 500',
    });
    expect(ms).toBeLessThan(SWITCHOVER_BUDGET_MS);
    const after = await mail.untilTakenOver('users-a', before.status?.primary ?? '');
    expect([after.status?.primary, after.status?.lastFailover?.kind]).toEqual([to, 'Switchover']);
    await crowd.verdict();
  },
  RUN_MS,
);

test(
  'logs of everything, and a support bundle without secrets',
  async () => {
    expect(await plugin.run(['logs', '--operator', '--tail', '20'])).toContain('"program":"operator"');
    expect(await plugin.run(['logs', '--partition', 'users-a', '--tail', '20'])).toContain('"program":"member"');
    const file = join(plugin.folder, 'support.tar.gz');
    await plugin.run(['support-bundle', '--file', file]);
    const bundle = gunzipSync(await readFile(file)).toString('latin1');
    expect(bundle).toContain('users-a');
    const { items } = await kubectlGet<{ items: readonly { data?: Readonly<Record<string, string>> }[] }>([
      'secrets',
      `--namespace=${mail.namespace}`,
    ]);
    const values = items.flatMap(({ data = {} }) => Object.values(data));
    expect(values.length).toBeGreaterThan(5);
    for (const value of values) {
      expect(bundle).not.toContain(value);
      for (const secret of longWords(Buffer.from(value, 'base64').toString('latin1')))
        expect(bundle).not.toContain(secret);
    }
  },
  RUN_MS,
);

/** What could only be a password, a token or a key: not names that a Secret has among its values. */
const longWords = (text: string): readonly string[] => text.match(/[A-Za-z0-9_-]{24,}/g) ?? [];
