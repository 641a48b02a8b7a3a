import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from './clusters/cluster.ts';
import { Crowd } from './support/crowd.ts';
import { helmUpgrade } from './support/installation.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';
import { report } from './support/report.ts';

/**
 * Promise: primaries are killed twenty times, one after the other, under the same people at work. Each time a replica takes
 * over; in the end no session is dropped, nothing acknowledged is lost, and no UID was used twice.
 * Budget: ≤ 1 s to the first acknowledged write in 19 of 20 on a quiet machine (the report tells), 10 s here for each.
 */
const KILLS = 20;
const BUDGET_MS = 10_000;
const RUN_MS = 600_000;
/** And the last one lost is a replica again: each failover begins whole. */
const TAKEN_OVER_MS = 60_000;
const PARTITION = 'users-a';
/** More promotions in a minute than ten and the operator waits for a person, as it shall; these are meant, and other tests may just have made some. */
const MAX_PROMOTIONS = 3 * KILLS;

let cluster: Cluster;
let mail: MailCluster;

beforeAll(async () => {
  ({ cluster, mail } = await onSharedMail());
  await helmUpgrade([`tuning.maxPromotions=${MAX_PROMOTIONS}`]);
}, SHARED_MAIL_MS);

afterAll(async () => await helmUpgrade(), SHARED_MAIL_MS);

test(
  'twenty in a row',
  async ({ skip }) => {
    if (cluster.cannot('signalInPod') !== null) return skip(cluster.cannot('signalInPod') ?? '');
    const crowd = await Crowd.gather(mail, await mail.someUsers('repeated'), { idle: 4, list: 2, read: 4, write: 6 });
    const before = await mail.untilHealthy(PARTITION);
    const pauses: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { metadata } = await mail.primary(PARTITION);
      const at = performance.now();
      await cluster.faults.signalInPod(metadata.uid, 'postgres', 'SIGKILL');
      pauses.push(await crowd.firstWriteAfter(at, PARTITION));
      expect(pauses.at(-1)).toBeLessThan(BUDGET_MS);
      await mail.untilTakenOver(PARTITION, metadata.name, TAKEN_OVER_MS);
    }
    const after = await mail.untilHealthy(PARTITION);
    expect(after.status?.epoch).toBe((before.status?.epoch ?? 0) + KILLS);
    const sorted = pauses.toSorted((a, b) => a - b);
    const what = `kill -9 → first acknowledged write, of ${KILLS}`;
    await report({ what: `${what}: median`, value: sorted[KILLS / 2] ?? -1, unit: 'ms' });
    await report({ what: `${what}: 95 %`, value: sorted[KILLS - 2] ?? -1, unit: 'ms', promise: '≤ 1000' });
    await report({ what: `${what}: worst`, value: sorted[KILLS - 1] ?? -1, unit: 'ms' });
    await crowd.untilWritten(20);
    await crowd.verdict();
  },
  RUN_MS,
);
