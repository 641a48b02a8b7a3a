import { afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from './clusters/process/wait-for.ts';
import { Crowd } from './support/crowd.ts';
import { isReady } from './support/imapd-pod.ts';
import { kubectl } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';

/**
 * Promise: a change of the ImapCluster replaces the imapd pods one by one under 200 sessions. A session gets BYE when its pod
 * leaves, and none is dropped otherwise; whoever connects meanwhile is served; nothing acknowledged is lost. A renewed
 * certificate replaces nothing.
 * Budget: 5 minutes.
 */
const RUN_MS = 420_000;
const RENEWED_WITHIN_MS = 180_000;

let mail: MailCluster;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
}, SHARED_MAIL_MS);

// As the others expect it; another try too.
afterEach(async () => {
  await scale(2);
  await mail.apply({ spec: {} });
  await mail.untilReady();
}, 300_000);

/** As a person, or an autoscaler, does it: by the scale subresource. */
async function scale(replicas: number): Promise<void> {
  await kubectl(['scale', 'imapcluster/mail', `--namespace=${mail.namespace}`, `--replicas=${replicas}`]);
}

/** Pods of the newest make, all of them ready. */
async function untilRolledOut(before: ReadonlySet<string>): Promise<void> {
  const replaced = async (): Promise<boolean> => {
    const pods = await mail.pods('imapd');
    return pods.length === 2 && pods.every((pod) => !before.has(pod.metadata.uid) && isReady(pod));
  };
  await waitFor(replaced, { what: 'new imapd pods', deadlineMs: 240_000, everyMs: 500 });
}
const imapdUids = async (): Promise<ReadonlySet<string>> =>
  new Set((await mail.pods('imapd')).map(({ metadata }) => metadata.uid));

test(
  'rolling update of imapd',
  async () => {
    const users = await mail.someUsers('update', 8);
    const crowd = await Crowd.gather(mail, users, { idle: 170, list: 10, read: 10, write: 10 });
    const before = await imapdUids();
    await mail.apply({ spec: { messages: { maxSize: '40Mi' }, sessions: { drainGracePeriod: '10s' } } });
    await untilRolledOut(before);
    const endpoint = await mail.endpoint();
    expect(endpoint.port).toBe(993);
    const late = await Crowd.gather(mail, users, { idle: 2, list: 2, read: 2, write: 4 });
    await late.untilWritten(10);
    await late.verdict();
    await crowd.verdict({ dropped: () => true });
    const changed = await imapdUids();
    await mail.apply({ spec: {} });
    await untilRolledOut(changed);
  },
  RUN_MS,
);

test(
  'imapd 2 → 5 → 2 under load',
  async () => {
    const users = await mail.someUsers('scale', 6);
    const crowd = await Crowd.gather(mail, users, { idle: 10, list: 4, read: 6, write: 6 });
    const ready = async (count: number): Promise<boolean> => {
      const pods = await mail.pods('imapd');
      return pods.length === count && pods.every(isReady);
    };
    await scale(5);
    await waitFor(() => ready(5), { what: '5 imapd pods', deadlineMs: 120_000, everyMs: 500 });
    await crowd.untilWritten(20);
    await scale(2);
    await waitFor(() => ready(2), { what: '2 imapd pods', deadlineMs: 180_000, everyMs: 500 });
    await crowd.verdict({ dropped: () => true });
  },
  RUN_MS,
);

test(
  'a renewed certificate is shown without a restart',
  async () => {
    const pods = (await mail.pods('imapd')).map(({ metadata }) => metadata.uid);
    const crowd = await Crowd.gather(mail, await mail.someUsers('certificate'), {
      idle: 4,
      list: 2,
      read: 2,
      write: 2,
    });
    const shown = await mail.renewCertificate();
    const renewed = async (): Promise<boolean> => (await mail.certificates()).every((one) => one === shown);
    await waitFor(renewed, { what: 'the new certificate on every pod', deadlineMs: RENEWED_WITHIN_MS, everyMs: 1_000 });
    expect((await mail.pods('imapd')).map(({ metadata }) => metadata.uid)).toEqual(pods);
    await crowd.verdict();
  },
  RUN_MS,
);
