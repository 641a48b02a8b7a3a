import { afterEach, beforeAll, expect, test } from 'vitest';
import { farewell } from '#imapd/session/farewell/farewell.ts';
import type { Cluster } from './clusters/cluster.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { Crowd } from './support/crowd.ts';
import { crossings, type Farewells } from './support/farewells.ts';
import { isReady } from './support/imapd-pod.ts';
import { LeavingPods } from './support/imapd-pods.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';
import { Visitors } from './support/visitors.ts';

/**
 * Promise: a change of the ImapCluster replaces the imapd pods one by one under 200 sessions, and scaling takes some away. A
 * session gets BYE when its own pod leaves, not before and never in the middle of a command; no other session notices.
 * Whoever connects meanwhile is served; nothing acknowledged is lost. A renewed certificate replaces nothing.
 * Budget: 5 minutes.
 */
const RUN_MS = 420_000;
const RENEWED_WITHIN_MS = 180_000;

let cluster: Cluster;
let mail: MailCluster;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
}, SHARED_MAIL_MS);

// As the others expect it; another try too.
afterEach(async () => {
  await mail.scale(2);
  await mail.apply({ spec: {} });
  await mail.untilReady();
}, 300_000);

async function untilReady(count: number): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const pods = await mail.pods('imapd');
    return pods.length === count && pods.every(isReady);
  };
  await waitFor(ready, { what: `${count} imapd pods`, deadlineMs: 180_000, everyMs: 500 });
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

/** How sessions of pods that went since `pods` was taken have to end. */
async function farewellsOf(crowd: Crowd, pods: LeavingPods): Promise<Farewells> {
  const ages = crossings(crowd.recorder.events);
  const value = Math.max(0, ...ages);
  await report({ what: `oldest of ${ages.length} commands that crossed a BYE on its way`, value, unit: 'ms' });
  return { since: crowd.on(await pods.told()), words: farewell.stopping };
}

test(
  'rolling update of imapd',
  async () => {
    const users = await mail.someUsers('update', 8);
    const pods = await LeavingPods.from(mail);
    const crowd = await Crowd.gather(mail, users, { idle: 170, list: 10, read: 10, write: 10, placedBy: cluster });
    const before = await imapdUids();
    const visitors = new Visitors(mail, users);
    await mail.apply({ spec: { messages: { maxSize: '40Mi' }, sessions: { drainGracePeriod: '10s' } } });
    await untilRolledOut(before);
    const served = await visitors.leave();
    expect(served).toBeGreaterThan(10);
    const late = await Crowd.gather(mail, users, { idle: 2, list: 2, read: 2, write: 4 });
    await late.untilWritten(10);
    await late.verdict();
    const farewells = await farewellsOf(crowd, pods);
    // All of them, by the pods that there were.
    expect(farewells.since.size).toBe(crowd.sessions.length);
    await crowd.verdict({ farewells });
    const changed = await imapdUids();
    await mail.apply({ spec: {} });
    await untilRolledOut(changed);
  },
  RUN_MS,
);

test(
  'imapd 1 → 5 → 2 under load',
  async () => {
    const users = await mail.someUsers('scale', 6);
    const mix = { idle: 10, list: 4, read: 6, write: 6, placedBy: cluster };
    await mail.scale(1);
    await untilReady(1);
    const first = await LeavingPods.from(mail);
    const early = await Crowd.gather(mail, users, mix);
    await mail.scale(5);
    await untilReady(5);
    const five = await LeavingPods.from(mail);
    const crowd = await Crowd.gather(mail, users, mix);
    await crowd.untilWritten(20);
    await mail.scale(2);
    await untilReady(2);
    const farewells = await farewellsOf(crowd, five);
    // Some on pods that went, some on those that stayed: who notices, and who must not.
    expect(farewells.since.size).toBeGreaterThan(0);
    expect(farewells.since.size).toBeLessThan(crowd.sessions.length);
    // Its pod may be one of those that went.
    if ((await first.told()).size === 0) await early.untilWritten(20);
    await crowd.verdict({ farewells });
    await early.verdict({ farewells: await farewellsOf(early, first) });
  },
  RUN_MS,
);

test(
  'a renewed certificate is shown without a restart',
  async () => {
    const uids = async (): Promise<readonly string[]> => (await mail.servingPods()).map(({ metadata }) => metadata.uid);
    const pods = await uids();
    const crowd = await Crowd.gather(mail, await mail.someUsers('certificate'), {
      idle: 4,
      list: 2,
      read: 2,
      write: 2,
    });
    const shown = await mail.renewCertificate();
    const renewed = async (): Promise<boolean> => (await mail.certificates()).every((one) => one === shown);
    await waitFor(renewed, { what: 'the new certificate on every pod', deadlineMs: RENEWED_WITHIN_MS, everyMs: 1_000 });
    expect(await uids()).toEqual(pods);
    await crowd.verdict();
  },
  RUN_MS,
);
