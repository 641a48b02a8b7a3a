import { beforeAll, expect, test } from 'vitest';
import { Crowd } from './support/crowd.ts';
import { kubectl } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: somebody deletes the pod of a primary, in order or by force. A replica takes over, the pod is made anew on its
 * volume and follows; no session is dropped, nothing acknowledged is lost.
 * Budget: ≤ 1 s without an acknowledged write on a quiet machine; 15 s here, until it goes on.
 */
const BUDGET_MS = 15_000;
const RUN_MS = 300_000;

let mail: MailCluster;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
}, SHARED_MAIL_MS);

test.each([
  { how: 'in order', words: ['--wait=false'] },
  { how: 'by force', words: ['--grace-period=0', '--force', '--wait=false'] },
])(
  'deleted $how',
  async ({ how, words }) => {
    const users = await mail.someUsers(`delete-${how.replace(' ', '-')}`);
    const crowd = await Crowd.gather(mail, users, { idle: 4, list: 2, read: 4, write: 6 });
    const { metadata } = await mail.primary('users-a');
    const at = performance.now();
    await kubectl(['delete', `pod/${metadata.name}`, `--namespace=${mail.namespace}`, ...words]);
    // One that leaves serves on until another can take over: what comes before is no pause at all.
    await mail.untilTakenOver('users-a', metadata.name);
    const ms = await crowd.firstWriteAfter(at, 'users-a');
    // kubectl, which takes a moment to start, is in the first figure.
    const without = crowd.longestPause(at, 'users-a');
    await report({ what: `kubectl delete pod ${how} → writing goes on elsewhere`, value: ms, unit: 'ms' });
    const what = `pod deleted ${how}: longest time without an acknowledged write`;
    await report({ what, value: without, unit: 'ms', promise: '≤ 1000' });
    expect(ms).toBeLessThan(BUDGET_MS);
    const anew = await mail.pod(metadata.name);
    expect(anew.metadata.uid).not.toBe(metadata.uid);
    await crowd.untilWritten(10);
    await crowd.verdict();
  },
  RUN_MS,
);

test(
  'a deleted replica is made anew, and nobody notices',
  async () => {
    const crowd = await Crowd.gather(mail, await mail.someUsers('replica'), { idle: 2, list: 2, read: 6, write: 4 });
    const before = await mail.partition('users-a');
    const replica = before.status?.members?.find(({ role }) => role === 'replica')?.name ?? '';
    const { metadata } = await mail.pod(replica);
    await kubectl(['delete', `pod/${replica}`, `--namespace=${mail.namespace}`, '--wait=true'], { deadlineMs: 90_000 });
    await crowd.untilWritten(10);
    const healed = await mail.untilHealthy('users-a');
    expect([healed.status?.primary, healed.status?.epoch]).toEqual([before.status?.primary, before.status?.epoch]);
    expect((await mail.pod(replica)).metadata.uid).not.toBe(metadata.uid);
    await crowd.verdict();
  },
  RUN_MS,
);
